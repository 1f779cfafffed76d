//! The application segments of a JPEG: which metadata lies where.

use std::collections::BTreeMap;

use super::super::{
    bytes::Bytes,
    metadata::{Metadata, Resources, resource_block},
};
use super::file::{COM, File, Segment};

const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENDED_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
const MPF: &[u8] = b"MPF\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
const APP0: u8 = 0xe0;
/// The bytes of a profile that fit into a segment.
const LONGEST_PART: usize = 65_500;

/// Collects what a file's segments hold.
pub(super) fn metadata(file: &File<'_>) -> Metadata {
    let mut collected = Collected::default();
    for segment in &file.segments {
        collected.add(segment);
    }
    let mut metadata = collected.finish();
    if file.junk {
        metadata.note_lost("data between the segments");
    }
    metadata.note_trailing(file.trailing);
    metadata
}

#[derive(Default)]
struct Collected<'a> {
    metadata: Metadata,
    /// The profile's parts by their numbers, and how many there should be.
    icc: BTreeMap<u8, &'a [u8]>,
    icc_parts: usize,
    /// Photoshop's blocks run on from segment to segment.
    photoshop: Vec<u8>,
}

impl<'a> Collected<'a> {
    fn add(&mut self, segment: &Segment<'a>) {
        let content = segment.content;
        let after = |prefix: &[u8]| content.strip_prefix(prefix);
        let metadata = &mut self.metadata;
        match segment.marker {
            COM => metadata.comments.push(content.to_vec()),
            0xe1 => {
                if let Some(exif) = after(EXIF) {
                    metadata.add_exif(exif);
                } else if let Some(xmp) = after(XMP) {
                    metadata.add_xmp(xmp);
                } else if after(EXTENDED_XMP).is_some() {
                    metadata.note_lost("extended XMP");
                } else {
                    metadata.note_lost("APP1 block");
                }
            }
            0xe2 if let Some(part) = after(ICC) => self.profile_part(Bytes(part)),
            0xe2 if after(MPF).is_some() => metadata.note_lost("further pictures in the file (MPF)"),
            0xed if let Some(blocks) = after(PHOTOSHOP) => self.photoshop.extend(blocks),
            0xeb if after(b"JP").is_some() => metadata.note_lost("content credentials (C2PA)"),
            0xee if after(b"Adobe").is_some() => {}
            APP0 if after(b"JFIF\0").is_some() => {
                if content.len() != 14 {
                    metadata.note_lost("thumbnail in the JFIF header");
                }
            }
            APP0 if after(b"JFXX\0").is_some() => metadata.note_lost("thumbnail in the JFIF header"),
            other => metadata.note_lost(format!("APP{} block", other & 15)),
        }
    }

    fn profile_part(&mut self, mut part: Bytes<'a>) {
        if let (Some(number), Some(count)) = (part.u8(), part.u8()) {
            self.icc.insert(number, part.0);
            self.icc_parts = count.into();
        }
    }

    fn finish(mut self) -> Metadata {
        let complete = self.icc.len() == self.icc_parts;
        if complete && !self.icc.is_empty() {
            self.metadata.icc = Some(self.icc.values().copied().flatten().copied().collect());
        } else if !complete {
            self.metadata.note_lost("colour profile (incomplete)");
        }
        self.metadata.add_resources(&self.photoshop);
        self.metadata
    }
}

impl Metadata {
    /// Takes the IPTC records out of Photoshop's resource blocks.
    pub(in super::super) fn add_resources(&mut self, blocks: &[u8]) {
        let resources = Resources::parse(blocks);
        if resources.thumbnail {
            self.note_lost("Photoshop thumbnail");
        }
        if resources.others {
            self.note_lost("Photoshop settings");
        }
        self.iptc = self.iptc.take().or(resources.iptc);
    }
}

/// The application segments to write, by number, in order.
pub(super) fn segments(carried: &Metadata) -> Vec<(u8, Vec<u8>)> {
    let mut segments = Vec::new();
    if let Some(exif) = &carried.exif {
        segments.push((1, [EXIF, exif].concat()));
    }
    if let Some(xmp) = &carried.xmp {
        segments.push((1, [XMP, xmp].concat()));
    }
    if let Some(iptc) = &carried.iptc {
        segments.push((13, [PHOTOSHOP, &resource_block(iptc)].concat()));
    }
    segments
}

/// The application segments with a colour profile.
pub(super) fn profile(icc: &[u8]) -> Vec<Vec<u8>> {
    let parts = icc.chunks(LONGEST_PART);
    let count = parts.len() as u8;
    (1..=count).zip(parts).map(|(number, part)| [ICC, &[number, count], part].concat()).collect()
}

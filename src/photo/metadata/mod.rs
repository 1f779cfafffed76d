//! What a photo file holds besides its pixels, and what of it is written again.
//!
//! A thumbnail or preview would show the face as it was before it was protected. So no picture
//! within the metadata is ever written: under the policy `Keep`, blocks are taken apart and
//! written without their pictures, or dropped where that cannot be done.

#![warn(clippy::indexing_slicing)]

mod exif;
mod ifd;
mod iptc;
mod pictures;
mod profile;
mod texts;
mod xmp;

use std::borrow::Cow;

use image::metadata::Orientation;

pub(super) use exif::Exif;
pub(super) use iptc::{Resources, resource_block};

use super::{Format, MetadataPolicy, bytes::contains, colour};

use profile::Profile;

pub(super) use profile::NAMELESS;

/// What a photo file holds besides its pixels.
#[derive(Clone, Debug, Default)]
pub(super) struct Metadata {
    /// The ICC colour profile.
    pub(super) icc: Option<Vec<u8>>,
    /// The PNG chunks that say what colours the samples mean.
    pub(super) colour: Vec<PngChunk>,
    /// The EXIF block, from its byte order mark on.
    pub(super) exif: Option<Vec<u8>>,
    /// The XMP packet.
    pub(super) xmp: Option<Vec<u8>>,
    /// The IPTC records, without Photoshop's wrapping.
    pub(super) iptc: Option<Vec<u8>>,
    /// Comments of a JPEG.
    pub(super) comments: Vec<Vec<u8>>,
    /// Texts of a PNG.
    pub(super) texts: Vec<PngChunk>,
    /// What else there is, in plain words; it is not written under any policy.
    pub(super) lost: Vec<String>,
}

/// The name and content of a PNG chunk.
#[derive(Clone, Debug)]
pub(super) struct PngChunk {
    pub(super) kind: [u8; 4],
    pub(super) content: Vec<u8>,
}

/// The metadata that is written, and in plain words what that means.
#[derive(Debug, Default)]
pub(super) struct Carried {
    pub(super) metadata: Metadata,
    pub(super) kept: Vec<String>,
    pub(super) removed: Vec<String>,
}

/// What an animation holds besides its first picture.
pub(super) const FURTHER_PICTURES: &str = "further pictures of an animation";

impl Metadata {
    /// Notes something that cannot be written again.
    pub(super) fn note_lost(&mut self, what: impl Into<String>) {
        const ENOUGH: usize = 24;
        let what = if self.lost.len() < ENOUGH { what.into() } else { "other blocks".into() };
        if !self.lost.contains(&what) {
            self.lost.push(what);
        }
    }

    /// Takes an EXIF block; only the first counts.
    pub(super) fn add_exif(&mut self, exif: &[u8]) {
        match self.exif {
            None => self.exif = Some(exif.to_vec()),
            Some(_) => self.note_lost("second EXIF block"),
        }
    }

    /// Takes an XMP packet; only the first counts.
    pub(super) fn add_xmp(&mut self, xmp: &[u8]) {
        match self.xmp {
            None => self.xmp = Some(xmp.to_vec()),
            Some(_) => self.note_lost("second XMP packet"),
        }
    }

    /// The names of the blocks in which a picture can be seen without taking them apart.
    pub(super) fn blocks_with_pictures(&self) -> Vec<&'static str> {
        let block = |bytes: &Option<Vec<u8>>| bytes.as_deref().is_some_and(pictures::hidden_in);
        // The block begins like a TIFF, which it is.
        let exif = self.exif.as_deref().and_then(|exif| exif.get(8..)).is_some_and(pictures::hidden_in);
        let texts = self.comments.iter().chain(self.texts.iter().map(|text| &text.content));
        let found = [
            (exif, "picture in the EXIF block"),
            (block(&self.xmp), "picture in the XMP packet"),
            (block(&self.iptc), "picture in the IPTC records"),
            (block(&self.icc), "picture in the colour profile"),
            (texts.into_iter().any(|text| pictures::hidden_in(text)), "picture in a comment"),
        ];
        found.into_iter().filter_map(|(found, words)| found.then_some(words)).collect()
    }

    /// Notes what lies behind the end of the picture, if anything.
    pub(super) fn note_trailing(&mut self, trailing: &[u8]) {
        let film = [&b"ftyp"[..], b"moov", b"SEFH"].iter().any(|mark| contains(trailing, mark));
        if film {
            self.note_lost("film behind the end of the picture");
        } else if !trailing.is_empty() {
            self.note_lost("data behind the end of the picture");
        }
    }

    /// How the pixels have to be turned to stand upright.
    pub(super) fn orientation(&self) -> Orientation {
        let exif = self.exif.as_deref().and_then(Exif::parse);
        exif.map_or(Orientation::NoTransforms, |exif| exif.orientation())
    }

    /// Puts a profile to samples that are said to be Adobe RGB by EXIF alone: most viewers, and
    /// every other output format, know of colours by profiles only.
    pub(super) fn name_colours(&mut self, coloured: bool) {
        let unnamed = coloured && self.icc.is_none() && self.colour.is_empty();
        let adobe = || self.exif.as_deref().and_then(Exif::parse).is_some_and(|exif| exif.is_adobe_rgb());
        if unnamed && adobe() {
            self.icc = Some(Profile::adobe_rgb());
        }
    }

    /// The profile that says what colours the samples mean, also where a PNG says so by numbers.
    pub(super) fn profile(&self) -> Option<Cow<'_, [u8]>> {
        let numbers = self.colour.iter().find(|chunk| &chunk.kind == b"cICP").map(|chunk| &*chunk.content);
        match numbers {
            Some([primaries, transfer, ..]) => colour::profile_of(*primaries, *transfer).map(Cow::Owned),
            _ => self.icc.as_deref().map(Cow::Borrowed),
        }
    }

    /// Decides what is written into a file of a format. `upright` is the size of its pixels, which are upright then; without
    /// it they lie as they lay.
    pub(super) fn carried(
        &self,
        policy: MetadataPolicy,
        format: Format,
        upright: Option<(usize, usize)>,
    ) -> Carried {
        let mut carried = Carried { removed: self.lost.clone(), ..Carried::default() };
        carried.colour(self, format);
        match policy {
            MetadataPolicy::Strip => carried.strip(self, upright.is_some()),
            MetadataPolicy::Keep => {
                carried.exif(self, format, upright);
                carried.xmp(self, format);
                carried.captions(self, format);
                carried.comments(self, format);
            }
        }
        carried
    }
}

/// The longest EXIF block and XMP packet in bytes that fit a JPEG segment.
const LONGEST_IN_JPEG: usize = 65_500;

impl Carried {
    fn keep(&mut self, what: &str) {
        self.kept.push(what.into());
    }

    fn remove(&mut self, what: &str) {
        self.removed.push(what.into());
    }

    fn colour(&mut self, from: &Metadata, format: Format) {
        let icc = if format == Format::Png { from.icc.as_deref().map(Cow::Borrowed) } else { from.profile() };
        let is_there = icc.is_some();
        match icc.as_deref().map(Profile::colours) {
            Some(Some(profile)) => {
                self.keep("colour profile");
                if profile.talked {
                    self.remove("colour profile: names of devices and people");
                }
                self.metadata.icc = Some(profile.bytes);
            }
            Some(None) => self.remove("colour profile (damaged)"),
            None => {}
        }
        if format == Format::Png {
            self.metadata.colour = from.colour.clone();
        } else if !is_there && from.colour.iter().any(|chunk| &chunk.kind != b"sRGB") {
            self.remove("colour description of the PNG");
        }
    }

    fn strip(&mut self, from: &Metadata, upright: bool) {
        if let Some(exif) = &from.exif {
            match Exif::parse(exif) {
                Some(exif) => exif.contents().into_iter().for_each(|what| self.remove(what)),
                None => self.remove("EXIF (damaged)"),
            }
        }
        let mut note = |present: bool, what: &str| self.removed.extend(present.then(|| what.into()));
        note(from.xmp.is_some(), "XMP");
        note(from.iptc.is_some(), "IPTC");
        note(!from.comments.is_empty() || !from.texts.is_empty(), "comments");
        let turn = from.orientation();
        if !upright && turn != Orientation::NoTransforms {
            self.metadata.exif = Some(exif::only_turned(turn));
            self.keep("EXIF: how the picture is turned");
        }
    }

    fn exif(&mut self, from: &Metadata, format: Format, upright: Option<(usize, usize)>) {
        let Some(bytes) = &from.exif else { return };
        let Some(mut exif) = Exif::parse(bytes) else {
            return self.remove("EXIF (damaged)");
        };
        exif.drop_pictures().into_iter().for_each(|what| self.remove(what));
        if let Some((width, height)) = upright {
            exif.turn_upright(width, height);
        }
        let contents = exif.contents();
        match exif.write() {
            Some(bytes) if format == Format::Jpeg && bytes.len() > LONGEST_IN_JPEG => {
                self.remove("EXIF (too large for a JPEG)");
            }
            written => {
                contents.into_iter().for_each(|what| self.keep(what));
                self.metadata.exif = written;
            }
        }
    }

    fn xmp(&mut self, from: &Metadata, format: Format) {
        let Some(xmp) = &from.xmp else { return };
        match xmp::packet(xmp) {
            None => self.remove("XMP (damaged, or with pictures in it)"),
            Some(packet) if format == Format::Jpeg && packet.bytes.len() > LONGEST_IN_JPEG => {
                self.remove("XMP (too large for a JPEG)");
            }
            Some(packet) => {
                self.keep("XMP");
                if packet.dropped {
                    self.remove("XMP: editing history, and claims of a film or of further pictures");
                }
                self.metadata.xmp = Some(packet.bytes);
            }
        }
    }

    fn captions(&mut self, from: &Metadata, format: Format) {
        if let Some(iptc) = &from.iptc {
            let kept = iptc::without_pictures(iptc);
            if kept.len() < iptc.len() {
                self.remove("IPTC: preview");
            }
            if format != Format::Jpeg || kept.len() > LONGEST_IN_JPEG {
                self.remove("IPTC (only a JPEG holds it)");
            } else if !kept.is_empty() {
                self.keep("IPTC");
                self.metadata.iptc = Some(kept);
            }
        }
    }

    fn comments(&mut self, from: &Metadata, format: Format) {
        let comments = from.comments.iter().filter(|text| format == Format::Jpeg && texts::is_plain(text));
        self.metadata.comments = comments.cloned().collect();
        let plain = |text: &&PngChunk| format == Format::Png && texts::is_plain(&text.content);
        let texts = from.texts.iter().filter(plain);
        self.metadata.texts = texts.cloned().collect();
        let kept = self.metadata.comments.len() + self.metadata.texts.len();
        if kept > 0 {
            self.keep("comments");
        }
        if kept < from.comments.len() + from.texts.len() {
            self.remove("comments");
        }
    }
}

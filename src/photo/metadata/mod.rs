//! What a photo file holds besides its pixels, and what of it is written again.
//!
//! A thumbnail or preview would show the face as it was before it was protected. So no picture
//! within the metadata is ever written: under the policy `Keep`, blocks are taken apart and
//! written without their pictures, or dropped where that cannot be done.

#![warn(clippy::indexing_slicing)]

mod exif;
mod ifd;
mod iptc;
mod xmp;

use image::metadata::Orientation;

pub(super) use exif::Exif;
pub(super) use iptc::{Resources, resource_block};

use super::{Format, MetadataPolicy};

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

impl Metadata {
    /// Notes something that cannot be written again.
    pub(super) fn lose(&mut self, what: impl Into<String>) {
        const ENOUGH: usize = 24;
        let what = if self.lost.len() < ENOUGH { what.into() } else { "other blocks".into() };
        if !self.lost.contains(&what) {
            self.lost.push(what);
        }
    }

    /// How the pixels have to be turned to stand upright.
    pub(super) fn orientation(&self) -> Orientation {
        let exif = self.exif.as_deref().and_then(Exif::parse);
        exif.map_or(Orientation::NoTransforms, |exif| exif.orientation())
    }

    /// Decides what is written into a file of a format, whose upright pixels have a size.
    pub(super) fn carried(
        &self,
        policy: MetadataPolicy,
        format: Format,
        (width, height): (usize, usize),
    ) -> Carried {
        let mut carried = Carried { removed: self.lost.clone(), ..Carried::default() };
        carried.colour(self, format);
        match policy {
            MetadataPolicy::Strip => carried.strip(self),
            MetadataPolicy::Keep => {
                carried.exif(self, format, (width, height));
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
        if let Some(icc) = &from.icc {
            self.keep("colour profile");
            self.metadata.icc = Some(icc.clone());
        }
        if format == Format::Png {
            self.metadata.colour = from.colour.clone();
        } else if from.icc.is_none() && from.colour.iter().any(|chunk| &chunk.kind != b"sRGB") {
            self.remove("colour description of the PNG");
        }
    }

    fn strip(&mut self, from: &Metadata) {
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
    }

    fn exif(&mut self, from: &Metadata, format: Format, (width, height): (usize, usize)) {
        let Some(bytes) = &from.exif else { return };
        let Some(mut exif) = Exif::parse(bytes).filter(|exif| !exif.overlaps()) else {
            return self.remove("EXIF (damaged)");
        };
        exif.drop_pictures().into_iter().for_each(|what| self.remove(what));
        exif.turn_upright(width, height);
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
        if xmp::has_picture(xmp) {
            self.remove("XMP (with pictures in it)");
        } else if format == Format::Jpeg && xmp.len() > LONGEST_IN_JPEG {
            self.remove("XMP (too large for a JPEG)");
        } else {
            self.keep("XMP");
            self.metadata.xmp = Some(xmp::upright(xmp));
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
        let comments = from.comments.iter().filter(|text| format == Format::Jpeg && !xmp::has_picture(text));
        self.metadata.comments = comments.cloned().collect();
        let texts =
            from.texts.iter().filter(|text| format == Format::Png && !xmp::has_picture(&text.content));
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

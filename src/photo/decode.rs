//! From a file's bytes to an upright photo.

use image::DynamicImage;

use super::{
    Error, Format, Limits, Photo,
    jpeg::{self, Coding},
    metadata::Metadata,
    png, tiff, webp,
};

/// What each format's reader hands back: pixels as they lie in the file, not yet upright.
pub(super) struct Decoded {
    pub(super) pixels: DynamicImage,
    pub(super) metadata: Metadata,
    pub(super) coding: Option<Coding>,
}

/// Decodes a photo and turns it upright.
///
/// The size that the header claims is held against `limits` before memory is reserved.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Photo, Error> {
    let format = Format::of(bytes)?;
    let Decoded { mut pixels, metadata, coding } = match format {
        Format::Jpeg => jpeg::read(bytes, limits)?,
        Format::Png => png::read(bytes, limits)?,
        Format::WebP => webp::read(bytes, limits)?,
        Format::Tiff => tiff::read(bytes, limits)?,
    };
    if pixels.width() == 0 || pixels.height() == 0 {
        return Err(Error::damaged(format, "it has no pixels"));
    }
    pixels.apply_orientation(metadata.orientation());
    Ok(Photo { pixels, format, metadata, coding })
}

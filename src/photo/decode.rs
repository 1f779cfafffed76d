//! From a file's bytes to an upright photo.

use std::time::Duration;

use image::DynamicImage;

use super::{
    Error, Format, Limits, Photo, bmp,
    colour::View,
    gif,
    guard::{guarded, in_time},
    heif,
    jpeg::{self, Coding},
    jxl,
    metadata::Metadata,
    png, tiff, webp,
};

/// No file within the limits takes a tenth of this, also where all cores are busy.
const PATIENCE: Duration = Duration::from_secs(600);

/// What each format's reader hands back: pixels as they lie in the file, not yet upright.
pub(super) struct Decoded {
    pub(super) pixels: DynamicImage,
    pub(super) metadata: Metadata,
    pub(super) coding: Option<Coding>,
    pub(super) lossy_webp: bool,
}

impl Decoded {
    /// Pixels of a format whose coding does not matter once they are read.
    pub(super) fn new(pixels: DynamicImage, metadata: Metadata) -> Self {
        Self { pixels, metadata, coding: None, lossy_webp: false }
    }
}

/// Decodes a photo and turns it upright.
///
/// The size that the header claims is held against `limits` before memory is reserved.
///
/// # Errors
/// Where the bytes are no photo of a kind that can be read, or over the limits. A decoder that
/// panics, or is not done within ten minutes, is an error too.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Photo, Error> {
    let format = Format::of(bytes)?;
    let (bytes, limits) = (bytes.to_vec(), *limits);
    let damaged = move |message| Error::damaged(format, message);
    in_time(PATIENCE, move || guarded(|| upright(&bytes, format, &limits), damaged), damaged)
}

/// The small picture that a HEIC or AVIF has of itself, upright: for a list of photos, and read much faster than the photo.
/// None where there is none of the photo's shape, turned as the photo is, and with at least so many pixels along its longer
/// side.
///
/// Whether it shows the photo as it is now, only [`decode`] can tell. Those of other formats are not used: programs leave
/// old ones in them, and such photos are read fast.
pub fn thumbnail(bytes: &[u8], least: u32) -> Option<Photo> {
    let format = Format::of(bytes).ok().filter(|format| matches!(format, Format::Heic | Format::Avif))?;
    let bytes = bytes.to_vec();
    let damaged = move |message| Error::damaged(format, message);
    let read = move || Ok(heif::thumbnail(&bytes, format, least).map(|small| finished(small, format)));
    in_time(PATIENCE, move || guarded(read, damaged), damaged).ok()?
}

fn upright(bytes: &[u8], format: Format, limits: &Limits) -> Result<Photo, Error> {
    let decoded = match format {
        Format::Jpeg => jpeg::read(bytes, limits)?,
        Format::Png => png::read(bytes, limits)?,
        Format::WebP => webp::read(bytes, limits)?,
        Format::Tiff => tiff::read(bytes, limits)?,
        Format::Heic | Format::Avif => heif::read(bytes, format, limits)?,
        Format::JpegXl => jxl::read(bytes, limits)?,
        Format::Gif => gif::read(bytes, limits)?,
        Format::Bmp => bmp::read(bytes, limits)?,
    };
    if decoded.pixels.width() == 0 || decoded.pixels.height() == 0 {
        return Err(Error::damaged(format, "it has no pixels"));
    }
    Ok(finished(decoded, format))
}

/// Turned as its metadata says, and with its colours known.
fn finished(decoded: Decoded, format: Format) -> Photo {
    let Decoded { mut pixels, mut metadata, coding, lossy_webp } = decoded;
    if !format.turns_itself() {
        pixels.apply_orientation(metadata.orientation());
    }
    metadata.name_colours(pixels.color().has_color());
    let view = metadata.profile().and_then(|icc| View::of(&icc, !pixels.color().has_color()));
    Photo { pixels, format, metadata, coding, lossy_webp, view }
}

//! WebP files.

#![warn(clippy::indexing_slicing)]

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder as _, codecs::webp::WebPDecoder};
use image_webp::{ColorType, WebPEncoder};

use super::{Error, Format, Limits, Photo, bytes::Bytes, decode::Decoded, metadata::Metadata};

/// The longest side of a WebP in pixels.
const LONGEST_SIDE: usize = 16_383;

/// The bytes from the start of the file up to its first chunk.
const HEADER: usize = 12;

/// Reads a WebP, lossy or lossless. A file shorter than it claims to be is cut short.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let metadata = metadata(bytes).ok_or(Error::CutShort { format: Format::WebP })?;
    let sort = |error| Error::from_image(Format::WebP, error);
    let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(sort)?;
    if decoder.has_animation() {
        return Err(Error::Animated { format: Format::WebP });
    }
    let (width, height) = decoder.dimensions();
    limits.check(width, height, decoder.color_type().bytes_per_pixel())?;
    let pixels = DynamicImage::from_decoder(decoder).map_err(sort)?;
    Ok(Decoded { pixels, metadata, coding: None })
}

/// Writes a lossless WebP: 8 bits a sample, grey as three equal channels.
pub(super) fn write(photo: &Photo, metadata: &Metadata) -> Result<Vec<u8>, Error> {
    let (width, height) = (photo.width(), photo.height());
    if width.max(height) > LONGEST_SIDE {
        let format = Format::WebP;
        return Err(Error::TooBigForFormat { format, limit: LONGEST_SIDE, width, height });
    }
    let (samples, channels) = match (photo.is_grey(), photo.has_alpha()) {
        (true, false) => (photo.pixels.to_luma8().into_raw(), ColorType::L8),
        (true, true) => (photo.pixels.to_luma_alpha8().into_raw(), ColorType::La8),
        (false, false) => (photo.pixels.to_rgb8().into_raw(), ColorType::Rgb8),
        (false, true) => (photo.pixels.to_rgba8().into_raw(), ColorType::Rgba8),
    };
    let mut bytes = Vec::new();
    let mut encoder = WebPEncoder::new(&mut bytes);
    encoder.set_icc_profile(metadata.icc.clone().unwrap_or_default());
    encoder.set_exif_metadata(metadata.exif.clone().unwrap_or_default());
    encoder.set_xmp_metadata(metadata.xmp.clone().unwrap_or_default());
    encoder
        .encode(&samples, width as u32, height as u32, channels)
        .map_err(|error| Error::unwritable(Format::WebP, error))?;
    Ok(bytes)
}

/// What the chunks hold besides pixels; `None` if they are longer than the file.
fn metadata(bytes: &[u8]) -> Option<Metadata> {
    let mut rest = Bytes(bytes);
    rest.take(4)?;
    let length = rest.u32_le()? as usize;
    let mut chunks = Bytes(rest.take(length)?);
    chunks.take(HEADER - 8)?;
    let mut metadata = Metadata::default();
    if !rest.0.is_empty() {
        metadata.lose("data behind the end of the picture");
    }
    while !chunks.0.is_empty() {
        let kind = chunks.take(4)?;
        let length = chunks.u32_le()? as usize;
        let content = chunks.take(length)?;
        chunks.take(length % 2);
        match kind {
            b"VP8 " | b"VP8L" | b"VP8X" | b"ALPH" | b"ANIM" | b"ANMF" => {}
            b"ICCP" => metadata.icc = Some(content.to_vec()),
            // Some writers put the JPEG prefix before the block.
            b"EXIF" => {
                metadata.exif = Some(content.strip_prefix(b"Exif\0\0").unwrap_or(content).to_vec());
            }
            b"XMP " => metadata.xmp = Some(content.to_vec()),
            other => metadata.lose(format!("{} chunk", other.escape_ascii())),
        }
    }
    Some(metadata)
}

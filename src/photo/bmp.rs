//! BMP files: input only.

#![warn(clippy::indexing_slicing)]

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder as _, codecs::bmp::BmpDecoder};

use super::{Error, Format, Limits, bytes::Bytes, decode::Decoded, metadata::Metadata};

/// Reads a BMP of any depth, with or without alpha.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let sort = |error| Error::from_image(Format::Bmp, error);
    let decoder = BmpDecoder::new(Cursor::new(bytes)).map_err(sort)?;
    let (width, height) = decoder.dimensions();
    limits.check(width, height, decoder.color_type().bytes_per_pixel())?;
    let mut metadata = Metadata::default();
    if let Some(length) = length(bytes) {
        metadata.note_trailing(bytes.get(length..).unwrap_or_default());
    }
    let pixels = DynamicImage::from_decoder(decoder).map_err(sort)?;
    Ok(Decoded::new(pixels, metadata))
}

/// The length in bytes that the file claims, if it claims any.
fn length(bytes: &[u8]) -> Option<usize> {
    let mut header = Bytes(bytes);
    header.take(2)?;
    header.u32_le().map(|length| length as usize).filter(|length| *length > 0)
}

//! TIFF files: input only.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder as _, codecs::tiff::TiffDecoder};

use super::{Error, Format, Limits, decode::Decoded, metadata::Metadata};

/// Reads the first page of a TIFF: grey, RGB or CMYK, 8 or 16 bit, with or without alpha.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let sort = |error| Error::from_image(Format::Tiff, error);
    let mut decoder = TiffDecoder::new(Cursor::new(bytes)).map_err(sort)?;
    let (width, height) = decoder.dimensions();
    limits.check(width, height, decoder.color_type().bytes_per_pixel())?;
    decoder.set_limits(limits.for_decoder()).map_err(sort)?;
    let metadata = Metadata {
        icc: decoder.icc_profile().map_err(sort)?,
        ..Metadata::default()
    };
    let pixels = DynamicImage::from_decoder(decoder).map_err(sort)?;
    Ok(Decoded {
        pixels: whole_numbers(pixels),
        metadata,
        coding: None,
    })
}

/// Floating-point samples, 0 to 1, become 16-bit ones.
fn whole_numbers(pixels: DynamicImage) -> DynamicImage {
    match pixels {
        DynamicImage::ImageRgb32F(_) => pixels.into_rgb16().into(),
        DynamicImage::ImageRgba32F(_) => pixels.into_rgba16().into(),
        whole => whole,
    }
}

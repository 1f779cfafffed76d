//! WebP files.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder as _,
    codecs::webp::{WebPDecoder, WebPEncoder},
};

use super::{Error, Format, Limits, Photo, bytes::Bytes, decode::Decoded, metadata::Metadata};

/// The longest side of a WebP in pixels.
const LONGEST_SIDE: usize = 16_383;

/// Reads a WebP, lossy or lossless.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let sort = |error| Error::from_image(Format::WebP, error);
    check_length(bytes)?;
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(sort)?;
    if decoder.has_animation() {
        return Err(Error::Animated {
            format: Format::WebP,
        });
    }
    let (width, height) = decoder.dimensions();
    limits.check(width, height, decoder.color_type().bytes_per_pixel())?;
    let metadata = Metadata {
        icc: decoder.icc_profile().map_err(sort)?,
        ..Metadata::default()
    };
    let pixels = DynamicImage::from_decoder(decoder).map_err(sort)?;
    Ok(Decoded {
        pixels,
        metadata,
        coding: None,
    })
}

/// Writes a lossless WebP: 8 bits a sample, grey as three equal channels.
pub(super) fn write(photo: &Photo) -> Result<Vec<u8>, Error> {
    let (width, height) = (photo.width(), photo.height());
    if width.max(height) > LONGEST_SIDE {
        let format = Format::WebP;
        return Err(Error::TooBigForFormat {
            format,
            limit: LONGEST_SIDE,
            width,
            height,
        });
    }
    let mut bytes = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut bytes);
    photo
        .pixels
        .write_with_encoder(encoder)
        .map_err(|error| Error::unwritable(Format::WebP, error))?;
    Ok(bytes)
}

/// Compares the length that the file claims with its own.
fn check_length(bytes: &[u8]) -> Result<(), Error> {
    let mut rest = Bytes(bytes);
    let claimed = rest.take(4).and_then(|_| rest.u32_le());
    match claimed {
        Some(claimed) if rest.0.len() as u64 >= u64::from(claimed) => Ok(()),
        _ => Err(Error::CutShort {
            format: Format::WebP,
        }),
    }
}

//! PNG files.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder as _, codecs::png::PngDecoder};

use super::{Error, Format, Limits, Photo, bytes::Bytes, decode::Decoded, metadata::Metadata};

const SIGNATURE: usize = 8;

/// A chunk of a PNG file.
#[derive(Clone, Copy, Debug)]
struct Chunk<'a> {
    kind: [u8; 4],
    content: &'a [u8],
}

/// Reads a PNG. A file without its end chunk is cut short.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let chunks = chunks(bytes)?;
    if chunks.iter().any(|chunk| &chunk.kind == b"acTL") {
        return Err(Error::Animated {
            format: Format::Png,
        });
    }
    let (width, height) = size(&chunks)?;
    limits.check(width, height, 1)?;
    let sort = |error| Error::from_image(Format::Png, error);
    let mut decoder =
        PngDecoder::with_limits(Cursor::new(bytes), limits.for_decoder()).map_err(sort)?;
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

/// Writes a PNG in the photo's own depth and channels.
pub(super) fn write(photo: &Photo) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    photo
        .pixels
        .write_with_encoder(encoder)
        .map_err(|error| Error::unwritable(Format::Png, error))?;
    Ok(bytes)
}

fn chunks(bytes: &[u8]) -> Result<Vec<Chunk<'_>>, Error> {
    let cut_short = || Error::CutShort {
        format: Format::Png,
    };
    let mut rest = Bytes(bytes);
    rest.take(SIGNATURE).ok_or_else(cut_short)?;
    let mut chunks = Vec::new();
    loop {
        let chunk = chunk(&mut rest).ok_or_else(cut_short)?;
        chunks.push(chunk);
        if &chunk.kind == b"IEND" {
            return Ok(chunks);
        }
    }
}

fn chunk<'a>(rest: &mut Bytes<'a>) -> Option<Chunk<'a>> {
    let length = rest.u32_be()?;
    let kind = rest.take(4)?.try_into().ok()?;
    let content = rest.take(length as usize)?;
    let _checksum = rest.u32_be()?;
    Some(Chunk { kind, content })
}

fn size(chunks: &[Chunk<'_>]) -> Result<(u32, u32), Error> {
    let header = chunks.first().filter(|chunk| &chunk.kind == b"IHDR");
    header
        .map(|chunk| Bytes(chunk.content))
        .and_then(|mut content| Some((content.u32_be()?, content.u32_be()?)))
        .ok_or_else(|| Error::damaged(Format::Png, "its header is missing"))
}

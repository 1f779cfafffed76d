//! WebP files.

#![warn(clippy::indexing_slicing)]

use std::io::Cursor;

use image::{AnimationDecoder as _, DynamicImage, Frames, ImageDecoder as _, codecs::webp::WebPDecoder};
use image_webp::{ColorType, WebPEncoder};

use super::{
    Error, Format, Limits, Photo,
    bytes::Bytes,
    decode::Decoded,
    metadata::{FURTHER_PICTURES, Metadata},
};

/// The longest side of a WebP in pixels.
const LONGEST_SIDE: usize = 16_383;

/// The bytes from the start of the file up to its first chunk.
const HEADER: usize = 12;

/// Reads a WebP, lossy or lossless. A file shorter than it claims to be is cut short.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let metadata = metadata(bytes)?;
    let sort = |error| Error::from_image(Format::WebP, error);
    let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(sort)?;
    if decoder.has_animation() && !limits.first_picture {
        return Err(Error::Animated { format: Format::WebP });
    }
    let (width, height) = decoder.dimensions();
    limits.check(width, height, decoder.color_type().bytes_per_pixel())?;
    let pixels = DynamicImage::from_decoder(decoder).map_err(sort)?;
    Ok(Decoded { pixels, metadata, coding: None, lossy_webp: is_lossy(bytes) })
}

/// Whether a WebP has several pictures, as far as its beginning tells.
pub(super) fn is_animated(bytes: &[u8]) -> bool {
    let first = bytes.get(HEADER..).and_then(|rest| rest.split_first_chunk());
    first.is_some_and(|(kind, rest)| kind == b"VP8X" && rest.get(4).is_some_and(|flags| flags & 2 != 0))
}

/// The pictures of a WebP, one after the other, each with what it leaves of those before.
pub(super) fn pictures(
    bytes: Cursor<impl AsRef<[u8]> + 'static>,
    limits: &Limits,
) -> Result<Frames<'static>, Error> {
    let decoder = WebPDecoder::new(bytes).map_err(|error| Error::from_image(Format::WebP, error))?;
    let (width, height) = decoder.dimensions();
    limits.check(width, height, 4)?;
    Ok(decoder.into_frames())
}

/// Writes a WebP, 8 bits a sample: lossless, or with a quality of 1 to 100.
///
/// A lossless one holds grey as three equal channels.
pub(super) fn write(photo: &Photo, quality: Option<u8>, metadata: &Metadata) -> Result<Vec<u8>, Error> {
    let (width, height) = (photo.width(), photo.height());
    if width.max(height) > LONGEST_SIDE {
        let format = Format::WebP;
        return Err(Error::TooBigForFormat { format, limit: LONGEST_SIDE, width, height });
    }
    match quality {
        Some(quality) => write_lossy(photo, quality, metadata),
        None => write_lossless(photo, metadata),
    }
}

fn write_lossless(photo: &Photo, metadata: &Metadata) -> Result<Vec<u8>, Error> {
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
        .encode(&samples, photo.width() as u32, photo.height() as u32, channels)
        .map_err(|error| Error::unwritable(Format::WebP, error))?;
    Ok(bytes)
}

fn write_lossy(photo: &Photo, quality: u8, metadata: &Metadata) -> Result<Vec<u8>, Error> {
    use webp_lossy::{ColorType, EncoderParams, WebPEncoder};

    let (samples, channels) = if photo.has_alpha() {
        (photo.pixels.to_rgba8().into_raw(), ColorType::Rgba8)
    } else {
        (photo.pixels.to_rgb8().into_raw(), ColorType::Rgb8)
    };
    let mut params = EncoderParams::default();
    params.use_lossy = true;
    params.lossy_quality = quality;
    let mut bytes = Vec::new();
    let mut encoder = WebPEncoder::new(&mut bytes);
    encoder.set_params(params);
    encoder.set_icc_profile(metadata.icc.clone().unwrap_or_default());
    encoder.set_exif_metadata(metadata.exif.clone().unwrap_or_default());
    encoder.set_xmp_metadata(metadata.xmp.clone().unwrap_or_default());
    encoder
        .encode(&samples, photo.width() as u32, photo.height() as u32, channels)
        .map_err(|error| Error::unwritable(Format::WebP, error))?;
    Ok(bytes)
}

/// A chunk's name and content.
type Chunk<'a> = ([u8; 4], &'a [u8]);

/// The chunks, and what follows the file; `None` if they are longer than it.
fn chunks(bytes: &[u8]) -> Option<(Vec<Chunk<'_>>, &[u8])> {
    let mut rest = Bytes(bytes);
    rest.take(4)?;
    let length = rest.u32_le()? as usize;
    let mut inside = Bytes(rest.take(length)?);
    inside.take(HEADER - 8)?;
    let mut chunks = Vec::new();
    while !inside.0.is_empty() {
        let kind = *inside.take(4)?.first_chunk()?;
        let length = inside.u32_le()? as usize;
        chunks.push((kind, inside.take(length)?));
        inside.take(length % 2);
    }
    Some((chunks, rest.0))
}

/// Whether the picture is compressed with loss.
fn is_lossy(bytes: &[u8]) -> bool {
    chunks(bytes).is_some_and(|(chunks, _)| chunks.iter().any(|(kind, _)| kind == b"VP8 "))
}

/// What a WebP holds besides its pixels.
pub(super) fn metadata(bytes: &[u8]) -> Result<Metadata, Error> {
    let (chunks, trailing) = chunks(bytes).ok_or(Error::CutShort { format: Format::WebP })?;
    let mut metadata = Metadata::default();
    metadata.note_trailing(trailing);
    if chunks.iter().filter(|(kind, _)| kind == b"ANMF").count() > 1 {
        metadata.note_lost(FURTHER_PICTURES);
    }
    for (kind, content) in chunks {
        match &kind {
            b"VP8 " | b"VP8L" | b"VP8X" | b"ALPH" | b"ANIM" | b"ANMF" => {}
            b"ICCP" => metadata.icc = Some(content.to_vec()),
            b"EXIF" => metadata.add_exif(content),
            b"XMP " => metadata.add_xmp(content),
            other => metadata.note_lost(format!("{} chunk", other.escape_ascii())),
        }
    }
    Ok(metadata)
}

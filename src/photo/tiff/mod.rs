//! TIFF files: input only.

#![warn(clippy::indexing_slicing)]

mod rare;

use std::borrow::Cow;
use std::io::Cursor;

use image::{DynamicImage, ExtendedColorType, ImageDecoder as _, codecs::tiff::TiffDecoder};

use super::{
    Error, Format, Limits,
    decode::Decoded,
    metadata::{Exif, Metadata},
};

const SUBFILE_TYPE: u16 = 0x00fe;
const DEPTH: u16 = 0x0102;
const FILL_ORDER: u16 = 0x010a;
const PLANAR: u16 = 0x011c;
const TILE_WIDTH: u16 = 0x0142;
const EXTRA_SAMPLES: u16 = 0x0152;
const SAMPLE_FORMAT: u16 = 0x0153;
const ICC: u16 = 0x8773;
/// What says that colours are multiplied by their transparency.
const ASSOCIATED: u64 = 1;
/// The sample format of floating-point numbers.
const FLOAT: u64 = 3;
const XMP: u16 = 0x02bc;
const IPTC: u16 = 0x83bb;
const RESOURCES: u16 = 0x8649;
const DNG_VERSION: u16 = 0xc612;
const COLOUR_MAP: u16 = 0x0140;
const STRIPS: u16 = 0x0111;
const STRIP_LENGTHS: u16 = 0x0117;
const TILES: u16 = 0x0144;
const TILE_LENGTHS: u16 = 0x0145;

/// Reads the first page of a TIFF: grey, palette, RGB, YCbCr or CMYK, up to 32 bit or floating point, with or without
/// alpha.
///
/// Layouts that the decoder reads wrong are an error.
/// Camera raw files are TIFF files whose first page is a preview: they are an error.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let exif = Exif::parse(bytes);
    if exif.as_ref().is_some_and(is_raw) {
        return Err(Error::UnreadableFormat { found: "camera raw" });
    }
    if let Some(variety) = exif.as_ref().and_then(unknown_layout) {
        return Err(Error::UnreadableVariety { format: Format::Tiff, variety: variety.into() });
    }
    let reversed = exif.as_ref().is_some_and(|exif| first(exif, FILL_ORDER) == Some(2));
    let bytes = match exif.as_ref().filter(|_| reversed) {
        Some(exif) => Cow::Owned(rare::bits_reversed(bytes, exif)),
        None => Cow::Borrowed(bytes),
    };
    let multiplied = exif.as_ref().is_some_and(|exif| exif.numbers(EXTRA_SAMPLES).contains(&ASSOCIATED));
    let (mut pixels, icc, inks) = samples(&bytes, exif.as_ref(), limits)?;
    if multiplied {
        divide(&mut pixels);
    }
    let mut metadata = exif.map_or_else(unread, metadata);
    metadata.icc = icc;
    if inks && metadata.icc.take().is_some() {
        metadata.note_lost("colour profile for CMYK (the photo is now RGB)");
    }
    Ok(Decoded::new(whole_numbers(pixels), metadata))
}

/// Reads a picture, its profile, and whether its colours were inks.
fn samples(
    bytes: &[u8],
    exif: Option<&Exif<'_>>,
    limits: &Limits,
) -> Result<(DynamicImage, Option<Vec<u8>>, bool), Error> {
    let Some(exif) = exif else { return usual(bytes, limits) };
    let profile = || exif.value(ICC).map(<[u8]>::to_vec);
    if let Some(pixels) = rare::read(bytes, exif, limits)? {
        return Ok((pixels, profile(), false));
    }
    match rare::read_inks(bytes, exif, limits)? {
        Some(pixels) => Ok((pixels, profile(), true)),
        None => usual(bytes, limits),
    }
}

/// Reads a picture in one of the usual layouts, its profile, and whether its colours were inks.
fn usual(bytes: &[u8], limits: &Limits) -> Result<(DynamicImage, Option<Vec<u8>>, bool), Error> {
    let sort = |error| Error::from_image(Format::Tiff, error);
    let mut decoder = TiffDecoder::new(Cursor::new(bytes)).map_err(sort)?;
    let (width, height) = decoder.dimensions();
    limits.check(width, height, decoder.color_type().bytes_per_pixel())?;
    decoder.set_limits(for_decoder(limits)).map_err(sort)?;
    let inks = matches!(decoder.original_color_type(), ExtendedColorType::Cmyk8 | ExtendedColorType::Cmyk16);
    let icc = decoder.icc_profile().map_err(sort)?;
    Ok((DynamicImage::from_decoder(decoder).map_err(sort)?, icc, inks))
}

/// Divides colours by the transparency that they were multiplied with.
fn divide(pixels: &mut DynamicImage) {
    fn by_last<S: Copy + Into<f64>>(samples: &mut [S], channels: usize, most: f64, whole: impl Fn(f64) -> S) {
        for pixel in samples.chunks_exact_mut(channels) {
            let Some((alpha, colours)) = pixel.split_last_mut() else { continue };
            let alpha: f64 = (*alpha).into();
            if alpha > 0.0 {
                colours.iter_mut().for_each(|c| *c = whole(((*c).into() * most / alpha).round().min(most)));
            }
        }
    }
    match pixels {
        DynamicImage::ImageLumaA8(pixels) => by_last(pixels, 2, 255.0, |value| value as u8),
        DynamicImage::ImageRgba8(pixels) => by_last(pixels, 4, 255.0, |value| value as u8),
        DynamicImage::ImageLumaA16(pixels) => by_last(pixels, 2, 65_535.0, |value| value as u16),
        DynamicImage::ImageRgba16(pixels) => by_last(pixels, 4, 65_535.0, |value| value as u16),
        _ => {}
    }
}

/// The first number of a tag.
fn first(exif: &Exif<'_>, tag: u16) -> Option<u64> {
    exif.numbers(tag).first().copied()
}

/// Why a layout is not one that the decoder is known to read right, if so.
fn unknown_layout(exif: &Exif<'_>) -> Option<&'static str> {
    let deepest = exif.numbers(DEPTH).into_iter().max().unwrap_or(1);
    let float = first(exif, SAMPLE_FORMAT) == Some(FLOAT);
    if first(exif, PLANAR) == Some(2) && first(exif, TILE_WIDTH).is_some() {
        Some("tiles of one colour each")
    } else if deepest > 32 {
        Some("more than 32 bits a sample")
    } else if deepest > 16 && !float && first(exif, SAMPLE_FORMAT).is_some_and(|format| format != 1) {
        Some("samples below zero")
    } else if float && exif.numbers(EXTRA_SAMPLES).contains(&ASSOCIATED) {
        Some("floating-point colours multiplied by their transparency")
    } else {
        None
    }
}

/// Room for the pixels, and again for tables and for a compressed strip.
fn for_decoder(limits: &Limits) -> image::Limits {
    let mut decoder = image::Limits::no_limits();
    decoder.max_alloc = Some(limits.memory.saturating_mul(2));
    decoder
}

/// What is said of the metadata of a file whose directories cannot be read.
fn unread() -> Metadata {
    let mut metadata = Metadata::default();
    metadata.note_lost("metadata of the TIFF");
    metadata
}

/// Whether the first page says that it is a preview of something else.
fn is_raw(exif: &Exif<'_>) -> bool {
    let reduced = exif.value(SUBFILE_TYPE).is_some_and(|value| value.iter().any(|byte| byte & 1 == 1));
    reduced || exif.value(DNG_VERSION).is_some()
}

/// Takes what is no picture out of the directory that also describes the pixels.
fn metadata(mut exif: Exif<'_>) -> Metadata {
    let mut metadata = Metadata::default();
    if std::mem::take(&mut exif.continues) {
        metadata.note_lost("further pages");
    }
    metadata.xmp = exif.value(XMP).map(<[u8]>::to_vec);
    metadata.iptc = exif.value(IPTC).map(<[u8]>::to_vec);
    if let Some(blocks) = exif.value(RESOURCES).map(<[u8]>::to_vec) {
        metadata.add_resources(&blocks);
    }
    for what in exif.drop_pictures() {
        metadata.note_lost(what);
    }
    metadata.exif = exif.write();
    metadata
}

/// Floating-point samples, 0 to 1, become 16-bit ones.
fn whole_numbers(pixels: DynamicImage) -> DynamicImage {
    match pixels {
        DynamicImage::ImageRgb32F(_) => pixels.into_rgb16().into(),
        DynamicImage::ImageRgba32F(_) => pixels.into_rgba16().into(),
        whole => whole,
    }
}

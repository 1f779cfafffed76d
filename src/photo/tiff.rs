//! TIFF files: input only.

#![warn(clippy::indexing_slicing)]

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
/// The sample format of floating-point numbers.
const FLOAT: u64 = 3;
const XMP: u16 = 0x02bc;
const IPTC: u16 = 0x83bb;
const RESOURCES: u16 = 0x8649;
const DNG_VERSION: u16 = 0xc612;

/// Reads the first page of a TIFF: grey, RGB or CMYK, 8 or 16 bit or floating point, with or
/// without alpha.
///
/// Layouts that the decoder reads wrong are an error.
/// Camera raw files are TIFF files whose first page is a preview: they are an error.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let sort = |error| Error::from_image(Format::Tiff, error);
    let exif = Exif::parse(bytes);
    if exif.as_ref().is_some_and(is_raw) {
        return Err(Error::UnreadableFormat { found: "camera raw" });
    }
    if let Some(variety) = exif.as_ref().and_then(unknown_layout) {
        return Err(Error::UnreadableVariety { format: Format::Tiff, variety: variety.into() });
    }
    let mut decoder = TiffDecoder::new(Cursor::new(bytes)).map_err(sort)?;
    let (width, height) = decoder.dimensions();
    limits.check(width, height, decoder.color_type().bytes_per_pixel())?;
    decoder.set_limits(for_decoder(limits)).map_err(sort)?;
    let mut metadata = exif.map_or_else(unread, metadata);
    let inks = matches!(decoder.original_color_type(), ExtendedColorType::Cmyk8 | ExtendedColorType::Cmyk16);
    metadata.icc = decoder.icc_profile().map_err(sort)?;
    if inks && metadata.icc.take().is_some() {
        metadata.lose("colour profile for CMYK (the photo is now RGB)");
    }
    let pixels = DynamicImage::from_decoder(decoder).map_err(sort)?;
    Ok(Decoded { pixels: whole_numbers(pixels), metadata, coding: None, lossy_webp: false })
}

/// Why a layout is not one that the decoder is known to read right, if so.
fn unknown_layout(exif: &Exif<'_>) -> Option<&'static str> {
    let first = |tag| exif.numbers(tag).first().copied();
    if first(FILL_ORDER) == Some(2) {
        Some("bits in reverse order")
    } else if exif.numbers(EXTRA_SAMPLES).contains(&1) {
        Some("colours multiplied by their transparency")
    } else if first(PLANAR) == Some(2) && first(TILE_WIDTH).is_some() {
        Some("tiles of one colour each")
    } else if exif.numbers(DEPTH).iter().any(|&bits| bits > 16) && first(SAMPLE_FORMAT) != Some(FLOAT) {
        Some("more than 16 bits a sample")
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
    metadata.lose("metadata of the TIFF");
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
        metadata.lose("further pages");
    }
    metadata.xmp = exif.value(XMP).map(<[u8]>::to_vec);
    metadata.iptc = exif.value(IPTC).map(<[u8]>::to_vec);
    if let Some(blocks) = exif.value(RESOURCES).map(<[u8]>::to_vec) {
        metadata.add_resources(&blocks);
    }
    for what in exif.drop_pictures() {
        metadata.lose(what);
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

//! Decoding a JPEG.

use image::{DynamicImage, GrayImage, RgbImage};
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

use super::super::{Error, Format, Limits, colour, decode::Decoded, metadata::Metadata};
use super::{Coding, file::File, quality, segments};

/// Reads a JPEG: baseline or progressive, grey, colour or CMYK, 8 bit.
///
/// CMYK becomes RGB by its profile, or without colour management where it has none, with the inverted inks that
/// Adobe introduced and that all viewers assume. Lossless, arithmetic and 12-bit JPEGs are errors, so is colour that
/// is sampled more finely than brightness, and so is a picture whose compressed data ends early, in so far as it can be told: a progressive one that
/// was cut and given a new end only lacks detail.
pub(in super::super) fn read(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let file = File::parse(bytes)?;
    let grey = file.frame.components.len() == 1;
    limits.check(file.frame.width.into(), file.frame.height.into(), if grey { 1 } else { 3 })?;
    let mut metadata = segments::metadata(&file);
    let inks = if file.frame.components.len() == 4 { metadata.icc.take() } else { None };
    let pixels = match inks {
        Some(icc) => inked_pixels(&file, &icc, &mut metadata)?,
        None => pixels(&file, grey)?,
    };
    Ok(Decoded { pixels, metadata, coding: Some(coding(&file)), lossy_webp: false })
}

/// What a JPEG holds besides its pixels.
pub(in super::super) fn metadata(bytes: &[u8]) -> Result<Metadata, Error> {
    Ok(metadata_of(&File::parse(bytes)?))
}

fn pixels(file: &File<'_>, grey: bool) -> Result<DynamicImage, Error> {
    let samples = samples(file, if grey { ColorSpace::Luma } else { ColorSpace::RGB })?;
    let (width, height) = (file.frame.width.into(), file.frame.height.into());
    let pixels = if grey {
        GrayImage::from_raw(width, height, samples).map(DynamicImage::from)
    } else {
        RgbImage::from_raw(width, height, samples).map(DynamicImage::from)
    };
    pixels.ok_or_else(|| Error::damaged(Format::Jpeg, "its headers contradict each other"))
}

fn samples(file: &File<'_>, colours: ColorSpace) -> Result<Vec<u8>, Error> {
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX)
        .jpeg_set_out_colorspace(colours);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&file.picture), options);
    decoder.decode().map_err(|error| Error::damaged(Format::Jpeg, error))
}

/// Four inks as colours, by the profile that says what they look like; as without one where it is of no use.
fn inked_pixels(file: &File<'_>, icc: &[u8], metadata: &mut Metadata) -> Result<DynamicImage, Error> {
    // Files hold what is left of white; where they hold brightness and differences, those are of the inks themselves.
    let left = samples(file, ColorSpace::CMYK).map(|left| left.into_iter().map(|left| 255 - left).collect());
    let inks: Option<Vec<u8>> =
        left.or_else(|_| samples(file, ColorSpace::YCCK).map(inks_of_differences)).ok();
    let (width, height) = (file.frame.width.into(), file.frame.height.into());
    let rgb = inks.and_then(|inks| RgbImage::from_raw(width, height, colour::without_inks(icc, &inks)?));
    metadata.note_lost("colour profile for CMYK (the photo is now RGB)");
    rgb.map_or_else(|| pixels(file, false), |rgb| Ok(rgb.into()))
}

fn inks_of_differences(mut samples: Vec<u8>) -> Vec<u8> {
    for pixel in samples.as_chunks_mut::<4>().0 {
        let [y, blue, red, black] = pixel.map(f32::from);
        let (blue, red) = (blue - 128.0, red - 128.0);
        let inks = [y + 1.402 * red, y - 0.344_136 * blue - 0.714_136 * red, y + 1.772 * blue, 255.0 - black];
        *pixel = inks.map(|ink| ink.round().clamp(0.0, 255.0) as u8);
    }
    samples
}

fn coding(file: &File<'_>) -> Coding {
    let luma = file.frame.components.first();
    let table = luma.and_then(|luma| file.tables.get(usize::from(luma.table)).copied().flatten());
    let sampling = match file.frame.components.as_slice() {
        [luma, chroma, ..] => ratio(luma.sampling, chroma.sampling),
        _ => (1, 1),
    };
    Coding {
        quality: table.as_ref().map_or(100, quality::estimate),
        sampling,
        progressive: file.frame.progressive,
    }
}

fn ratio(luma: (u8, u8), chroma: (u8, u8)) -> (u8, u8) {
    (luma.0 / chroma.0.max(1), luma.1 / chroma.1.max(1))
}

/// The metadata; a profile for inks is of no use once they have become RGB.
fn metadata_of(file: &File<'_>) -> Metadata {
    let mut metadata = segments::metadata(file);
    if file.frame.components.len() == 4 && metadata.icc.take().is_some() {
        metadata.note_lost("colour profile for CMYK (the photo is now RGB)");
    }
    metadata
}

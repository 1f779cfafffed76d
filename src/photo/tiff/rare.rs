//! Layouts of samples that are rare in photos: palettes, brightness and differences of colour, 32 bits, reversed bits, inks.

use std::io::Cursor;

use image::{DynamicImage, ImageBuffer};
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits as Memory};

use super::super::{Error, Format, Limits, bytes::Bytes, colour, metadata::Exif};
use super::{COLOUR_MAP, ICC, STRIP_LENGTHS, STRIPS, TILE_LENGTHS, TILES};

/// The tag that says what samples mean, and its values for grey and for the places in a palette.
const MEANING: u16 = 0x0106;
const GREY: u64 = 1;
const PALETTE: u64 = 3;

/// Samples as the file has them.
struct Samples {
    size: (u32, u32),
    kind: ColorType,
    values: DecodingResult,
}

/// Reads a picture whose layout is rare; none where it is not.
pub(super) fn read(bytes: &[u8], exif: &Exif<'_>, limits: &Limits) -> Result<Option<DynamicImage>, Error> {
    if exif.numbers(MEANING).first() == Some(&PALETTE) {
        let Some(grey) = as_grey(bytes) else { return Ok(None) };
        return palette(&samples(&grey, limits)?, &exif.numbers(COLOUR_MAP)).map(Some);
    }
    let mut decoder = open(bytes)?;
    let kind = decoder.colortype().map_err(sort)?;
    if !matches!(kind, ColorType::YCbCr(8) | ColorType::Gray(32) | ColorType::RGB(32) | ColorType::RGBA(32)) {
        return Ok(None);
    }
    let Samples { size: (width, height), kind, values } = samples(bytes, limits)?;
    let pixels = match (kind, values) {
        (ColorType::YCbCr(_), DecodingResult::U8(values)) => {
            ImageBuffer::from_raw(width, height, without_differences(values)).map(DynamicImage::ImageRgb8)
        }
        (ColorType::Gray(_), DecodingResult::U32(values)) => {
            ImageBuffer::from_raw(width, height, upper_halves(&values)).map(DynamicImage::ImageLuma16)
        }
        (ColorType::RGB(_), DecodingResult::U32(values)) => {
            ImageBuffer::from_raw(width, height, upper_halves(&values)).map(DynamicImage::ImageRgb16)
        }
        (ColorType::RGBA(_), DecodingResult::U32(values)) => {
            ImageBuffer::from_raw(width, height, upper_halves(&values)).map(DynamicImage::ImageRgba16)
        }
        // Floating point, which the usual way reads.
        _ => return Ok(None),
    };
    pixels.map_or_else(|| Err(contradiction()), |pixels| Ok(Some(pixels)))
}

/// Reads four inks as the colours that their profile says they look like; none where there is no such profile.
pub(super) fn read_inks(
    bytes: &[u8],
    exif: &Exif<'_>,
    limits: &Limits,
) -> Result<Option<DynamicImage>, Error> {
    let inks = matches!(open(bytes)?.colortype().map_err(sort)?, ColorType::CMYK(8 | 16));
    let Some(icc) = exif.value(ICC).filter(|_| inks) else { return Ok(None) };
    let Samples { size: (width, height), values, .. } = samples(bytes, limits)?;
    let inks = match values {
        DecodingResult::U8(inks) => inks,
        DecodingResult::U16(inks) => inks.into_iter().map(|ink| (ink >> 8) as u8).collect(),
        _ => return Ok(None),
    };
    let colours = colour::without_inks(icc, &inks);
    Ok(colours.and_then(|rgb| ImageBuffer::from_raw(width, height, rgb)).map(DynamicImage::ImageRgb8))
}

fn open(bytes: &[u8]) -> Result<Decoder<Cursor<&[u8]>>, Error> {
    Decoder::new(Cursor::new(bytes)).map_err(sort)
}

fn samples(bytes: &[u8], limits: &Limits) -> Result<Samples, Error> {
    let mut decoder = open(bytes)?;
    let size = decoder.dimensions().map_err(sort)?;
    let kind = decoder.colortype().map_err(sort)?;
    let bytes_per_pixel = usize::from(kind.num_samples()) * usize::from(kind.bit_depth().div_ceil(8));
    limits.check(size.0, size.1, bytes_per_pixel.try_into().unwrap_or(u8::MAX))?;
    let mut memory = Memory::default();
    memory.decoding_buffer_size = usize::try_from(limits.memory).unwrap_or(usize::MAX);
    memory.intermediate_buffer_size = memory.decoding_buffer_size;
    let mut decoder = decoder.with_limits(memory);
    let layout = decoder.image_buffer_layout().map_err(sort)?;
    if layout.planes > 1 {
        let variety = "a rare kind of colours, each in a plane of its own".into();
        return Err(Error::UnreadableVariety { format: Format::Tiff, variety });
    }
    let values = decoder.read_image().map_err(sort)?;
    Ok(Samples { size, kind, values })
}

fn sort(error: tiff::TiffError) -> Error {
    match error {
        tiff::TiffError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Error::CutShort { format: Format::Tiff }
        }
        tiff::TiffError::UnsupportedError(variety) => {
            Error::UnreadableVariety { format: Format::Tiff, variety: variety.to_string() }
        }
        other => Error::damaged(Format::Tiff, other),
    }
}

fn contradiction() -> Error {
    Error::damaged(Format::Tiff, "its headers contradict each other")
}

fn upper_halves(values: &[u32]) -> Vec<u16> {
    values.iter().map(|value| (value >> 16) as u16).collect()
}

/// Red, green and blue from brightness and two differences of colour (ITU-R BT.601, full range), as JPEGs have them.
fn without_differences(mut values: Vec<u8>) -> Vec<u8> {
    for pixel in values.as_chunks_mut::<3>().0 {
        let [y, blue, red] = pixel.map(f32::from);
        let (blue, red) = (blue - 128.0, red - 128.0);
        let rgb = [y + 1.402 * red, y - 0.344_136 * blue - 0.714_136 * red, y + 1.772 * blue];
        *pixel = rgb.map(|sample| sample.round().clamp(0.0, 255.0) as u8);
    }
    values
}

/// The colours of a palette, of which the file names all reds first, then greens, then blues, 16 bits each.
fn palette(places: &Samples, colours: &[u64]) -> Result<DynamicImage, Error> {
    let (DecodingResult::U8(packed), ColorType::Gray(bits @ 1..=8)) = (&places.values, places.kind) else {
        return Err(contradiction());
    };
    let (width, height) = places.size;
    let each = colours.len() / 3;
    let colour = |place: usize| {
        let at = |plane: usize| colours.get(plane * each + place.min(each - 1)).map_or(0, |c| (c >> 8) as u8);
        [at(0), at(1), at(2)]
    };
    let row_bytes = (width as usize * usize::from(bits)).div_ceil(8);
    if each == 0 || packed.len() < row_bytes * height as usize || row_bytes == 0 {
        return Err(contradiction());
    }
    let mut rgb = Vec::with_capacity(width as usize * height as usize * 3);
    for row in packed.chunks_exact(row_bytes).take(height as usize) {
        let all = row.iter().flat_map(|byte| parts(*byte, bits));
        rgb.extend(all.take(width as usize).flat_map(|place| colour(place.into())));
    }
    ImageBuffer::from_raw(width, height, rgb).map(DynamicImage::ImageRgb8).ok_or_else(contradiction)
}

/// The values of some bits each in a byte, the highest first.
fn parts(byte: u8, bits: u8) -> impl Iterator<Item = u8> {
    (1..=8 / bits).map(move |part| ((u16::from(byte) >> (8 - part * bits)) & ((1 << bits) - 1)) as u8)
}

/// The file with its first directory saying that samples are grey; none where they cannot be told to.
fn as_grey(bytes: &[u8]) -> Option<Vec<u8>> {
    let little = bytes.starts_with(b"II*\0");
    (little || bytes.starts_with(b"MM\0*")).then_some(())?;
    let number = |at: usize, length: usize| {
        let field = bytes.get(at..at + length)?;
        let digits = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        Some(if little { field.iter().rev().fold(0, digits) } else { field.iter().fold(0, digits) })
    };
    let first = number(4, 4)? as usize;
    let entries = (0..number(first, 2)? as usize).map(|entry| first + 2 + 12 * entry);
    let at = entries.into_iter().find(|at| number(*at, 2) == Some(MEANING.into()))?;
    let mut grey = bytes.to_vec();
    let value = if little { (GREY as u16).to_le_bytes() } else { (GREY as u16).to_be_bytes() };
    grey.get_mut(at + 8..at + 10)?.copy_from_slice(&value);
    Some(grey)
}

/// The file with the bits of each byte of its picture in the usual order.
pub(super) fn bits_reversed(bytes: &[u8], exif: &Exif<'_>) -> Vec<u8> {
    let mut straight = bytes.to_vec();
    let starts = [exif.numbers(STRIPS), exif.numbers(TILES)].concat();
    let lengths = [exif.numbers(STRIP_LENGTHS), exif.numbers(TILE_LENGTHS)].concat();
    // From the file as it was, so that a part that is named twice is not turned twice.
    for (start, length) in starts.into_iter().zip(lengths) {
        let range = usize::try_from(start).ok().zip(usize::try_from(length).ok());
        let range = range.and_then(|(start, length)| Some(start..start.checked_add(length)?));
        let parts =
            range.and_then(|range| Some((straight.get_mut(range.clone())?, Bytes(bytes.get(range)?))));
        if let Some((to, from)) = parts {
            to.iter_mut().zip(from.0).for_each(|(to, from)| *to = from.reverse_bits());
        }
    }
    straight
}

//! HEIC and AVIF: pictures of HEVC or AV1 in one kind of box file.
//!
//! Such a file is a list of items: pictures, tiles of them, smaller and further pictures, depth and gain maps,
//! metadata. One of them is the main picture, and only that is read.

#![warn(clippy::indexing_slicing)]

mod alpha;
mod av1;
mod boxes;
mod chroma;
mod encode;
mod items;
mod picture;
mod space;
mod thumbnail;
mod write;

use heifer::heifer_isobmff::boxes::Property;
use heifer::heifer_isobmff::{BoxIter, HeifFile, ItemId};
use heifer::{Image, Options, Sample};
use image::{DynamicImage, ImageBuffer};

pub(super) use self::items::metadata;
use self::items::primary_and_parts;
pub(super) use self::thumbnail::thumbnail;
pub(super) use self::write::write;
use super::{Error, Format, Limits, decode::Decoded};

/// Reads the main picture, upright, with its transparency.
pub(super) fn read(bytes: &[u8], format: Format, limits: &Limits) -> Result<Decoded, Error> {
    let file = open(bytes, format)?;
    if is_animated(&file, bytes) && !limits.first_picture {
        return Err(Error::Animated { format });
    }
    let deep = depth(&file) > 8;
    let (width, height) = size(&file).map_err(|error| damaged(format, error))?;
    // Both decoders hand out four samples a pixel.
    let bytes_per_pixel = if deep { 8 } else { 4 };
    limits.check(width, height, bytes_per_pixel)?;
    let most = limits.pixels.min(limits.memory / u64::from(bytes_per_pixel));
    let options = Options { max_pixels: most, ..Options::default() };
    let mut metadata = metadata(bytes, format)?;
    metadata.icc = metadata.icc.or_else(|| space::profile(&file));
    let grey = is_grey(&file);
    let pixels = if deep {
        deep_pixels(&picture::read((&file, bytes), format, &options)?)
    } else {
        pixels(picture::read((&file, bytes), format, &options)?)
    };
    let pixels = pixels.ok_or_else(|| Error::damaged(format, "its size contradicts itself"))?;
    Ok(Decoded::new(if grey { without_colour(pixels) } else { pixels }, metadata))
}

fn open(bytes: &[u8], format: Format) -> Result<HeifFile<'_>, Error> {
    HeifFile::parse(bytes).map_err(|error| damaged(format, error))
}

/// Sorts an error of the boxes or of the decoder by who has to act.
fn damaged(format: Format, error: impl Into<heifer::Error>) -> Error {
    use heifer::heifer_isobmff::Error::UnexpectedEof;
    match error.into() {
        heifer::Error::Unsupported(variety) => Error::UnreadableVariety { format, variety },
        heifer::Error::Container(UnexpectedEof) => Error::CutShort { format },
        other => Error::damaged(format, other),
    }
}

/// Whether the file says first of all that it is a film of pictures.
fn is_animated(file: &HeifFile<'_>, bytes: &[u8]) -> bool {
    let film = matches!(&file.file_type.major_brand.0, b"avis" | b"msf1" | b"hevc" | b"hevx");
    film && BoxIter::new(bytes).filter_map(Result::ok).any(|found| &found.header.box_type.0 == b"moov")
}

/// The size that the main picture claims, before it is turned.
fn size(file: &HeifFile<'_>) -> Result<(u32, u32), heifer::heifer_isobmff::Error> {
    match file.grid(file.primary_id) {
        Ok(grid) => Ok((grid.output_width, grid.output_height)),
        Err(_) => Ok(file.image_size(file.primary_id)?.unwrap_or((0, 0))),
    }
}

/// Bits a sample of the main picture, or of its tiles.
fn depth(file: &HeifFile<'_>) -> u8 {
    properties(file)
        .map(|property| match property {
            Property::HevcConfig(config) => config.bit_depth_luma.max(config.bit_depth_chroma),
            Property::Unknown(kind, content) if &kind.0 == b"av1C" => av1::depth(content),
            Property::PixelInfo(depths) => depths.iter().copied().max().unwrap_or(8),
            _ => 8,
        })
        .max()
        .unwrap_or(8)
}

/// Whether the main picture, or each of its tiles, has no colour.
fn is_grey(file: &HeifFile<'_>) -> bool {
    let mut kinds = properties(file).filter_map(|property| match property {
        Property::HevcConfig(config) => Some(config.chroma_format == 0),
        Property::Unknown(kind, content) if &kind.0 == b"av1C" => Some(av1::is_grey(content)),
        _ => None,
    });
    kinds.next() == Some(true) && kinds.all(|grey| grey)
}

/// The properties of the main picture and of all that it is made of.
fn properties<'a>(file: &'a HeifFile<'_>) -> impl Iterator<Item = &'a Property> {
    let parts: Vec<ItemId> = primary_and_parts(file);
    parts.into_iter().filter_map(|id| file.item_properties(id).ok()).flatten()
}

fn without_colour(pixels: DynamicImage) -> DynamicImage {
    match pixels {
        DynamicImage::ImageRgb8(_) => pixels.into_luma8().into(),
        DynamicImage::ImageRgba8(_) => pixels.into_luma_alpha8().into(),
        DynamicImage::ImageRgb16(_) => pixels.into_luma16().into(),
        deep => deep.into_luma_alpha16().into(),
    }
}

fn pixels(image: Image<u8>) -> Option<DynamicImage> {
    let (width, height) = (image.width, image.height);
    if image.has_alpha {
        return ImageBuffer::from_raw(width, height, image.data).map(DynamicImage::ImageRgba8);
    }
    ImageBuffer::from_raw(width, height, opaque(image.data)).map(DynamicImage::ImageRgb8)
}

/// Samples of 9 to 16 bits, spread over 16.
fn deep_pixels(image: &Image<u16>) -> Option<DynamicImage> {
    let (width, height, most) = (image.width, image.height, u32::from(image.max_value()).max(1));
    let spread = |sample: u16| ((u32::from(sample) * 65_535 + most / 2) / most) as u16;
    let samples: Vec<u16> = image.data.iter().map(|sample| spread(*sample)).collect();
    if image.has_alpha {
        return ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgba16);
    }
    ImageBuffer::from_raw(width, height, opaque(samples)).map(DynamicImage::ImageRgb16)
}

/// Takes the fourth sample of each pixel out, in place.
fn opaque<S: Sample>(mut samples: Vec<S>) -> Vec<S> {
    let pixels = samples.len() / 4;
    for pixel in 0..pixels {
        samples.copy_within(4 * pixel..4 * pixel + 3, 3 * pixel);
    }
    samples.truncate(3 * pixels);
    samples.shrink_to_fit();
    samples
}

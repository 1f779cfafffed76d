//! Encoding a JPEG.

use image::DynamicImage;
use img_parts::jpeg::{Jpeg, JpegSegment};
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, EncodingError, SamplingFactor};

use super::super::{Error, Format, Photo, metadata::Metadata};
use super::{file::COM, segments::segments};

/// The longest side of a JPEG in pixels.
const LONGEST_SIDE: usize = 65_535;

/// Writes 8-bit grey or RGB with the chroma sampling of the photo's own file, where it was a
/// JPEG, and 4:4:4 otherwise.
pub(in super::super) fn write(photo: &Photo, quality: u8, metadata: &Metadata) -> Result<Vec<u8>, Error> {
    if !photo.is_opaque() {
        return Err(Error::Transparent);
    }
    let (width, height) = size(photo)?;
    let unwritable = |error| Error::unwritable(Format::Jpeg, error);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    add_segments(&mut encoder, metadata).map_err(unwritable)?;
    encoder.set_sampling_factor(sampling(photo));
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    let progressive = photo.coding.is_some_and(|coding| coding.progressive);
    encoder.set_progressive(progressive);
    // In a baseline picture, fitted tables would come at the price of one scan per channel, which
    // not every viewer reads.
    encoder.set_optimized_huffman_tables(progressive);
    let encoded = match &photo.pixels {
        DynamicImage::ImageRgb8(pixels) => encoder.encode(pixels, width, height, ColorType::Rgb),
        pixels if photo.is_grey() => encoder.encode(&pixels.to_luma8(), width, height, ColorType::Luma),
        pixels => encoder.encode(&pixels.to_rgb8(), width, height, ColorType::Rgb),
    };
    encoded.map_err(unwritable)?;
    with_comments(bytes, &metadata.comments)
}

fn size(photo: &Photo) -> Result<(u16, u16), Error> {
    let (width, height) = (photo.width(), photo.height());
    match (u16::try_from(width), u16::try_from(height)) {
        (Ok(width), Ok(height)) => Ok((width, height)),
        _ => {
            let format = Format::Jpeg;
            Err(Error::TooBigForFormat { format, limit: LONGEST_SIDE, width, height })
        }
    }
}

fn add_segments<W: jpeg_encoder::JfifWrite>(
    encoder: &mut Encoder<W>,
    metadata: &Metadata,
) -> Result<(), EncodingError> {
    for (number, content) in segments(metadata) {
        encoder.add_app_segment(number, content)?;
    }
    metadata.icc.iter().try_for_each(|icc| encoder.add_icc_profile(icc))
}

/// The sampling of the photo's own file, as far as it can be done in a single scan.
fn sampling(photo: &Photo) -> SamplingFactor {
    let (horizontal, vertical) = photo.coding.map_or((1, 1), |coding| coding.sampling);
    SamplingFactor::from_factors(horizontal.min(2), vertical.min(2)).unwrap_or(SamplingFactor::R_4_4_4)
}

/// Puts comments behind the file's header, which the encoder cannot.
fn with_comments(bytes: Vec<u8>, comments: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
    if comments.is_empty() {
        return Ok(bytes);
    }
    let mut jpeg = Jpeg::from_bytes(bytes.into()).map_err(|error| Error::unwritable(Format::Jpeg, error))?;
    let segment = |comment: &Vec<u8>| JpegSegment::new_with_contents(COM, comment.clone().into());
    jpeg.segments_mut().splice(1..1, comments.iter().map(segment));
    Ok(jpeg.encoder().bytes().into())
}

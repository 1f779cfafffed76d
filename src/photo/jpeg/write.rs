//! Encoding a JPEG.

use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, SamplingFactor};

use super::super::{Error, Format, Photo};

/// The longest side of a JPEG in pixels.
const LONGEST_SIDE: usize = 65_535;

/// Writes 8-bit grey or RGB with the chroma sampling of the photo's own file, where it was a
/// JPEG, and 4:4:4 otherwise.
pub(in super::super) fn write(photo: &Photo, quality: u8) -> Result<Vec<u8>, Error> {
    let (width, height) = (photo.width(), photo.height());
    let side = |side: usize| {
        u16::try_from(side).map_err(|_| Error::TooBigForFormat {
            format: Format::Jpeg,
            limit: LONGEST_SIDE,
            width,
            height,
        })
    };
    let (width, height) = (side(width)?, side(height)?);
    if !photo.is_opaque() {
        return Err(Error::Transparent);
    }
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(sampling(photo));
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    encoder.set_progressive(photo.coding.is_some_and(|coding| coding.progressive));
    encoder.set_optimized_huffman_tables(true);
    let encoded = if photo.is_grey() {
        encoder.encode(&photo.pixels.to_luma8(), width, height, ColorType::Luma)
    } else {
        encoder.encode(&photo.pixels.to_rgb8(), width, height, ColorType::Rgb)
    };
    encoded.map_err(|error| Error::unwritable(Format::Jpeg, error))?;
    Ok(bytes)
}

fn sampling(photo: &Photo) -> SamplingFactor {
    let (horizontal, vertical) = photo.coding.map_or((1, 1), |coding| coding.sampling);
    SamplingFactor::from_factors(horizontal, vertical).unwrap_or(SamplingFactor::R_4_4_4)
}

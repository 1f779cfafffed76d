//! The encoders of HEVC and AV1: from pixels to files of their own.

use heifer::{EncodeOptions, Image, Metadata};
use image::DynamicImage;
use ravif::{BitDepth, Encoder, MatrixCoefficients, PixelRange};

use super::super::{Photo, error::Cause};

/// From 1, the most thorough, to 10; what more thorough ones gain takes longer than a cloak.
const SPEED: u8 = 7;

/// Encodes with HEVC: colour in half the resolution, as phones do.
pub(super) fn hevc(photo: &Photo, quality: u8) -> Result<Vec<u8>, Cause> {
    let options = EncodeOptions { quality, max_threads: 0 };
    let (width, height) = (photo.pixels.width(), photo.pixels.height());
    if photo.depth() > 8 {
        let (data, has_alpha) = (photo.pixels.to_rgba16().into_raw(), !photo.is_opaque());
        let image = Image { width, height, bit_depth: 16, has_alpha, data };
        return Ok(heifer::encode::encode_with_metadata(&image, &Metadata::default(), &options)?);
    }
    Ok(match &photo.pixels {
        DynamicImage::ImageRgb8(pixels) => heifer::encode_rgb8(width, height, pixels, &options)?,
        others => heifer::encode_rgba8(width, height, &others.to_rgba8(), &options)?,
    })
}

/// Encodes with AV1: colour in full resolution.
pub(super) fn av1(photo: &Photo, quality: u8) -> Result<Vec<u8>, Cause> {
    let deep = photo.depth() > 8;
    let encoder = Encoder::new()
        .with_quality(quality.into())
        .with_alpha_quality(quality.into())
        .with_speed(SPEED)
        .with_bit_depth(if deep { BitDepth::Ten } else { BitDepth::Eight });
    let (width, height) = (photo.width(), photo.height());
    let (range, matrix) = (PixelRange::Full, MatrixCoefficients::BT601);
    let alpha = !photo.is_opaque();
    let made = if deep {
        let pixels = photo.pixels.to_rgba16();
        let planes = pixels.pixels().map(|pixel| brightness_and_colour(pixel.0, 65_535.0, 1023.0));
        let alpha = alpha.then(|| pixels.pixels().map(|pixel| ten_bits(pixel.0[3])));
        encoder.encode_raw_planes_10_bit(width, height, planes, alpha, range, matrix)
    } else {
        let pixels = photo.pixels.to_rgba8();
        let planes = pixels.pixels().map(|pixel| brightness_and_colour(pixel.0, 255.0, 255.0));
        let alpha = alpha.then(|| pixels.pixels().map(|pixel| pixel.0[3]));
        let planes = planes.map(|samples| samples.map(|sample| sample as u8));
        encoder.encode_raw_planes_8_bit(width, height, planes, alpha, range, matrix)
    };
    Ok(made?.avif_file)
}

fn ten_bits(sample: u16) -> u16 {
    ((u32::from(sample) * 1023 + 32_767) / 65_535) as u16
}

/// Brightness and two differences of colour (ITU-R BT.601, full range), from red, green and blue.
fn brightness_and_colour<S: Copy + Into<f32>>([r, g, b, _]: [S; 4], most: f32, scale: f32) -> [u16; 3] {
    let [r, g, b] = [r, g, b].map(|sample| sample.into() * scale / most);
    let y = 0.299 * r + 0.587 * g + 0.114 * b;
    let middle = (scale / 2.0).round();
    let [blue, red] = [(b - y) / 1.772, (r - y) / 1.402].map(|difference| difference + middle);
    [y, blue, red].map(|sample| sample.round().clamp(0.0, scale) as u16)
}

//! What tests of the whole flow are made of: tiny networks, and photos for them.

pub(crate) mod models;
#[path = "../../network/tests/support/onnx.rs"]
#[expect(dead_code, reason = "the tests of hostile networks write what these networks do not need")]
pub(crate) mod onnx;

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// A picture with smooth and with textured parts, large enough for the face that the detector finds. Its green grows from
/// top to bottom and in no other way, by which the detector sees what is upright.
pub(crate) fn portrait(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| {
        let wave = ((x as f32 / 9.).sin() * (y as f32 / 7.).cos() * 40.) as i32;
        let grain = ((x * 7919 + y * 104_729) % 13) as i32;
        Rgb([120 + wave + grain, 100 + (y / 4) as i32, 90 - wave + (x / 4) as i32]
            .map(|v| v.clamp(0, 255) as u8))
    })
    .into()
}

/// A picture in which the detector finds nothing.
pub(crate) fn black() -> DynamicImage {
    RgbImage::new(160, 160).into()
}

/// A picture as a file.
pub(crate) fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(vec![]);
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A picture as a PNG file.
pub(crate) fn png(picture: &DynamicImage) -> Vec<u8> {
    file(picture, ImageFormat::Png)
}

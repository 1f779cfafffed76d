//! The pictures that files were made from, and how far another is from them.

use image::DynamicImage;
use image::metadata::Orientation;
use visard::photo::Photo;

use crate::rows::folder;

/// A picture that files were made from, turned.
pub(crate) fn picture(name: &str, turned: Orientation) -> DynamicImage {
    let mut picture = image::open(folder().join(format!("{name}.png"))).unwrap();
    picture.apply_orientation(turned);
    picture
}

/// Peak signal-to-noise ratio of what is seen, in dB, up to 99 for equal ones. Where there is transparency, only what
/// is half visible or more counts.
pub(crate) fn psnr(photo: &Photo, picture: &DynamicImage, alpha: bool) -> f64 {
    let size = (picture.width() as usize, picture.height() as usize);
    assert_eq!((photo.width(), photo.height()), size);
    let expected = picture.to_rgba16().into_raw();
    let seen = photo.rgb(photo.region());
    let mut errors = Vec::new();
    for (expected, seen) in expected.as_chunks::<4>().0.iter().zip(seen.as_chunks::<3>().0) {
        if !alpha || expected[3] >= 32_768 {
            errors.extend(
                expected.iter().zip(seen).map(|(a, b)| (f64::from(*a) / 257.0 - f64::from(*b)).powi(2)),
            );
        }
    }
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    (10.0 * (255.0 * 255.0 / mean).log10()).min(99.0)
}

//! Smaller copies of photos.

use image::imageops::FilterType;
use image::{DynamicImage, Rgba32FImage};

use super::Photo;

impl Photo {
    /// The photo with a longer side of at most so many pixels, by a Lanczos filter in the photo's own samples and depth; the
    /// photo itself where it is no larger.
    #[must_use]
    pub fn reduced(self, max_side: u32) -> Self {
        let [width, height] = [self.pixels.width(), self.pixels.height()];
        if width.max(height) <= max_side {
            return self;
        }
        let side = |side: u32| {
            let share = f64::from(side) / f64::from(width.max(height));
            ((f64::from(max_side) * share).round() as u32).max(1)
        };
        let (width, height) = (side(width), side(height));
        let small = |pixels: &DynamicImage| pixels.resize_exact(width, height, FilterType::Lanczos3);
        let pixels = if self.has_alpha() { through_alpha(&self.pixels, small) } else { small(&self.pixels) };
        Self { pixels, ..self }
    }
}

/// Resizes samples that are multiplied by their alpha, so that the colour of what cannot be seen does not show.
fn through_alpha(pixels: &DynamicImage, resize: impl Fn(&DynamicImage) -> DynamicImage) -> DynamicImage {
    let each = |mut pixels: Rgba32FImage, factor: fn(f32) -> f32| {
        for pixel in pixels.pixels_mut() {
            let [colour @ .., alpha] = &mut pixel.0;
            colour.iter_mut().for_each(|sample| *sample *= factor(*alpha));
        }
        DynamicImage::from(pixels)
    };
    let multiplied = each(pixels.to_rgba32f(), |alpha| alpha);
    let divided = each(resize(&multiplied).into_rgba32f(), |alpha| if alpha > 0. { 1. / alpha } else { 0. });
    match pixels {
        DynamicImage::ImageLumaA8(_) => divided.into_luma_alpha8().into(),
        DynamicImage::ImageLumaA16(_) => divided.into_luma_alpha16().into(),
        DynamicImage::ImageRgba16(_) => divided.into_rgba16().into(),
        _ => divided.into_rgba8().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, metadata::Metadata};
    use super::*;

    fn photo(pixels: impl Into<DynamicImage>) -> Photo {
        let metadata = Metadata::default();
        let format = Format::Png;
        Photo { pixels: pixels.into(), format, metadata, coding: None, lossy_webp: false, view: None }
    }

    #[test]
    fn the_longer_side_is_as_long_as_asked_for_and_the_shape_stays() {
        let grey = image::ImageBuffer::from_pixel(300, 200, image::Luma([40_000u16]));
        let reduced = photo(grey.clone()).reduced(100);
        assert_eq!((reduced.width(), reduced.height(), reduced.depth()), (100, 67, 16));
        assert!(
            matches!(&reduced.pixels, DynamicImage::ImageLuma16(p) if p.pixels().all(|p| p.0[0] == 40_000))
        );
        let tall = image::ImageBuffer::from_pixel(1, 3000, image::Luma([7u8]));
        assert_eq!(photo(tall).reduced(100).region().height, 100);
        let same = photo(grey).reduced(300);
        assert_eq!((same.width(), same.height()), (300, 200));
    }

    #[test]
    fn colour_that_cannot_be_seen_does_not_show() {
        // Red that is whole beside green that is not there.
        let half = |x, _| if x < 50 { image::Rgba([255, 0, 0, 255]) } else { image::Rgba([0, 255, 0, 0]) };
        let reduced = photo(image::RgbaImage::from_fn(100, 10, half)).reduced(10);
        let DynamicImage::ImageRgba8(pixels) = &reduced.pixels else {
            panic!("{:?}", reduced.pixels.color())
        };
        for pixel in pixels.pixels().filter(|pixel| pixel.0[3] > 0) {
            assert_eq!(pixel.0[..3], [255, 0, 0]);
        }
        assert!(
            pixels.pixels().any(|pixel| pixel.0[3] == 0) && pixels.pixels().any(|pixel| pixel.0[3] == 255)
        );
    }
}

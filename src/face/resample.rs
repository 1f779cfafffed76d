//! Shrinking parts of photos with a proper low-pass, in bounded memory.

use candle_core::{Error, Result};
use fast_image_resize::images::TypedImage;
use fast_image_resize::pixels::F32x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use rayon::prelude::*;

use super::Rectangle;
use crate::photo::{Photo, Region};

/// Rows of the result that are made at a time, at most.
const STRIP: usize = 64;
/// Pixels of the photo that a strip is made of, about: they are held as `f32`.
const SOURCE: f32 = 5e5;

/// Shrinks `part` of a photo (in pixels, edges at whole numbers, inside the photo) to
/// `[height, width]` pixels.
///
/// # Shapes
/// - returns: `height * width * 3`, interleaved RGB, `0.0..=255.0`
pub fn shrink(photo: &Photo, part: Rectangle, [height, width]: [usize; 2]) -> Result<Vec<f32>> {
    let factor = part.height / height as f32;
    let strip_rows = ((SOURCE / (part.width * factor)) as usize).clamp(1, STRIP);
    let mut result = vec![0f32; height * width * 3];
    result.par_chunks_mut(strip_rows * width * 3).enumerate().try_for_each(|(i, strip)| {
        let rows = strip.len() / (width * 3);
        let top = part.y + (i * strip_rows) as f32 * factor;
        let source = Rectangle { y: top, height: rows as f32 * factor, ..part };
        resize(photo, source, [rows, width], strip)
    })?;
    Ok(result)
}

fn resize(photo: &Photo, part: Rectangle, [height, width]: [usize; 2], result: &mut [f32]) -> Result<()> {
    // The filter reaches one result pixel beyond each edge.
    let reach =
        [part.width / width as f32, part.height / height as f32].map(|f| f.max(1.).ceil() as usize + 1);
    let span = |start: f32, length: f32, reach: usize, limit: usize| {
        let first = (start.max(0.) as usize).saturating_sub(reach).min(limit - 1);
        let last = ((start + length).ceil().max(0.) as usize + reach).clamp(first + 1, limit);
        (first, last - first)
    };
    let (x, columns) = span(part.x, part.width, reach[0], photo.width());
    let (y, rows) = span(part.y, part.height, reach[1], photo.height());
    let region = Region { x, y, width: columns, height: rows };
    let pixels = photo.rgb(region).as_chunks().0.iter().map(|&pixel| F32x3::new(pixel)).collect();
    let crop = (f64::from(part.x) - x as f64, f64::from(part.y) - y as f64);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).crop(
        crop.0.max(0.),
        crop.1.max(0.),
        f64::from(part.width).min(columns as f64 - crop.0),
        f64::from(part.height).min(rows as f64 - crop.1),
    );
    // The typed call compiles one kind of pixel; the dynamic one all fourteen, in minutes.
    let source =
        TypedImage::<F32x3>::from_pixels(columns as u32, rows as u32, pixels).map_err(Error::wrap)?;
    let mut target = TypedImage::new(width as u32, height as u32);
    Resizer::new().resize_typed(&source, &mut target, &options).map_err(Error::wrap)?;
    for (values, pixel) in result.as_chunks_mut().0.iter_mut().zip(target.pixels()) {
        *values = pixel.0;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkerboard_shrinks_to_its_mean() {
        let samples =
            (0..40 * 40).flat_map(|i| [if (i / 40 + i % 40) % 2 == 0 { 255 } else { 0 }; 3]).collect();
        let photo = Photo::from_rgb(40, 40, samples).unwrap();
        let whole = Rectangle { x: 0., y: 0., width: 40., height: 40. };
        let small = shrink(&photo, whole, [5, 5]).unwrap();
        assert!(small.iter().all(|v| (v - 127.5).abs() < 4.), "{small:?}");
    }

    #[test]
    fn an_unchanged_size_gives_the_pixels_themselves() {
        let samples: Vec<u8> = (0..7 * 5 * 3).map(|i| (i * 2) as u8).collect();
        let photo = Photo::from_rgb(7, 5, samples.clone()).unwrap();
        let part = Rectangle { x: 2., y: 1., width: 4., height: 3. };
        let copy = shrink(&photo, part, [3, 4]).unwrap();
        assert!((copy[0] - f32::from(samples[(7 + 2) * 3])).abs() < 1e-4);
    }

    #[test]
    fn strips_join_without_a_seam() {
        // A vertical ramp of 400 rows shrinks to 200: every step between rows must be the same.
        let samples = (0..400 * 2).flat_map(|i| [(i / 2 * 255 / 400) as u8; 3]).collect();
        let photo = Photo::from_rgb(2, 400, samples).unwrap();
        let small = shrink(&photo, Rectangle { x: 0., y: 0., width: 2., height: 400. }, [200, 1]).unwrap();
        let steps: Vec<f32> = (10..190).map(|row| small[(row + 1) * 3] - small[row * 3]).collect();
        assert!(steps.iter().all(|s| (0.5..2.1).contains(s)), "{steps:?}");
    }
}

//! What can be seen of a change, by the measures of the field.

use candle_core::{Device, Tensor};
use palette::color_difference::Ciede2000 as _;
use palette::{IntoColor as _, Lab, Srgb};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::cloak::{Difference, covered, dssim, measure};
use crate::face::Face;
use crate::network::{Error, Result};
use crate::photo::{Photo, Region};

/// How a photo, or a face of it, differs from the original.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Structural dissimilarity of luma, `(1 - SSIM) / 2`: of a face as [`measure`] has it, on its
    /// grid; of a photo the mean over its pixels.
    pub dssim: f32,
    /// Structural similarity, `1 - 2 * dssim`.
    pub ssim: f32,
    /// Peak signal-to-noise ratio of RGB in dB; none without a change.
    pub psnr: Option<f32>,
    /// [SSIMULACRA 2](https://github.com/cloudinary/ssimulacra2): 100 without a change, 90 hard to
    /// tell apart, 70 high quality; none where a side is below 8 pixels.
    pub ssimulacra2: Option<f32>,
    /// [Butteraugli](https://github.com/libjxl/libjxl), the largest of its map: 0 without a change, 1 hardly noticed, 2
    /// noticed; none where a side is below 8 pixels.
    pub butteraugli: Option<f32>,
    /// Mean colour difference, [CIEDE2000](https://doi.org/10.1002/col.20070); 1 is just noticeable
    /// on large patches.
    pub colour_mean: f32,
    /// Largest colour difference of a pixel, CIEDE2000.
    pub colour_largest: f32,
    /// Largest change of a sample in units of 1/255.
    pub largest_change: f32,
}

impl Quality {
    /// Of the whole photo.
    ///
    /// # Errors
    /// Where the photos differ in size.
    pub fn of_photo(original: &Photo, changed: &Photo) -> Result<Self> {
        same_size(original, changed)?;
        let region = original.region();
        let dssim = dssim(&picture(original, region)?, &picture(changed, region)?)?;
        let measured = (dssim, Difference::of_part(original, changed, region));
        Ok(Self::within(original, changed, region, measured))
    }

    /// Of the pixels in a face's box, or `None` where it lies outside the photo.
    ///
    /// # Errors
    /// Where the photos differ in size.
    pub fn of_face(original: &Photo, changed: &Photo, face: &Face) -> Result<Option<Self>> {
        let seen = measure(original, changed, face)?;
        let region = covered(&face.bounds, original);
        let measured = (seen.visibility.dssim, Difference::of_face(original, changed, face));
        Ok(region.map(|region| Self::within(original, changed, region, measured)))
    }

    fn within(
        original: &Photo,
        changed: &Photo,
        region: Region,
        (dssim, difference): (f32, Difference),
    ) -> Self {
        let (a, b) = (original.rgb(region), changed.rgb(region));
        let differences: Vec<f32> = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).collect();
        let square = differences.iter().map(|d| f64::from(d * d)).sum::<f64>() / differences.len() as f64;
        let colours = colours(&a, &b);
        Self {
            dssim,
            ssim: 1. - 2. * dssim,
            psnr: (square > 0.).then(|| (10. * (255f64.powi(2) / square).log10()) as f32),
            ssimulacra2: difference.ssimulacra2,
            butteraugli: difference.butteraugli,
            colour_mean: (colours.iter().map(|&d| f64::from(d)).sum::<f64>() / colours.len() as f64) as f32,
            colour_largest: colours.iter().fold(0., |most, d| most.max(*d)),
            largest_change: differences.iter().fold(0., |most, d| most.max(*d)),
        }
    }
}

fn same_size(a: &Photo, b: &Photo) -> Result<()> {
    if (a.width(), a.height()) == (b.width(), b.height()) {
        return Ok(());
    }
    Err(Error::Usage("photos of different sizes cannot be compared".into()))
}

/// A part of a photo as `(3, height, width)`, `0.0..=1.0`.
fn picture(photo: &Photo, region: Region) -> candle_core::Result<Tensor> {
    let pixels = Tensor::from_vec(photo.rgb(region), (region.height, region.width, 3), &Device::Cpu)?;
    pixels.permute((2, 0, 1))?.contiguous()?.affine(1. / 255., 0.)
}

/// CIEDE2000 of each pixel.
fn colours(a: &[f32], b: &[f32]) -> Vec<f32> {
    let lab = |rgb: &[f32; 3]| -> Lab { Srgb::from(rgb.map(|v| v / 255.)).into_color() };
    a.as_chunks().0.par_iter().zip(b.as_chunks().0).map(|(a, b)| lab(a).difference(lab(b))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(levels: impl Fn(usize) -> u8) -> Photo {
        Photo::from_rgb(32, 32, (0..32 * 32 * 3).map(|i| levels(i / 3)).collect()).unwrap()
    }

    #[test]
    fn a_photo_does_not_differ_from_itself() {
        let photo = grey(|i| (i % 251) as u8);
        let found = Quality::of_photo(&photo, &photo).unwrap();
        assert!(found.dssim.abs() < 1e-6 && found.largest_change.abs() < 1e-6 && found.psnr.is_none());
        assert!((found.ssimulacra2.unwrap() - 100.).abs() < 1e-3, "{found:?}");
        assert_eq!(found.butteraugli, Some(0.));
        assert!(found.colour_mean.abs() < 1e-6 && found.colour_largest.abs() < 1e-6);
    }

    #[test]
    fn one_level_everywhere_is_48_decibels() {
        let found = Quality::of_photo(&grey(|_| 100), &grey(|_| 101)).unwrap();
        // 20 log10(255) = 48.1308.
        assert!((found.psnr.unwrap() - 48.1308).abs() < 1e-3, "{found:?}");
        assert!((found.largest_change - 1.).abs() < 1e-4);
    }

    #[test]
    fn black_and_white_are_100_apart_and_one_pixel_of_them_shows_in_the_largest() {
        let found = Quality::of_photo(&grey(|_| 0), &grey(|i| if i == 40 { 255 } else { 0 })).unwrap();
        assert!((found.colour_largest - 100.).abs() < 1e-2, "{found:?}");
        assert!((found.colour_mean - 100. / 1024.).abs() < 1e-4);
    }

    #[test]
    fn colour_differences_are_those_that_were_published() {
        // Pairs 1, 7 and 17 of Sharma, Wu and Dalal 2005.
        let pairs = [
            ([50., 2.6772, -79.7751], [50., 0., -82.7485], 2.0425),
            ([50., 0., 0.], [50., -1., 2.], 2.3669),
            ([50., 2.5, 0.], [73., 25., -18.], 27.1492),
        ];
        for (a, b, expected) in pairs {
            let [a, b] = [a, b].map(|[l, a, b]: [f32; 3]| <Lab>::new(l, a, b));
            assert!((a.difference(b) - expected).abs() < 1e-4, "{}", a.difference(b));
        }
    }

    #[test]
    fn noise_lowers_every_score() {
        let noisy = |amount: i32| {
            grey(move |i| {
                (128 + (i % 32) as i32 + amount * ((i * 7919 % 13) as i32 - 6) / 6).clamp(0, 255) as u8
            })
        };
        let [little, much] = [3, 20].map(|n| Quality::of_photo(&noisy(0), &noisy(n)).unwrap());
        assert!(little.ssimulacra2.unwrap() > much.ssimulacra2.unwrap() + 5., "{little:?} {much:?}");
        assert!(little.butteraugli < much.butteraugli, "{little:?} {much:?}");
        assert!(little.dssim < much.dssim && little.psnr > much.psnr);
        assert!(little.colour_mean < much.colour_mean);
    }

    #[test]
    fn photos_of_different_sizes_are_refused() {
        let small = Photo::from_rgb(31, 32, vec![0; 31 * 32 * 3]).unwrap();
        assert!(Quality::of_photo(&grey(|_| 0), &small).is_err());
    }
}

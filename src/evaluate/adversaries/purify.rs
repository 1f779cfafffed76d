//! Cleaning of crops before they are embedded.

use candle_core::Tensor;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::variation::smooth;
use crate::cloak::{convolve, gaussian, jpeg};
use crate::network::Result;

/// A way to clean a face that needs no knowledge of cloaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purifier {
    /// JPEG at quality 50, without chroma subsampling.
    Jpeg50,
    /// Gaussian blur with a standard deviation of 1 pixel.
    Blur,
    /// Median of 3 x 3 pixels in each channel.
    Median,
    /// Total variation with weight 0.04 in each channel.
    TotalVariation,
}

impl Purifier {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Jpeg50, Self::Blur, Self::Median, Self::TotalVariation];

    /// The name, as in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg50 => "jpeg-50",
            Self::Blur => "blur",
            Self::Median => "median",
            Self::TotalVariation => "total-variation",
        }
    }

    /// Cleans aligned crops.
    ///
    /// # Shapes
    /// - `crops`: `(batch, 3, 112, 112)`, `f32`, RGB in `0.0..=1.0`; returns the same
    pub fn purify(self, crops: &Tensor) -> Result<Tensor> {
        Ok(match self {
            Self::Jpeg50 => {
                let cleaned = (0..crops.dim(0)?).map(|i| jpeg(&crops.get(i)?, 50));
                Tensor::stack(&cleaned.collect::<candle_core::Result<Vec<_>>>()?, 0)?
            }
            Self::Blur => {
                let kernel = gaussian(1., 3);
                // Outside the crop is nothing: a mean over what is inside.
                let inside = convolve(&crops.ones_like()?, &kernel)?;
                (convolve(crops, &kernel)? / inside)?
            }
            Self::Median => each_plane(crops, median)?,
            Self::TotalVariation => each_plane(crops, |plane, width| smooth(plane, width, 0.04))?,
        })
    }
}

/// Changes every plane of a block of pictures; the function is given the plane and its width.
fn each_plane(crops: &Tensor, change: impl Fn(&[f32], usize) -> Vec<f32> + Sync) -> Result<Tensor> {
    let (_, _, height, width) = crops.dims4()?;
    let samples = crops.flatten_all()?.to_vec1::<f32>()?;
    let changed: Vec<Vec<f32>> =
        samples.par_chunks(height * width).map(|plane| change(plane, width)).collect();
    Ok(Tensor::from_vec(changed.concat(), crops.shape(), crops.device())?)
}

/// The median of the 3 x 3 pixels around each; the outermost are repeated.
fn median(plane: &[f32], width: usize) -> Vec<f32> {
    let height = plane.len() / width;
    let near = |i: usize, limit: usize| [i.saturating_sub(1), i, (i + 1).min(limit - 1)];
    let value = |i: usize| {
        let (rows, columns) = (near(i / width, height), near(i % width, width));
        let mut window: [f32; 9] = std::array::from_fn(|k| plane[rows[k / 3] * width + columns[k % 3]]);
        window.sort_by(f32::total_cmp);
        window[4]
    };
    (0..plane.len()).map(value).collect()
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn square(value: impl Fn(usize) -> f32) -> Tensor {
        Tensor::from_vec((0..3 * 256).map(value).collect(), (1, 3, 16, 16), &Device::Cpu).unwrap()
    }

    #[test]
    fn the_median_of_a_tiny_picture_is_what_one_sees() {
        let found = median(&[1., 2., 3., 9., 5., 6., 7., 8., 4.], 3);
        assert!((found[4] - 5.).abs() < 1e-6);
        // The upper left corner sees 1 1 2, 1 1 2 and 9 9 5.
        assert!((found[0] - 2.).abs() < 1e-6);
    }

    #[test]
    fn a_lonely_pixel_is_gone_after_the_median_and_fainter_after_the_others() {
        let spot = square(|i| if i % 256 == 8 * 16 + 8 { 0.6 } else { 0.5 });
        for purifier in Purifier::ALL {
            let values = purifier.purify(&spot).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let left = values[256 + 8 * 16 + 8];
            let limit = if purifier == Purifier::Median { 0.5 + 1e-6 } else { 0.57 };
            assert!((0.49..limit).contains(&left), "{purifier:?}: {left}");
        }
    }

    #[test]
    fn a_flat_crop_stays_flat_up_to_its_edge() {
        let flat = square(|_| 128. / 255.);
        for purifier in Purifier::ALL {
            let values = purifier.purify(&flat).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
            assert!(values.iter().all(|v| (v - 128. / 255.).abs() < 1e-3), "{purifier:?}");
        }
    }
}

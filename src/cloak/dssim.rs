//! Structural dissimilarity, `(1 - SSIM) / 2` of luma.

use std::sync::Arc;

use candle_core::{Result, Tensor};

use super::found::{Found, sum};
use super::planes::{LUMA, mixed, numbers_of, unmixed};
use super::ssim::{Changed, Original, Place, Slopes};

/// The stabilising constants of SSIM for values in 0..1.
const C1: f32 = 0.01 * 0.01;
const C2: f32 = 0.03 * 0.03;

/// The luma of the original.
pub(super) struct Side {
    luma: Original,
    /// Weight of each cell in the mean over the face; sums to 1.
    face: Vec<f32>,
}

impl Side {
    pub(super) fn new(picture: &[f32], width: usize, face: Vec<f32>) -> Self {
        Self { luma: Original::new(mixed(picture, LUMA), width), face }
    }

    /// Every cell counts the same.
    pub(super) fn even(picture: &[f32], width: usize) -> Self {
        let cells = picture.len() / 3;
        Self::new(picture, width, vec![1. / cells as f32; cells])
    }

    /// Mean structural dissimilarity of `picture` over the face.
    ///
    /// SSIM with an 11 x 11 Gaussian window,
    /// [Wang et al. 2004](https://doi.org/10.1109/TIP.2003.819861).
    pub(super) fn dssim(self: &Arc<Self>, picture: &[f32]) -> Found {
        let changed = self.luma.beside(mixed(picture, LUMA));
        let lost =
            |(at, weight): (usize, &f32)| weight * (1. - Ssim::at(self.luma.place(&changed, at)).value());
        let value = 0.5 * sum(self.face.iter().enumerate().map(lost));
        let side = self.clone();
        Found::new(value, move || unmixed(&side.slope(&changed), LUMA))
    }

    fn slope(&self, changed: &Changed) -> Vec<f32> {
        let mut slopes = Slopes::none(self.face.len());
        for (at, weight) in self.face.iter().enumerate().filter(|(_, weight)| **weight != 0.) {
            let slope = Ssim::at(self.luma.place(changed, at)).slope();
            [slopes.mean[at], slopes.square[at], slopes.product[at]] =
                slope.map(|slope| -0.5 * weight * slope);
        }
        self.luma.slope(changed, &slopes)
    }
}

/// Structural similarity at one place: the two factors above and the two below the line.
struct Ssim {
    means: [f32; 2],
    above: [f32; 2],
    below: [f32; 2],
}

impl Ssim {
    fn at(place: Place) -> Self {
        let Place { means, variances, covariance } = place;
        let [a, b] = means;
        let above = [2. * a * b + C1, 2. * covariance + C2];
        Self { means, above, below: [a * a + b * b + C1, variances + C2] }
    }

    fn value(&self) -> f32 {
        self.above[0] * self.above[1] / (self.below[0] * self.below[1])
    }

    /// By how much it grows with the changed plane's mean, mean square and mean product.
    fn slope(&self) -> [f32; 3] {
        let ([a, b], [light, structure], [lights, structures]) = (self.means, self.above, self.below);
        let (all, ssim) = (lights * structures, self.value());
        let by_mean = 2. * (a * (structure - light) - ssim * b * (structures - lights)) / all;
        [by_mean, -ssim / structures, 2. * light / all]
    }
}

/// Mean structural dissimilarity of two pictures, `0.0..=1.0`; 0 where they are equal.
///
/// # Shapes
/// - both: `(3, height, width)`, `0.0..=1.0`
pub fn dssim(a: &Tensor, b: &Tensor) -> Result<f32> {
    let (_, _, width) = a.dims3()?;
    Ok(Arc::new(Side::even(&numbers_of(a)?, width)).dssim(&numbers_of(b)?).value)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn flat(value: f32) -> Result<Tensor> {
        Tensor::full(value, (3, 40, 40), &Device::Cpu)
    }

    /// All weight on the middle, where the window sees no edge.
    fn middle() -> Vec<f32> {
        (0..1600).map(|i| if i == 20 * 40 + 20 { 1. } else { 0. }).collect()
    }

    #[test]
    fn equal_pictures_have_no_dissimilarity() -> Result<()> {
        assert!(dssim(&flat(0.3)?, &flat(0.3)?)?.abs() < 1e-6);
        Ok(())
    }

    #[test]
    fn ssim_of_flat_pictures_is_their_luminance_term() -> Result<()> {
        // (2 * 0.5 * 0.7 + 0.0001) / (0.25 + 0.49 + 0.0001) = 0.945953 -> dissimilarity 0.027023.
        let side = Arc::new(Side::new(&numbers_of(&flat(0.5)?)?, 40, middle()));
        let found = side.dssim(&numbers_of(&flat(0.7)?)?).value;
        assert!((found - 0.027_023).abs() < 1e-4, "{found}");
        Ok(())
    }
}

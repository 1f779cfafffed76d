//! How visible a change is: structural dissimilarity, largest change, colour.

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::clamp::clamp;
use super::convolve::{convolve, gaussian};
use super::perception::Perception;
use super::preset::Budget;
use super::score::distance_of;
use crate::face::{Warp, warp};
use crate::numbers;

/// What can be seen of a cloak, measured on its grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Visibility {
    /// Mean structural dissimilarity of the face, `(1 - SSIM) / 2` of luma.
    #[serde(deserialize_with = "numbers::or_none")]
    pub dssim: f32,
    /// The same of the aligned crop of 112 x 112 pixels: as a large face is seen from afar.
    #[serde(deserialize_with = "numbers::or_none")]
    pub dssim_afar: f32,
    /// Largest change of a sample, in units of 1/255.
    #[serde(deserialize_with = "numbers::or_none")]
    pub largest_change: f32,
    /// Root mean square of the change of colour (Cb and Cr) over the face, in units of 1/255.
    #[serde(deserialize_with = "numbers::or_none")]
    pub chroma: f32,
}

impl Visibility {
    /// The dissimilarity that a limit is compared with: from near or from afar, whichever is more.
    pub fn counted(&self) -> f32 {
        self.dssim.max(self.dssim_afar)
    }
}

/// Red, green and blue in luma, [ITU-R BT.601](https://www.itu.int/rec/R-REC-BT.601).
const LUMA: [f64; 3] = [0.299, 0.587, 0.114];
/// What is left of colour after a Gaussian of this standard deviation is broad; a share of the grid's width.
const BROAD_SIGMA: f32 = 0.03;
/// The stabilising constants of SSIM for values in 0..1.
const C1: f64 = 0.01 * 0.01;
const C2: f64 = 0.03 * 0.03;

/// Luma of a picture.
///
/// # Shapes
/// - `picture`: `(3, height, width)`; returns `(height, width)`
pub(super) fn luma(picture: &Tensor) -> Result<Tensor> {
    let channel = |i: usize| picture.get(i)? * LUMA[i];
    (channel(0)? + channel(1)?)? + channel(2)?
}

/// Blue and red difference (Cb, Cr) of a change.
///
/// # Shapes
/// - `change`: `(3, height, width)`; returns `(2, height, width)`
pub(super) fn chroma(change: &Tensor) -> Result<Tensor> {
    let y = luma(change)?;
    let blue = ((change.get(2)? - &y)? * 0.564)?;
    let red = ((change.get(0)? - &y)? * 0.713)?;
    Tensor::stack(&[blue, red], 0)
}

/// What a change is measured against: the original face from near, on its grid, and from afar, as the aligned crop.
///
/// The window of SSIM is 11 cells wide: on the grid of a large face it is blind to changes that are wide and soft, which
/// show as bruises. On the aligned crop the same window covers a tenth of any face.
pub(crate) struct Structure {
    near: Side,
    afar: Side,
    crop: Warp,
    perception: Perception,
    /// Leaves the broad part of a change.
    broad: Vec<f32>,
}

impl Structure {
    /// # Shapes
    /// - `picture`: `(3, height, width)`, `0.0..=1.0`
    /// - `face`: `(height, width)`, weights that sum to 1
    pub(super) fn new(picture: &Tensor, face: Tensor, crop: Warp, perception: Perception) -> Result<Self> {
        let [height, width] = crop.size;
        let even = Tensor::full(1. / (height * width) as f32, (height, width), picture.device())?;
        let (near, afar) = (Side::new(picture, face)?, Side::new(&warp(picture, crop)?, even)?);
        let sigma = BROAD_SIGMA * picture.dim(2)? as f32;
        let broad = gaussian(sigma, (2.5 * sigma).ceil() as usize);
        Ok(Self { near, afar, crop, perception, broad })
    }

    /// Mean structural dissimilarity of `picture` from near and from afar; differentiable.
    fn dssims(&self, picture: &Tensor) -> Result<[Tensor; 2]> {
        Ok([self.near.dssim(picture)?, self.afar.dssim(&warp(picture, self.crop)?)?])
    }

    /// [`Visibility::counted`] of `picture`; differentiable.
    pub(crate) fn counted(&self, picture: &Tensor) -> Result<Tensor> {
        let [near, afar] = self.dssims(picture)?;
        near.maximum(&afar)
    }

    /// The share of the limits that `picture` uses, of that on DSSIM or on SSIMULACRA 2, whichever is more; differentiable.
    pub(crate) fn used(&self, picture: &Tensor, budget: &Budget) -> Result<Tensor> {
        let used = (self.counted(picture)? / f64::from(budget.dssim))?;
        let Some(least) = budget.ssimulacra2 else { return Ok(used) };
        used.maximum(&(self.perception.distance(picture)? / f64::from(distance_of(least)))?)
    }

    /// The share of the limits on colour that `change` uses, squared: of all, or of what is broad; differentiable.
    pub(crate) fn colour(&self, change: &Tensor, budget: &Budget) -> Result<Tensor> {
        let all = chroma(change)?;
        let used =
            |colour: &Tensor, limit: f32| self.mean_square(colour)? / (f64::from(limit) / 255.).powi(2);
        used(&all, budget.chroma)?.maximum(&used(&convolve(&all, &self.broad)?, budget.broad_chroma)?)
    }

    /// Mean square over the face; differentiable.
    fn mean_square(&self, colour: &Tensor) -> Result<Tensor> {
        colour.sqr()?.sum(0)?.mul(&self.near.face)?.sum_all()
    }

    /// Everything that can be seen of `change`, a change of `picture`.
    pub(crate) fn visibility(&self, picture: &Tensor, change: &Tensor) -> Result<Visibility> {
        let [near, afar] = self.dssims(&clamp(&(picture + change)?, 0., 1.)?)?;
        Ok(Visibility {
            dssim: near.to_scalar()?,
            dssim_afar: afar.to_scalar()?,
            largest_change: change.abs()?.max_all()?.to_scalar::<f32>()? * 255.,
            chroma: self.mean_square(&chroma(change)?)?.to_scalar::<f32>()?.sqrt() * 255.,
        })
    }
}

/// The original's half of SSIM, computed once.
struct Side {
    luma: Tensor,
    mean: Tensor,
    variance: Tensor,
    kernel: Vec<f32>,
    /// Weight of each cell in the mean over the face; sums to 1.
    face: Tensor,
}

impl Side {
    fn new(picture: &Tensor, face: Tensor) -> Result<Self> {
        let kernel = gaussian(1.5, 5);
        let luma = luma(picture)?;
        let mean = convolve(&luma, &kernel)?;
        let variance = (convolve(&luma.sqr()?, &kernel)? - mean.sqr()?)?;
        Ok(Self { luma, mean, variance, kernel, face })
    }

    /// Mean structural dissimilarity of `picture` over the face; differentiable.
    ///
    /// SSIM with an 11 x 11 Gaussian window,
    /// [Wang et al. 2004](https://doi.org/10.1109/TIP.2003.819861).
    fn dssim(&self, picture: &Tensor) -> Result<Tensor> {
        let luma = luma(picture)?;
        let filtered = Tensor::stack(&[luma.clone(), luma.sqr()?, (&luma * &self.luma)?], 0)?;
        let filtered = convolve(&filtered, &self.kernel)?;
        let (mean, square, product) = (filtered.get(0)?, filtered.get(1)?, filtered.get(2)?);
        let means = (&self.mean * &mean)?;
        let covariance = (product - &means)?;
        let variance = (square - mean.sqr()?)?;
        let above = (means.affine(2., C1)? * covariance.affine(2., C2)?)?;
        let below = (((self.mean.sqr()? + mean.sqr()?)? + C1)? * ((&self.variance + variance)? + C2)?)?;
        let ssim = ((above / below)? * &self.face)?.sum_all()?;
        ssim.affine(-0.5, 0.5)
    }
}

/// Mean structural dissimilarity of two pictures, `0.0..=1.0`; 0 where they are equal.
///
/// # Shapes
/// - both: `(3, height, width)`, `0.0..=1.0`
pub fn dssim(a: &Tensor, b: &Tensor) -> Result<f32> {
    let (_, height, width) = a.dims3()?;
    let even = Tensor::full(1. / (height * width) as f32, (height, width), a.device())?;
    Side::new(a, even)?.dssim(b)?.to_scalar()
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::cloak::perception::Part;
    use crate::face::{CROP, Similarity};

    fn flat(value: f32) -> Result<Tensor> {
        Tensor::full(value, (3, 40, 40), &Device::Cpu)
    }

    /// All weight on the middle, where the window sees no edge.
    fn middle() -> Result<Tensor> {
        let weights = (0..1600).map(|i| if i == 20 * 40 + 20 { 1f32 } else { 0. }).collect::<Vec<_>>();
        Tensor::from_vec(weights, (40, 40), &Device::Cpu)
    }

    #[test]
    fn equal_pictures_have_no_dissimilarity() -> Result<()> {
        assert!(dssim(&flat(0.3)?, &flat(0.3)?)?.abs() < 1e-6);
        Ok(())
    }

    #[test]
    fn ssim_of_flat_pictures_is_their_luminance_term() -> Result<()> {
        // (2 * 0.5 * 0.7 + 0.0001) / (0.25 + 0.49 + 0.0001) = 0.945953 -> dissimilarity 0.027023.
        let found = Side::new(&flat(0.5)?, middle()?)?.dssim(&flat(0.7)?)?.to_scalar::<f32>()?;
        assert!((found - 0.027_023).abs() < 1e-4, "{found}");
        Ok(())
    }

    /// A textured face on a grid of `side` cells, and a wide, soft darkening of its middle.
    fn bruised(side: usize) -> Result<(Tensor, Tensor)> {
        let value = |x: usize, y: usize, bruise: f32| {
            let [u, v] = [x, y].map(|i| (i as f32 + 0.5) / side as f32 - 0.5);
            let depth = bruise * (-(u * u + v * v) * 60.).exp();
            0.5 + 0.02 * (40. * u).sin() * (40. * v).cos() - depth
        };
        let picture = |bruise: f32| -> Result<Tensor> {
            let cells: Vec<f32> = (0..side * side).map(|i| value(i % side, i / side, bruise)).collect();
            Tensor::from_vec(cells, (1, side, side), &Device::Cpu)?.repeat((3, 1, 1))
        };
        Ok((picture(0.)?, picture(0.08)?))
    }

    #[test]
    fn a_bruise_of_a_large_face_counts_as_much_as_that_of_a_small_one() -> Result<()> {
        let seen = |side: usize| -> Result<[f32; 2]> {
            let (before, after) = bruised(side)?;
            let even = Tensor::full(1. / (side * side) as f32, (side, side), &Device::Cpu)?;
            let scale = side as f32 / CROP as f32;
            let stay = Similarity { a: scale, b: 0., dx: (scale - 1.) / 2., dy: (scale - 1.) / 2. };
            let whole = Part { top: 0, height: side, left: 0, width: side };
            let perception = Perception::new(&before, whole, 1.)?;
            let structure = Structure::new(&before, even, Warp::new(stay, [CROP, CROP]), perception)?;
            Ok([structure.near.dssim(&after)?.to_scalar()?, structure.counted(&after)?.to_scalar()?])
        };
        let ([small, same], [large, counted]) = (seen(CROP)?, seen(4 * CROP)?);
        assert!((small - same).abs() < 1e-6, "a small face is seen from near: {small} {same}");
        assert!(large < 0.5 * small, "from near the bruise hardly counts: {large} of {small}");
        assert!((counted - small).abs() < 0.05 * small, "{counted}, {small}");
        Ok(())
    }

    /// A flat grey face on a grid of 120 cells that is all of it.
    fn plain() -> Result<Structure> {
        let picture = Tensor::full(0.5f32, (3, 120, 120), &Device::Cpu)?;
        let even = Tensor::full(1f32 / (120. * 120.), (120, 120), &Device::Cpu)?;
        let scale = 120. / CROP as f32;
        let stay = Similarity { a: scale, b: 0., dx: (scale - 1.) / 2., dy: (scale - 1.) / 2. };
        let whole = Part { top: 0, height: 120, left: 0, width: 120 };
        let perception = Perception::new(&picture, whole, 1.)?;
        Structure::new(&picture, even, Warp::new(stay, [CROP, CROP]), perception)
    }

    #[test]
    fn fine_colour_and_patches_have_limits_of_their_own() -> Result<()> {
        let structure = plain()?;
        let (chroma, broad_chroma) = (1., 1. / 3.);
        let budget = Budget { ssimulacra2: None, dssim: 1., largest_change: 255., chroma, broad_chroma };
        // Red and cyan in turn, in squares of so many cells.
        let squares = |size: usize| -> Result<Tensor> {
            let sign =
                |i: usize| if (i % 120 / size + i / 120 / size).is_multiple_of(2) { 1f32 } else { -1. };
            let planes =
                [0.701f32, -0.299, -0.299].map(|part| (0..14_400).map(move |i| part * sign(i) / 255.));
            Tensor::from_vec(planes.into_iter().flatten().collect(), (3, 120, 120), &Device::Cpu)
        };
        // One level of red without a change of luma: Cr is 0.5, Cb -0.169.
        let whole = 0.5f32.powi(2) + 0.169f32.powi(2);
        // The edges of large squares and of the grid take a fifth.
        for (size, expected) in [(1, whole), (60, 9. * whole * 0.8)] {
            let used = structure.colour(&squares(size)?, &budget)?.to_scalar::<f32>()?;
            assert!((used / expected - 1.).abs() < 0.03, "{size}: {used} instead of {expected}");
        }
        Ok(())
    }

    #[test]
    fn a_grey_change_has_no_chroma_and_a_blue_one_has() -> Result<()> {
        assert!(chroma(&flat(0.1)?)?.abs()?.max_all()?.to_scalar::<f32>()? < 1e-6);
        let mut blue = vec![0f32; 3];
        blue[2] = 1.;
        let blue = Tensor::from_vec(blue, (3, 1, 1), &Device::Cpu)?;
        let found = chroma(&blue)?.flatten_all()?.to_vec1::<f32>()?;
        assert!(
            (found[0] - 0.886 * 0.564).abs() < 1e-4 && (found[1] + 0.114 * 0.713).abs() < 1e-4,
            "{found:?}"
        );
        Ok(())
    }
}

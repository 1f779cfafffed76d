//! How visible a change is: structural dissimilarity, largest change, colour.

use std::sync::Arc;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::clamp::clamp;
use super::colour::{CHROMA, mixed, numbers_of, unmixed};
use super::convolve::{filter, gaussian};
use super::dssim::Side;
use super::found::{Found, sum};
use super::perception::Perception;
use super::preset::Budget;
use super::score::distance_of;
use crate::face::{Sampler, Warp};
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

/// What is left of colour after a Gaussian of this standard deviation is broad; a share of the grid's width.
const BROAD_SIGMA: f32 = 0.03;
/// What a change is measured against: the original face from near, on its grid, and from afar, as the aligned crop.
///
/// The window of SSIM is 11 cells wide: on the grid of a large face it is blind to changes that are wide and soft, which
/// show as bruises. On the aligned crop the same window covers a tenth of any face.
pub(crate) struct Structure {
    near: Arc<Side>,
    afar: Arc<Side>,
    crop: Arc<Sampler>,
    perception: Arc<Perception>,
    /// Leaves the broad part of a change.
    broad: Vec<f32>,
    width: usize,
}

impl Structure {
    /// # Shapes
    /// - `picture`: `(3, height, width)`, `0.0..=1.0`
    /// - `face`: weights of its cells that sum to 1
    pub(super) fn new(picture: &Tensor, face: Vec<f32>, crop: Warp, perception: Perception) -> Result<Self> {
        let (_, height, width) = picture.dims3()?;
        let afar = crop.size[1];
        let crop = Sampler::new(crop, [height, width]);
        let picture = numbers_of(picture)?;
        let near = Side::new(&picture, width, face);
        let afar = Side::even(&crop.gather(&picture), afar);
        let sigma = BROAD_SIGMA * width as f32;
        let broad = gaussian(sigma, (2.5 * sigma).ceil() as usize);
        let (near, afar, crop) = (Arc::new(near), Arc::new(afar), Arc::new(crop));
        Ok(Self { near, afar, crop, perception: Arc::new(perception), broad, width })
    }

    /// Mean structural dissimilarity of `picture` from near and from afar.
    fn dssims(&self, picture: &[f32]) -> [Found; 2] {
        let from_afar = self.afar.dssim(&self.crop.gather(picture));
        let (crop, value) = (self.crop.clone(), from_afar.value);
        let afar = Found::new(value, move || crop.scatter(&from_afar.slope()));
        [self.near.dssim(picture), afar]
    }

    /// [`Visibility::counted`] of `picture`.
    pub(crate) fn counted(&self, picture: &[f32]) -> Found {
        let [near, afar] = self.dssims(picture);
        near.or(afar)
    }

    /// The share of the limits that `picture` uses, of that on DSSIM or on SSIMULACRA 2, whichever is more.
    pub(crate) fn used(&self, picture: &[f32], budget: &Budget) -> Found {
        let used = self.counted(picture).over(budget.dssim);
        let Some(least) = budget.ssimulacra2 else { return used };
        used.or(self.perception.distance(picture).over(distance_of(least)))
    }

    /// The share of the limits on colour that `change` uses, squared: of all, or of what is broad.
    pub(crate) fn colour(&self, change: &[f32], budget: &Budget) -> Found {
        let square = |limit: f32| (limit / 255.).powi(2);
        let all = self.mean_square(change, None).over(square(budget.chroma));
        let broad = self.mean_square(change, Some(self.broad.clone())).over(square(budget.broad_chroma));
        all.or(broad)
    }

    /// Mean square of a change of colour over the face; of what a filter leaves of it where there is one.
    fn mean_square(&self, change: &[f32], kernel: Option<Vec<f32>>) -> Found {
        let width = self.width;
        let filtered = move |plane: Vec<f32>| match &kernel {
            Some(half) => filter(&plane, width, half),
            None => plane,
        };
        let planes = CHROMA.map(|weights| filtered(mixed(change, weights)));
        let face = &self.near.face;
        let sum = |plane: &Vec<f32>| sum(plane.iter().zip(face).map(|(v, w)| w * v * v));
        let (value, near) = (planes.iter().map(sum).sum(), self.near.clone());
        Found::new(value, move || {
            let back = |plane: &[f32], weights| {
                let slope = plane.iter().zip(&near.face).map(|(v, w)| 2. * w * v).collect();
                unmixed(&filtered(slope), weights)
            };
            let [blue, red] = [0, 1].map(|i| back(&planes[i], CHROMA[i]));
            blue.iter().zip(red).map(|(blue, red)| blue + red).collect()
        })
    }

    /// Everything that can be seen of `change`, a change of `picture`.
    pub(crate) fn visibility(&self, picture: &Tensor, change: &Tensor) -> Result<Visibility> {
        let [near, afar] = self.dssims(&numbers_of(&clamp(&(picture + change)?, 0., 1.)?)?);
        Ok(Visibility {
            dssim: near.value,
            dssim_afar: afar.value,
            largest_change: change.abs()?.max_all()?.to_scalar::<f32>()? * 255.,
            chroma: self.mean_square(&numbers_of(change)?, None).value.sqrt() * 255.,
        })
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::cloak::found::assert_slope;
    use crate::cloak::pyramid::Part;
    use crate::face::{CROP, Similarity};

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
            let even = vec![1. / (side * side) as f32; side * side];
            let scale = side as f32 / CROP as f32;
            let stay = Similarity { a: scale, b: 0., dx: (scale - 1.) / 2., dy: (scale - 1.) / 2. };
            let whole = Part { top: 0, height: side, left: 0, width: side };
            let perception = Perception::new(&before, whole, 1.)?;
            let structure = Structure::new(&before, even, Warp::new(stay, [CROP, CROP]), perception)?;
            let near = structure.near.dssim(&numbers_of(&after)?).value;
            Ok([near, structure.counted(&numbers_of(&after)?).value])
        };
        let ([small, same], [large, counted]) = (seen(CROP)?, seen(4 * CROP)?);
        assert!((small - same).abs() < 1e-6, "a small face is seen from near: {small} {same}");
        assert!(large < 0.5 * small, "from near the bruise hardly counts: {large} of {small}");
        assert!((counted - small).abs() < 0.05 * small, "{counted}, {small}");
        Ok(())
    }

    #[test]
    fn slopes_are_those_of_small_differences_whichever_limit_binds() -> Result<()> {
        let (before, after) = bruised(2 * CROP)?;
        let side = 2 * CROP;
        let even = vec![1. / (side * side) as f32; side * side];
        let stay = Similarity { a: 2., b: 0., dx: 0.5, dy: 0.5 };
        let whole = Part { top: 0, height: side, left: 0, width: side };
        let perception = Perception::new(&before, whole, 1.)?;
        let structure = Structure::new(&before, even, Warp::new(stay, [CROP, CROP]), perception)?;
        let (before, after) = (numbers_of(&before)?, numbers_of(&after)?);
        for which in [0, 1] {
            let measure = |picture: &[f32]| structure.dssims(picture).into_iter().nth(which).unwrap();
            assert_slope(&after, measure);
        }
        let wave = |i: usize| 0.01 * (i as f32 * 0.002).sin() + 0.02 * (i as f32 * 1.7).cos();
        let change: Vec<f32> = (0..before.len()).map(wave).collect();
        for kernel in [None, Some(structure.broad.clone())] {
            assert_slope(&change, |change| structure.mean_square(change, kernel.clone()));
        }
        Ok(())
    }

    /// A flat grey face on a grid of 120 cells that is all of it.
    fn plain() -> Result<Structure> {
        let picture = Tensor::full(0.5f32, (3, 120, 120), &Device::Cpu)?;
        let even = vec![1f32 / (120. * 120.); 120 * 120];
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
            let used = structure.colour(&numbers_of(&squares(size)?)?, &budget).value;
            assert!((used / expected - 1.).abs() < 0.03, "{size}: {used} instead of {expected}");
        }
        Ok(())
    }
}

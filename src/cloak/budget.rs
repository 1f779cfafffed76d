//! How visible a change is: structural dissimilarity, largest change, colour.

use std::sync::Arc;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::clamp::clamp;
use super::colour::Colour;
use super::dssim::Side;
use super::found::Found;
use super::perception::Perception;
use super::planes::numbers_of;
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

/// What a change is measured against: the original face from near, on its grid, and from afar, as the aligned crop.
///
/// The window of SSIM is 11 cells wide: on the grid of a large face it is blind to changes that are wide and soft, which
/// show as bruises. On the aligned crop the same window covers a tenth of any face.
pub(crate) struct Structure {
    near: Arc<Side>,
    afar: Arc<Side>,
    crop: Arc<Sampler>,
    perception: Arc<Perception>,
    pub(super) colour: Colour,
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
        let colour = Colour::new(face.clone(), width);
        let near = Side::new(&picture, width, face);
        let afar = Side::even(&crop.gather(&picture), afar);
        let (near, afar, crop) = (Arc::new(near), Arc::new(afar), Arc::new(crop));
        Ok(Self { near, afar, crop, perception: Arc::new(perception), colour })
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

    /// Everything that can be seen of `change`, a change of `picture`.
    pub(crate) fn visibility(&self, picture: &Tensor, change: &Tensor) -> Result<Visibility> {
        let [near, afar] = self.dssims(&numbers_of(&clamp(&(picture + change)?, 0., 1.)?)?);
        Ok(Visibility {
            dssim: near.value,
            dssim_afar: afar.value,
            largest_change: change.abs()?.max_all()?.to_scalar::<f32>()? * 255.,
            chroma: self.colour.chroma(&numbers_of(change)?),
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
        let after = numbers_of(&after)?;
        for which in [0, 1] {
            let measure = |picture: &[f32]| structure.dssims(picture).into_iter().nth(which).unwrap();
            assert_slope(&after, measure);
        }
        Ok(())
    }
}

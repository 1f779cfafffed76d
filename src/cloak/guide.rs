//! The guide: in which direction a first cloak has moved what the surrogates make of the face inside.

use candle_core::{D, Tensor};

use super::scene::Scene;
use super::view::View;
use crate::embed::Embed;
use crate::face::{CROP, Warp, warp};
use crate::network::Result;

/// How much moving on counts beside being unlike the person.
const WEIGHT: f64 = 1.;

/// The direction in one surrogate's inner map, for the face as it is and mirrored; `(2, elements)`.
///
/// Embeddings of two networks agree less than the maps inside do, and a change that goes on in the direction in which the maps
/// were moved is one that other networks see too: the intermediate level attack,
/// [Huang et al. 2019](https://arxiv.org/abs/1907.10823).
pub(super) struct Guide(Tensor);

impl Guide {
    /// The guide that a change is, for each surrogate; none where one has no such map.
    pub(super) fn all(
        scene: &Scene,
        change: &Tensor,
        surrogates: &[&dyn Embed],
    ) -> Result<Vec<Option<Self>>> {
        let (clean, led) = (both_ways(scene, &scene.picture)?, both_ways(scene, &scene.show(change)?)?);
        let one = |surrogate: &&dyn Embed| -> Result<Option<Self>> {
            let maps = (surrogate.features(&clean)?.map, surrogate.features(&led)?.map);
            let (Some(before), Some(after)) = maps else { return Ok(None) };
            Ok(Some(Self(direction(&before, &after)?)))
        };
        surrogates.iter().map(one).collect()
    }

    /// What maps lack of having moved far, in units of the clean map's norm; differentiable in `map`.
    ///
    /// # Shapes
    /// - `map`: `(views, elements)`; returns `()`
    pub(super) fn missed(&self, map: &Tensor, views: &[View]) -> Result<Tensor> {
        let rows: Vec<u32> = views.iter().map(|view| u32::from(view.is_mirrored())).collect();
        let rows = self.0.index_select(&Tensor::from_vec(rows, views.len(), map.device())?, 0)?;
        Ok(((map * rows)?.sum(D::Minus1)?.mean_all()? * -WEIGHT)?)
    }
}

/// The aligned crop and its mirror image, `(2, 3, 112, 112)`.
fn both_ways(scene: &Scene, picture: &Tensor) -> Result<Tensor> {
    let crop = warp(picture, Warp::new(scene.to_grid, [CROP, CROP]))?;
    Ok(Tensor::stack(&[&crop, &mirror(&crop)?], 0)?)
}

/// A picture `(channels, height, width)` with left and right exchanged.
fn mirror(picture: &Tensor) -> Result<Tensor> {
    let width = picture.dim(2)? as u32;
    Ok(picture.contiguous()?.index_select(&Tensor::from_iter((0..width).rev(), picture.device())?, 2)?)
}

/// From `before` to `after` with norm 1, over the norm of `before`: rows, `(2, elements)`.
fn direction(before: &Tensor, after: &Tensor) -> Result<Tensor> {
    let norm = |rows: &Tensor| rows.sqr()?.sum_keepdim(D::Minus1)?.sqrt();
    let moved = (after - before)?;
    let scale = ((norm(&moved)? * norm(before)?)? + 1e-12)?;
    Ok(moved.broadcast_div(&scale)?.detach())
}

#[cfg(test)]
mod tests {
    use candle_core::Device;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;
    use crate::cloak::scene::grey_face;
    use crate::network::{Error, Features};

    /// Its map is the mean level of the left and of the right half of the crop.
    struct Halves;

    impl Embed for Halves {
        fn embed(&self, crops: &Tensor) -> Result<Tensor> {
            let half = |start| crops.narrow(3, start, CROP / 2)?.flatten_from(1)?.mean(1);
            Ok(Tensor::stack(&[half(0)?, half(CROP / 2)?], 1)?)
        }

        fn features(&self, crops: &Tensor) -> Result<Features> {
            Ok(Features { output: self.embed(crops)?, map: Some(self.embed(crops)?) })
        }
    }

    /// Shows no map.
    struct Closed;

    impl Embed for Closed {
        fn embed(&self, crops: &Tensor) -> Result<Tensor> {
            Halves.embed(crops)
        }
    }

    /// A face, and a change that brightens its left half.
    fn subject() -> Result<(Scene, Tensor)> {
        let (photo, face) = grey_face()?;
        let scene = Scene::of(&photo, &face)?.ok_or(Error::Usage("face".into()))?;
        let (channels, height, width) = scene.shape();
        let bright = Tensor::full(0.1f32, (channels, height, width / 2), &Device::Cpu)?;
        let change = bright.pad_with_zeros(2, 0, width - width / 2)?;
        Ok((scene, change))
    }

    #[test]
    fn a_guide_is_where_the_map_has_moved_mirrored_for_mirrored_views() -> Result<()> {
        let (scene, change) = subject()?;
        let guides = Guide::all(&scene, &change, &[&Halves, &Closed])?;
        let [Some(guide), None] = guides.as_slice() else { return Err(Error::Usage("guides".into())) };
        let rows = guide.0.to_vec2::<f32>()?;
        // The clean map is (.4, .4).
        let one = 1. / (0.4 * 2f32.sqrt());
        for (row, expected) in rows.iter().zip([[one, 0.], [0., one]]) {
            assert!(row.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.1), "{row:?}");
        }
        Ok(())
    }

    #[test]
    fn the_further_maps_have_moved_along_the_guide_the_less_is_missed() -> Result<()> {
        let guide = Guide(Tensor::new(&[[2f32, 0.], [0., 2.]], &Device::Cpu)?);
        let map = Tensor::new(&[[0.9f32, 0.5], [0.7, 0.5]], &Device::Cpu)?;
        let mut rng = StdRng::seed_from_u64(0);
        for (mirrored, moved) in [(false, 1.6), (true, 1.)] {
            let drawn = std::iter::repeat_with(|| View::draw(&mut rng));
            let views: Vec<View> = drawn.filter(|view| view.is_mirrored() == mirrored).take(2).collect();
            let missed = guide.missed(&map, &views)?.to_scalar::<f32>()?;
            assert!((missed + WEIGHT as f32 * moved).abs() < 1e-5, "{missed}");
        }
        Ok(())
    }
}

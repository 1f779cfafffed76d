//! One cloak for one face in several frames of a clip.

use std::ops::ControlFlow;

use candle_core::Tensor;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::constraint::Constraint;
use super::goal::{OtherPhoto, Unlike};
use super::limits::Limits;
use super::optimise::{Cloak, Optimiser, Progress, noise};
use super::preset::Attempt;
use super::scene::Scene;
use crate::embed::Embed;
use crate::network::Result;

/// One face in several pictures, each of which shows it at the same place of a grid of one size: frames of a clip.
#[derive(Clone, Copy)]
pub struct Frames<'a> {
    /// The pictures, at least one; the first says whom the face belongs to.
    pub scenes: &'a [Scene],
    /// Photos of the same person, so far as they are known.
    pub others: &'a [&'a OtherPhoto],
    /// A change of one of these grids to go on from.
    pub start: Option<&'a Tensor>,
}

/// Makes one cloak for one face in several pictures: the change that serves all of them, and that is within its limits in each.
/// `hook` is called after every step and may break off; then it returns `None`.
///
/// # Errors
/// Where a surrogate fails.
pub fn cloak_frames(
    frames: &Frames<'_>,
    surrogates: &[&dyn Embed],
    attempt: &Attempt,
    seed: u64,
    hook: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Option<Cloak>> {
    let Some(first) = frames.scenes.first() else { return Ok(None) };
    let mut rng = StdRng::seed_from_u64(seed);
    let raw = frames.start.map_or_else(|| noise(first, &mut rng), |change| Ok(first.unfade(change)?))?;
    let mut optimiser = Optimiser {
        scenes: frames.scenes,
        surrogates,
        objective: &Unlike::of(first, surrogates, frames.others)?,
        constraint: &mut Limits::new(attempt.budget),
        effort: attempt.effort,
    };
    optimiser.go_on(raw, &mut rng, hook)
}

/// The change that a raw one is in the picture where it is seen best, and has to be faintest.
pub(super) fn faintest<'a>(
    scenes: &'a [Scene],
    constraint: &dyn Constraint,
    raw: &Tensor,
) -> Result<Option<(&'a Scene, Tensor)>> {
    let mut faintest: Option<(f32, &Scene, Tensor)> = None;
    for scene in scenes {
        let change = constraint.finish(scene, &scene.fade(raw)?.contiguous()?)?;
        let size = change.sqr()?.mean_all()?.to_scalar::<f32>()?;
        if faintest.as_ref().is_none_or(|(least, ..)| size < *least) {
            faintest = Some((size, scene, change));
        }
    }
    Ok(faintest.map(|(_, scene, change)| (scene, change)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloak::Preset;
    use crate::cloak::preset::Effort;
    use crate::cloak::scene::grey_face;
    use crate::network::Error;

    /// Its embedding is four of the values.
    struct Values;

    impl Embed for Values {
        fn embed(&self, crops: &Tensor) -> Result<Tensor> {
            Ok(crops.flatten_from(1)?.narrow(1, 6000, 4)?)
        }
    }

    #[test]
    fn one_cloak_serves_all_frames_and_goes_on_from_the_one_that_is_given() -> Result<()> {
        let (photo, face) = grey_face()?;
        let scene = || Scene::of(&photo, &face)?.ok_or(Error::Usage("face".into()));
        let scenes = [scene()?, scene()?];
        let attempt = Attempt { effort: Effort { steps: 4, views: 1 }, ..Preset::Standard.first() };
        let make = |start: Option<&Tensor>| -> Result<Cloak> {
            let frames = Frames { scenes: &scenes, others: &[], start };
            let made = cloak_frames(&frames, &[&Values], &attempt, 0, &mut |_| ControlFlow::Continue(()))?;
            made.ok_or(Error::Usage("no cloak".into()))
        };
        let first = make(None)?;
        assert_eq!((first.steps, first.grid), (4, scenes[0].grid));
        // Noise is as often brighter as darker.
        let mean =
            |cloak: &Cloak| -> Result<f32> { Ok((cloak.change.mean_all()? * 255.)?.to_scalar::<f32>()?) };
        let start = Tensor::full(15. / 255f32, scenes[0].shape(), &candle_core::Device::Cpu)?;
        let (first, further) = (mean(&first)?, mean(&make(Some(&start))?)?);
        assert!(first.abs() < 3. && further > 6., "{first} {further}");
        let none = Frames { scenes: &[], others: &[], start: None };
        assert!(cloak_frames(&none, &[&Values], &attempt, 0, &mut |_| ControlFlow::Break(()))?.is_none());
        Ok(())
    }
}

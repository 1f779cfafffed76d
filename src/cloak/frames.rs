//! One cloak for one face in several frames of a clip.

use std::ops::ControlFlow;

use candle_core::Tensor;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

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

//! The optimiser.

use std::ops::ControlFlow;

use candle_core::{D, Tensor, Var};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::adam::Adam;
use super::budget::{Visibility, luma};
use super::clamp::clamp;
use super::goal::{Goal, Other};
use super::preset::{Attempt, Budget};
use super::scene::Scene;
use super::view::View;
use crate::embed::Embed;
use crate::face::{Face, Grid};
use crate::network::Result;
use crate::photo::Photo;

/// Length of the first steps, as a share of the largest change; it falls to a tenth at the end.
const RATE: f32 = 0.12;
/// By how much a limit's weight rises in a step that is outside the limit, and falls in one inside.
const ADAPT: f64 = 1.12;

/// A change of a face's pixels.
#[derive(Clone, Debug)]
pub struct Cloak {
    /// Where it lies in the photo.
    pub grid: Grid,
    /// `(3, height, width)` of the grid, in units of full scale: -1 to 1.
    pub change: Tensor,
    /// What can be seen of it.
    pub visibility: Visibility,
    /// Gradient steps that were taken.
    pub steps: usize,
}

/// How far a cloak is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Steps that are done.
    pub step: usize,
    /// All steps.
    pub steps: usize,
}

/// Cloaks one face of a photo.
///
/// `others` are photos of the same person, so far as they are known: the cloak leads away from the middle of them
/// all, and from those that are cloaked. `start` is a cloak of the same face to go on from. `hook` is called after every step and may
/// break off. Returns `None` where it did, or where the face's points do not span a face.
/// The same arguments give the same cloak, bit for bit, on one machine and number of threads.
pub fn cloak(
    (photo, face, others): (&Photo, &Face, &[&Other]),
    surrogates: &[&dyn Embed],
    attempt: &Attempt,
    start: Option<&Cloak>,
    seed: u64,
    hook: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Option<Cloak>> {
    let Some(scene) = Scene::of(photo, face)? else { return Ok(None) };
    let goals = Goal::all(&scene, surrogates, others)?;
    let mut rng = StdRng::seed_from_u64(seed);
    let mut raw = first_change(&scene, start, &mut rng)?;
    let mut adam = Adam::new(&raw);
    let mut limits = Limits::new(attempt.budget);
    for step in 0..attempt.steps {
        let views: Vec<View> = (0..attempt.views).map(|_| View::draw(&mut rng)).collect();
        // Independent of each other, so each has a thread.
        let (missed, penalty) = rayon::join(
            || gradient(&raw, |raw| missed(&scene, &scene.fade(raw)?, &views, surrogates, &goals)),
            || gradient(&raw, |raw| limits.penalty(&scene, &scene.fade(raw)?)),
        );
        raw = limits.clamp(&(raw - adam.step(&(missed? + penalty?)?, rate(step, attempt))?)?)?;
        if hook(Progress { step: step + 1, steps: attempt.steps }).is_break() {
            return Ok(None);
        }
    }
    let change = fit(&scene, &scene.fade(&raw)?.contiguous()?, &attempt.budget)?;
    let visibility = scene.structure.visibility(&scene.picture, &change)?;
    let steps = attempt.steps + start.map_or(0, |cloak| cloak.steps);
    Ok(Some(Cloak { grid: scene.grid, change, visibility, steps }))
}

/// The gradient of a loss at a point; zero where the loss does not depend on it.
pub(crate) fn gradient(at: &Tensor, loss: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    let variable = Var::from_tensor(at)?;
    let slope = loss(variable.as_tensor())?.backward()?.remove(&variable);
    Ok(slope.map_or_else(|| at.zeros_like(), Ok)?)
}

/// A little noise, since the clean face is a maximum of the likeness, where the gradient vanishes.
fn first_change(scene: &Scene, start: Option<&Cloak>, rng: &mut StdRng) -> Result<Tensor> {
    let shape = scene.shape();
    if let Some(cloak) = start.filter(|cloak| cloak.grid == scene.grid) {
        return Ok(scene.unfade(&cloak.change)?);
    }
    let noise: Vec<f32> =
        (0..shape.0 * shape.1 * shape.2).map(|_| rng.random_range(-2f32..2.) / 255.).collect();
    Ok(Tensor::from_vec(noise, shape, scene.picture.device())?)
}

/// How far the views' embeddings are from the goals, a mean over the surrogates.
fn missed(
    scene: &Scene,
    change: &Tensor,
    views: &[View],
    surrogates: &[&dyn Embed],
    goals: &[Goal],
) -> Result<Tensor> {
    let shown = scene.show(change)?;
    let crops: Vec<Tensor> =
        views.iter().map(|v| v.show(&shown, &scene.to_grid)).collect::<candle_core::Result<_>>()?;
    let crops = Tensor::stack(&crops, 0)?;
    let missed: Vec<Tensor> = surrogates
        .iter()
        .zip(goals)
        .map(|(s, goal)| goal.missed(&s.embed(&crops)?))
        .collect::<Result<_>>()?;
    Ok(Tensor::stack(&missed, 0)?.mean_all()?)
}

/// Mean cosine of crops to the identities, for each surrogate; differentiable in `crops`.
///
/// # Shapes
/// - `crops`: `(batch, 3, 112, 112)`, RGB in `0.0..=1.0`; returns `(surrogates)`
pub(crate) fn cosines(crops: &Tensor, surrogates: &[&dyn Embed], identities: &[Tensor]) -> Result<Tensor> {
    let mut cosines = Vec::with_capacity(surrogates.len());
    for (surrogate, identity) in surrogates.iter().zip(identities) {
        cosines.push(surrogate.embed(crops)?.broadcast_mul(identity)?.sum(D::Minus1)?.mean_all()?);
    }
    Ok(Tensor::stack(&cosines, 0)?)
}

fn rate(step: usize, attempt: &Attempt) -> f32 {
    let phase = std::f32::consts::PI * step as f32 / attempt.steps as f32;
    let share = 0.1 + 0.9 * (1. + phase.cos()) / 2.;
    RATE * share * attempt.budget.largest_change / 255.
}

/// The budget during the optimisation: penalties whose weights adapt until the limits are met.
pub(crate) struct Limits {
    budget: Budget,
    dssim_weight: f64,
    chroma_weight: f64,
}

impl Limits {
    pub(crate) fn new(budget: Budget) -> Self {
        Self { budget, dssim_weight: 0.2, chroma_weight: 0.2 }
    }

    /// What a change costs at the weights of this step, which then adapt.
    pub(crate) fn penalty(&mut self, scene: &Scene, change: &Tensor) -> Result<Tensor> {
        let square = (f64::from(self.budget.chroma) / 255.).powi(2);
        let dssim = (scene.structure.dssim(&scene.show(change)?)? / f64::from(self.budget.dssim))?;
        let colour = (scene.structure.chroma(change)? / square)?;
        let adapt = |weight: f64, used: f32| if used > 1. { weight * ADAPT } else { weight / ADAPT };
        self.dssim_weight = adapt(self.dssim_weight, dssim.to_scalar()?);
        self.chroma_weight = adapt(self.chroma_weight, colour.to_scalar()?);
        Ok(((dssim * self.dssim_weight)? + (colour * self.chroma_weight)?)?)
    }

    fn clamp(&self, raw: &Tensor) -> Result<Tensor> {
        let limit = self.budget.largest_change / 255.;
        Ok(clamp(raw, -limit, limit)?)
    }
}

/// Brings a change inside the budget: its colour, and its luma on its own, which alone makes up DSSIM.
pub(crate) fn fit(scene: &Scene, change: &Tensor, budget: &Budget) -> Result<Tensor> {
    let limit = budget.largest_change / 255.;
    let used = scene.structure.chroma(change)?.to_scalar::<f32>()?.sqrt() * 255.;
    let grey = luma(change)?.unsqueeze(0)?;
    let colour = (change.broadcast_sub(&grey)? * f64::from((budget.chroma / used).min(1.)))?;
    let scaled = |scale: f64| clamp(&colour.broadcast_add(&(&grey * scale)?)?, -limit, limit);
    // A cloak that ended well inside may also grow.
    Ok(scaled(scene.largest_scale(budget.dssim, 2., scaled)?)?)
}

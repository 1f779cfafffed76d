//! The optimiser.

use std::ops::ControlFlow;

use candle_core::{D, Tensor};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::adam::Adam;
use super::aim::{Aim, added};
use super::budget::Visibility;
use super::clamp::clamp;
use super::goal::{Goal, Other};
use super::planes::{luma, numbers_of};
use super::preset::{Attempt, Budget};
use super::scene::{Scene, Shown};
use super::view::View;
use crate::embed::Embed;
use crate::face::{Face, Grid};
use crate::network::Result;
use crate::photo::Photo;

/// Length of the first steps, as a share of the largest change; it falls to a tenth at the end.
const RATE: f32 = 0.12;
/// Share of another photo's change that a further photo of the person starts from.
const INHERITED: f64 = 0.5;
/// Steps at the end that follow a guide: what the change has become before them.
const GUIDED: usize = 25;
/// Weight of the limits on structure at first: about what it comes to.
const WEIGHT: f32 = 0.45;
/// It is multiplied by this power of the share that is used, in every step.
const ADAPT: f32 = 0.15;
/// A step takes the weight times this power of the share that is used, or the weight would swing about what is needed.
const DAMP: i32 = 2;
/// A change that ended well inside the limits grows, at most by this factor; other methods than ours may need it.
const GROWN: f64 = 8.;
/// Shares beyond these count as these: the first steps say little.
const SHARES: [f32; 2] = [0.3, 3.];

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
/// all, and from those that are cloaked. It goes on from `earlier`, a cloak of the same face, or else from what became of the
/// last of the others, which takes half the views and fewer steps; the last steps follow what the change has become by then, inside the
/// surrogates. `hook` is called after every step and may break off. Returns `None` where it did, or where the face's points do not span a face.
/// The same arguments give the same cloak, bit for bit, on one machine and number of threads.
pub fn cloak(
    (photo, face, others): (&Photo, &Face, &[&Other]),
    surrogates: &[&dyn Embed],
    attempt: &Attempt,
    earlier: Option<&Cloak>,
    seed: u64,
    hook: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Option<Cloak>> {
    let Some(scene) = Scene::of(photo, face)? else { return Ok(None) };
    let mut aim = Aim::new(&scene, surrogates, Goal::all(&scene, surrogates, others)?);
    let mut rng = StdRng::seed_from_u64(seed);
    let start = Start::of(&scene, earlier, others);
    let mut raw = start.change(&scene, &mut rng)?;
    let attempt = &start.shorten(attempt);
    let mut adam = Adam::new(&raw);
    let budget = attempt.budget.before_encoding();
    let mut limits = Limits::new(budget);
    for step in 0..attempt.steps {
        if step == attempt.steps.saturating_sub(GUIDED) {
            aim.follow(&scene.fade(&raw)?)?;
        }
        let views: Vec<View> = (0..attempt.views).map(|_| View::draw(&mut rng)).collect();
        let shown = scene.shown(&raw)?;
        // Independent of each other, so each has a thread.
        let (missed, penalty) =
            rayon::join(|| aim.slope(step, &shown.picture, &views), || limits.penalty(&scene, &shown));
        let slope = scene.slope(&shown, &added(penalty, missed?))?;
        raw = limits.within(&scene, &(raw - adam.step(&slope, rate(step, attempt))?)?)?;
        if hook(Progress { step: step + 1, steps: attempt.steps }).is_break() {
            return Ok(None);
        }
    }
    let change = fit(&scene, &scene.fade(&raw)?.contiguous()?, &budget)?;
    let visibility = scene.structure.visibility(&scene.picture, &change)?;
    let steps = attempt.steps + earlier.map_or(0, |cloak| cloak.steps);
    Ok(Some(Cloak { grid: scene.grid, change, visibility, steps }))
}

/// What the optimisation starts from.
enum Start<'a> {
    Nothing,
    /// An earlier cloak of the same face.
    Face(&'a Cloak),
    /// The change of another photo of the same person.
    Person(&'a Tensor),
}

impl<'a> Start<'a> {
    fn of(scene: &Scene, earlier: Option<&'a Cloak>, others: &[&'a Other]) -> Self {
        let person = others.iter().rev().find_map(|other| other.change.as_ref());
        match earlier.filter(|cloak| cloak.grid == scene.grid) {
            Some(cloak) => Self::Face(cloak),
            None => person.map_or(Self::Nothing, Self::Person),
        }
    }

    /// Half the views and four fifths of the steps where another photo has led the way.
    fn shorten(&self, attempt: &Attempt) -> Attempt {
        match self {
            Self::Person(_) => {
                Attempt { steps: attempt.steps * 4 / 5, views: attempt.views.div_ceil(2), ..*attempt }
            }
            Self::Nothing | Self::Face(_) => *attempt,
        }
    }

    fn change(&self, scene: &Scene, rng: &mut StdRng) -> Result<Tensor> {
        match self {
            Self::Nothing => noise(scene, rng),
            Self::Face(cloak) => Ok(scene.unfade(&cloak.change)?),
            Self::Person(change) => Ok((noise(scene, rng)? + (scene.spread(change)? * INHERITED)?)?),
        }
    }
}

/// A little noise, since the clean face is a maximum of the likeness, where the gradient vanishes.
fn noise(scene: &Scene, rng: &mut StdRng) -> Result<Tensor> {
    let (channels, height, width) = scene.shape();
    let noise: Vec<f32> =
        (0..channels * height * width).map(|_| rng.random_range(-2f32..2.) / 255.).collect();
    Ok(Tensor::from_vec(noise, (channels, height, width), scene.picture.device())?)
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

/// The budget during the optimisation: a penalty on structure, whose weight adapts until the limits are met, while too
/// large changes and too much colour are taken out after every step.
pub(crate) struct Limits {
    budget: Budget,
    weight: f32,
}

impl Limits {
    pub(crate) fn new(budget: Budget) -> Self {
        Self { budget, weight: WEIGHT }
    }

    /// By how much the penalty grows with a raw change, at the weight of this step, which then adapts.
    ///
    /// # Shapes
    /// - `raw`: as [`Scene::shape`]; returns the same
    pub(crate) fn slope(&mut self, scene: &Scene, raw: &Tensor) -> Result<Tensor> {
        let shown = scene.shown(raw)?;
        Ok(scene.slope(&shown, &self.penalty(scene, &shown))?)
    }

    /// The same for the picture that is shown.
    fn penalty(&mut self, scene: &Scene, shown: &Shown) -> Vec<f32> {
        let used = scene.structure.used(&shown.picture, &self.budget);
        let weight = adapt(&mut self.weight, used.value);
        used.times(weight).slope()
    }

    /// A raw change less what is too large of it, and what is too much of its colour.
    ///
    /// # Shapes
    /// - `raw`: as [`Scene::shape`]; returns the same
    pub(crate) fn within(&self, scene: &Scene, raw: &Tensor) -> Result<Tensor> {
        let limit = self.budget.largest_change / 255.;
        let raw = clamp(raw, -limit, limit)?;
        if raw.dim(0)? == 1 {
            return Ok(raw);
        }
        let change = numbers_of(&scene.fade(&raw)?)?;
        let within = scene.structure.colour.within(numbers_of(&raw)?, &change, &self.budget);
        Ok(Tensor::from_vec(within, raw.shape(), raw.device())?)
    }
}

/// Adapts the weight to the share of the limits that is used; the weight of this step.
fn adapt(weight: &mut f32, used: f32) -> f32 {
    let used = used.clamp(SHARES[0], SHARES[1]);
    *weight *= used.powf(ADAPT);
    *weight * used.powi(DAMP)
}

/// Brings a change inside the budget: its colour, and its luma on its own, which makes up DSSIM and most of SSIMULACRA 2.
pub(crate) fn fit(scene: &Scene, change: &Tensor, budget: &Budget) -> Result<Tensor> {
    let limit = budget.largest_change / 255.;
    let used = scene.structure.colour.used(&numbers_of(change)?, budget);
    let grey = luma(change)?.unsqueeze(0)?;
    let colour = (change.broadcast_sub(&grey)? * f64::from((1. / used).min(1.)))?;
    let scaled = |scale: f64| clamp(&colour.broadcast_add(&(&grey * scale)?)?, -limit, limit);
    Ok(scaled(scene.largest_scale(budget, GROWN, scaled)?)?)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use candle_core::Device;

    use super::*;
    use crate::cloak::Preset;
    use crate::cloak::scene::grey_face;
    use crate::face::CROP;
    use crate::network::Error;

    /// Remembers how many crops it is shown at a time.
    #[derive(Default)]
    struct Counter(Mutex<Vec<usize>>);

    impl Embed for Counter {
        fn embed(&self, crops: &Tensor) -> Result<Tensor> {
            self.0.lock().map_err(|e| Error::Usage(e.to_string()))?.push(crops.dim(0)?);
            Ok(crops.flatten_from(1)?.narrow(1, 0, 4)?)
        }
    }

    fn cloaked_before(level: f32) -> Result<Other> {
        let change = Some(Tensor::full(level / 255., (3, CROP, CROP), &Device::Cpu)?);
        Ok(Other { clean: vec![vec![1., 0., 0., 0.]], cloaked: vec![vec![0., 1., 0., 0.]], change })
    }

    #[test]
    fn a_further_photo_of_a_person_takes_half_the_views_and_four_fifths_of_the_steps() -> Result<()> {
        let (photo, face) = grey_face()?;
        let attempt = Attempt { steps: 5, views: 6, ..Preset::Standard.first() };
        let other = cloaked_before(10.)?;
        for (others, expected) in [(vec![], vec![6; 5]), (vec![&other], vec![3; 4])] {
            let counter = Counter::default();
            let hook = &mut |_| ControlFlow::Continue(());
            cloak((&photo, &face, &others), &[&counter], &attempt, None, 0, hook)?;
            let seen = counter.0.lock().map_err(|e| Error::Usage(e.to_string()))?;
            // Before them the face, and the guide's two pictures of it twice.
            assert_eq!(seen[3..], expected);
        }
        Ok(())
    }

    #[test]
    fn the_last_steps_follow_what_the_change_has_become_before_them() -> Result<()> {
        let (photo, face) = grey_face()?;
        let attempt = Attempt { steps: 30, views: 4, ..Preset::Standard.first() };
        let counter = Counter::default();
        cloak((&photo, &face, &[]), &[&counter], &attempt, None, 0, &mut |_| ControlFlow::Continue(()))?;
        // The face, five steps, the guide (clean and changed, each with its mirror image), and the other steps.
        let expected = [vec![1], vec![4; 5], vec![2; 2], vec![4; 25]].concat();
        assert_eq!(*counter.0.lock().map_err(|e| Error::Usage(e.to_string()))?, expected);
        Ok(())
    }

    #[test]
    fn a_further_photo_starts_from_half_of_what_became_of_the_last_one() -> Result<()> {
        let (photo, face) = grey_face()?;
        let scene = Scene::of(&photo, &face)?.ok_or(Error::Usage("face".into()))?;
        let forgotten = Other { change: None, ..cloaked_before(0.)? };
        let (first, last) = (cloaked_before(-18.)?, cloaked_before(10.)?);
        let start = Start::of(&scene, None, &[&first, &last, &forgotten]);
        let change = (start.change(&scene, &mut StdRng::seed_from_u64(0))? * 255.)?;
        let middle = change.get(1)?.get(scene.grid.height / 2)?.to_vec1::<f32>()?;
        let middle = &middle[scene.grid.width / 3..2 * scene.grid.width / 3];
        assert!(middle.iter().all(|value| (value - 5.).abs() < 2.01), "{middle:?}");
        assert!(middle.iter().any(|value| (value - 5.).abs() > 0.5), "there is noise too");
        Ok(())
    }
}

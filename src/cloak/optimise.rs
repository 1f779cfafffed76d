//! The optimiser.

use std::ops::ControlFlow;
use std::slice::from_ref;

use candle_core::Tensor;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::adam::Adam;
use super::aim::{Aim, added};
use super::budget::Visibility;
use super::constraint::Constraint;
use super::frames::faintest;
use super::goal::{OtherPhoto, Unlike};
use super::limits::Limits;
use super::objective::Objective;
use super::preset::{Attempt, Effort};
use super::scene::Scene;
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

impl Cloak {
    /// # Shapes
    /// - `change`: `(3, height, width)` of the scene's grid
    pub(crate) fn of(scene: &Scene, change: Tensor, steps: usize) -> Result<Self> {
        let visibility = scene.structure.visibility(&scene.picture, &change)?;
        Ok(Self { grid: scene.grid, change, visibility, steps })
    }
}

/// How far a cloak is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Steps that are done.
    pub step: usize,
    /// All steps.
    pub steps: usize,
}

/// Whom a cloak is to hide.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The photo.
    pub photo: &'a Photo,
    /// The face in it.
    pub face: &'a Face,
    /// Photos of the same person, so far as they are known.
    pub others: &'a [&'a OtherPhoto],
}

/// Cloaks one face of a photo.
///
/// The cloak leads away from the middle of all photos of the person, and from those that are cloaked. It goes on from
/// `earlier`, a cloak of the same face, or else from what became of the
/// last of the others, which takes half the views and fewer steps. `hook` is called after every step and may break off.
/// Returns `None` where it did, or where the face's points do not span a face.
/// The same arguments give the same cloak, bit for bit, on one machine and number of threads.
///
/// # Errors
/// Where a surrogate fails.
pub fn cloak(
    subject: &Subject<'_>,
    surrogates: &[&dyn Embed],
    attempt: &Attempt,
    earlier: Option<&Cloak>,
    seed: u64,
    hook: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Option<Cloak>> {
    let Some(scene) = Scene::of(subject.photo, subject.face)? else { return Ok(None) };
    let mut rng = StdRng::seed_from_u64(seed);
    let start = Start::of(&scene, earlier, subject.others);
    let raw = start.change(&scene, &mut rng)?;
    let mut optimiser = Optimiser {
        scenes: from_ref(&scene),
        surrogates,
        objective: &Unlike::of(&scene, surrogates, subject.others)?,
        constraint: &mut Limits::new(attempt.budget.before_encoding()),
        effort: start.shorten(attempt.effort),
    };
    let made = optimiser.go_on(raw, &mut rng, hook)?;
    let before = earlier.map_or(0, |cloak| cloak.steps);
    Ok(made.map(|cloak| Cloak { steps: before + cloak.steps, ..cloak }))
}

/// The search for a change of a face, whatever it is for and has to keep to: docs/own-objective.md.
pub struct Optimiser<'a> {
    /// The face; of a clip in several frames, which take turns. Their grids are of one size.
    pub scenes: &'a [Scene],
    /// The networks whose gradients lead.
    pub surrogates: &'a [&'a dyn Embed],
    /// What they are to make of it.
    pub objective: &'a dyn Objective,
    /// What the change has to keep to.
    pub constraint: &'a mut dyn Constraint,
    /// How long it takes.
    pub effort: Effort,
}

impl Optimiser<'_> {
    /// Searches from a little noise. `hook` is called after every step and may break off; then it returns `None`.
    ///
    /// # Errors
    /// Where a surrogate, the objective or the constraint fails.
    pub fn run(
        &mut self,
        seed: u64,
        hook: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Option<Cloak>> {
        let Some(first) = self.scenes.first() else { return Ok(None) };
        let mut rng = StdRng::seed_from_u64(seed);
        let raw = noise(first, &mut rng)?;
        self.go_on(raw, &mut rng, hook)
    }

    /// The same from a raw change. The last steps follow what it has become by then, inside the surrogates.
    /// There must be a scene.
    pub(super) fn go_on(
        &mut self,
        mut raw: Tensor,
        rng: &mut StdRng,
        hook: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Option<Cloak>> {
        let (scenes, Effort { steps, views }) = (self.scenes, self.effort);
        let aim = |scene| Aim::new(scene, self.surrogates, self.objective);
        let mut aims: Vec<Aim<'_>> = scenes.iter().map(aim).collect();
        let mut adam = Adam::new(&raw);
        for step in 0..steps {
            if step == steps.saturating_sub(GUIDED) {
                aims.iter_mut().zip(scenes).try_for_each(|(aim, scene)| aim.follow(&scene.fade(&raw)?))?;
            }
            let (aim, scene) = (&aims[step % scenes.len()], &scenes[step % scenes.len()]);
            let views: Vec<View> = (0..views).map(|_| View::draw(rng)).collect();
            let shown = scene.shown(&raw)?;
            // Independent of each other, so each has a thread.
            let (missed, penalty) = rayon::join(
                || aim.slope(step, shown.picture(), &views),
                || self.constraint.penalty(scene, &shown),
            );
            let slope = scene.slope(&shown, &added(penalty?, missed?))?;
            let rate = rate(step, steps, self.constraint.largest_change());
            raw = self.constraint.within(scene, &(raw - adam.step(&slope, rate)?)?)?;
            if hook(Progress { step: step + 1, steps }).is_break() {
                return Ok(None);
            }
        }
        let found = faintest(scenes, self.constraint, &raw)?;
        found.map(|(scene, change)| Cloak::of(scene, change, steps)).transpose()
    }
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
    fn of(scene: &Scene, earlier: Option<&'a Cloak>, others: &[&'a OtherPhoto]) -> Self {
        let person = others.iter().rev().find_map(|other| other.change.as_ref());
        match earlier.filter(|cloak| cloak.grid == scene.grid) {
            Some(cloak) => Self::Face(cloak),
            None => person.map_or(Self::Nothing, Self::Person),
        }
    }

    /// Half the views and four fifths of the steps where another photo has led the way.
    fn shorten(&self, effort: Effort) -> Effort {
        match self {
            Self::Person(_) => Effort { steps: effort.steps * 4 / 5, views: effort.views.div_ceil(2) },
            Self::Nothing | Self::Face(_) => effort,
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
pub(super) fn noise(scene: &Scene, rng: &mut StdRng) -> Result<Tensor> {
    let (channels, height, width) = scene.shape();
    let noise: Vec<f32> =
        (0..channels * height * width).map(|_| rng.random_range(-2f32..2.) / 255.).collect();
    Ok(Tensor::from_vec(noise, (channels, height, width), scene.picture.device())?)
}

/// The length of a step, in units of full scale.
fn rate(step: usize, steps: usize, largest_change: f32) -> f32 {
    let phase = std::f32::consts::PI * step as f32 / steps as f32;
    let share = 0.1 + 0.9 * (1. + phase.cos()) / 2.;
    RATE * share * largest_change / 255.
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

    fn cloaked_before(level: f32) -> Result<OtherPhoto> {
        let change = Some(Tensor::full(level / 255., (3, CROP, CROP), &Device::Cpu)?);
        Ok(OtherPhoto { clean: vec![vec![1., 0., 0., 0.]], cloaked: vec![vec![0., 1., 0., 0.]], change })
    }

    #[test]
    fn a_further_photo_of_a_person_takes_half_the_views_and_four_fifths_of_the_steps() -> Result<()> {
        let (photo, face) = grey_face()?;
        let attempt = Attempt { effort: Effort { steps: 5, views: 6 }, ..Preset::Standard.first() };
        let other = cloaked_before(10.)?;
        for (others, expected) in [(vec![], vec![6; 5]), (vec![&other], vec![3; 4])] {
            let counter = Counter::default();
            let hook = &mut |_| ControlFlow::Continue(());
            let subject = Subject { photo: &photo, face: &face, others: &others };
            cloak(&subject, &[&counter], &attempt, None, 0, hook)?;
            let seen = counter.0.lock().map_err(|e| Error::Usage(e.to_string()))?;
            // Before them the face, and the guide's two pictures of it twice.
            assert_eq!(seen[3..], expected);
        }
        Ok(())
    }

    #[test]
    fn the_last_steps_follow_what_the_change_has_become_before_them() -> Result<()> {
        let (photo, face) = grey_face()?;
        let attempt = Attempt { effort: Effort { steps: 30, views: 4 }, ..Preset::Standard.first() };
        let counter = Counter::default();
        let subject = Subject { photo: &photo, face: &face, others: &[] };
        cloak(&subject, &[&counter], &attempt, None, 0, &mut |_| ControlFlow::Continue(()))?;
        // The face, five steps, the guide (clean and changed, each with its mirror image), and the other steps.
        let expected = [vec![1], vec![4; 5], vec![2; 2], vec![4; 25]].concat();
        assert_eq!(*counter.0.lock().map_err(|e| Error::Usage(e.to_string()))?, expected);
        Ok(())
    }

    #[test]
    fn a_further_photo_starts_from_half_of_what_became_of_the_last_one() -> Result<()> {
        let (photo, face) = grey_face()?;
        let scene = Scene::of(&photo, &face)?.ok_or(Error::Usage("face".into()))?;
        let forgotten = OtherPhoto { change: None, ..cloaked_before(0.)? };
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

//! What a cloak is to achieve with all surrogates together.

use candle_core::{Device, Tensor};
use rayon::prelude::*;

use super::gradient::gradient;
use super::guide::Guide;
use super::objective::Objective;
use super::scene::Scene;
use super::view::{Lens, View};
use crate::embed::Embed;
use crate::face::CROP;
use crate::network::Result;

/// Surrogates that are asked in a step; more of them take turns.
const AT_ONCE: usize = 2;

/// What each surrogate is to make of the face, as a mean over them by their weights.
pub(super) struct Aim<'a> {
    scene: &'a Scene,
    surrogates: &'a [&'a dyn Embed],
    objective: &'a dyn Objective,
    /// One for each surrogate once there is something to follow.
    guides: Vec<Option<Guide>>,
}

impl<'a> Aim<'a> {
    pub(super) fn new(
        scene: &'a Scene,
        surrogates: &'a [&'a dyn Embed],
        objective: &'a dyn Objective,
    ) -> Self {
        Self { scene, surrogates, objective, guides: vec![] }
    }

    /// From now on the face is to move on inside the surrogates as this change has moved it.
    pub(super) fn follow(&mut self, change: &Tensor) -> Result<()> {
        self.guides = Guide::all(self.scene, change, self.surrogates)?;
        Ok(())
    }

    /// The gradient of what is missed in these views, in the picture that is shown, by the surrogates whose turn it is in this
    /// step; each counts by its weight.
    ///
    /// # Shapes
    /// - `shown`: three planes of the scene's grid, `0.0..=1.0`; returns the same
    pub(super) fn slope(&self, step: usize, shown: &[f32], views: &[View]) -> Result<Vec<f32>> {
        let lens = |view: &View| view.lens(&self.scene.to_grid, self.scene.size());
        let lenses: Vec<Lens> = views.par_iter().map(lens).collect();
        let crops: Vec<Vec<f32>> = lenses.par_iter().map(|lens| lens.show(shown)).collect();
        let crops = Tensor::from_vec(crops.concat(), (views.len(), 3, CROP, CROP), &Device::Cpu)?;
        let slopes = self.slope_in(step, &crops, views)?.flatten_from(1)?.to_vec2::<f32>()?;
        let back = lenses.par_iter().zip(slopes).map(|(lens, slope)| lens.slope(slope));
        Ok(back.reduce(|| vec![0.; shown.len()], added))
    }

    /// The same in the crops that the views show. Surrogates are independent of each other, so each has a thread.
    fn slope_in(&self, step: usize, crops: &Tensor, views: &[View]) -> Result<Tensor> {
        let all: f64 = self.surrogates.iter().map(|surrogate| surrogate.weight()).sum();
        let own = |i: usize| -> Result<Tensor> {
            let slope = gradient(crops, |crops| self.missed_by(i, crops, views))?;
            Ok((slope * (self.surrogates[i].weight() / all))?)
        };
        let turn = turn(step, self.surrogates.len());
        let slopes = turn.into_par_iter().map(own).collect::<Result<Vec<_>>>()?;
        Ok(Tensor::stack(&slopes, 0)?.sum(0)?)
    }

    fn missed_by(&self, surrogate: usize, crops: &Tensor, views: &[View]) -> Result<Tensor> {
        let features = self.surrogates[surrogate].features(crops)?;
        let missed = self.objective.missed(surrogate, &features.output)?;
        match (self.guides.get(surrogate), &features.map) {
            (Some(Some(guide)), Some(map)) => Ok((missed + guide.missed(map, views)?)?),
            _ => Ok(missed),
        }
    }
}

/// The surrogates of a step: neighbours, another one first each time.
fn turn(step: usize, surrogates: usize) -> Vec<usize> {
    (0..AT_ONCE.min(surrogates)).map(|i| (step + i) % surrogates).collect()
}

/// The sum of two slopes.
pub(super) fn added(mut a: Vec<f32>, b: Vec<f32>) -> Vec<f32> {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
    a
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;
    use crate::cloak::goal::Unlike;
    use crate::cloak::scene::grey_face;
    use crate::network::Error;

    /// Its embedding is this many times the mean level.
    struct Level {
        factor: f64,
        weight: f64,
    }

    impl Embed for Level {
        fn embed(&self, crops: &Tensor) -> Result<Tensor> {
            Ok((crops.flatten_from(1)?.mean_keepdim(1)? * self.factor)?)
        }

        fn weight(&self) -> f64 {
            self.weight
        }
    }

    #[test]
    fn of_more_than_two_surrogates_two_are_asked_in_turn() {
        assert_eq!((0..4).map(|step| turn(step, 3)).collect::<Vec<_>>(), [[0, 1], [1, 2], [2, 0], [0, 1]]);
        assert_eq!(turn(5, 2), [1, 0]);
        assert_eq!(turn(5, 1), [0]);
    }

    #[test]
    fn a_surrogate_of_half_the_weight_counts_half() -> Result<()> {
        let (photo, face) = grey_face()?;
        let scene = Scene::of(&photo, &face)?.ok_or(Error::Usage("face".into()))?;
        let mut rng = StdRng::seed_from_u64(0);
        let views = [View::draw(&mut rng), View::draw(&mut rng)];
        let slope = |all: &[&dyn Embed]| -> Result<f32> {
            let unlike = Unlike::of(&scene, all, &[])?;
            let aim = Aim::new(&scene, all, &unlike);
            let slope = aim.slope(0, scene.shown(&scene.picture.zeros_like()?)?.picture(), &views)?;
            Ok(slope.iter().sum())
        };
        let (whole, half) = (Level { factor: 1., weight: 1. }, Level { factor: 2., weight: 0.5 });
        // The mean level is .4: what is missed is .4 for the first and, as the square of the factor, 1.6 for the second.
        let (alone, both) = (slope(&[&whole])?, slope(&[&whole, &half])?);
        assert!(alone > 0.1, "{alone}");
        assert!((both / alone - (1. + 0.5 * 4.) / 1.5).abs() < 1e-4, "{both} {alone}");
        Ok(())
    }
}

//! What a cloak is to achieve with all surrogates together.

use candle_core::{Result as Candle, Tensor};

use super::goal::Goal;
use super::guide::Guide;
use super::scene::Scene;
use super::view::View;
use crate::embed::Embed;
use crate::network::Result;

/// What each surrogate is to make of the face, as a mean over them by their weights.
pub(super) struct Aim<'a> {
    scene: &'a Scene,
    surrogates: &'a [&'a dyn Embed],
    goals: Vec<Goal>,
    /// One for each surrogate once there is something to follow.
    guides: Vec<Option<Guide>>,
}

impl<'a> Aim<'a> {
    /// `goals` has one goal for each surrogate.
    pub(super) fn new(scene: &'a Scene, surrogates: &'a [&'a dyn Embed], goals: Vec<Goal>) -> Self {
        Self { scene, surrogates, goals, guides: vec![] }
    }

    /// From now on the face is to move on inside the surrogates as this change has moved it.
    pub(super) fn follow(&mut self, change: &Tensor) -> Result<()> {
        self.guides = Guide::all(self.scene, change, self.surrogates)?;
        Ok(())
    }

    /// How far a changed face is from the aim in these views.
    pub(super) fn missed(&self, change: &Tensor, views: &[View]) -> Result<Tensor> {
        let shown = self.scene.show(change)?;
        let crops = views.iter().map(|v| v.show(&shown, &self.scene.to_grid)).collect::<Candle<Vec<_>>>()?;
        let crops = Tensor::stack(&crops, 0)?;
        let all: f64 = self.surrogates.iter().map(|surrogate| surrogate.weight()).sum();
        let part = |(i, surrogate): (usize, &&dyn Embed)| -> Result<Tensor> {
            Ok((self.missed_by(i, &crops, views)? * (surrogate.weight() / all))?)
        };
        let parts = self.surrogates.iter().enumerate().map(part).collect::<Result<Vec<_>>>()?;
        Ok(Tensor::stack(&parts, 0)?.sum_all()?)
    }

    fn missed_by(&self, surrogate: usize, crops: &Tensor, views: &[View]) -> Result<Tensor> {
        let features = self.surrogates[surrogate].features(crops)?;
        let missed = self.goals[surrogate].missed(&features.output)?;
        match (self.guides.get(surrogate), &features.map) {
            (Some(Some(guide)), Some(map)) => Ok((missed + guide.missed(map, views)?)?),
            _ => Ok(missed),
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;
    use crate::cloak::scene::grey_face;
    use crate::network::Error;

    /// Finds the face as it is this much like it in every view.
    struct Opinionated {
        cosine: f32,
        weight: f64,
    }

    impl Embed for Opinionated {
        fn embed(&self, crops: &Tensor) -> Result<Tensor> {
            let row = [self.cosine, (1. - self.cosine * self.cosine).sqrt()];
            // The face as it was is seen alone.
            let rows = if crops.dim(0)? == 1 { vec![1., 0.] } else { row.repeat(crops.dim(0)?) };
            Ok(Tensor::from_vec(rows, (crops.dim(0)?, 2), &Device::Cpu)?)
        }

        fn weight(&self) -> f64 {
            self.weight
        }
    }

    #[test]
    fn a_surrogate_of_half_the_weight_counts_half() -> Result<()> {
        let (photo, face) = grey_face()?;
        let scene = Scene::of(&photo, &face)?.ok_or(Error::Usage("face".into()))?;
        let all: [&dyn Embed; 2] =
            [&Opinionated { cosine: 0.6, weight: 1. }, &Opinionated { cosine: 0., weight: 0.5 }];
        let aim = Aim::new(&scene, &all, Goal::all(&scene, &all, &[])?);
        let mut rng = StdRng::seed_from_u64(0);
        let views = [View::draw(&mut rng), View::draw(&mut rng)];
        let missed = aim.missed(&scene.picture.zeros_like()?, &views)?.to_scalar::<f32>()?;
        assert!((missed - 0.4).abs() < 1e-6, "{missed}");
        Ok(())
    }
}

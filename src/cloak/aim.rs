//! What a cloak is to achieve with all surrogates together.

use candle_core::{Result as Candle, Tensor};

use super::goal::Goal;
use super::guide::Guide;
use super::scene::Scene;
use super::view::View;
use crate::embed::Embed;
use crate::network::Result;

/// What each surrogate is to make of the face, as a mean over them.
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
        let all = (0..self.surrogates.len()).map(|i| self.missed_by(i, &crops, views));
        Ok(Tensor::stack(&all.collect::<Result<Vec<_>>>()?, 0)?.mean_all()?)
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

//! What a change has to keep to.

use candle_core::Tensor;

use super::clamp::clamp;
use super::scene::{Scene, Shown};
use crate::network::Result;

/// What a change has to keep to: by a penalty in every step, by being brought back after it, or both.
/// [`Limits`](super::Limits) are ours.
pub trait Constraint: Send + Sync {
    /// The largest change of a sample, in units of 1/255; the length of steps is a share of it.
    fn largest_change(&self) -> f32;

    /// By how much a penalty grows with each sample of the picture that is shown, beside an objective of about -1 to 1.
    /// Called once a step, so that its weight can adapt.
    ///
    /// # Shapes
    /// - returns as many numbers as [`Shown::picture`]
    ///
    /// # Errors
    /// Those of candle.
    fn penalty(&mut self, scene: &Scene, shown: &Shown) -> Result<Vec<f32>> {
        let _ = scene;
        Ok(vec![0.; shown.picture().len()])
    }

    /// A raw change, brought back to what is allowed. Called after every step.
    ///
    /// # Shapes
    /// - `raw`: as [`Scene::shape`], in units of full scale; returns the same
    ///
    /// # Errors
    /// Those of candle.
    fn within(&self, scene: &Scene, raw: &Tensor) -> Result<Tensor>;

    /// The change as it ends, brought to exactly what is allowed. As it is, unless told otherwise.
    ///
    /// # Shapes
    /// - `change`: `(3, height, width)`, in units of full scale; returns the same
    ///
    /// # Errors
    /// Those of candle.
    fn finish(&self, scene: &Scene, change: &Tensor) -> Result<Tensor> {
        let _ = scene;
        Ok(change.clone())
    }
}

/// No sample changes by more than this, in units of 1/255: what the field calls an L-infinity ball.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ball(pub f32);

impl Constraint for Ball {
    fn largest_change(&self) -> f32 {
        self.0
    }

    fn within(&self, _: &Scene, raw: &Tensor) -> Result<Tensor> {
        Ok(clamp(raw, -self.0 / 255., self.0 / 255.)?)
    }
}

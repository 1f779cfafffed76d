//! What every baseline works on.

use candle_core::Tensor;
use rand::RngExt as _;
use rand::rngs::StdRng;

use crate::cloak::{
    Budget, Cloak, Constraint as _, Limits, Objective as _, Scene, Subject, Unlike, gradient, numbers_of,
    resized,
};
use crate::embed::Embed;
use crate::face::{CROP, Warp, warp};
use crate::network::Result;

/// A face on its grid, the surrogates, what all methods want of them, and the limits.
pub(super) struct Target<'a> {
    pub(super) scene: Scene,
    surrogates: &'a [&'a dyn Embed],
    objective: Unlike,
    pub(super) budget: Budget,
}

impl<'a> Target<'a> {
    /// The face, or `None` where its points do not span one.
    pub(super) fn of(
        subject: &Subject<'_>,
        surrogates: &'a [&'a dyn Embed],
        budget: Budget,
    ) -> Result<Option<Self>> {
        let Some(scene) = Scene::of(subject.photo, subject.face)? else { return Ok(None) };
        // No method but ours knows of other photos of the person.
        let objective = Unlike::of(&scene, surrogates, &[])?;
        Ok(Some(Self { scene, surrogates, objective, budget }))
    }

    /// The picture with a raw change, `(3, height, width)`.
    pub(super) fn shown(&self, raw: &Tensor) -> Result<Tensor> {
        Ok(self.scene.show(&self.scene.fade(raw)?)?)
    }

    /// The aligned crop of a picture, at another number of pixels than usual where `side` says so.
    ///
    /// # Shapes
    /// - returns: `(3, side, side)`
    pub(super) fn crop(&self, shown: &Tensor, side: usize) -> Result<Tensor> {
        let to_usual = resized(CROP, side);
        Ok(warp(shown, Warp::new(to_usual.then(&self.scene.to_grid), [side, side]))?)
    }

    /// Square distance of the embeddings of a crop to those of the clean face, a mean over the
    /// surrogates, `0.0..=4.0`; differentiable.
    ///
    /// # Shapes
    /// - `crop`: `(3, 112, 112)`
    pub(super) fn distance(&self, crop: &Tensor) -> Result<Tensor> {
        let crops = crop.unsqueeze(0)?;
        let cosine =
            |(i, surrogate): (usize, &&dyn Embed)| self.objective.missed(i, &surrogate.embed(&crops)?);
        let cosines: Vec<Tensor> = self.surrogates.iter().enumerate().map(cosine).collect::<Result<_>>()?;
        Ok(Tensor::stack(&cosines, 0)?.mean_all()?.affine(-2., 2.)?)
    }

    /// The gradient of the distance that `crop` makes of a shown picture, in the raw change.
    pub(super) fn slope(&self, raw: &Tensor, crop: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
        gradient(raw, |raw| self.distance(&crop(&self.shown(raw)?)?))
    }

    /// Noise that is even in `-limit..limit`, of the shape of what is optimised.
    pub(super) fn even(&self, limit: f64, rng: &mut StdRng) -> Result<Tensor> {
        self.noise(|| rng.random_range(-limit..limit) as f32)
    }

    /// Gaussian noise, by [Box and Muller 1958](https://doi.org/10.1214/aoms/1177706645).
    pub(super) fn gaussian(&self, deviation: f64, rng: &mut StdRng) -> Result<Tensor> {
        self.noise(|| {
            let (u, v): (f64, f64) = (1. - rng.random::<f64>(), rng.random());
            (deviation * (-2. * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()) as f32
        })
    }

    fn noise(&self, mut draw: impl FnMut() -> f32) -> Result<Tensor> {
        let shape = self.scene.shape();
        let values: Vec<f32> = (0..shape.0 * shape.1 * shape.2).map(|_| draw()).collect();
        Ok(Tensor::from_vec(values, shape, self.scene.picture.device())?)
    }

    /// The share of the limit on DSSIM that a change uses; differentiable.
    pub(super) fn used(&self, change: &Tensor) -> Result<Tensor> {
        let shown = self.scene.show(change)?;
        let dssim = self.scene.structure.counted(&numbers_of(&shown)?).of(&shown)?;
        Ok((dssim / f64::from(self.budget.dssim))?)
    }

    /// The change inside the limits, with all of the DSSIM that it may have.
    pub(super) fn fitted(self, change: &Tensor, steps: usize) -> Result<Cloak> {
        let change = Limits::new(self.budget).finish(&self.scene, &change.contiguous()?)?;
        Cloak::of(&self.scene, change, steps)
    }
}

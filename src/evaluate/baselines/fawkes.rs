//! Fawkes 1.0, [Shan et al. 2020](https://arxiv.org/abs/2002.08327).
//!
//! After the program of that version rather than the paper, since the program is what people used:
//! it has no target person but raises the distance from the clean face, by Adadelta in the space of
//! the hyperbolic tangent, against a quadratic penalty beyond the DSSIM limit; the weight of the
//! distance doubles while there is room and halves while there is none, and the best change within
//! 1.1 times the limit is kept. Steps and step lengths are those of its mode with the nearest limit.
//! Its DSSIM is of RGB; here that of luma stands for it, and too much colour is taken out after every step.

use candle_core::Tensor;
use rand::rngs::StdRng;

use super::Target;
use crate::cloak::{Constraint as _, Limits, gradient};
use crate::face::CROP;
use crate::network::Result;

/// DSSIM limit, steps and step length of the modes `low`, `mid` and `high`.
const MODES: [(f32, usize, f64); 3] = [(0.004, 40, 25.), (0.012, 75, 20.), (0.017, 150, 15.)];
/// Weight of the penalty.
const PENALTY: f64 = 1e7;
/// Bounds of the weight of the distance.
const WEIGHTS: (f64, f64) = (1. / 128., 128.);
/// Largest change.
const LARGEST: f64 = 15. / 255.;
/// Size of the noise that it starts from.
const NOISE: f64 = 1e-4;

/// The change and its steps.
pub(super) fn fawkes(target: &Target<'_>, rng: &mut StdRng) -> Result<(Tensor, usize)> {
    let dssim = target.budget.dssim;
    let away = |mode: &&(f32, usize, f64)| ((mode.0 - dssim).abs() * 1e6) as u32;
    let &(_, steps, rate) = MODES.iter().min_by_key(away).unwrap_or(&MODES[1]);
    let picture = target.scene.picture.narrow(0, 0, target.scene.shape().0)?;
    let still = arctanh(&picture)?;
    let change = |modifier: &Tensor| -> Result<Tensor> {
        Ok(((modifier + &still)?.tanh()?.affine(0.5, 0.5)? - &picture)?.clamp(-LARGEST, LARGEST)?)
    };
    let mut modifier = target.even(NOISE, rng)?;
    let mut adadelta = Adadelta::new(&modifier)?;
    let mut weight = Weight(1.);
    let limits = Limits::new(target.budget);
    let mut best = (f32::NEG_INFINITY, None);
    for _ in 0..steps {
        let (mut seen, mut distance) = (0f32, 0f32);
        let slope = gradient(&modifier, |modifier| {
            let change = target.scene.fade(&change(modifier)?)?;
            let far = target.distance(&target.crop(&target.scene.show(&change)?, CROP)?)?;
            let used = target.used(&change)?;
            (seen, distance) = (used.to_scalar()?, far.to_scalar()?);
            let excess = used.affine(f64::from(dssim), -f64::from(dssim))?.relu()?;
            Ok(((excess.sqr()? * PENALTY)? - (far * weight.0)?)?)
        })?;
        if seen <= 1.1 && distance > best.0 {
            best = (distance, Some(modifier.clone()));
        }
        weight.adapt(seen);
        let next = change(&(modifier - adadelta.step(&slope, rate)?)?)?;
        let next = limits.within(&target.scene, &next)?;
        modifier = (arctanh(&(&picture + next)?)? - &still)?;
    }
    let best = best.1.unwrap_or(modifier);
    Ok((target.scene.fade(&change(&best)?)?, steps))
}

/// The inverse of the hyperbolic tangent of a picture of `0.0..=1.0` that is stretched to -1 to 1.
fn arctanh(picture: &Tensor) -> Result<Tensor> {
    let x = picture.affine(2., -1.)?.clamp(-0.999, 0.999)?;
    Ok(((x.affine(1., 1.)? / x.affine(-1., 1.)?)?.log()? * 0.5)?)
}

/// Weight of the distance: 1 near the limit.
struct Weight(f64);

impl Weight {
    /// `used`: the DSSIM as a share of its limit.
    fn adapt(&mut self, used: f32) {
        self.0 = match used {
            used if used <= 0.9 => (self.0.max(0.5) * 2.).min(WEIGHTS.1),
            used if used >= 1.1 => (self.0.min(2.) / 2.).max(WEIGHTS.0),
            _ => 1.,
        };
    }
}

/// Adadelta, [Zeiler 2012](https://arxiv.org/abs/1212.5701).
struct Adadelta {
    slopes: Tensor,
    steps: Tensor,
}

impl Adadelta {
    const DECAY: f64 = 0.95;
    const EPSILON: f64 = 1e-7;

    fn new(like: &Tensor) -> Result<Self> {
        Ok(Self { slopes: like.zeros_like()?, steps: like.zeros_like()? })
    }

    /// The change to subtract for a gradient.
    fn step(&mut self, slope: &Tensor, rate: f64) -> Result<Tensor> {
        let fade = |mean: &Tensor, new: &Tensor| (mean * Self::DECAY)? + (new.sqr()? * (1. - Self::DECAY))?;
        self.slopes = fade(&self.slopes, slope)?;
        let root = |mean: &Tensor| (mean + Self::EPSILON)?.sqrt();
        let step = ((root(&self.steps)? / root(&self.slopes)?)? * slope)?;
        self.steps = fade(&self.steps, &step)?;
        Ok((step * rate)?)
    }
}

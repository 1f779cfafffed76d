//! LowKey, [Cherepanova et al. 2021](https://arxiv.org/abs/2101.07922).
//!
//! Sign steps that raise the distance of the embeddings of the face, and of the face smoothed, from
//! those of the clean face, against a penalty on visibility. The paper's penalty is LPIPS, a
//! distance by a network of its own; here it is DSSIM with a weight that adapts until the limit is
//! met, since all methods are compared at one DSSIM. Steps, their length, the first noise and the
//! kernel are the authors'.

use candle_core::Tensor;
use rand::rngs::StdRng;

use super::Subject;
use crate::cloak::{convolve, gaussian, gradient};
use crate::face::CROP;
use crate::network::Result;

const STEPS: usize = 50;
const STRIDE: f64 = 0.0025;
/// Standard deviation of the noise that it starts from.
const NOISE: f64 = 0.005;
/// Standard deviation and radius of the smoothing in crop pixels.
const SMOOTH: (f32, usize) = (3., 3);
/// By how much the penalty's weight rises in a step outside the limit, and falls in one inside.
const ADAPT: f64 = 1.12;

/// The change and its steps.
pub(super) fn lowkey(subject: &Subject<'_>, dssim: f32, rng: &mut StdRng) -> Result<(Tensor, usize)> {
    let kernel = gaussian(SMOOTH.0, SMOOTH.1);
    let mut raw = subject.gaussian(NOISE, rng)?;
    let mut weight = 0.2;
    for _ in 0..STEPS {
        let slope = gradient(&raw, |raw| {
            let shown = subject.shown(raw)?;
            let crop = subject.crop(&shown, CROP)?;
            let distance = (subject.distance(&crop)? + subject.distance(&convolve(&crop, &kernel)?)?)?;
            let used = (subject.scene.structure.dssim(&shown)? / f64::from(dssim))?;
            weight *= if used.to_scalar::<f32>()? > 1. { ADAPT } else { 1. / ADAPT };
            Ok((distance - (used * weight)?)?)
        })?;
        raw = (raw + (slope.sign()? * STRIDE)?)?;
    }
    Ok((subject.scene.fade(&raw)?, STEPS))
}

//! LowKey, [Cherepanova et al. 2021](https://arxiv.org/abs/2101.07922).
//!
//! Sign steps that raise the distance of the embeddings of the face, and of the face smoothed, from
//! those of the clean face, against a penalty on visibility. The paper's penalty is LPIPS, a
//! distance by a network of its own that sees colour too; here it is ours on DSSIM, whose weight adapts until
//! the limit is met, and too much colour is taken out after every step, since all methods are compared at the
//! same limits. Steps, their length, the first noise and the kernel are the authors'.

use candle_core::Tensor;
use rand::rngs::StdRng;

use super::Target;
use crate::cloak::{Constraint as _, Limits, convolve, gaussian, gradient};
use crate::face::CROP;
use crate::network::Result;

const STEPS: usize = 50;
const STRIDE: f64 = 0.0025;
/// Standard deviation of the noise that it starts from.
const NOISE: f64 = 0.005;
/// Standard deviation and radius of the smoothing in crop pixels.
const SMOOTH: (f32, usize) = (3., 3);

/// The change and its steps.
pub(super) fn lowkey(target: &Target<'_>, rng: &mut StdRng) -> Result<(Tensor, usize)> {
    let kernel = gaussian(SMOOTH.0, SMOOTH.1);
    let mut raw = target.gaussian(NOISE, rng)?;
    let mut limits = Limits::new(target.budget);
    for _ in 0..STEPS {
        let slope = gradient(&raw, |raw| {
            let shown = target.shown(raw)?;
            let crop = target.crop(&shown, CROP)?;
            Ok((target.distance(&crop)? + target.distance(&convolve(&crop, &kernel)?)?)?)
        })?;
        let shown = target.scene.shown(&raw)?;
        let penalty = target.scene.slope(&shown, &limits.penalty(&target.scene, &shown)?)?;
        raw = limits.within(&target.scene, &(raw + ((slope - penalty)?.sign()? * STRIDE)?)?)?;
    }
    Ok((target.scene.fade(&raw)?, STEPS))
}

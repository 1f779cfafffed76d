//! Sign steps inside a ball of the largest change.

use candle_core::Tensor;
use rand::RngExt as _;
use rand::rngs::StdRng;

use super::Target;
use crate::cloak::{Ball, Constraint as _, convolve, gaussian, largest_scale};
use crate::face::CROP;
use crate::network::Result;

const STEPS: usize = 50;
/// Steps add up to this many radii of the ball.
const REACH: f64 = 2.5;
/// A ball of more than this radius is not looked for.
const LARGEST: f64 = 64. / 255.;

/// Share of the steps that see a smaller face, and the smallest side it is shrunk to.
const DIVERSE: f64 = 0.5;
const SMALLEST: usize = CROP * 9 / 10;
/// Standard deviation of the translation-invariant kernel as a share of the crop: 3 of 299 pixels.
const KERNEL: f32 = 3. / 299.;

/// Projected gradient descent from a random start; the change and its steps.
pub(super) fn pgd(target: &Target<'_>, rng: &mut StdRng) -> Result<(Tensor, usize)> {
    let ball = ball(target, rng)?;
    let mut raw = target.even(radius(&ball), rng)?;
    for _ in 0..STEPS {
        let slope = target.slope(&raw, |shown| target.crop(shown, CROP))?;
        raw = step(target, &ball, &raw, &slope)?;
    }
    Ok((dithered(target, &raw, rng)?, STEPS))
}

/// MI-DI-TI-FGSM. The distance is flat at the clean face, so it starts from a little noise.
pub(super) fn mi_di_ti(target: &Target<'_>, rng: &mut StdRng) -> Result<(Tensor, usize)> {
    let ball = ball(target, rng)?;
    let sigma = KERNEL * CROP as f32 * target.scene.to_grid.scale();
    let kernel = gaussian(sigma, (7. / 3. * sigma).ceil() as usize);
    let mut raw = target.even(radius(&ball) / 4., rng)?;
    let mut momentum = raw.zeros_like()?;
    for _ in 0..STEPS {
        let slope = target.slope(&raw, |shown| diverse(target, shown, rng))?;
        let slope = convolve(&slope, &kernel)?;
        momentum = momentum.broadcast_add(&slope.broadcast_div(&slope.abs()?.mean_all()?)?)?;
        raw = step(target, &ball, &raw, &momentum)?;
    }
    Ok((dithered(target, &raw, rng)?, STEPS))
}

/// The change that is left of a raw one. A ball of 4.4 levels would be rounded to one of 4: half a
/// level of noise lets each sample be rounded up as often as its fraction says.
fn dithered(target: &Target<'_>, raw: &Tensor, rng: &mut StdRng) -> Result<Tensor> {
    Ok(target.scene.fade(&(raw + target.even(0.5 / 255., rng)?)?)?)
}

/// Up the slope by signs, and back into the ball.
fn step(target: &Target<'_>, ball: &Ball, raw: &Tensor, slope: &Tensor) -> Result<Tensor> {
    let stride = REACH * radius(ball) / STEPS as f64;
    ball.within(&target.scene, &(raw + (slope.sign()? * stride)?)?)
}

/// The ball: random signs of its radius have the DSSIM that is asked for.
fn ball(target: &Target<'_>, rng: &mut StdRng) -> Result<Ball> {
    let signs = target.scene.fade(&target.even(1., rng)?.sign()?)?;
    let radius = largest_scale(&target.scene, &target.budget, LARGEST, |scale| &signs * scale)?;
    Ok(Ball(radius as f32 * 255.))
}

/// The radius of a ball, in units of full scale.
fn radius(ball: &Ball) -> f64 {
    f64::from(ball.0) / 255.
}

/// The crop, in half of the cases shrunk by up to a tenth and put anywhere on black.
fn diverse(target: &Target<'_>, shown: &Tensor, rng: &mut StdRng) -> Result<Tensor> {
    if !rng.random_bool(DIVERSE) {
        return target.crop(shown, CROP);
    }
    let side = rng.random_range(SMALLEST..CROP);
    let [down, right] = [0, 1].map(|_| rng.random_range(0..=CROP - side));
    let small = target.crop(shown, side)?.pad_with_zeros(1, down, CROP - side - down)?;
    Ok(small.pad_with_zeros(2, right, CROP - side - right)?)
}

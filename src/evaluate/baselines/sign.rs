//! Sign steps inside a ball of the largest change.

use candle_core::Tensor;
use rand::RngExt as _;
use rand::rngs::StdRng;

use super::Subject;
use crate::cloak::{convolve, gaussian};
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
pub(super) fn pgd(subject: &Subject<'_>, rng: &mut StdRng) -> Result<(Tensor, usize)> {
    let radius = radius(subject, rng)?;
    let mut raw = subject.even(radius, rng)?;
    for _ in 0..STEPS {
        let slope = subject.slope(&raw, |shown| subject.crop(shown, CROP))?;
        raw = step(&raw, &slope, radius)?;
    }
    Ok((dithered(subject, &raw, rng)?, STEPS))
}

/// MI-DI-TI-FGSM. The distance is flat at the clean face, so it starts from a little noise.
pub(super) fn mi_di_ti(subject: &Subject<'_>, rng: &mut StdRng) -> Result<(Tensor, usize)> {
    let radius = radius(subject, rng)?;
    let sigma = KERNEL * CROP as f32 * subject.scene.to_grid.scale();
    let kernel = gaussian(sigma, (7. / 3. * sigma).ceil() as usize);
    let mut raw = subject.even(radius / 4., rng)?;
    let mut momentum = raw.zeros_like()?;
    for _ in 0..STEPS {
        let slope = subject.slope(&raw, |shown| diverse(subject, shown, rng))?;
        let slope = convolve(&slope, &kernel)?;
        momentum = momentum.broadcast_add(&slope.broadcast_div(&slope.abs()?.mean_all()?)?)?;
        raw = step(&raw, &momentum, radius)?;
    }
    Ok((dithered(subject, &raw, rng)?, STEPS))
}

/// The change that is left of a raw one. A ball of 4.4 levels would be rounded to one of 4: half a
/// level of noise lets each sample be rounded up as often as its fraction says.
fn dithered(subject: &Subject<'_>, raw: &Tensor, rng: &mut StdRng) -> Result<Tensor> {
    Ok(subject.scene.fade(&(raw + subject.even(0.5 / 255., rng)?)?)?)
}

/// Up the slope by signs, and back into the ball.
fn step(raw: &Tensor, slope: &Tensor, radius: f64) -> Result<Tensor> {
    let stride = REACH * radius / STEPS as f64;
    Ok((raw + (slope.sign()? * stride)?)?.clamp(-radius, radius)?)
}

/// The radius of the ball: random signs of this size have the DSSIM that is asked for.
fn radius(subject: &Subject<'_>, rng: &mut StdRng) -> Result<f64> {
    let signs = subject.scene.fade(&subject.even(1., rng)?.sign()?)?;
    Ok(subject.scene.largest_scale(&subject.budget, LARGEST, |scale| &signs * scale)?)
}

/// The crop, in half of the cases shrunk by up to a tenth and put anywhere on black.
fn diverse(subject: &Subject<'_>, shown: &Tensor, rng: &mut StdRng) -> Result<Tensor> {
    if !rng.random_bool(DIVERSE) {
        return subject.crop(shown, CROP);
    }
    let side = rng.random_range(SMALLEST..CROP);
    let [down, right] = [0, 1].map(|_| rng.random_range(0..=CROP - side));
    let small = subject.crop(shown, side)?.pad_with_zeros(1, down, CROP - side - down)?;
    Ok(small.pad_with_zeros(2, right, CROP - side - right)?)
}

//! Functions of one variable, element by element.

use crate::plan::Unary;

use super::super::lanes::Instructions;
use super::super::rule::{Memories, Remembers, Rule};
use super::elementwise::{add, zip};

/// A function of each element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Elementwise {
    /// One of a plan's functions; activations that have bits are operations of their own.
    Unary(Unary),
    /// `x * (1 + erf(x / sqrt(2)))`, twice the Gaussian error linear unit.
    TwiceGelu,
}

impl Rule for Elementwise {
    fn piece(&self) -> Option<usize> {
        Some(1)
    }

    fn remembers(&self) -> Remembers {
        let Self::Unary(unary) = self else {
            return Remembers::Inputs;
        };
        match unary {
            Unary::Sigmoid | Unary::Tanh | Unary::Exp | Unary::Sqrt | Unary::Reciprocal => Remembers::Output,
            Unary::Neg | Unary::Floor | Unary::Ceil | Unary::Round | Unary::Sign => Remembers::Nothing,
            _ => Remembers::Inputs,
        }
    }

    fn forward(&self, instructions: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        let x = inputs[0];
        let Self::Unary(unary) = *self else {
            return zip(instructions, output, x, x, |x, _| x + x * erf(x * HALF_ROOT));
        };
        let mut map = |f: &dyn Fn(f32) -> f32| {
            for (out, x) in output.iter_mut().zip(x) {
                *out = f(*x);
            }
        };
        match unary {
            Unary::Relu => zip(instructions, output, x, x, |x, _| x.max(0.)),
            Unary::LeakyRelu { slope } => {
                zip(instructions, output, x, x, |x, _| if x > 0. { x } else { slope * x });
            }
            Unary::Clip { low, high } => {
                zip(instructions, output, x, x, |x, _| x.max(low).min(high));
            }
            Unary::Sigmoid => zip(instructions, output, x, x, |x, _| 1. / (1. + exp(-x))),
            Unary::Erf => zip(instructions, output, x, x, |x, _| erf(x)),
            Unary::Exp => zip(instructions, output, x, x, |x, _| exp(x)),
            Unary::Sqrt => zip(instructions, output, x, x, |x, _| x.sqrt()),
            Unary::Abs => zip(instructions, output, x, x, |x, _| x.abs()),
            Unary::Neg => zip(instructions, output, x, x, |x, _| -x),
            Unary::Reciprocal => zip(instructions, output, x, x, |x, _| 1. / x),
            Unary::Tanh => map(&f32::tanh),
            Unary::Log => map(&f32::ln),
            Unary::Sin => map(&f32::sin),
            Unary::Cos => map(&f32::cos),
            Unary::Power(power) => map(&|x| x.powf(power)),
            Unary::HardSwish => zip(instructions, output, x, x, |x, _| x * (x / 6. + 0.5).clamp(0., 1.)),
            Unary::Softplus => map(&|x| x.max(0.) + (-x.abs()).exp().ln_1p()),
            Unary::Elu { alpha } => map(&|x| if x > 0. { x } else { alpha * x.exp_m1() }),
            Unary::Floor => map(&f32::floor),
            Unary::Ceil => map(&f32::ceil),
            Unary::Round => map(&f32::round_ties_even),
            Unary::Sign => map(&|x| if x == 0. { 0. } else { x.signum() }),
        }
    }

    fn gradient(
        &self,
        instructions: Instructions,
        _: usize,
        memories: &Memories<'_>,
        from: &[f32],
        to: &mut [f32],
    ) {
        let (i, y) = (instructions, memories.output);
        let x = memories.inputs.first().copied().unwrap_or_default();
        let Self::Unary(unary) = *self else {
            return add(i, to, from, x, |g, x| g * twice_gelu_slope(x));
        };
        match unary {
            Unary::Relu => add(i, to, from, x, |g, x| if x > 0. { g } else { 0. }),
            Unary::LeakyRelu { slope } => {
                add(i, to, from, x, |g, x| if x > 0. { g } else { slope * g });
            }
            Unary::Clip { low, high } => {
                add(i, to, from, x, |g, x| if low < x && x < high { g } else { 0. });
            }
            Unary::Sigmoid => add(i, to, from, y, |g, y| g * y * (1. - y)),
            Unary::Tanh => add(i, to, from, y, |g, y| g * (1. - y * y)),
            Unary::Erf => add(i, to, from, x, |g, x| g * TWO_OVER_ROOT_PI * exp(-x * x)),
            Unary::Exp => add(i, to, from, y, |g, y| g * y),
            Unary::Log => add(i, to, from, x, |g, x| g / x),
            Unary::Sqrt => add(i, to, from, y, |g, y| g / (2. * y)),
            Unary::Abs => add(i, to, from, x, |g, x| if x == 0. { 0. } else { g * x.signum() }),
            Unary::Neg => add(i, to, from, from, |g, _| -g),
            Unary::Reciprocal => add(i, to, from, y, |g, y| -g * y * y),
            Unary::Sin => add(i, to, from, x, |g, x| g * x.cos()),
            Unary::Cos => add(i, to, from, x, |g, x| -g * x.sin()),
            Unary::Power(p) => add(i, to, from, x, |g, x| g * p * x.powf(p - 1.)),
            Unary::HardSwish => add(i, to, from, x, |g, x| g * hard_swish_slope(x)),
            Unary::Softplus => add(i, to, from, x, |g, x| g / (1. + (-x).exp())),
            Unary::Elu { alpha } => add(i, to, from, x, |g, x| if x > 0. { g } else { g * alpha * x.exp() }),
            Unary::Round => add(i, to, from, from, |g, _| g),
            Unary::Floor | Unary::Ceil | Unary::Sign => {}
        }
    }
}

/// `1 / sqrt(2)`
pub(crate) const HALF_ROOT: f32 = std::f32::consts::FRAC_1_SQRT_2;

const TWO_OVER_ROOT_PI: f32 = std::f32::consts::FRAC_2_SQRT_PI;

#[inline(always)]
fn hard_swish_slope(x: f32) -> f32 {
    if x >= 3. {
        1.
    } else if x <= -3. {
        0.
    } else {
        x / 3. + 0.5
    }
}

#[inline(always)]
fn twice_gelu_slope(x: f32) -> f32 {
    1. + erf(x * HALF_ROOT) + x * HALF_ROOT * TWO_OVER_ROOT_PI * exp(-0.5 * x * x)
}

/// `exp(x)` to 2 units in the last place, without branches, so that loops are vectorised.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    // x = n ln 2 + r, |r| <= ln 2 / 2, with ln 2 in two parts so that r keeps its digits.
    let x = x.clamp(-87., 88.);
    const ROUND: f32 = 12_582_912.; // 1.5 * 2^23: adding it rounds to an integer
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * 0.693_359_4) + n * 2.121_944_4e-4;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_2e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let p = p * r * r + r + 1.;
    // The integer n is in the low bits of the shifted number.
    let n = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    let power = f32::from_bits(n.wrapping_add(127) << 23);
    p * power
}

/// The error function to 4e-7, without branches: the quotient of polynomials that Eigen uses.
#[inline(always)]
pub(super) fn erf(x: f32) -> f32 {
    let x = x.clamp(-4., 4.);
    let s = x * x;
    let p = -2.726_142_3e-10;
    let p = p * s + 2.770_681_4e-8;
    let p = p * s - 2.101_024e-6;
    let p = p * s - 5.692_506_4e-5;
    let p = p * s - 7.349_906_3e-4;
    let p = p * s - 2.954_6e-3;
    let p = p * s - 1.609_603_3e-2;
    let q = -1.456_607_2e-5;
    let q = q * s - 2.133_740_6e-4;
    let q = q * s - 1.682_827e-3;
    let q = q * s - 7.373_329_2e-3;
    let q = q * s - 1.426_473_9e-2;
    x * p / q
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_agrees_with_the_standard_library() {
        for step in -8600..8800 {
            let x = step as f32 / 100.;
            let expected = x.exp();
            assert!((exp(x) - expected).abs() <= 4e-7 * expected, "exp({x})");
        }
    }

    #[test]
    fn erf_agrees_with_tables_and_is_odd() {
        let table = [
            (0., 0.),
            (0.1, 0.112_462_916),
            (0.5, 0.520_499_9),
            (1., 0.842_700_8),
            (1.5, 0.966_105_15),
            (2., 0.995_322_3),
            (3., 0.999_977_9),
            (6., 1.),
        ];
        for (x, expected) in table {
            assert!((erf(x) - expected).abs() < 5e-7, "erf({x}) = {}", erf(x));
            assert!((erf(-x) + expected).abs() < 5e-7);
        }
    }
}

//! Arithmetic between arrays, and between an array and constants that repeat along it.

use std::cmp::Ordering;

use crate::plan::Binary;

use super::super::lanes::{InLanes, Instructions, Lanes};
use super::super::rule::{Memories, Remembers, Rule};

/// `x * scale + shift`; both have the same length and repeat along the array.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scale {
    pub(crate) scale: Vec<f32>,
    pub(crate) shift: Vec<f32>,
}

impl Rule for Scale {
    fn piece(&self) -> Option<usize> {
        Some(self.scale.len())
    }

    fn remembers(&self) -> Remembers {
        Remembers::Nothing
    }

    fn forward(&self, instructions: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        let period = row_of(self.scale.len(), output.len());
        instructions.run(Periodic {
            a: inputs[0],
            b: inputs[0],
            p: &repeat(&self.scale, period),
            q: &repeat(&self.shift, period),
            out: output,
            f: |out: &mut f32, x, _, scale, shift| *out = x * scale + shift,
        });
    }

    fn gradient(&self, instructions: Instructions, _: usize, _: &Memories<'_>, from: &[f32], to: &mut [f32]) {
        let scale = repeat(&self.scale, row_of(self.scale.len(), to.len()));
        instructions.run(Periodic {
            a: from,
            b: from,
            p: &scale,
            q: &scale,
            out: to,
            f: |to: &mut f32, g, _, scale, _| *to += g * scale,
        });
    }
}

/// A multiple of the period that is long enough for a loop to be worth it.
fn row_of(period: usize, length: usize) -> usize {
    let times = (256 / period.max(1)).max(1);
    if length.is_multiple_of(period * times) { period * times } else { period }
}

fn repeat(row: &[f32], length: usize) -> Vec<f32> {
    row.iter().copied().cycle().take(length).collect()
}

/// `f(out, a, b, p, q)` for each element, where `p` and `q` repeat along the arrays.
pub(super) struct Periodic<'a, F> {
    pub(super) out: &'a mut [f32],
    pub(super) a: &'a [f32],
    pub(super) b: &'a [f32],
    pub(super) p: &'a [f32],
    pub(super) q: &'a [f32],
    pub(super) f: F,
}

impl<F: Fn(&mut f32, f32, f32, f32, f32)> InLanes for Periodic<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let period = self.p.len();
        let rows = self.a.chunks(period).zip(self.b.chunks(period));
        for (out, (a, b)) in self.out.chunks_mut(period).zip(rows) {
            let constants = self.p.iter().zip(self.q);
            for (((out, a), b), (p, q)) in out.iter_mut().zip(a).zip(b).zip(constants) {
                (self.f)(out, *a, *b, *p, *q);
            }
        }
    }
}

/// `f(out, a, b)` for each element.
struct Zip<'a, F> {
    out: &'a mut [f32],
    a: &'a [f32],
    b: &'a [f32],
    f: F,
}

impl<F: Fn(&mut f32, f32, f32)> InLanes for Zip<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        for ((out, a), b) in self.out.iter_mut().zip(self.a).zip(self.b) {
            (self.f)(out, *a, *b);
        }
    }
}

/// `out = f(a, b)`
pub(super) fn zip(
    instructions: Instructions,
    out: &mut [f32],
    a: &[f32],
    b: &[f32],
    f: impl Fn(f32, f32) -> f32,
) {
    let f = |out: &mut f32, a, b| *out = f(a, b);
    instructions.run(Zip { out, a, b, f });
}

/// `to += f(a, b)`
pub(super) fn add(
    instructions: Instructions,
    to: &mut [f32],
    a: &[f32],
    b: &[f32],
    f: impl Fn(f32, f32) -> f32,
) {
    let f = |out: &mut f32, a, b| *out += f(a, b);
    instructions.run(Zip { out: to, a, b, f });
}

/// An operation of two arrays of the same length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Combine(pub(crate) Binary);

impl Rule for Combine {
    fn piece(&self) -> Option<usize> {
        Some(1)
    }

    fn remembers(&self) -> Remembers {
        match self.0 {
            Binary::Add | Binary::Sub => Remembers::Nothing,
            Binary::Less | Binary::LessOrEqual | Binary::Equal => Remembers::Nothing,
            Binary::Mul | Binary::Div | Binary::Min | Binary::Max | Binary::Power => Remembers::Inputs,
        }
    }

    fn forward(&self, instructions: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        let [a, b] = [inputs[0], inputs[1]];
        match self.0 {
            Binary::Add => zip(instructions, output, a, b, |a, b| a + b),
            Binary::Sub => zip(instructions, output, a, b, |a, b| a - b),
            Binary::Mul => zip(instructions, output, a, b, |a, b| a * b),
            Binary::Div => zip(instructions, output, a, b, |a, b| a / b),
            Binary::Min => zip(instructions, output, a, b, f32::min),
            Binary::Max => zip(instructions, output, a, b, f32::max),
            Binary::Power => zip(instructions, output, a, b, f32::powf),
            Binary::Less => zip(instructions, output, a, b, |a, b| f32::from(u8::from(a < b))),
            Binary::LessOrEqual => zip(instructions, output, a, b, |a, b| f32::from(u8::from(a <= b))),
            Binary::Equal => zip(instructions, output, a, b, |a, b| {
                f32::from(u8::from(a.partial_cmp(&b).is_some_and(Ordering::is_eq)))
            }),
        }
    }

    fn gradient(
        &self,
        instructions: Instructions,
        input: usize,
        memories: &Memories<'_>,
        from: &[f32],
        to: &mut [f32],
    ) {
        let inputs = memories.inputs;
        match (self.0, input) {
            (Binary::Add, _) | (Binary::Sub, 0) => add(instructions, to, from, from, |g, _| g),
            (Binary::Sub, _) => add(instructions, to, from, from, |g, _| -g),
            (Binary::Mul, _) => add(instructions, to, from, inputs[1 - input], |g, x| g * x),
            (Binary::Div, 0) => add(instructions, to, from, inputs[1], |g, b| g / b),
            (Binary::Div, _) => {
                // The gradient of a / b by b is -a / b^2.
                let ratio: Vec<f32> = inputs[0].iter().zip(inputs[1]).map(ratio).collect();
                add(instructions, to, from, &ratio, |g, r| -g * r);
            }
            (Binary::Min | Binary::Max, _) => {
                let share = if self.0 == Binary::Min { share_of_smaller } else { share_of_larger };
                let pairs = inputs[input].iter().zip(inputs[1 - input]);
                let shares: Vec<f32> = pairs.map(|(own, other)| share(*own, *other)).collect();
                add(instructions, to, from, &shares, |g, share| g * share);
            }
            (Binary::Power, _) => {
                let slope = if input == 0 { slope_of_base } else { slope_of_exponent };
                let slopes: Vec<f32> = inputs[0].iter().zip(inputs[1]).map(|(a, b)| slope(*a, *b)).collect();
                add(instructions, to, from, &slopes, |g, slope| g * slope);
            }
            (Binary::Less | Binary::LessOrEqual | Binary::Equal, _) => {}
        }
    }
}

fn ratio((a, b): (&f32, &f32)) -> f32 {
    a / (b * b)
}

/// 1 where the operand is the result, half where both are.
fn share_of_larger(own: f32, other: f32) -> f32 {
    if own > other {
        1.
    } else if own < other {
        0.
    } else {
        0.5
    }
}

fn share_of_smaller(own: f32, other: f32) -> f32 {
    share_of_larger(-own, -other)
}

fn slope_of_base(base: f32, exponent: f32) -> f32 {
    exponent * base.powf(exponent - 1.)
}

fn slope_of_exponent(base: f32, exponent: f32) -> f32 {
    base.powf(exponent) * base.ln()
}

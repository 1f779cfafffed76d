//! Normalisation and softmax over rows: the innermost axis.

use super::super::instruction::{Memories, Remembers, Rule};
use super::super::lanes::{Instructions, Job, Lanes};
use super::functions::exp;

/// Normalisation of each row to mean 0 and variance 1, then `* scale + shift`.
#[derive(Clone, Debug)]
pub(crate) struct LayerNorm {
    /// One factor for each element of a row.
    pub(crate) scale: Vec<f32>,
    pub(crate) shift: Vec<f32>,
    /// Added to the variance.
    pub(crate) epsilon: f32,
}

impl Rule for LayerNorm {
    fn remembers(&self) -> Remembers {
        Remembers::Inputs
    }

    fn forward(&self, instructions: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        instructions.run(Normalise { rule: self, x: inputs[0], out: output });
    }

    fn gradient(
        &self,
        instructions: Instructions,
        _: usize,
        memories: &Memories<'_>,
        from: &[f32],
        to: &mut [f32],
    ) {
        instructions.run(NormaliseGradient { rule: self, x: memories.inputs[0], from, to });
    }
}

/// Sums with 16 partial sums, which the compiler keeps in vectors.
#[inline(always)]
fn sum(length: usize, term: impl Fn(usize) -> f32) -> f32 {
    let mut sums = [0_f32; 16];
    let whole = length - length % 16;
    let mut i = 0;
    while i < whole {
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum += term(i + lane);
        }
        i += 16;
    }
    let rest: f32 = (whole..length).map(term).sum();
    sums.iter().sum::<f32>() + rest
}

#[inline(always)]
fn mean_and_scale(x: &[f32], epsilon: f32) -> (f32, f32) {
    let count = x.len() as f32;
    let mean = sum(x.len(), |i| x[i]) / count;
    let variance = sum(x.len(), |i| (x[i] - mean) * (x[i] - mean)) / count;
    (mean, 1. / (variance + epsilon).sqrt())
}

struct Normalise<'a> {
    rule: &'a LayerNorm,
    x: &'a [f32],
    out: &'a mut [f32],
}

impl Job for Normalise<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let LayerNorm { scale, shift, epsilon } = self.rule;
        let width = scale.len();
        let rows = self.x.chunks_exact(width);
        for (out, x) in self.out.chunks_exact_mut(width).zip(rows) {
            let (mean, by) = mean_and_scale(x, *epsilon);
            for (((out, x), scale), shift) in out.iter_mut().zip(x).zip(scale).zip(shift) {
                *out = (x - mean) * by * scale + shift;
            }
        }
    }
}

struct NormaliseGradient<'a> {
    rule: &'a LayerNorm,
    x: &'a [f32],
    from: &'a [f32],
    to: &'a mut [f32],
}

impl Job for NormaliseGradient<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let LayerNorm { scale, epsilon, .. } = self.rule;
        let width = scale.len();
        let rows = self.x.chunks_exact(width).zip(self.from.chunks_exact(width));
        for (to, (x, g)) in self.to.chunks_exact_mut(width).zip(rows) {
            let (x, g) = (&x[..width], &g[..width]);
            let (mean, by) = mean_and_scale(x, *epsilon);
            let count = width as f32;
            let along_one = sum(width, |i| g[i] * scale[i]) / count;
            let along_x = sum(width, |i| g[i] * scale[i] * (x[i] - mean) * by) / count;
            for (((to, x), g), scale) in to.iter_mut().zip(x).zip(g).zip(scale) {
                let normal = (x - mean) * by;
                *to += by * (g * scale - along_one - normal * along_x);
            }
        }
    }
}

/// `exp(x) / sum(exp(x))` of each row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Softmax {
    /// Elements in a row.
    pub(crate) width: usize,
}

impl Rule for Softmax {
    fn remembers(&self) -> Remembers {
        Remembers::Output
    }

    fn forward(&self, instructions: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        instructions.run(SoftmaxRows { width: self.width, x: inputs[0], out: output });
    }

    fn gradient(&self, _: Instructions, _: usize, memories: &Memories<'_>, from: &[f32], to: &mut [f32]) {
        let rows = memories.output.chunks(self.width).zip(from.chunks(self.width));
        for (to, (y, g)) in to.chunks_mut(self.width).zip(rows) {
            let along: f32 = y.iter().zip(g).map(|(y, g)| y * g).sum();
            for ((to, y), g) in to.iter_mut().zip(y).zip(g) {
                *to += y * (g - along);
            }
        }
    }
}

struct SoftmaxRows<'a> {
    width: usize,
    x: &'a [f32],
    out: &'a mut [f32],
}

impl Job for SoftmaxRows<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let rows = self.x.chunks(self.width);
        for (out, x) in self.out.chunks_mut(self.width).zip(rows) {
            let largest = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for (out, x) in out.iter_mut().zip(x) {
                *out = exp(x - largest);
            }
            let by = 1. / out.iter().sum::<f32>();
            for out in out {
                *out *= by;
            }
        }
    }
}

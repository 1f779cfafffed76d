//! Normalisation and softmax over rows: the innermost axis.

use super::super::lanes::{InLanes, Instructions, Lanes};
use super::super::rule::{Memories, Remembers, Rule};
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
    fn piece(&self) -> Option<usize> {
        Some(self.scale.len())
    }

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

/// The sum of `term` over the vectors of a row.
#[inline(always)]
fn sum<L: Lanes>(width: usize, term: impl Fn(usize, usize) -> L::Vector) -> f32 {
    let mut total = L::splat(0.);
    let mut at = 0;
    while at < width {
        let end = (at + L::COUNT).min(width);
        total = L::add(total, term(at, end));
        at = end;
    }
    L::sum(total)
}

/// Elements minus their mean; 0 behind the row's end.
#[inline(always)]
fn centred<L: Lanes>(x: &[f32], mean: f32) -> L::Vector {
    let live = if x.len() >= 32 { u32::MAX } else { (1 << x.len()) - 1 };
    L::select(live, L::add(L::read(x), L::splat(-mean)), L::splat(0.))
}

#[inline(always)]
fn mean_and_scale<L: Lanes>(x: &[f32], epsilon: f32) -> (f32, f32) {
    let count = x.len() as f32;
    let mean = sum::<L>(x.len(), |at, end| L::read(&x[at..end])) / count;
    let square = |at, end| {
        let x = centred::<L>(&x[at..end], mean);
        L::mul(x, x)
    };
    let variance = sum::<L>(x.len(), square) / count;
    (mean, 1. / (variance + epsilon).sqrt())
}

struct Normalise<'a> {
    rule: &'a LayerNorm,
    x: &'a [f32],
    out: &'a mut [f32],
}

impl InLanes for Normalise<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let LayerNorm { scale, shift, epsilon } = self.rule;
        let width = scale.len();
        let rows = self.x.chunks_exact(width);
        for (out, x) in self.out.chunks_exact_mut(width).zip(rows) {
            let (mean, by) = mean_and_scale::<L>(x, *epsilon);
            let mut at = 0;
            while at < width {
                let end = (at + L::COUNT).min(width);
                let normal = L::mul(centred::<L>(&x[at..end], mean), L::splat(by));
                let scaled = L::mul_add(normal, L::read(&scale[at..end]), L::read(&shift[at..end]));
                L::write(&mut out[at..end], scaled);
                at = end;
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

impl InLanes for NormaliseGradient<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let LayerNorm { scale, epsilon, .. } = self.rule;
        let width = scale.len();
        let rows = self.x.chunks_exact(width).zip(self.from.chunks_exact(width));
        for (to, (x, g)) in self.to.chunks_exact_mut(width).zip(rows) {
            let (mean, by) = mean_and_scale::<L>(x, *epsilon);
            let normal = |at: usize, end: usize| L::mul(centred::<L>(&x[at..end], mean), L::splat(by));
            let scaled = |at: usize, end: usize| L::mul(L::read(&g[at..end]), L::read(&scale[at..end]));
            let share = -1. / width as f32;
            let along_one = share * sum::<L>(width, scaled);
            let product = |at, end| L::mul(scaled(at, end), normal(at, end));
            let along_x = share * sum::<L>(width, product);
            let mut at = 0;
            while at < width {
                let end = (at + L::COUNT).min(width);
                let rest = L::add(scaled(at, end), L::splat(along_one));
                let change = L::mul_add(normal(at, end), L::splat(along_x), rest);
                let before = L::read(&to[at..end]);
                L::write(&mut to[at..end], L::mul_add(change, L::splat(by), before));
                at = end;
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
    fn piece(&self) -> Option<usize> {
        Some(self.width)
    }

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

impl InLanes for SoftmaxRows<'_> {
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

//! Reductions over the middle axis of `(outer, length, inner)`.

use crate::plan::Reduction;

use super::super::lanes::Instructions;
use super::super::rule::{Memories, Remembers, Rule};

/// A reduction over the middle axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reduce {
    pub(crate) kind: Reduction,
    pub(crate) length: usize,
    pub(crate) inner: usize,
}

impl Rule for Reduce {
    fn remembers(&self) -> Remembers {
        match self.kind {
            Reduction::Mean | Reduction::Sum => Remembers::Nothing,
            Reduction::L2 | Reduction::Max | Reduction::Product => Remembers::InputsAndOutput,
        }
    }

    fn forward(&self, _: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        let sources = inputs[0].chunks_exact(self.length * self.inner);
        for (out, source) in output.chunks_exact_mut(self.inner).zip(sources) {
            let start = match self.kind {
                Reduction::Max => f32::NEG_INFINITY,
                Reduction::Product => 1.,
                Reduction::Mean | Reduction::Sum | Reduction::L2 => 0.,
            };
            out.fill(start);
            for row in source.chunks_exact(self.inner) {
                for (out, x) in out.iter_mut().zip(row) {
                    *out = self.join(*out, *x);
                }
            }
            for out in out {
                *out = self.end(*out);
            }
        }
    }

    fn gradient(&self, _: Instructions, _: usize, memories: &Memories<'_>, from: &[f32], to: &mut [f32]) {
        let size = self.length * self.inner;
        for (outer, to) in to.chunks_exact_mut(size).enumerate() {
            for (i, to) in to.iter_mut().enumerate() {
                let result = outer * self.inner + i % self.inner;
                let element = outer * size + i;
                *to += from[result] * self.slope(memories, element, result);
            }
        }
    }
}

impl Reduce {
    fn join(&self, so_far: f32, x: f32) -> f32 {
        match self.kind {
            Reduction::Mean | Reduction::Sum => so_far + x,
            Reduction::L2 => so_far + x * x,
            Reduction::Max => so_far.max(x),
            Reduction::Product => so_far * x,
        }
    }

    fn end(&self, joined: f32) -> f32 {
        match self.kind {
            Reduction::Mean => joined / self.length as f32,
            Reduction::L2 => joined.sqrt(),
            Reduction::Sum | Reduction::Max | Reduction::Product => joined,
        }
    }

    /// How the result changes with an element.
    fn slope(&self, memories: &Memories<'_>, element: usize, result: usize) -> f32 {
        match self.kind {
            Reduction::Mean => 1. / self.length as f32,
            Reduction::Sum => 1.,
            Reduction::L2 => memories.inputs[0][element] / memories.output[result],
            // All other factors: their product cannot be had by division where the element is 0.
            Reduction::Product => {
                let (outer, inner) = (element / (self.length * self.inner), element % self.inner);
                let first = outer * self.length * self.inner + inner;
                let places = (0..self.length).map(|i| first + i * self.inner);
                places.filter(|&place| place != element).map(|place| memories.inputs[0][place]).product()
            }
            Reduction::Max => {
                let is_largest = memories.inputs[0][element] >= memories.output[result];
                f32::from(u8::from(is_largest))
            }
        }
    }
}

//! Weighted sums of elements along an axis.

use crate::plan::Taps;

use super::super::lanes::Instructions;
use super::super::rule::{Memories, Remembers, Rule};

/// Mixes the middle axis of `(outer, length, inner)`.
#[derive(Clone, Debug)]
pub(crate) struct Mix {
    pub(crate) taps: Taps,
    pub(crate) length: usize,
    pub(crate) inner: usize,
}

impl Mix {
    /// Where the rows that are added lie in the input, where in the output, and by how much they count.
    fn each(&self, elements: usize, mut work: impl FnMut(usize, usize, f32)) {
        let outer = elements / (self.length * self.inner);
        let count = self.taps.ends.len();
        for outer in 0..outer {
            for (row, taps) in self.taps.iter().enumerate() {
                let target = (outer * count + row) * self.inner;
                for (source, weight) in taps {
                    work((outer * self.length + source) * self.inner, target, weight);
                }
            }
        }
    }
}

impl Rule for Mix {
    fn remembers(&self) -> Remembers {
        Remembers::Nothing
    }

    fn forward(&self, _: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        output.fill(0.);
        self.each(inputs[0].len(), |source, target, weight| {
            let source = &inputs[0][source..source + self.inner];
            for (out, x) in output[target..target + self.inner].iter_mut().zip(source) {
                *out += weight * x;
            }
        });
    }

    fn gradient(&self, _: Instructions, _: usize, _: &Memories<'_>, from: &[f32], to: &mut [f32]) {
        self.each(to.len(), |source, target, weight| {
            let from = &from[target..target + self.inner];
            for (to, g) in to[source..source + self.inner].iter_mut().zip(from) {
                *to += weight * g;
            }
        });
    }
}

//! Activations that a convolution may take in.

use super::super::lanes::Instructions;
use super::super::rule::{Memories, Remembers, Rule};
use super::elementwise::{Periodic, add, zip};

/// An activation whose gradient needs one bit an element.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Activation {
    Identity,
    /// `x` where positive, `slope * x` elsewhere; slopes repeat along the array.
    Prelu(Vec<f32>),
    /// `min(max(x, low), high)`
    Clip {
        low: f32,
        high: f32,
    },
}

impl Rule for Activation {
    fn piece(&self) -> Option<usize> {
        Some(if let Self::Prelu(slopes) = self { slopes.len() } else { 1 })
    }

    fn remembers(&self) -> Remembers {
        match self {
            Self::Identity => Remembers::Nothing,
            Self::Prelu(_) | Self::Clip { .. } => Remembers::Inputs,
        }
    }

    fn forward(&self, instructions: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        match self {
            Self::Identity => output.copy_from_slice(inputs[0]),
            Self::Clip { low, high } => {
                zip(instructions, output, inputs[0], inputs[0], |x, _| x.max(*low).min(*high));
            }
            Self::Prelu(slopes) => instructions.run(Periodic {
                out: output,
                a: inputs[0],
                b: inputs[0],
                p: slopes,
                q: slopes,
                f: |out: &mut f32, x, _, slope, _| *out = if x > 0. { x } else { slope * x },
            }),
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
        match self {
            Self::Identity => add(instructions, to, from, from, |g, _| g),
            Self::Clip { low, high } => {
                let inside = |x: f32| *low < x && x < *high;
                add(instructions, to, from, memories.inputs[0], |g, x| if inside(x) { g } else { 0. });
            }
            Self::Prelu(slopes) => instructions.run(Periodic {
                out: to,
                a: from,
                b: memories.inputs[0],
                p: slopes,
                q: slopes,
                f: |to: &mut f32, g, x, slope, _| *to += if x > 0. { g } else { slope * g },
            }),
        }
    }
}

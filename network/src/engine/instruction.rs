//! What a program consists of before it is compiled: operations on arrays in memory.
//!
//! Unlike a plan's values, arrays have no axes: an operation carries the sizes it needs, and two
//! values with the same elements in the same order share one array.

use std::fmt::Debug;

use super::convolve::Spec;
use super::lanes::Instructions;
use super::rules::{Combine, Elementwise, Scale};

/// Names an array.
pub(super) type ArrayId = usize;

/// One operation on arrays.
#[derive(Debug)]
pub(super) struct Instruction {
    pub(super) operation: Operation,
    pub(super) inputs: Vec<ArrayId>,
    pub(super) output: ArrayId,
    /// The node's name in the file, for messages.
    pub(super) name: String,
}

/// The kinds of operation that fusion knows, and all others.
#[derive(Debug)]
pub(super) enum Operation {
    /// Inputs: the source, and what is added before the activation.
    Convolve(Box<Convolve>),
    Scale(Scale),
    Activate(Activation),
    Combine(Combine),
    Elementwise(Elementwise),
    Other(Box<dyn Rule>),
}

/// A convolution with what follows it.
#[derive(Debug)]
pub(super) struct Convolve {
    pub(super) spec: Spec,
    pub(super) activation: Activation,
}

/// An activation whose gradient needs one bit an element.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Activation {
    Identity,
    /// `x` where positive, `slope * x` elsewhere; slopes repeat along the array.
    Prelu(Vec<f32>),
    /// `min(max(x, low), high)`
    Clip {
        low: f32,
        high: f32,
    },
}

/// What an operation's gradient wants to see again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remembers {
    Nothing,
    Inputs,
    Output,
    InputsAndOutput,
}

/// The arrays of a forward pass, empty where the operation did not ask for them.
pub(super) struct Memories<'a> {
    pub(super) inputs: &'a [&'a [f32]],
    pub(super) output: &'a [f32],
}

/// An operation that is not a convolution.
pub(super) trait Rule: Debug + Send + Sync {
    /// What [`Rule::gradient`] needs.
    fn remembers(&self) -> Remembers;

    /// The length of pieces that do not depend on each other, if inputs and output are cut alike.
    fn piece(&self) -> Option<usize> {
        None
    }

    /// The operation's name, if it is the reference executor that does the work.
    fn borrowed(&self) -> Option<&'static str> {
        None
    }

    /// Writes the whole output.
    fn forward(&self, instructions: Instructions, inputs: &[&[f32]], output: &mut [f32]);

    /// Adds to `to` the gradient of the input with number `input`, given that of the output.
    fn gradient(
        &self,
        instructions: Instructions,
        input: usize,
        memories: &Memories<'_>,
        from: &[f32],
        to: &mut [f32],
    );
}

impl Operation {
    /// The operation as a rule, unless it is a convolution.
    pub(super) fn into_rule(self) -> Result<Box<dyn Rule>, Box<Convolve>> {
        match self {
            Self::Convolve(convolve) => Err(convolve),
            Self::Scale(scale) => Ok(Box::new(scale)),
            Self::Activate(activation) => Ok(Box::new(activation)),
            Self::Combine(combine) => Ok(Box::new(combine)),
            Self::Elementwise(elementwise) => Ok(Box::new(elementwise)),
            Self::Other(rule) => Ok(rule),
        }
    }
}

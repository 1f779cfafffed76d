//! What a program consists of before it is compiled: operations on arrays in memory.
//!
//! Unlike a plan's values, arrays have no axes: an operation carries the sizes it needs, and two
//! values with the same elements in the same order share one array.

use super::convolve::Spec;
use super::rule::Rule;
use super::rules::{Activation, Combine, Elementwise, Scale};

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

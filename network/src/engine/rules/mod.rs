//! Everything that is not a convolution, forward and gradient, as loops over whole arrays.
//!
//! The loops are plain Rust, compiled for each instruction set and vectorised by the compiler.

mod activation;
mod borrowed;
mod elementwise;
mod functions;
mod matrix;
mod mix;
mod movement;
mod pool;
mod reduce;
mod rows;

pub(super) use activation::Activation;
pub(super) use borrowed::Borrowed;
pub(super) use elementwise::{Combine, Scale};
pub(super) use functions::{Elementwise, HALF_ROOT};
pub(super) use matrix::MatMul;
pub(super) use mix::Mix;
pub(super) use movement::{Concat, Pad, Part, Slice, Strided, strides_of};
pub(super) use pool::{AveragePool, MaxPool, Upsample};
pub(super) use reduce::Reduce;
pub(super) use rows::{LayerNorm, Softmax};

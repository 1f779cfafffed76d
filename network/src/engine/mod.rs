//! The CPU engine: runs a plan fast, and carries gradients back to its input.
//!
//! A [`Plan`](crate::plan::Plan) is *lowered* to operations on arrays (channels innermost, transposes only rename
//! axes), *fused* (a convolution takes in scales, bias, activation and residual), and *compiled* to
//! steps on slots of memory that are used again and again, with packed weights. The gradient is a
//! second list of steps; weights are constants and get none.
//!
//! ```no_run
//! # fn example(plan: ingrad::plan::Plan) -> anyhow::Result<()> {
//! use std::sync::Arc;
//! use ingrad::engine::Program;
//!
//! let program = Arc::new(Program::compile(&plan)?);
//! let outputs = program.forward(&vec![0.; 3 * 112 * 112])?;
//! # Ok(()) }
//! ```

mod compile;
mod convolve;
mod draft;
mod error;
mod execute;
mod extent;
mod fuse;
mod gradient;
mod instruction;
mod lanes;
mod lower;
mod memory;
mod operation;
mod pieces;
mod profile;
mod program;
mod rule;
mod rules;
mod threads;

pub use error::Error;
pub use lanes::Instructions;
pub use profile::Timing;
pub use program::{Program, Recording};

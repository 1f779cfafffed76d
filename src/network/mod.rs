//! Neural networks: ONNX import, resolution for one input shape, execution with input gradients.
//!
//! `onnx file --import--> Graph --resolve(input shape)--> Plan --executor--> outputs`

pub mod engine;
mod error;
mod graph;
mod onnx;
mod open;
pub mod plan;
pub mod reference;
mod resolve;

pub use error::{Error, Result};
pub use graph::Graph;
pub use onnx::import;
pub use open::{Executor, Network};

/// Keeps candle's elementwise operations on one thread. Call it first in `main`.
///
/// candle 0.11 spreads them over a pool of its own whose threads wait in busy loops: with two cores,
/// of which another program or our own engine uses one, that made a cloak four times slower. The
/// engine's threads are not affected.
#[expect(unsafe_code, reason = "candle takes this from the environment alone")]
pub fn keep_candle_on_one_thread() {
    // SAFETY: to be called before any other thread exists, so nobody reads the environment meanwhile.
    unsafe { std::env::set_var("CANDLE_NUM_THREADS", "1") };
}

#![doc = include_str!("../README.md")]
//!
//! # How it hangs together
//!
//! `ONNX file --import--> Graph --resolve(input shape)--> Plan --executor--> outputs`

mod describe;
pub mod engine;
mod error;
mod graph;
mod map;
mod onnx;
mod open;
mod operator;
pub mod plan;
mod process;
pub mod reference;
mod resolve;

pub use error::{Error, Result};
pub use graph::Graph;
pub use onnx::{gather, import};
pub use open::{Executor, Features, Network};
pub use operator::Operator;
pub use process::{keep_candle_on_one_thread, keep_memory};

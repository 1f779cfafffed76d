//! Neural networks: ONNX import, resolution for one input shape, execution with input gradients.

pub mod engine;
pub mod plan;

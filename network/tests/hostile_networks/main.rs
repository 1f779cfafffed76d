//! Damaged, lying and unsupported network files: an error that says what is wrong, never a panic,
//! and never more memory or time than a small file is worth.

#![expect(clippy::unwrap_used, reason = "what is made for a test fails with it")]

#[path = "../support/onnx.rs"]
mod onnx;

mod beside;
mod damaged;
mod limits;
mod odd;

use candle_core::{Device, Tensor};
use ingrad::{Executor, Network, Result};
use onnx::Graph;

const EXECUTORS: [Executor; 2] = [Executor::Engine, Executor::Reference];

/// A network of 3 x 8 x 8 with one result, `y`.
fn file(weights: &[Vec<u8>], nodes: &[Vec<u8>]) -> Vec<u8> {
    Graph { input: [1, 3, 8, 8], weights: weights.to_vec(), nodes: nodes.to_vec(), outputs: vec!["y"] }.file()
}

fn picture(batch: usize) -> Tensor {
    let values: Vec<f32> = (0..batch * 192).map(|i| ((i * 37) % 101) as f32 / 101.).collect();
    Tensor::from_vec(values, (batch, 3, 8, 8), &Device::Cpu).unwrap()
}

fn run(file: &[u8], executor: Executor, batch: usize) -> Result<Vec<Vec<f32>>> {
    let outputs = Network::from_onnx(file, executor)?.run(&picture(batch))?;
    outputs.iter().map(|o| Ok(o.flatten_all()?.to_vec1()?)).collect()
}

/// Why a file does not run; both executors must agree.
fn error(weights: &[Vec<u8>], nodes: &[Vec<u8>]) -> String {
    let file = file(weights, nodes);
    let errors = EXECUTORS.map(|executor| run(&file, executor, 1).unwrap_err().to_string());
    assert_eq!(errors[0], errors[1]);
    let [error, _] = errors;
    assert!(error.len() < 300, "{} characters: {error:.300}", error.len());
    error
}

//! Operators from files: exact values through both executors, and gradients on which the two agree.

#![expect(clippy::unwrap_used, reason = "what is made for a test fails with it")]

#[path = "../support/onnx.rs"]
#[expect(dead_code, reason = "the tests of hostile networks write what these do not need")]
mod onnx;

mod graphs;
mod moves;
mod quantised;
mod table;

use candle_core::{Device, Var};
use ingrad::{Executor, Network};
use onnx::Graph;

/// A network of a picture of one channel with one result, `y`.
fn file(size: [i64; 2], weights: Vec<Vec<u8>>, nodes: Vec<Vec<u8>>) -> Vec<u8> {
    Graph { input: [1, 1, size[0], size[1]], weights, nodes, outputs: vec!["y"] }.file()
}

/// Result and gradient of its sum for the picture 0, 1, 2, ... divided by `by`; of both executors, which must agree.
fn run(file: &[u8], by: f32) -> (Vec<f32>, Vec<f32>) {
    let [engine, reference] = [Executor::Engine, Executor::Reference].map(|executor| {
        let network = Network::from_onnx(file, executor).unwrap();
        let shape: Vec<usize> = network.graph().input_shape().iter().map(|size| size.unwrap()).collect();
        let numbers: Vec<f32> = (0..shape.iter().product()).map(|i| i as f32 / by).collect();
        let x = Var::from_vec(numbers, shape, &Device::Cpu).unwrap();
        let y = network.run(&x).unwrap().remove(0);
        let slopes = y.sum_all().unwrap().backward().unwrap();
        let flat = |t: &candle_core::Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let gradient = slopes.get(&x).map_or_else(|| vec![0.; x.elem_count()], flat);
        (flat(&y), gradient)
    });
    for (a, b) in [(&engine.0, &reference.0), (&engine.1, &reference.1)] {
        assert_eq!(a.len(), b.len());
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5), "{a:?} and {b:?}");
    }
    engine
}

/// Numbers to three digits behind the point.
fn rounded(numbers: &[f32]) -> Vec<f32> {
    numbers.iter().map(|x| (x * 1000.).round() / 1000.).collect()
}

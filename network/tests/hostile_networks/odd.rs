//! Files that are unusual but sound.

use ingrad::Network;

use crate::onnx::{Graph, Setting, integers, node, reals, tensor};
use crate::{EXECUTORS, file, picture, run};

/// The ONNX element type of half precision.
const FLOAT16: i64 = 10;

#[test]
fn an_output_without_axes_is_no_reason_to_panic() {
    let sum = node("ReduceSum", &["x"], &["s"], &[("keepdims", Setting::Int(0))]);
    let nodes = vec![sum, node("Relu", &["x"], &["y"], &[])];
    let file = Graph { input: [1, 3, 8, 8], weights: vec![], nodes, outputs: vec!["s", "y"] }.file();
    for executor in EXECUTORS {
        let _ = run(&file, executor, 1);
        let _ = run(&file, executor, 3);
    }
}

#[test]
fn half_precision_weights_compute_as_their_values() {
    let values = [0.5f32, -0.25, 2.];
    let halves: Vec<u8> = values.iter().flat_map(|&v| half::f16::from_f32(v).to_le_bytes()).collect();
    let conv = [node("Conv", &["x", "w"], &["y"], &[])];
    let single = file(&[reals("w", &[1, 3, 1, 1], &values)], &conv);
    let half = file(&[tensor("w", FLOAT16, &[1, 3, 1, 1], &halves)], &conv);
    for executor in EXECUTORS {
        assert_eq!(run(&half, executor, 1).unwrap(), run(&single, executor, 1).unwrap());
    }
}

#[test]
fn a_file_that_fixes_one_picture_runs_with_three() {
    // The target shape of the Reshape names the batch: 1.
    let reshaped = file(
        &[
            integers("n", &[1, 192]),
            reals("m", &[192, 2], &(0..384).map(|i| (i % 7) as f32).collect::<Vec<_>>()),
        ],
        &[node("Reshape", &["x", "n"], &["flat"], &[]), node("Gemm", &["flat", "m"], &["y"], &[])],
    );
    for executor in EXECUTORS {
        let network = Network::from_onnx(&reshaped, executor).unwrap();
        let all = network.run(&picture(3)).unwrap().remove(0);
        assert_eq!(all.dims(), [3, 2]);
        for row in 0..3 {
            let one = network.run(&picture(3).narrow(0, row, 1).unwrap()).unwrap().remove(0);
            let difference = (all.narrow(0, row, 1).unwrap() - one).unwrap().abs().unwrap();
            assert!(difference.max_all().unwrap().to_scalar::<f32>().unwrap() < 1e-3);
        }
    }
}

#[test]
fn constants_of_a_value_are_filled_with_it() {
    let value = [("value", Setting::Tensor(reals("", &[1], &[2.5])))];
    let nodes = [node("ConstantOfShape", &["n"], &["c"], &value), node("Mul", &["x", "c"], &["y"], &[])];
    let scaled = file(&[integers("n", &[1, 3, 8, 8])], &nodes);
    for executor in EXECUTORS {
        let expected: Vec<f32> = picture(1).flatten_all().unwrap().to_vec1().unwrap();
        let found = run(&scaled, executor, 1).unwrap().remove(0);
        assert!(found.iter().zip(expected).all(|(y, x)| (y - 2.5 * x).abs() < 1e-6));
    }
}

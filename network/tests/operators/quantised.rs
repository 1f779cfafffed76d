//! Quantised numbers.

use crate::onnx::{node, reals, tensor};
use crate::{file, run};

const UINT8: i64 = 2;
const INT8: i64 = 3;

#[test]
fn quantised_numbers_are_rounded_to_even_and_clipped_and_gradients_pass_while_they_are_in_range() {
    let weights = vec![
        reals("by", &[], &[100.]),
        reals("scale", &[], &[1.]),
        tensor("zero", INT8, &[], &[0]),
        reals("fine", &[], &[0.5]),
    ];
    let nodes = vec![
        node("Mul", &["x", "by"], &["large"], &[]),
        node("QuantizeLinear", &["large", "scale", "zero"], &["q"], &[]),
        node("DequantizeLinear", &["q", "fine", "zero"], &["y"], &[]),
    ];
    // 0, 2.5, 5, ... of a picture that counts in fortieths; 127 is the largest number.
    let (y, gradient) = run(&file([1, 60], weights, nodes), 40.);
    assert_eq!((y[1], y[3], y[50], y[51]), (1., 4., 62.5, 63.5));
    assert_eq!((gradient[1], gradient[50], gradient[51]), (50., 50., 0.));
}

#[test]
fn a_quantised_matrix_has_a_scale_for_each_column() {
    let weights = vec![
        tensor("m", INT8, &[2, 2], &[1, 0xff, 2, 0xfe]),
        reals("scales", &[2], &[1., 10.]),
        tensor("zeros", INT8, &[2], &[0, 0]),
    ];
    let axis = [("axis", crate::onnx::Setting::Int(1))];
    let nodes = vec![
        node("DequantizeLinear", &["m", "scales", "zeros"], &["w"], &axis),
        node("MatMul", &["x", "w"], &["y"], &[]),
    ];
    assert_eq!(run(&file([1, 2], weights, nodes), 1.), (vec![2., -20.], vec![-9., -18.]));
}

#[test]
fn a_weight_of_bytes_that_nothing_uses_is_no_obstacle() {
    let weights = vec![tensor("unused", UINT8, &[3], &[1, 2, 255])];
    let y = run(&file([1, 2], weights, vec![node("Neg", &["x"], &["y"], &[])]), 1.).0;
    assert_eq!(y, [0., -1.]);
}

#[test]
fn a_quantised_convolution_sums_up_whole_numbers_before_it_scales_them() {
    let weights = vec![
        reals("one", &[], &[1.]),
        tensor("zero", UINT8, &[], &[10]),
        tensor("w", INT8, &[1, 1, 1, 1], &[1]),
        reals("w_scale", &[], &[0.003]),
        tensor("w_zero", INT8, &[], &[0]),
        reals("y_scale", &[], &[0.006]),
    ];
    let operands = ["q", "one", "zero", "w", "w_scale", "w_zero", "y_scale", "zero"];
    let nodes = vec![
        node("QuantizeLinear", &["x", "one", "zero"], &["q"], &[]),
        node("QLinearConv", &operands, &["p"], &[]),
        node("DequantizeLinear", &["p", "one", "zero"], &["y"], &[]),
    ];
    // Half of 0, 1, 2 and 3, to even; 3 times 0.003 by 0.006 is less than 1.5 in single precision.
    assert_eq!(run(&file([1, 4], weights, nodes), 1.).0, [0., 0., 1., 2.]);
}

//! What reduces, picks, enlarges and chooses.

use ingrad::engine::Program;
use ingrad::import;

use crate::onnx::{Setting, integers, node, reals};
use crate::{file, rounded, run};

#[test]
fn a_reduction_over_an_empty_list_of_axes_is_over_all_of_them() {
    let none = integers("none", &[]);
    let sum = |settings: &[(&str, Setting<'_>)]| {
        let nodes =
            vec![node("ReduceSum", &["x", "none"], &["s"], settings), node("Mul", &["x", "s"], &["y"], &[])];
        run(&file([1, 3], vec![none.clone()], nodes), 1.).0
    };
    assert_eq!(sum(&[]), [0., 3., 6.]);
    assert_eq!(sum(&[("noop_with_empty_axes", Setting::Int(1))]), [0., 1., 4.]);
}

#[test]
fn several_indices_are_gathered_in_their_order_and_from_the_back() {
    let nodes = vec![node("Gather", &["x", "places"], &["y"], &[("axis", Setting::Int(3))])];
    let (y, gradient) = run(&file([1, 4], vec![integers("places", &[3, 0, -1])], nodes), 1.);
    assert_eq!((y, gradient), (vec![3., 0., 3.], vec![1., 0., 0., 2.]));
}

#[test]
fn parts_without_elements_add_nothing_and_other_constants_without_elements_are_refused() {
    let empty = reals("empty", &[1, 1, 1, 0], &[]);
    let joined = vec![node("Concat", &["x", "empty"], &["y"], &[("axis", Setting::Int(3))])];
    assert_eq!(run(&file([1, 2], vec![empty.clone()], joined), 1.), (vec![0., 1.], vec![1.; 2]));
    let added = vec![node("Add", &["x", "empty"], &["y"], &[])];
    let graph = import(&file([1, 1], vec![empty], added)).unwrap();
    assert!(graph.resolve([1, 1, 1, 1]).is_err());
}

#[test]
fn a_slice_may_run_backwards() {
    let weights = [("start", -1), ("end", i64::MIN), ("axis", 3), ("step", -2)];
    let weights = weights.map(|(name, value)| integers(name, &[value])).to_vec();
    let nodes = vec![node("Slice", &["x", "start", "end", "axis", "step"], &["y"], &[])];
    assert_eq!(run(&file([1, 5], weights, nodes), 1.), (vec![4., 2., 0.], vec![1., 0., 1., 0., 1.]));
}

#[test]
fn linear_resizing_mixes_neighbours_and_its_gradient_shares_alike() {
    let settings = [("mode", Setting::Text("linear"))];
    let nodes = vec![node("Resize", &["x", "", "scales"], &["y"], &settings)];
    let (y, gradient) = run(&file([1, 2], vec![reals("scales", &[4], &[1., 1., 1., 2.])], nodes), 1.);
    assert_eq!((y, gradient), (vec![0., 0.25, 0.75, 1.], vec![2., 2.]));
}

#[test]
fn padding_reflects_repeats_or_fills() {
    let pads = integers("pads", &[0, 0, 0, 2, 0, 0, 0, 1]);
    let padded = |mode: &str, weights: Vec<Vec<u8>>| {
        let inputs = ["x", "pads", "value"];
        let nodes = vec![node("Pad", &inputs[..weights.len() + 1], &["y"], &[("mode", Setting::Text(mode))])];
        run(&file([1, 3], weights, nodes), 1.).0
    };
    assert_eq!(padded("reflect", vec![pads.clone()]), [2., 1., 0., 1., 2., 1.]);
    assert_eq!(padded("edge", vec![pads.clone()]), [0., 0., 0., 1., 2., 2.]);
    let seven = reals("value", &[], &[7.]);
    assert_eq!(padded("constant", vec![pads, seven]), [7., 7., 0., 1., 2., 7.]);
}

#[test]
fn a_transposed_convolution_lays_kernels_side_by_side() {
    let kernel = reals("w", &[1, 1, 1, 3], &[1., 10., 100.]);
    let strides = [("strides", Setting::Ints(&[1, 2]))];
    let nodes = vec![node("ConvTranspose", &["x", "w"], &["y"], &strides)];
    let (y, gradient) = run(&file([1, 3], vec![kernel], nodes), 1.);
    assert_eq!((y, gradient), (vec![0., 0., 1., 10., 102., 20., 200.], vec![111.; 3]));
}

#[test]
fn activations_have_the_values_of_their_formulas() {
    let function = |op: &str| {
        let nodes = vec![node("Sub", &["x", "one"], &["z"], &[]), node(op, &["z"], &["y"], &[])];
        rounded(&run(&file([1, 3], vec![reals("one", &[], &[1.])], nodes), 1.).0)
    };
    for (op, values) in [
        ("HardSwish", [-0.333, 0., 0.667]),
        ("HardSigmoid", [0.3, 0.5, 0.7]),
        ("Elu", [-0.632, 0., 1.]),
        ("Selu", [-1.111, 0., 1.051]),
        ("Softplus", [0.313, 0.693, 1.313]),
        ("Softsign", [-0.5, 0., 0.5]),
        ("Mish", [-0.303, 0., 0.865]),
        ("Swish", [-0.269, 0., 0.731]),
        ("Gelu", [-0.159, 0., 0.841]),
        ("Sign", [-1., 0., 1.]),
    ] {
        assert_eq!(function(op), values, "{op}");
    }
}

#[test]
fn what_the_engine_has_no_kernel_for_runs_on_the_reference_executor_and_is_named() {
    let weights = vec![reals("two", &[], &[2.]), reals("far", &[], &[9.])];
    let nodes =
        vec![node("Less", &["x", "two"], &["near"], &[]), node("Where", &["near", "x", "far"], &["y"], &[])];
    let file = file([1, 4], weights, nodes);
    assert_eq!(run(&file, 1.), (vec![0., 1., 9., 9.], vec![1., 1., 0., 0.]));
    let program = Program::compile(&import(&file).unwrap().resolve([1, 1, 1, 4]).unwrap()).unwrap();
    let borrowed: Vec<(&str, &str)> = program.borrowed().collect();
    assert_eq!(borrowed, [("near", "Binary"), ("y", "Where")]);
}

#[test]
fn every_operator_that_is_not_supported_is_named_at_once() {
    let nodes = vec![
        node("Det", &["x"], &["a"], &[]),
        node("Hardmax", &["x"], &["b"], &[]),
        node("Det", &["x"], &["c"], &[]),
        node("Relu", &["x"], &["y"], &[]),
    ];
    let graph = import(&file([2, 2], vec![], nodes)).unwrap();
    let expected = "3 nodes have operators that are not supported: Det (2), Hardmax (1); the first is \"a\"";
    assert_eq!(graph.resolve([1, 1, 2, 2]).unwrap_err().to_string(), expected);
    assert_eq!(graph.unsupported().into_iter().collect::<Vec<_>>(), [("Det", 2), ("Hardmax", 1)]);
}

#[test]
fn weights_are_normalised_by_their_own_statistics_and_pictures_are_not() {
    let weights = vec![
        reals("w", &[1, 2, 2], &[1., 3., 0., 4.]),
        reals("one", &[2], &[1., 1.]),
        reals("zero", &[2], &[0., 0.]),
        reals("a", &[1], &[1.]),
        reals("b", &[1], &[0.]),
    ];
    let training = [("training_mode", Setting::Int(1)), ("epsilon", Setting::Float(0.))];
    let normalised = |operands: [&'static str; 5]| {
        let nodes = vec![
            node("BatchNormalization", &operands, &["n", "mean", "variance"], &training),
            node("Add", &["x", "n"], &["y"], &[]),
        ];
        file([2, 2], weights.clone(), nodes)
    };
    assert_eq!(run(&normalised(["w", "one", "zero", "zero", "one"]), 1.).0, [-1., 2., 1., 4.]);
    let error = import(&normalised(["x", "a", "b", "b", "a"]))
        .unwrap()
        .resolve([1, 1, 2, 2])
        .unwrap_err()
        .to_string();
    assert_eq!(error, "node \"n\" (BatchNormalization): training_mode = 1 is not supported");
}

#[test]
fn stacks_of_stacks_of_matrices_are_multiplied() {
    let weights = vec![integers("deep", &[1, 1, 1, 2, 2]), integers("flat", &[1, 1, 2, 2])];
    let nodes = vec![
        node("Reshape", &["x", "deep"], &["a"], &[]),
        node("MatMul", &["a", "a"], &["square"], &[]),
        node("Reshape", &["square", "flat"], &["y"], &[]),
    ];
    assert_eq!(run(&file([2, 2], weights, nodes), 1.), (vec![2., 3., 6., 11.], vec![3., 7., 5., 9.]));
}

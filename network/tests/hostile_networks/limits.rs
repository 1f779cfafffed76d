//! Small files that ask for much.

use crate::onnx::{INT64, Setting, inside, integers, node, reals, tensor};
use crate::{error, file};

#[test]
fn constants_of_absurd_shape_are_refused_before_they_are_made() {
    let sum = |op: &str, operands: &[&str]| {
        [node(op, operands, &["big"], &[]), node("Add", &["x", "big"], &["y"], &[])]
    };
    let of_shape = error(&[integers("n", &[1 << 20, 1 << 20])], &sum("ConstantOfShape", &["n"]));
    assert!(of_shape.starts_with("node \"big\" (ConstantOfShape): its result of shape"), "{of_shape}");
    let scalar = |name, value: i64| tensor(name, INT64, &[], &value.to_le_bytes());
    for (limit, step) in [(1 << 40, 1), (i64::MAX, 1), (5, 0), (5, -1)] {
        let range = error(
            &[scalar("from", -1), scalar("to", limit), scalar("step", step)],
            &sum("Range", &["from", "to", "step"]),
        );
        assert!(range.contains("a range that falls, overflows or is too long"), "{range}");
    }
    let known = error(
        &[reals("one", &[1], &[1.]), integers("n", &[1 << 20, 1 << 20])],
        &sum("Expand", &["one", "n"]),
    );
    assert!(known.contains("is empty or too large"), "{known}");
}

#[test]
fn constants_that_are_small_one_by_one_are_limited_in_sum() {
    // 40 copies of 8 or 16 million numbers.
    let copies: Vec<&str> = vec!["many"; 40];
    let shape = |sizes: &[i64]| integers("n", sizes);
    let joined = error(
        &[shape(&[1 << 23])],
        &[
            node("ConstantOfShape", &["n"], &["many"], &[]),
            node("Cast", &["many"], &["more"], &[("to", Setting::Int(INT64))]),
            node("Concat", &["more"; 40], &["all"], &[("axis", Setting::Int(0))]),
            node("Reshape", &["x", "all"], &["y"], &[]),
        ],
    );
    assert!(joined.contains("too large"), "{joined}");
    let floats = error(
        &[shape(&[1 << 24])],
        &[
            node("ConstantOfShape", &["n"], &["many"], &[]),
            node("Concat", &copies, &["all"], &[("axis", Setting::Int(0))]),
            node("Reshape", &["x", "all"], &["y"], &[]),
        ],
    );
    assert!(floats.contains("too large"), "{floats}");
    let gathered = error(
        &[shape(&[1, 1 << 20]), integers("places", &[0; 4096])],
        &[
            node("ConstantOfShape", &["n"], &["row"], &[]),
            node("Gather", &["row", "places"], &["all"], &[]),
            node("Add", &["x", "all"], &["y"], &[]),
        ],
    );
    assert!(gathered.contains("too large"), "{gathered}");
}

#[test]
fn results_of_absurd_size_are_refused_before_they_are_computed() {
    let expand = error(&[integers("n", &[1 << 21, 3, 8, 8])], &[node("Expand", &["x", "n"], &["y"], &[])]);
    assert!(expand.contains("node \"y\" (Expand): its result of shape [2097152, 3, 8, 8]"), "{expand}");
    let w = [reals("w", &[64, 3, 1, 1], &[0.; 192])];
    let padded = error(&w, &[node("Conv", &["x", "w"], &["y"], &[("pads", Setting::Ints(&[4000; 4]))])]);
    assert!(padded.contains("is empty or too large"), "{padded}");
    let more = error(&w, &[node("Conv", &["x", "w"], &["y"], &[("pads", Setting::Ints(&[1 << 40; 4]))])]);
    assert!(more.contains("an extent of 1099511627776 is not supported"), "{more}");
    let scales = reals("scales", &[4], &[1., 1., 64., 64.]);
    let settings = || {
        [
            ("coordinate_transformation_mode", Setting::Text("asymmetric")),
            ("nearest_mode", Setting::Text("floor")),
        ]
    };
    let enlarged = error(
        &[scales],
        &[
            node("Resize", &["x", "", "scales"], &["a"], &settings()),
            node("Resize", &["a", "", "scales"], &["b"], &settings()),
            node("Resize", &["b", "", "scales"], &["y"], &settings()),
        ],
    );
    assert!(enlarged.contains("is empty or too large"), "{enlarged}");
}

#[test]
fn lists_of_what_a_window_reads_are_limited_too() {
    // 63 million windows of 4,096 pixels: the result is not too large, nor is the padded picture.
    let big = node("ConstantOfShape", &["n"], &["w"], &[]);
    let pads = ("pads", Setting::Ints(&[4000; 4]));
    let conv = error(&[integers("n", &[1, 3, 64, 64])], &[big, node("Conv", &["x", "w"], &["y"], &[pads])]);
    assert!(conv.contains("node \"y\" (Conv)") && conv.contains("too large"), "{conv}");
    let settings = [("pads", Setting::Ints(&[4000; 4])), ("kernel_shape", Setting::Ints(&[4001, 4001]))];
    let pool = error(&[], &[node("MaxPool", &["x"], &["y"], &settings)]);
    assert!(pool.contains("node \"y\" (MaxPool)") && pool.contains("too large"), "{pool}");
}

#[test]
fn a_file_of_empty_nodes_is_refused_before_they_are_made() {
    // 12 million nodes of two bytes each.
    let file = file(&[], &vec![vec![]; 12 << 20]);
    let error = ingrad::import(&file).unwrap_err().to_string();
    assert_eq!(error, "not a usable ONNX file: it would take more than 208 MiB of memory");
}

#[test]
fn padding_that_a_file_does_not_spell_out_is_limited_too() {
    // A kernel of 4,096 taps with 4,096 pixels between them, "the same size" as the picture.
    let dilated = [("auto_pad", Setting::Text("SAME_UPPER")), ("dilations", Setting::Ints(&[4096, 4096]))];
    let error = error(
        &[reals("w", &[1, 3, 64, 64], &[0.; 3 * 4096])],
        &[node("Conv", &["x", "w"], &["y"], &dilated)],
    );
    assert!(error.contains("node \"y\" (Conv)"), "{error}");
}

#[test]
fn a_file_with_too_many_nodes_is_refused() {
    let chain = |i: usize| [format!("n{i}"), format!("n{}", i + 1)];
    let mut nodes = vec![node("Relu", &["x"], &["n0"], &[])];
    for i in 0..20_000 {
        let [from, to] = chain(i);
        nodes.push(node("Relu", &[&from], &[&to], &[]));
    }
    let error = error(&[], &nodes);
    assert!(error.contains("nodes"), "{error}");
}

/// A loop without a limit whose body goes on as `again` says.
fn endless(again: &[Vec<u8>]) -> String {
    let state = node("Identity", &["state"], &["next"], &[]);
    let body = inside(&["round", "before", "state"], &[again, &[state]].concat(), &["again", "next"]);
    error(&[], &[node("Loop", &["", "", "x"], &["y"], &[("body", Setting::Graph(body))])])
}

#[test]
fn a_loop_that_does_not_end_is_ended() {
    let error = endless(&[node("Identity", &["before"], &["again"], &[])]);
    assert!(error.ends_with("with the rounds of loops there are more than 16384 nodes"), "{error}");
}

#[test]
fn a_loop_whose_end_the_picture_decides_is_refused() {
    let sum = node("ReduceSum", &["state"], &["again"], &[("keepdims", Setting::Int(0))]);
    let error = endless(&[sum]);
    assert!(error.ends_with("a condition that depends on the picture is not supported"), "{error}");
}

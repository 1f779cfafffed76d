//! Files that are damaged, lie, or need what is not there.

use ingrad::{Error, import};

use crate::onnx::{FLOAT, Setting, integers, node, reals, tensor};
use crate::{EXECUTORS, error, file, run};

/// A sound network with most of what networks are made of.
fn sound() -> Vec<u8> {
    let channels = |name, value| reals(name, &[4], &[value; 4]);
    let pads = [("pads", Setting::Ints(&[1, 1, 1, 1])), ("strides", Setting::Ints(&[2, 2]))];
    let window = [("kernel_shape", Setting::Ints(&[2, 2])), ("strides", Setting::Ints(&[2, 2]))];
    file(
        &[
            reals("w", &[4, 3, 3, 3], &[0.1; 108]),
            channels("gamma", 1.5),
            channels("beta", 0.1),
            channels("mean", 0.2),
            channels("variance", 0.9),
            reals("slope", &[4, 1, 1], &[0.2; 4]),
            reals("matrix", &[8, 5], &[0.3; 40]),
            reals("bias", &[5], &[0.5; 5]),
            integers("start", &[0]),
            integers("end", &[2]),
            integers("axis", &[1]),
            integers("rest", &[-1]),
        ],
        &[
            node("Conv", &["x", "w"], &["a"], &pads),
            node("BatchNormalization", &["a", "gamma", "beta", "mean", "variance"], &["b"], &[]),
            node("PRelu", &["b", "slope"], &["c"], &[]),
            node("MaxPool", &["c"], &["d"], &window),
            node("Slice", &["d", "start", "end", "axis"], &["e"], &[]),
            node("Shape", &["e"], &["sizes"], &[]),
            node("Slice", &["sizes", "start", "axis"], &["first"], &[]),
            node("Concat", &["first", "rest"], &["target"], &[("axis", Setting::Int(0))]),
            node("Reshape", &["e", "target"], &["f"], &[]),
            node("Gemm", &["f", "matrix", "bias"], &["g"], &[("alpha", Setting::Float(0.5))]),
            node("Softmax", &["g"], &["y"], &[("axis", Setting::Int(-1))]),
        ],
    )
}

#[test]
fn the_network_that_will_be_damaged_is_sound() {
    for executor in EXECUTORS {
        let rows = run(&sound(), executor, 2).unwrap();
        assert!(rows[0].len() == 10 && rows[0].iter().all(|p| (p - 0.2).abs() < 1e-5), "{rows:?}");
    }
}

#[test]
fn every_file_that_is_cut_short_is_an_error() {
    let file = sound();
    for length in 0..file.len() {
        assert!(matches!(import(&file[..length]), Err(Error::Malformed(_))), "{length} bytes");
    }
}

#[test]
fn flipped_bits_are_an_error_or_another_network_but_no_panic() {
    let (sound, mut state, mut errors) = (sound(), 1u64, 0);
    for _ in 0..4000 {
        let mut file = sound.clone();
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let place = (state >> 33) as usize % file.len();
        file[place] ^= 1 << (state >> 30 & 7);
        let results = EXECUTORS.map(|executor| run(&file, executor, 1));
        assert_eq!(results[0].is_ok(), results[1].is_ok(), "bit of byte {place}: {results:?}");
        errors += usize::from(results[0].is_err());
    }
    assert!((400..3600).contains(&errors), "{errors}");
}

#[test]
fn weights_that_lie_about_their_size_are_refused_by_name() {
    let relu = [node("Relu", &["x"], &["y"], &[])];
    for sizes in [&[5][..], &[-4], &[1 << 40], &[1 << 32, 1 << 32], &[2, 3], &[i64::MAX, i64::MAX, 4], &[]] {
        let error = error(&[reals("liar", sizes, &[0.; 4])], &relu);
        assert!(error.contains("tensor \"liar\": its"), "{sizes:?}: {error}");
    }
    let odd = error(&[tensor("liar", FLOAT, &[1], &[0; 3])], &relu);
    assert!(odd.contains("its data do not fill its sizes"), "{odd}");
}

#[test]
fn element_types_that_are_not_supported_are_named() {
    let error = error(&[tensor("w", 8, &[1], b"a")], &[node("Relu", &["x"], &["y"], &[])]);
    assert!(error.contains("tensor \"w\": element type 8 is not supported"), "{error}");
}

#[test]
fn what_is_not_supported_is_named_with_its_node() {
    let says =
        |weights: &[Vec<u8>], node: Vec<u8>, expected: &str| assert_eq!(error(weights, &[node]), expected);
    says(&[], node("Det", &["x"], &["y"], &[]), "node \"y\" (Det): this operator is not supported");
    says(
        &[],
        node("Relu", &["x"], &["y"], &[("leak", Setting::Float(1.))]),
        "node \"y\" (Relu): attribute \"leak\" is not supported",
    );
    let w = [reals("w", &[1, 3, 1, 1], &[0.; 3])];
    says(
        &w,
        node("Conv", &["x", "w"], &["y"], &[("auto_pad", Setting::Text("SOMEHOW"))]),
        "node \"y\" (Conv): auto_pad = \"SOMEHOW\" is not supported",
    );
    says(
        &[],
        node("Cast", &["x"], &["y"], &[("to", Setting::Int(8))]),
        "node \"y\" (Cast): element type 8 is not supported",
    );
    says(
        &[integers("n", &[0; 8])],
        node("Add", &["x", "n"], &["y"], &[]),
        "node \"y\" (Add): integers as operands is not supported",
    );
}

#[test]
fn operands_that_do_not_fit_are_refused() {
    for (weights, node) in [
        (vec![reals("w", &[1, 5, 1, 1], &[0.; 5])], node("Conv", &["x", "w"], &["y"], &[])),
        (vec![reals("w", &[1, 3, 9, 9], &[0.; 243])], node("Conv", &["x", "w"], &["y"], &[])),
        (vec![reals("w", &[0, 3, 1, 1], &[])], node("Conv", &["x", "w"], &["y"], &[])),
        (
            vec![reals("w", &[1, 3, 1, 1], &[0.; 3])],
            node("Conv", &["x", "w"], &["y"], &[("strides", Setting::Ints(&[0, 1]))]),
        ),
        (
            vec![reals("w", &[1, 3, 1, 1], &[0.; 3])],
            node("Conv", &["x", "w"], &["y"], &[("group", Setting::Int(-1))]),
        ),
        (vec![reals("w", &[7], &[0.; 7])], node("Add", &["x", "w"], &["y"], &[])),
        (vec![integers("n", &[1, 191])], node("Reshape", &["x", "n"], &["y"], &[])),
        (vec![integers("n", &[-1, -1])], node("Reshape", &["x", "n"], &["y"], &[])),
        (vec![integers("n", &[i64::MIN, 2])], node("Reshape", &["x", "n"], &["y"], &[])),
        (vec![], node("Transpose", &["x"], &["y"], &[("perm", Setting::Ints(&[0, 1, 2, 2]))])),
        (vec![], node("Concat", &["x", "x"], &["y"], &[("axis", Setting::Int(i64::MIN))])),
        (vec![], node("Softmax", &["x"], &["y"], &[("axis", Setting::Int(9))])),
        (vec![], node("Conv", &["x"], &["y"], &[])),
        (vec![], node("Add", &["x", ""], &["y"], &[])),
    ] {
        let error = error(&weights, &[node]);
        assert!(error.starts_with("node \"y\" ("), "{error}");
    }
}

#[test]
fn names_that_are_undefined_cyclic_or_made_twice_are_refused() {
    let undefined = error(&[], &[node("Relu", &["nowhere"], &["y"], &[])]);
    assert_eq!(undefined, "node \"y\" (Relu): operand \"nowhere\" is not made before it is used");
    let cyclic = error(&[], &[node("Relu", &["y"], &["a"], &[]), node("Relu", &["a"], &["y"], &[])]);
    assert!(cyclic.contains("operand \"y\" is not made before it is used"), "{cyclic}");
    let twice = error(&[], &[node("Relu", &["x"], &["y"], &[]), node("Relu", &["x"], &["y"], &[])]);
    assert!(twice.contains("result \"y\" is made twice"), "{twice}");
    let never = error(&[], &[node("Relu", &["x"], &["z"], &[])]);
    assert!(never.contains("output \"y\" is never made"), "{never}");
    let fixed = error(&[reals("w", &[1], &[1.])], &[node("Relu", &["w"], &["y"], &[])]);
    assert!(fixed.contains("output \"y\" does not depend on the picture"), "{fixed}");
}

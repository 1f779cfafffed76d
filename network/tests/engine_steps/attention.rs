//! Linear layers, normalisation and attention.

use ingrad::plan::{Binary, Constant, Op, Operand, Unary};
use proptest::prelude::*;

use crate::agree::{agrees, config};
use crate::plan::Builder;

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn attention_over_pixels(
        heads in 1..=4_usize,
        width in 1..=9_usize,
        (rows, columns) in (1..=6_usize, 1..=6_usize),
        batch in 1..=2_usize,
    ) {
        let (channels, pixels) = (heads * width, rows * columns);
        let mut build = Builder::new(&[batch, channels, rows, columns]);
        let tokens = build.step(Op::Reshape, &[0], vec![batch, channels, pixels]);
        let tokens = build.transpose(tokens, &[0, 2, 1]);
        let (scale, shift) = (build.constant(&[channels]), build.constant(&[channels]));
        let normal = build.same(Op::LayerNorm { scale, shift, epsilon: 1e-3 }, tokens);
        let (weight, bias) = (build.constant(&[channels, 3 * channels]), Some(build.constant(&[3 * channels])));
        let all = build.step(Op::Linear { weight, bias }, &[normal], vec![batch, pixels, 3 * channels]);
        let split = build.step(Op::Reshape, &[all], vec![batch, pixels, 3, heads, width]);
        let split = build.transpose(split, &[2, 0, 3, 1, 4]);
        let [q, k, v] = [0, 1, 2].map(|start| {
            let one = build.step(Op::Slice { axis: 0, start, step: 1 }, &[split], vec![1, batch, heads, pixels, width]);
            build.step(Op::Reshape, &[one], vec![batch, heads, pixels, width])
        });
        let k = build.transpose(k, &[0, 1, 3, 2]);
        let scores = build.step(Op::MatMul, &[q, k], vec![batch, heads, pixels, pixels]);
        let soft = build.same(Op::Softmax { axis: 3 }, scores);
        let mixed = build.step(Op::MatMul, &[soft, v], vec![batch, heads, pixels, width]);
        let mixed = build.transpose(mixed, &[0, 2, 1, 3]);
        let mixed = build.step(Op::Reshape, &[mixed], vec![batch, pixels, channels]);
        let sum = build.step(Op::Binary(Binary::Add), &[mixed, tokens], vec![batch, pixels, channels]);
        agrees(&build.finish(sum))?;
    }
}

#[test]
fn the_gaussian_error_linear_unit_between_two_linear_layers() {
    let mut build = Builder::new(&[1, 12, 5, 5]);
    let x = build.transpose(0, &[0, 2, 3, 1]);
    let scalar = |build: &mut Builder, binary, x: usize, value: f32| {
        build.0.constants.push(Constant { shape: vec![], elements: vec![value] });
        let constant = Operand::Constant(build.0.constants.len() - 1);
        let shape = build.shape(x);
        build.with_operands(Op::Binary(binary), vec![Operand::Value(x), constant], shape)
    };
    let divided = scalar(&mut build, Binary::Div, x, std::f32::consts::SQRT_2);
    let erf = build.unary(Unary::Erf, divided);
    let plus = scalar(&mut build, Binary::Add, erf, 1.);
    let shape = build.shape(x);
    let product = build.step(Op::Binary(Binary::Mul), &[x, plus], shape);
    let half = scalar(&mut build, Binary::Mul, product, 0.5);
    let weight = build.constant(&[12, 20]);
    let value = build.step(Op::Linear { weight, bias: None }, &[half], vec![1, 5, 5, 20]);
    agrees(&build.finish(value)).unwrap();
}

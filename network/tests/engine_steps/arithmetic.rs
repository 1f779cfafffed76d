//! Arithmetic, reductions and functions of single elements.

use ingrad::plan::{Binary, Op, Operand, Reduction, Shape, Unary};
use proptest::prelude::*;

use crate::agree::{agrees, config};
use crate::plan::Builder;

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn arithmetic_that_broadcasts(
        binary in prop::sample::select(vec![Binary::Add, Binary::Sub, Binary::Mul, Binary::Div]),
        kind in prop::sample::select(vec![Reduction::Mean, Reduction::Sum, Reduction::L2]),
        axes in prop::sample::subsequence(vec![1_usize, 2, 3], 1..=3),
        shape in prop::array::uniform3(1..=7_usize),
        constant_axes in prop::sample::subsequence(vec![1_usize, 2, 3], 0..=3),
        constant_first in any::<bool>(),
        moved in any::<bool>(),
    ) {
        let shape = [2, shape[0], shape[1], shape[2]];
        let mut build = Builder::new(&shape);
        let mut x = build.unary(Unary::Exp, 0);
        if moved {
            let y = build.transpose(x, &[0, 3, 1, 2]);
            let y = build.unary(Unary::Sqrt, y);
            x = build.transpose(y, &[0, 2, 3, 1]);
        }
        let small: Shape = (0..4).map(|axis| if axes.contains(&axis) { 1 } else { shape[axis] }).collect();
        let reduced = build.step(Op::Reduce { kind, axes }, &[x], small);
        let value = build.step(Op::Binary(binary), &[x, reduced], shape.to_vec());
        let size = |axis: usize| if constant_axes.contains(&axis) { shape[axis] } else { 1 };
        let constant = build.constant(&[size(1), size(2), size(3)]);
        build.0.constants[constant].elements.iter_mut().for_each(|x| *x += 2.);
        let mut operands = vec![Operand::Value(value), Operand::Constant(constant)];
        if constant_first {
            operands.reverse();
        }
        let value = build.with_operands(Op::Binary(binary), operands, shape.to_vec());
        agrees(&build.finish(value))?;
    }

    #[test]
    fn functions(
        unary in prop::sample::select(vec![
            Unary::Relu, Unary::LeakyRelu { slope: 0.1 }, Unary::Clip { low: -0.3, high: 0.5 }, Unary::Sigmoid,
            Unary::Tanh, Unary::Erf, Unary::Exp, Unary::Log, Unary::Sqrt, Unary::Abs, Unary::Neg,
            Unary::Reciprocal, Unary::Sin, Unary::Cos, Unary::Power(3.),
        ]),
        shape in prop::array::uniform4(1..=6_usize),
    ) {
        let mut build = Builder::new(&shape);
        let positive = matches!(unary, Unary::Log | Unary::Sqrt | Unary::Reciprocal);
        let x = if positive { build.unary(Unary::Exp, 0) } else { 0 };
        let value = build.unary(unary, x);
        agrees(&build.finish(value))?;
    }
}

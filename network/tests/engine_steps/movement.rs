//! Operations that only move elements.

use ingrad::plan::{Op, Operand, Unary};
use proptest::prelude::*;

use crate::agree::{agrees, config};
use crate::plan::Builder;

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn slices_and_concatenations(
        axis in 0..=3_usize,
        shape in prop::array::uniform4(2..=6_usize),
        step in 1..=2_usize,
        channels_innermost in any::<bool>(),
    ) {
        let mut build = Builder::new(&shape);
        let x = if channels_innermost { build.transpose(0, &[0, 2, 3, 1]) } else { build.unary(Unary::Abs, 0) };
        let shape = build.shape(x);
        let mut part = shape.clone();
        part[axis] = (shape[axis] - 1).div_ceil(step);
        let slice = build.step(Op::Slice { axis, start: 1, step }, &[x], part.clone());
        let constant = build.constant(&shape);
        let mut whole = shape.clone();
        whole[axis] = 2 * shape[axis] + part[axis];
        let operands = vec![Operand::Value(x), Operand::Constant(constant), Operand::Value(slice)];
        let joined = build.with_operands(Op::Concat { axis }, operands, whole);
        agrees(&build.finish(joined))?;
    }
}

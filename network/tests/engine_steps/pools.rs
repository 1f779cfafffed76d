//! Pools and enlarging.

use ingrad::plan::{Op, Window};
use proptest::prelude::*;

use crate::agree::{agrees, config};
use crate::plan::{Builder, length};

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn pools(
        (channels, rows, columns) in (1..=20_usize, 3..=12_usize, 3..=12_usize),
        size in 1..=3_usize,
        stride in 1..=3_usize,
        padding in 0..=1_usize,
        kind in 0..=2_usize,
    ) {
        prop_assume!(padding < size);
        let mut build = Builder::new(&[2, channels, rows, columns]);
        let window = Window { size: [size; 2], stride: [stride; 2], padding: [padding; 4], dilation: [1; 2] };
        let shape = vec![2, channels, length(&window, 0, rows), length(&window, 1, columns)];
        let op = if kind == 0 {
            Op::MaxPool(window)
        } else {
            Op::AveragePool { window, count_padding: kind == 1 }
        };
        let pooled = build.step(op, &[0], shape.clone());
        let large = vec![2, channels, shape[2] * 2, shape[3] * 3];
        let value = build.step(Op::Upsample { rows: 2, columns: 3 }, &[pooled], large);
        agrees(&build.finish(value))?;
    }
}

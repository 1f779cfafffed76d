//! Convolutions of all kinds, and what is fused with them.

use ingrad::plan::{Binary, Op, Unary, Window};
use proptest::prelude::*;

use crate::agree::{agrees, config};
use crate::plan::{Builder, affine, prelu};

fn window() -> impl Strategy<Value = Window> {
    let pair = |range: std::ops::RangeInclusive<usize>| prop::array::uniform2(range);
    (pair(1..=4), pair(1..=3), prop::array::uniform4(0..=3_usize), pair(1..=2))
        .prop_map(|(size, stride, padding, dilation)| Window { size, stride, padding, dilation })
}

/// Convolutions of all kinds: `(groups, channels in and out of a group)`.
fn channels() -> impl Strategy<Value = (usize, usize, usize)> {
    prop_oneof![
        (Just(1), 1..=70_usize, 1..=70_usize),
        (1..=70_usize, Just(1), Just(1)),
        (2..=4_usize, 1..=9_usize, 1..=20_usize),
    ]
}

/// What stands around a convolution and is fused with it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Around {
    Nothing,
    AffineBefore,
    AffineBehind,
    Prelu,
    Clip,
    ResidualAndRelu,
    ActivationOfBothOperands,
}

fn around() -> impl Strategy<Value = Around> {
    use Around::*;
    prop::sample::select(vec![
        Nothing,
        AffineBefore,
        AffineBehind,
        Prelu,
        Clip,
        ResidualAndRelu,
        ActivationOfBothOperands,
    ])
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn convolutions_and_what_is_fused_with_them(
        (groups, inputs, outputs) in channels(),
        (batch, rows, columns) in (1..=2_usize, 1..=13_usize, 1..=13_usize),
        window in window(),
        around in around(),
    ) {
        let fits = |axis: usize, length: usize| {
            let span = (window.size[axis] - 1) * window.dilation[axis] + 1;
            length + window.padding[axis] + window.padding[axis + 2] >= span
        };
        prop_assume!(fits(0, rows) && fits(1, columns));
        let mut build = Builder::new(&[batch, groups * inputs, rows, columns]);
        let source = match around {
            Around::AffineBefore => affine(&mut build, 0),
            Around::ActivationOfBothOperands => prelu(&mut build, 0),
            _ => 0,
        };
        let out = groups * outputs;
        let mut value = build.conv(source, out, groups, window.clone());
        value = match around {
            Around::AffineBehind => affine(&mut build, value),
            Around::Prelu => prelu(&mut build, value),
            Around::Clip => build.unary(Unary::Clip { low: -0.4, high: 0.6 }, value),
            Around::ResidualAndRelu | Around::ActivationOfBothOperands => {
                let other = build.conv(source, out, groups, window);
                let other = prelu(&mut build, other);
                let shape = build.shape(value);
                let sum = build.step(Op::Binary(Binary::Add), &[value, other], shape);
                build.unary(Unary::Relu, sum)
            }
            _ => value,
        };
        agrees(&build.finish(value))?;
    }

    #[test]
    fn residual_blocks_share_gradients(
        channels in 1..=40_usize,
        side in 1..=9_usize,
        groups_are_channels in any::<bool>(),
    ) {
        let mut build = Builder::new(&[1, channels, side, side]);
        let square = |size: usize| Window { size: [size; 2], stride: [1; 2], padding: [size / 2; 4], dilation: [1; 2] };
        let mut x = build.conv(0, channels, 1, square(1));
        for _ in 0..3 {
            let y = build.conv(x, channels, 1, square(1));
            let y = prelu(&mut build, y);
            let y = build.conv(y, channels, if groups_are_channels { channels } else { 1 }, square(3));
            let shape = build.shape(x);
            x = build.step(Op::Binary(Binary::Add), &[x, y], shape);
        }
        agrees(&build.finish(x))?;
    }
}

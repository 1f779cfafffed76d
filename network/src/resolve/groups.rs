//! Normalisation of groups of channels, of neighbours, and by norms.

use super::super::graph::Node;
use super::super::plan::{Binary, Op, Reduction, Shape, Taps, Unary};
use super::super::{Operator, Result};
use super::builder::{self, Builder, Value, known, required, weight};
use super::reduce::{Reducer, over};
use super::steps::{numbers, reals};

/// `GroupNormalization`; `InstanceNormalization` is that with a group for each channel.
pub(super) fn group(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    operator: Operator,
) -> Result<Value> {
    node.allow(&["epsilon", "num_groups", "stash_type"])?;
    let x = required(node, inputs, 0)?;
    let shape = b.shape(x);
    let [batch, channels, ..] = shape[..] else { return Err(node.invalid("its operand has no channels")) };
    let groups = match operator {
        Operator::InstanceNormalization => channels,
        _ => usize::try_from(node.int("num_groups", 0)?).unwrap_or(0),
    };
    if groups == 0 || channels % groups != 0 {
        return Err(node.invalid(format!("{groups} groups of {channels} channels")));
    }
    let width = shape[1..].iter().product::<usize>() / groups;
    let flat = b.reshape(node, x, vec![batch, groups, width])?;
    let one = b.constant(vec![width], vec![1.; width]);
    let zero = b.constant(vec![width], vec![0.; width]);
    let op = Op::LayerNorm { scale: one, shift: zero, epsilon: node.float("epsilon", 1e-5)? };
    let normal = b.apply(node, op, &flat)?;
    let normal = b.reshape(node, &normal, shape.clone())?;
    // Old files have one weight for each group.
    let column: Shape = (1..shape.len()).map(|axis| if axis == 1 { channels } else { 1 }).collect();
    let weights = |index: usize| -> Result<Value> {
        let own = reals(&weight(node, inputs, index)?)?;
        if own.len() != channels && own.len() != groups {
            return Err(node.invalid(format!("{} weights for {channels} channels", own.len())));
        }
        let each = channels / own.len();
        numbers((0..channels).map(|channel| own[channel / each]).collect(), &column)
    };
    let scaled = b.binary(node, Binary::Mul, &normal, &weights(1)?)?;
    b.binary(node, Binary::Add, &scaled, &weights(2)?)
}

/// `x / (bias + alpha / size * sum(x^2))^beta`, where the sum is over neighbouring channels.
pub(super) fn local(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["alpha", "beta", "bias", "size"])?;
    let x = required(node, inputs, 0)?;
    let &[_, channels, ..] = b.shape(x).as_slice() else {
        return Err(node.invalid("its operand has no channels"));
    };
    let size = usize::try_from(node.int("size", 0)?).ok().filter(|size| (1..=1 << 12).contains(size));
    let size = size.ok_or_else(|| node.invalid("its size must be at least 1"))?;
    let (before, after) = ((size - 1) / 2, size / 2);
    let near = |channel: usize| channel.saturating_sub(before)..(channel + after + 1).min(channels);
    let squares = b.binary(node, Binary::Mul, x, x)?;
    let taps = Taps::of((0..channels).map(|channel| near(channel).map(|source| (source, 1.))));
    let sums = b.mix(node, &squares, 1, taps)?;
    let scale = node.float("alpha", 1e-4)? / size as f32;
    let inner = b.affine(node, &sums, scale, node.float("bias", 1.)?)?;
    let divisor = b.unary(node, Unary::Power(node.float("beta", 0.75)?), &inner)?;
    b.binary(node, Binary::Div, x, &divisor)
}

/// Rows divided by their norm; rows of zeros stay.
pub(super) fn lp(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["axis", "p"])?;
    let x = required(node, inputs, 0)?;
    let axis = builder::axis(node, node.int("axis", -1)?, b.shape(x).len())?;
    let reducer = match node.int("p", 2)? {
        1 => Reducer::L1,
        2 => Reducer::Plain(Reduction::L2),
        other => return Err(node.unsupported(format!("p = {other}"))),
    };
    let norm = over(b, node, x, reducer, (&[axis], true))?;
    let norm = b.unary(node, Unary::Clip { low: f32::MIN_POSITIVE, high: f32::MAX }, &norm)?;
    b.binary(node, Binary::Div, x, &norm)
}

pub(super) fn mean_variance(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["axes"])?;
    let x = required(node, inputs, 0)?;
    let rank = b.shape(x).len();
    let axes = node.ints("axes")?.unwrap_or(vec![0, 2, 3]);
    let axes = axes.into_iter().map(|a| builder::axis(node, a, rank)).collect::<Result<Vec<_>>>()?;
    let mean = b.reduce(node, Reduction::Mean, x, (&axes, true))?;
    let centred = b.binary(node, Binary::Sub, x, &mean)?;
    let squares = b.binary(node, Binary::Mul, &centred, &centred)?;
    let variance = b.reduce(node, Reduction::Mean, &squares, (&axes, true))?;
    let deviation = b.unary(node, Unary::Sqrt, &variance)?;
    let divisor = b.affine(node, &deviation, 1., 1e-9)?;
    b.binary(node, Binary::Div, &centred, &divisor)
}

/// `x / sqrt(mean(x^2) + epsilon) * scale` over the axes from one on.
pub(super) fn root_mean_square(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["axis", "epsilon", "stash_type"])?;
    let x = required(node, inputs, 0)?;
    let rank = b.shape(x).len();
    let axes: Vec<usize> = (builder::axis(node, node.int("axis", -1)?, rank)?..rank).collect();
    let squares = b.binary(node, Binary::Mul, x, x)?;
    let mean = b.reduce(node, Reduction::Mean, &squares, (&axes, true))?;
    let inner = b.affine(node, &mean, 1., node.float("epsilon", 1e-5)?)?;
    let root = b.unary(node, Unary::Sqrt, &inner)?;
    let normal = b.binary(node, Binary::Div, x, &root)?;
    let scale = known(node, inputs, 1)?.ok_or_else(|| node.invalid("operand 1 is missing"))?;
    b.binary(node, Binary::Mul, &normal, &Value::Known(scale))
}

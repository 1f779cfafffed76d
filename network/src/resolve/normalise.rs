//! Normalisation, softmax and reductions.

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Op, Reduction, Shape};
use super::builder::{self, Builder, Value, integers, optional, required, weight};

/// Batch normalisation in inference: an affine function of each channel.
pub(super) fn batch(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["epsilon", "momentum", "training_mode", "spatial"])?;
    node.expect_int("training_mode", 0)?;
    node.expect_int("spatial", 1)?;
    let shape = b.shape(required(node, inputs, 0)?);
    let mut parameters = Vec::with_capacity(4);
    for index in 1..5 {
        let numbers: Vec<f32> = weight(node, inputs, index)?.flatten_all()?.to_vec1()?;
        if !matches!(shape.len(), 2 | 4) || numbers.len() != shape[1] {
            return Err(
                node.invalid(format!("{} parameters for an operand of shape {shape:?}", numbers.len()))
            );
        }
        parameters.push(numbers);
    }
    let [gamma, beta, mean, variance] = parameters.as_slice() else { return Err(node.invalid("parameters")) };
    let epsilon = f64::from(node.float("epsilon", 1e-5)?);
    let scale: Vec<f64> =
        gamma.iter().zip(variance).map(|(&g, &v)| f64::from(g) / (f64::from(v) + epsilon).sqrt()).collect();
    let shift: Vec<f32> = beta
        .iter()
        .zip(mean.iter().zip(&scale))
        .map(|(&beta, (&mean, scale))| (f64::from(beta) - f64::from(mean) * scale) as f32)
        .collect();
    let scale: Vec<f32> = scale.iter().map(|&s| s as f32).collect();
    let (scale, shift) = (b.constant(vec![shape[1]], scale), b.constant(vec![shape[1]], shift));
    let x = b.operand(node, required(node, inputs, 0)?)?;
    b.emit(node, Op::Affine { scale, shift }, vec![x], shape)
}

pub(super) fn layer(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["axis", "epsilon", "stash_type"])?;
    let x = required(node, inputs, 0)?;
    let shape = b.shape(x);
    let axis = builder::axis(node, node.int("axis", -1)?, shape.len())?;
    if axis + 1 != shape.len() || node.outputs.len() > 1 {
        return Err(
            node.unsupported("normalisation over more than the last axis, or its statistics as outputs")
        );
    }
    let scale = weight(node, inputs, 1)?;
    let shift = match optional(inputs, 2) {
        Some(_) => weight(node, inputs, 2)?,
        None => scale.zeros_like()?,
    };
    if scale.dims() != [shape[axis]] || shift.dims() != [shape[axis]] {
        return Err(node.invalid(format!("scale {:?} for an operand of shape {shape:?}", scale.dims())));
    }
    let op = Op::LayerNorm {
        scale: b.tensor(node, &scale)?,
        shift: b.tensor(node, &shift)?,
        epsilon: node.float("epsilon", 1e-5)?,
    };
    let x = b.operand(node, x)?;
    b.emit(node, op, vec![x], shape)
}

pub(super) fn softmax(b: &mut Builder, node: &Node, inputs: &[Option<Value>], opset: i64) -> Result<Value> {
    node.allow(&["axis"])?;
    let x = required(node, inputs, 0)?;
    let shape = b.shape(x);
    let axis = builder::axis(node, node.int("axis", if opset < 13 { 1 } else { -1 })?, shape.len())?;
    if opset < 13 && axis + 1 != shape.len() {
        return Err(node.unsupported("softmax over several axes at once"));
    }
    let x = b.operand(node, x)?;
    b.emit(node, Op::Softmax { axis }, vec![x], shape)
}

pub(super) fn reduce(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["axes", "keepdims", "noop_with_empty_axes"])?;
    node.expect_int("noop_with_empty_axes", 0)?;
    let kind = match node.op.as_str() {
        "ReduceMean" => Reduction::Mean,
        "ReduceSum" => Reduction::Sum,
        "ReduceL2" => Reduction::L2,
        _ => Reduction::Max,
    };
    let x = required(node, inputs, 0)?;
    let shape = b.shape(x);
    let given = match node.ints("axes")? {
        Some(axes) => axes,
        None => integers(node, inputs, 1)?.unwrap_or_else(|| (0..shape.len() as i64).collect()),
    };
    let mut axes: Vec<usize> =
        given.iter().map(|&a| builder::axis(node, a, shape.len())).collect::<Result<_>>()?;
    axes.sort_unstable();
    axes.dedup();
    let keep = node.int("keepdims", 1)? != 0;
    let reduced: Shape = (0..shape.len())
        .filter(|i| keep || !axes.contains(i))
        .map(|i| if axes.contains(&i) { 1 } else { shape[i] })
        .collect();
    let x = b.operand(node, x)?;
    b.emit(node, Op::Reduce { kind, axes }, vec![x], reduced)
}

//! Elementwise functions and operations of two operands.

use candle_core::DType;

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Binary, Op, Unary};
use super::builder::{Builder, Value, axis, known, required};
use super::steps::{number, per_channel, reals};

pub(super) fn clip(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["min", "max"])?;
    let low = scalar(node, inputs, 1)?.unwrap_or(node.float("min", f32::MIN)?);
    let high = scalar(node, inputs, 2)?.unwrap_or(node.float("max", f32::MAX)?);
    if low.is_nan() || high.is_nan() || low > high {
        return Err(node.invalid(format!("limits {low} and {high}")));
    }
    b.unary(node, Unary::Clip { low, high }, required(node, inputs, 0)?)
}

pub(super) fn power(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    let (base, exponent) = (required(node, inputs, 0)?, required(node, inputs, 1)?);
    match exponent.known().filter(|t| t.elem_count() == 1 && t.rank() <= b.shape(base).len()) {
        Some(exponent) => b.unary(node, Unary::Power(reals(&exponent)?[0]), base),
        None => b.binary(node, Binary::Power, base, &as_reals(exponent)?),
    }
}

/// Known integers as numbers that a step may have as its operand.
pub(super) fn as_reals(value: &Value) -> Result<Value> {
    Ok(match value {
        Value::Known(tensor) => Value::Known(tensor.to_dtype(DType::F32)?),
        Value::Runtime(id) => Value::Runtime(*id),
    })
}

pub(super) fn prelu(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    let (x, slope) = (required(node, inputs, 0)?, required(node, inputs, 1)?);
    let shape = b.shape(x);
    if let (Value::Known(slope), Value::Runtime(_)) = (slope, x) {
        let elements = reals(slope)?;
        // Some exporters leave out the axes behind the channels.
        let one_axis = slope.rank() == 1 && shape.len() == 4 && shape.last() != Some(&elements.len());
        let dims = if one_axis { &[elements.len(), 1, 1][..] } else { slope.dims() };
        if let Some(slopes) = per_channel(&shape, dims, &elements) {
            let slope = b.constant(vec![slopes.len()], slopes);
            return b.apply(node, Op::Prelu { slope }, x);
        }
    }
    let mut slope = slope.clone();
    let own = b.shape(&slope);
    if own.len() == 1 && shape.get(1) == own.first() && shape.last() != own.first() {
        let column = (1..shape.len()).map(|axis| if axis == 1 { own[0] } else { 1 }).collect();
        slope = b.reshape(node, &slope, column)?;
    }
    let positive = b.unary(node, Unary::Relu, x)?;
    let minus = b.unary(node, Unary::Neg, x)?;
    let negative = b.unary(node, Unary::Relu, &minus)?;
    let steep = b.binary(node, Binary::Mul, &negative, &slope)?;
    b.binary(node, Binary::Sub, &positive, &steep)
}

pub(super) fn not(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    b.binary(node, Binary::Equal, required(node, inputs, 0)?, &number(0.)?)
}

pub(super) fn xor(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    let difference = binary(b, node, inputs, Binary::Sub)?;
    b.unary(node, Unary::Abs, &difference)
}

/// The second operand with the first.
pub(super) fn swapped(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    operation: Binary,
) -> Result<Value> {
    b.binary(node, operation, required(node, inputs, 1)?, required(node, inputs, 0)?)
}

/// Any number of operands, one after the other.
pub(super) fn several(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    operation: Binary,
) -> Result<Value> {
    node.allow(&[])?;
    let mut result = required(node, inputs, 0)?.clone();
    for index in 1..inputs.len() {
        result = b.binary(node, operation, &result, required(node, inputs, index)?)?;
    }
    Ok(result)
}

pub(super) fn mean(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    let sum = several(b, node, inputs, Binary::Add)?;
    b.affine(node, &sum, 1. / inputs.len() as f32, 0.)
}

/// The rest of a division: with the divisor's sign, or with `fmod` the dividend's.
pub(super) fn modulo(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["fmod"])?;
    let (x, y) = (required(node, inputs, 0)?, required(node, inputs, 1)?);
    let ratio = b.binary(node, Binary::Div, x, y)?;
    let whole = if node.int("fmod", 0)? == 0 {
        b.unary(node, Unary::Floor, &ratio)?
    } else {
        truncated(b, node, &ratio)?
    };
    let part = b.binary(node, Binary::Mul, &whole, y)?;
    b.binary(node, Binary::Sub, x, &part)
}

/// The whole part, towards 0.
pub(super) fn truncated(b: &mut Builder, node: &Node, x: &Value) -> Result<Value> {
    let (sign, size) = (b.unary(node, Unary::Sign, x)?, b.unary(node, Unary::Abs, x)?);
    let whole = b.unary(node, Unary::Floor, &size)?;
    b.binary(node, Binary::Mul, &sign, &whole)
}

pub(super) fn choose(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    let sides = [required(node, inputs, 1)?, required(node, inputs, 2)?];
    b.choose(node, required(node, inputs, 0)?, sides)
}

pub(super) fn binary(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    operation: Binary,
) -> Result<Value> {
    node.allow(&["axis", "broadcast"])?;
    let (left, mut right) = (required(node, inputs, 0)?, required(node, inputs, 1)?.clone());
    // Before operator set 7 the second operand's place among the axes of the first could be named.
    if node.attributes.contains_key("axis") {
        let (rank, mut shape) = (b.shape(left).len(), b.shape(&right));
        let axis = axis(node, node.int("axis", 0)?, rank)?;
        shape.resize(rank.saturating_sub(axis).max(shape.len()), 1);
        right = b.reshape(node, &right, shape)?;
    }
    b.binary(node, operation, left, &right)
}

fn scalar(node: &Node, inputs: &[Option<Value>], index: usize) -> Result<Option<f32>> {
    match known(node, inputs, index)? {
        None => Ok(None),
        Some(t) if t.elem_count() == 1 => {
            Ok(t.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?.first().copied())
        }
        Some(t) => Err(node.unsupported(format!("operand {index} of shape {:?}", t.dims()))),
    }
}

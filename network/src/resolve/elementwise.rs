//! Elementwise functions and operations of two operands.

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Binary, Op, Shape, Unary};
use super::builder::{Builder, Value, broadcast, known, required, weight};

pub(super) fn unary(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    let function = match node.op.as_str() {
        "Relu" => Unary::Relu,
        "LeakyRelu" => Unary::LeakyRelu { slope: node.float("alpha", 0.01)? },
        "Sigmoid" => Unary::Sigmoid,
        "Tanh" => Unary::Tanh,
        "Erf" => Unary::Erf,
        "Exp" => Unary::Exp,
        "Log" => Unary::Log,
        "Sqrt" => Unary::Sqrt,
        "Abs" => Unary::Abs,
        "Neg" => Unary::Neg,
        "Reciprocal" => Unary::Reciprocal,
        "Sin" => Unary::Sin,
        "Cos" => Unary::Cos,
        _ => return Err(node.unsupported("this operator")),
    };
    node.allow(if node.op == "LeakyRelu" { &["alpha"] } else { &[] })?;
    apply(b, node, inputs, Op::Unary(function))
}

pub(super) fn clip(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["min", "max"])?;
    let low = scalar(node, inputs, 1)?.unwrap_or(node.float("min", f32::MIN)?);
    let high = scalar(node, inputs, 2)?.unwrap_or(node.float("max", f32::MAX)?);
    if low.is_nan() || high.is_nan() || low > high {
        return Err(node.invalid(format!("limits {low} and {high}")));
    }
    apply(b, node, inputs, Op::Unary(Unary::Clip { low, high }))
}

pub(super) fn power(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    match scalar(node, inputs, 1)? {
        Some(exponent) => apply(b, node, inputs, Op::Unary(Unary::Power(exponent))),
        None => Err(node.invalid("its exponent is missing")),
    }
}

pub(super) fn prelu(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    let shape = b.shape(required(node, inputs, 0)?);
    let slope = weight(node, inputs, 1)?;
    let elements: Vec<f32> = slope.flatten_all()?.to_vec1()?;
    let slopes = per_channel(&shape, slope.dims(), &elements)
        .ok_or_else(|| node.unsupported(format!("a slope of shape {:?}", slope.dims())))?;
    let slope = b.constant(vec![slopes.len()], slopes);
    apply(b, node, inputs, Op::Prelu { slope })
}

pub(super) fn binary(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    let (left, right) = (required(node, inputs, 0)?, required(node, inputs, 1)?);
    let operation = match node.op.as_str() {
        "Add" => Binary::Add,
        "Sub" => Binary::Sub,
        "Mul" => Binary::Mul,
        _ => Binary::Div,
    };
    let shape = broadcast(node, &b.shape(left), &b.shape(right))?;
    if let Some((x, scale, shift)) = affine(b, &shape, operation, left, right)? {
        let (x, channels) = (b.operand(node, &x)?, scale.len());
        let (scale, shift) = (b.constant(vec![channels], scale), b.constant(vec![channels], shift));
        return b.emit(node, Op::Affine { scale, shift }, vec![x], shape);
    }
    let operands = vec![b.operand(node, left)?, b.operand(node, right)?];
    b.emit(node, Op::Binary(operation), operands, shape)
}

/// The operation as `x * scale + shift` per channel, where one operand is a constant of that form.
#[expect(clippy::type_complexity, reason = "three parts of one formula, used once")]
fn affine(
    b: &Builder,
    shape: &Shape,
    operation: Binary,
    left: &Value,
    right: &Value,
) -> Result<Option<(Value, Vec<f32>, Vec<f32>)>> {
    let (x, constant, swapped) = match (left, right) {
        (Value::Runtime(_), Value::Known(c)) => (left, c, false),
        (Value::Known(c), Value::Runtime(_)) => (right, c, true),
        _ => return Ok(None),
    };
    if constant.dtype() != candle_core::DType::F32 || &b.shape(x) != shape {
        return Ok(None);
    }
    let elements: Vec<f32> = constant.flatten_all()?.to_vec1()?;
    let Some(c) = per_channel(shape, constant.dims(), &elements) else { return Ok(None) };
    let n = c.len();
    let (scale, shift) = match (operation, swapped) {
        (Binary::Add, _) => (vec![1.; n], c),
        (Binary::Sub, false) => (vec![1.; n], c.iter().map(|c| -c).collect()),
        (Binary::Sub, true) => (vec![-1.; n], c),
        (Binary::Mul, _) => (c, vec![0.; n]),
        (Binary::Div, false) => (c.iter().map(|c| 1. / c).collect(), vec![0.; n]),
        (Binary::Div, true) => return Ok(None),
    };
    Ok(Some((x.clone(), scale, shift)))
}

/// One number for each channel (axis 1), where a constant broadcasts that way.
fn per_channel(shape: &[usize], constant: &[usize], elements: &[f32]) -> Option<Vec<f32>> {
    let channels = *shape.get(1)?;
    if !matches!(shape.len(), 2 | 4) || constant.len() > shape.len() {
        return None;
    }
    if let &[only] = elements {
        return Some(vec![only; channels]);
    }
    let mut expected = vec![1; shape.len()];
    expected[1] = channels;
    let leading = shape.len() - constant.len();
    (leading <= 1 && constant == &expected[leading..]).then(|| elements.to_vec())
}

fn apply(b: &mut Builder, node: &Node, inputs: &[Option<Value>], op: Op) -> Result<Value> {
    let x = required(node, inputs, 0)?;
    let shape = b.shape(x);
    let x = b.operand(node, x)?;
    b.emit(node, op, vec![x], shape)
}

fn scalar(node: &Node, inputs: &[Option<Value>], index: usize) -> Result<Option<f32>> {
    match known(node, inputs, index)? {
        None => Ok(None),
        Some(t) if t.elem_count() == 1 => {
            Ok(t.to_dtype(candle_core::DType::F32)?.flatten_all()?.to_vec1()?.first().copied())
        }
        Some(t) => Err(node.unsupported(format!("operand {index} of shape {:?}", t.dims()))),
    }
}

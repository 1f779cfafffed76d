//! Normalisation with weights, and softmax.

use candle_core::{DType, Tensor};

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Binary, Op, Reduction, Shape, Unary};
use super::builder::{self, Builder, Value, known, required, weight};
use super::reduce;
use super::steps::numbers;

/// Batch normalisation in inference: an affine function of each channel.
pub(super) fn batch(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["epsilon", "is_test", "momentum", "training_mode", "spatial"])?;
    node.expect_int("spatial", 1)?;
    let shape = b.shape(required(node, inputs, 0)?);
    let row = |index: usize| -> Result<Vec<f64>> {
        let numbers: Vec<f64> =
            weight(node, inputs, index)?.to_dtype(DType::F64)?.flatten_all()?.to_vec1()?;
        match shape.get(1) {
            Some(&channels) if channels == numbers.len() => Ok(numbers),
            _ => {
                let count = numbers.len();
                Err(node.invalid(format!("{count} parameters for an operand of shape {shape:?}")))
            }
        }
    };
    let (gamma, beta) = (row(1)?, row(2)?);
    let (mean, variance) = match (node.int("training_mode", 0)?, required(node, inputs, 0)?) {
        (0, _) => (row(3)?, row(4)?),
        (_, Value::Known(x)) => statistics(x)?,
        (mode, Value::Runtime(_)) => return Err(node.unsupported(format!("training_mode = {mode}"))),
    };
    let epsilon = f64::from(node.float("epsilon", 1e-5)?);
    let scale: Vec<f64> = gamma.iter().zip(&variance).map(|(g, v)| g / (v + epsilon).sqrt()).collect();
    let shifts = beta.iter().zip(mean.iter().zip(&scale));
    let shift: Vec<f32> = shifts.map(|(beta, (mean, scale))| (beta - mean * scale) as f32).collect();
    let scale: Vec<f32> = scale.iter().map(|&s| s as f32).collect();
    let x = required(node, inputs, 0)?;
    if !matches!(shape.len(), 2 | 4) {
        let column: Shape = (1..shape.len()).map(|axis| if axis == 1 { shape[1] } else { 1 }).collect();
        let scaled = b.binary(node, Binary::Mul, x, &numbers(scale, &column)?)?;
        return b.binary(node, Binary::Add, &scaled, &numbers(shift, &column)?);
    }
    let (scale, shift) = (b.constant(vec![shape[1]], scale), b.constant(vec![shape[1]], shift));
    let x = b.operand(node, x)?;
    b.emit(node, Op::Affine { scale, shift }, vec![x], shape)
}

/// Mean and variance of each channel: weights that are normalised are written so.
fn statistics(x: &Tensor) -> Result<(Vec<f64>, Vec<f64>)> {
    let rows = x.to_dtype(DType::F64)?.transpose(0, 1)?.flatten_from(1)?;
    let mean = rows.mean_keepdim(1)?;
    let variance = rows.broadcast_sub(&mean)?.sqr()?.mean(1)?;
    Ok((mean.flatten_all()?.to_vec1()?, variance.to_vec1()?))
}

/// The normalised operand, and where they are asked for the mean and the inverse deviation.
pub(super) fn layer(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Vec<Value>> {
    node.allow(&["axis", "epsilon", "stash_type"])?;
    let x = required(node, inputs, 0)?;
    let shape = b.shape(x);
    let axis = builder::axis(node, node.int("axis", -1)?, shape.len())?;
    let width: usize = shape[axis..].iter().product();
    let mut rows = shape[..axis].to_vec();
    rows.push(width);
    let row = |index: usize| -> Result<Option<Tensor>> {
        match known(node, inputs, index)? {
            Some(row) if row.elem_count() == width => Ok(Some(row.flatten_all()?)),
            Some(row) if row.rank() <= shape.len() - axis => {
                Ok(Some(row.broadcast_as(&shape[axis..])?.flatten_all()?))
            }
            None => Ok(None),
            Some(row) => {
                Err(node.invalid(format!("scale {:?} for an operand of shape {shape:?}", row.dims())))
            }
        }
    };
    let scale = row(1)?.ok_or_else(|| node.invalid("operand 1 is missing"))?;
    let shift = row(2)?.map_or_else(|| scale.zeros_like(), Ok)?;
    let whole = x;
    let x = b.reshape(node, whole, rows)?;
    let op = Op::LayerNorm {
        scale: b.tensor(node, &scale)?,
        shift: b.tensor(node, &shift)?,
        epsilon: node.float("epsilon", 1e-5)?,
    };
    let normal = b.apply(node, op, &x)?;
    let mut results = vec![b.reshape(node, &normal, shape.clone())?];
    if node.outputs.len() > 1 {
        let axes: Vec<usize> = (axis..shape.len()).collect();
        let mean = b.reduce(node, Reduction::Mean, whole, (&axes, true))?;
        let centred = b.binary(node, Binary::Sub, whole, &mean)?;
        let squares = b.binary(node, Binary::Mul, &centred, &centred)?;
        let variance = b.reduce(node, Reduction::Mean, &squares, (&axes, true))?;
        let inner = b.affine(node, &variance, 1., node.float("epsilon", 1e-5)?)?;
        results.extend([mean, b.unary(node, Unary::Power(-0.5), &inner)?]);
    }
    Ok(results)
}

/// Rows along an axis; before opset 13 all axes from there on are one.
fn rows(b: &mut Builder, node: &Node, inputs: &[Option<Value>], opset: i64) -> Result<(Value, usize, Shape)> {
    node.allow(&["axis"])?;
    let x = required(node, inputs, 0)?;
    let shape = b.shape(x);
    let axis = builder::axis(node, node.int("axis", if opset < 13 { 1 } else { -1 })?, shape.len())?;
    if opset >= 13 || axis + 1 == shape.len() {
        return Ok((x.clone(), axis, shape));
    }
    let flat = vec![shape[..axis].iter().product(), shape[axis..].iter().product()];
    Ok((b.reshape(node, x, flat)?, 1, shape))
}

pub(super) fn softmax(b: &mut Builder, node: &Node, inputs: &[Option<Value>], opset: i64) -> Result<Value> {
    let (x, axis, shape) = rows(b, node, inputs, opset)?;
    let result = b.apply(node, Op::Softmax { axis }, &x)?;
    b.reshape(node, &result, shape)
}

pub(super) fn log_softmax(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    opset: i64,
) -> Result<Value> {
    let (x, axis, shape) = rows(b, node, inputs, opset)?;
    let sum = reduce::log_sum_exp(b, node, &x, &[axis])?;
    let result = b.binary(node, Binary::Sub, &x, &sum)?;
    b.reshape(node, &result, shape)
}

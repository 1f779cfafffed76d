//! Matrix products.

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Binary, Op};
use super::builder::{Builder, Value, known, required};

pub(super) fn matmul(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    b.product(node, required(node, inputs, 0)?, required(node, inputs, 1)?)
}

/// ONNX Runtime's product with transposed operands and a factor.
pub(super) fn fused_matmul(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["alpha", "transA", "transB", "transBatchA", "transBatchB"])?;
    node.expect_int("transBatchA", 0)?;
    node.expect_int("transBatchB", 0)?;
    let left = turned(b, node, required(node, inputs, 0)?, node.int("transA", 0)? != 0)?;
    let right = turned(b, node, required(node, inputs, 1)?, node.int("transB", 0)? != 0)?;
    let result = b.product(node, &left, &right)?;
    b.affine(node, &result, node.float("alpha", 1.)?, 0.)
}

/// The last two axes exchanged, if so.
fn turned(b: &mut Builder, node: &Node, x: &Value, turn: bool) -> Result<Value> {
    let rank = b.shape(x).len();
    if !turn || rank < 2 {
        return Ok(x.clone());
    }
    let mut permutation: Vec<usize> = (0..rank).collect();
    permutation.swap(rank - 2, rank - 1);
    b.transpose(node, x, permutation)
}

pub(super) fn gemm(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["alpha", "beta", "broadcast", "transA", "transB"])?;
    let (x, matrix) = (required(node, inputs, 0)?, required(node, inputs, 1)?);
    if let (Value::Known(_), Value::Runtime(_), 0) = (matrix, x, node.int("transA", 0)?)
        && let Some(value) = with_weights(b, node, inputs)?
    {
        return Ok(value);
    }
    let left = turned(b, node, x, node.int("transA", 0)? != 0)?;
    let right = turned(b, node, matrix, node.int("transB", 0)? != 0)?;
    let (alpha, beta) = (node.float("alpha", 1.)?, node.float("beta", 1.)?);
    let result = b.product(node, &left, &right)?;
    let result = b.affine(node, &result, alpha, 0.)?;
    let Some(Some(bias)) = inputs.get(2) else { return Ok(result) };
    let bias = match bias {
        Value::Known(bias) => Value::Known((bias * f64::from(beta))?),
        bias => b.affine(node, bias, beta, 0.)?,
    };
    b.binary(node, Binary::Add, &result, &bias)
}

/// `Gemm` of a value with a known matrix and a known row, `None` where it has another form.
fn with_weights(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Option<Value>> {
    let x = required(node, inputs, 0)?;
    let Some(mut matrix) = known(node, inputs, 1)?.filter(|m| m.dtype() == candle_core::DType::F32) else {
        return Err(node.invalid("operand 1 must be a floating-point tensor"));
    };
    if matrix.rank() == 2 && node.int("transB", 0)? != 0 {
        matrix = matrix.t()?.contiguous()?;
    }
    let (shape, &[rows, columns]) = (b.shape(x), matrix.dims()) else {
        return Err(node.invalid("its weight is not a matrix"));
    };
    if shape.len() != 2 || shape[1] != rows {
        return Err(
            node.invalid(format!("an operand of shape {shape:?} and a weight of {:?}", matrix.dims()))
        );
    }
    let bias = match inputs.get(2) {
        None | Some(None) => None,
        Some(Some(Value::Known(bias))) if bias.elem_count() == columns || bias.elem_count() == 1 => {
            Some(bias.flatten_all()?.broadcast_as(columns)?)
        }
        _ => return Ok(None),
    };
    let matrix = (matrix * f64::from(node.float("alpha", 1.)?))?;
    let weight = b.tensor(node, &matrix)?;
    let beta = f64::from(node.float("beta", 1.)?);
    let bias = bias.map(|bias| b.tensor(node, &(bias * beta)?)).transpose()?;
    let x = b.operand(node, x)?;
    Ok(Some(b.emit(node, Op::Linear { weight, bias }, vec![x], vec![shape[0], columns])?))
}

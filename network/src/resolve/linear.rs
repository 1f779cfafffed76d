//! Matrix products.

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Op, Shape};
use super::builder::{Builder, Value, broadcast, known, required, weight};

pub(super) fn matmul(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    let (left, right) = (required(node, inputs, 0)?, required(node, inputs, 1)?);
    let (a, c) = (b.shape(left), b.shape(right));
    if let (Value::Known(weight), [.., inner], [rows, columns]) = (right, a.as_slice(), c.as_slice()) {
        if inner != rows {
            return Err(node.invalid(format!("shapes {a:?} and {c:?}")));
        }
        let mut shape: Shape = a.clone();
        shape.pop();
        shape.push(*columns);
        let weight = b.tensor(node, weight)?;
        let x = b.operand(node, left)?;
        return b.emit(node, Op::Linear { weight, bias: None }, vec![x], shape);
    }
    let ([batch_a @ .., m, inner], [batch_c @ .., rows, n]) = (a.as_slice(), c.as_slice()) else {
        return Err(node.unsupported(format!("operands of shapes {a:?} and {c:?}")));
    };
    if inner != rows {
        return Err(node.invalid(format!("shapes {a:?} and {c:?}")));
    }
    if left.known().is_some() || right.known().is_some() {
        return Err(node.unsupported("a constant operand that is not a matrix on the right"));
    }
    let mut shape = broadcast(node, batch_a, batch_c)?;
    shape.extend([*m, *n]);
    let operands = vec![b.operand(node, left)?, b.operand(node, right)?];
    b.emit(node, Op::MatMul, operands, shape)
}

pub(super) fn gemm(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["alpha", "beta", "transA", "transB"])?;
    node.expect_int("transA", 0)?;
    let x = required(node, inputs, 0)?;
    let mut matrix = weight(node, inputs, 1)?;
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
    let matrix = (matrix * f64::from(node.float("alpha", 1.)?))?;
    let weight = b.tensor(node, &matrix)?;
    let beta = node.float("beta", 1.)?;
    let bias = match known(node, inputs, 2)? {
        None => None,
        Some(bias) if bias.elem_count() == columns || bias.elem_count() == 1 => {
            let bias = (bias.flatten_all()?.broadcast_as(columns)? * f64::from(beta))?;
            Some(b.tensor(node, &bias)?)
        }
        Some(bias) => return Err(node.unsupported(format!("a bias of shape {:?}", bias.dims()))),
    };
    let x = b.operand(node, x)?;
    b.emit(node, Op::Linear { weight, bias }, vec![x], vec![shape[0], columns])
}

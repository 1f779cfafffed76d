//! Operators on quantised numbers: as what they stand for, and then back on the grid.

use candle_core::DType;

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::Binary;
use super::builder::{Builder, Context, Value, known, optional, required};
use super::linear;
use super::quantise::{Grid, along, centred, dynamic, rounded, to_grid};
use super::spatial::{convolve, on_pictures};

/// The operand at `index`, whose scale and zero point follow it.
pub(super) fn plain(b: &mut Builder, node: &Node, inputs: &[Option<Value>], index: usize) -> Result<Value> {
    let x = required(node, inputs, index)?;
    let x = centred(b, node, x, optional(inputs, index + 2), 0)?;
    let scale = required(node, inputs, index + 1)?.clone();
    let scale = along(b, node, &scale, 1, 0)?;
    b.binary(node, Binary::Mul, &x, &scale)
}

/// A known weight at `index` whose scales, of which there may be one for each index of an axis, follow it.
fn weights(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    index: usize,
    axis: usize,
) -> Result<Value> {
    let x = required(node, inputs, index)?;
    let rank = b.shape(x).len();
    let x = centred(b, node, x, optional(inputs, index + 2), axis)?;
    let scale = required(node, inputs, index + 1)?.clone();
    let scale = along(b, node, &scale, rank, axis)?;
    match (&x, &scale) {
        (Value::Known(x), Value::Known(scale)) => Ok(Value::Known(x.broadcast_mul(scale)?)),
        _ => b.binary(node, Binary::Mul, &x, &scale),
    }
}

/// A convolution whose kernel is known.
fn convolved(
    b: &mut Builder,
    node: &Node,
    (x, kernel): (&Value, &Value),
    bias: Option<candle_core::Tensor>,
) -> Result<Value> {
    let Value::Known(kernel) = kernel else {
        return Err(node.unsupported("a kernel that depends on the picture"));
    };
    on_pictures(b, node, x, |b, node, x| {
        let kernel = if kernel.rank() == 3 { kernel.unsqueeze(2)? } else { kernel.clone() };
        convolve(b, node, x, (&kernel, bias))
    })
}

pub(super) fn conv(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    context: Context<'_>,
) -> Result<Value> {
    node.allow(&["auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"])?;
    let x = centred(b, node, required(node, inputs, 0)?, optional(inputs, 2), 0)?;
    let kernel = centred(b, node, required(node, inputs, 3)?, optional(inputs, 5), 0)?;
    let bias = known(node, inputs, 8)?.map(|bias| bias.to_dtype(DType::F32)).transpose()?;
    let sums = convolved(b, node, (&x, &kernel), bias)?;
    // As ONNX Runtime does it: whole numbers are summed up, and one factor takes them to the result's grid.
    let grid = Grid::at(node, inputs, 6, context)?;
    let rank = b.shape(&sums).len();
    let [x_scale, w_scale, y_scale] = [1, 4, 6].map(|index| -> Result<Value> {
        let scale = required(node, inputs, index)?;
        along(b, node, scale, rank, 1)
    });
    let both = b.binary(node, Binary::Mul, &x_scale?, &w_scale?)?;
    let factor = b.binary(node, Binary::Div, &both, &y_scale?)?;
    let scaled = b.binary(node, Binary::Mul, &sums, &factor)?;
    let zero = grid.zero.map(|zero| along(b, node, &zero, 1, 0)).transpose()?;
    rounded(b, node, &scaled, zero.as_ref(), grid.range)
}

/// The result on its grid, whose scale is at `index`.
pub(super) fn back(
    b: &mut Builder,
    node: &Node,
    result: &Value,
    (inputs, index): (&[Option<Value>], usize),
    context: Context<'_>,
) -> Result<Value> {
    let grid = Grid::at(node, inputs, index, context)?;
    let scale = along(b, node, &grid.scale, 1, 0)?;
    let zero = grid.zero.map(|zero| along(b, node, &zero, 1, 0)).transpose()?;
    to_grid(b, node, result, &Grid { scale, zero, range: grid.range })
}

pub(super) fn conv_integer(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"])?;
    let x = centred(b, node, required(node, inputs, 0)?, optional(inputs, 2), 0)?;
    let kernel = centred(b, node, required(node, inputs, 1)?, optional(inputs, 3), 0)?;
    convolved(b, node, (&x, &kernel), None)
}

/// A product of whole numbers, each minus its zero point.
pub(super) fn matmul_integer(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    integer_product(
        b,
        node,
        [required(node, inputs, 0)?, required(node, inputs, 1)?],
        [optional(inputs, 2), optional(inputs, 3)],
    )
}

fn integer_product(
    b: &mut Builder,
    node: &Node,
    [x, y]: [&Value; 2],
    zeros: [Option<&Value>; 2],
) -> Result<Value> {
    let columns = b.shape(y).len().saturating_sub(1);
    let rows = b.shape(x).len().saturating_sub(2);
    let x = centred(b, node, x, zeros[0], rows)?;
    let y = centred(b, node, y, zeros[1], columns)?;
    b.product(node, &x, &y)
}

/// ONNX Runtime's product of whole numbers that ends as numbers: operands, scales, zero points, bias.
pub(super) fn matmul_to_float(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    let operands = [required(node, inputs, 0)?, required(node, inputs, 1)?];
    let result = integer_product(b, node, operands, [optional(inputs, 4), optional(inputs, 5)])?;
    scaled(b, node, &result, [required(node, inputs, 2)?, required(node, inputs, 3)?], optional(inputs, 6))
}

fn scaled(
    b: &mut Builder,
    node: &Node,
    x: &Value,
    scales: [&Value; 2],
    bias: Option<&Value>,
) -> Result<Value> {
    let mut x = x.clone();
    for scale in scales {
        let scale = if b.shape(scale) == [1] { b.reshape(node, scale, vec![])? } else { scale.clone() };
        x = b.binary(node, Binary::Mul, &x, &scale)?;
    }
    match bias {
        Some(bias) => b.binary(node, Binary::Add, &x, bias),
        None => Ok(x),
    }
}

/// Operand, weight, its scale, its zero point, bias; the operand is quantised on the way.
pub(super) fn dynamic_matmul(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    let [whole, scale, zero] = &dynamic(b, node, inputs)?[..] else {
        return Err(node.invalid("its operand"));
    };
    let weight = required(node, inputs, 1)?;
    let result = integer_product(b, node, [whole, weight], [Some(zero), optional(inputs, 3)])?;
    scaled(b, node, &result, [scale, required(node, inputs, 2)?], optional(inputs, 4))
}

pub(super) fn matmul(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    context: Context<'_>,
) -> Result<Value> {
    node.allow(&[])?;
    let x = plain(b, node, inputs, 0)?;
    let axis = b.shape(required(node, inputs, 3)?).len().saturating_sub(1);
    let y = weights(b, node, inputs, 3, axis)?;
    let result = b.product(node, &x, &y)?;
    back(b, node, &result, (inputs, 6), context)
}

/// A matrix product with a bias of whole numbers; without a scale for the result that stays as it is.
pub(super) fn gemm(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    context: Context<'_>,
) -> Result<Value> {
    node.allow(&["alpha", "transA", "transB"])?;
    let x = plain(b, node, inputs, 0)?;
    let columns = if node.int("transB", 0)? != 0 { 0 } else { 1 };
    let matrix = weights(b, node, inputs, 3, columns)?;
    let result = linear::gemm(b, node, &[Some(x), Some(matrix)])?;
    let result = match known(node, inputs, 6)? {
        None => result,
        Some(bias) => {
            let [x_scale, w_scale] = [1, 4].map(|index| known(node, inputs, index));
            let (Some(x_scale), Some(w_scale)) = (x_scale?, w_scale?) else {
                return Err(node.invalid("its scales are missing"));
            };
            let scale = w_scale.flatten_all()?.broadcast_mul(&x_scale.flatten_all()?)?;
            let alpha = f64::from(node.float("alpha", 1.)?);
            let bias = (bias.to_dtype(DType::F32)?.flatten_all()?.broadcast_mul(&scale)? * alpha)?;
            b.binary(node, Binary::Add, &result, &Value::Known(bias))?
        }
    };
    match optional(inputs, 7) {
        None => Ok(result),
        Some(_) => back(b, node, &result, (inputs, 7), context),
    }
}

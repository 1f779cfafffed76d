//! Quantised numbers: whole numbers of a range, times a scale. They are computed as floating-point numbers with the same
//! rounding; gradients go straight through the rounding, and end where a number leaves its range.

use candle_core::DType;

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Binary, Reduction, Shape, Unary};
use super::builder::{self, Builder, Context, Value, optional, required};
use super::elementwise::as_reals;
use super::steps::number;

/// How numbers are quantised: they are `(q - zero) * scale` with `q` in a range.
pub(super) struct Grid {
    pub(super) scale: Value,
    pub(super) zero: Option<Value>,
    pub(super) range: [f32; 2],
}

/// Numbers without a sign, of 8 bits.
const BYTES: [f32; 2] = [0., 255.];

impl Grid {
    /// The scale at `index` and the zero point behind it.
    pub(super) fn at(
        node: &Node,
        inputs: &[Option<Value>],
        index: usize,
        context: Context<'_>,
    ) -> Result<Self> {
        let scale = required(node, inputs, index)?.clone();
        let zero = optional(inputs, index + 1).map(as_reals).transpose()?;
        let named = node.inputs.get(index + 1).filter(|name| !name.is_empty());
        let range = match (named, &zero) {
            (None, _) => BYTES,
            (Some(name), _) if context.ranges.contains_key(name) => context.ranges[name],
            (Some(_), _) => return Err(node.unsupported("a zero point whose type is not that of a weight")),
        };
        Ok(Self { scale, zero, range })
    }
}

/// A scale or zero point in the shape in which it broadcasts along an axis.
pub(super) fn along(b: &mut Builder, node: &Node, x: &Value, rank: usize, axis: usize) -> Result<Value> {
    match *b.shape(x).as_slice() {
        [] => Ok(x.clone()),
        [1] => b.reshape(node, x, vec![]),
        [length] => {
            let shape: Shape = (0..rank).map(|i| if i == axis { length } else { 1 }).collect();
            b.reshape(node, x, shape)
        }
        ref shape => Err(node.unsupported(format!("a scale of shape {shape:?}"))),
    }
}

/// Numbers to whole numbers of the grid.
pub(super) fn to_grid(b: &mut Builder, node: &Node, x: &Value, grid: &Grid) -> Result<Value> {
    let ratio = b.binary(node, Binary::Div, x, &grid.scale)?;
    rounded(b, node, &ratio, grid.zero.as_ref(), grid.range)
}

/// The nearest whole number, from a zero point on, within a range.
pub(super) fn rounded(
    b: &mut Builder,
    node: &Node,
    x: &Value,
    zero: Option<&Value>,
    [low, high]: [f32; 2],
) -> Result<Value> {
    let mut rounded = b.unary(node, Unary::Round, x)?;
    if let Some(zero) = zero {
        rounded = b.binary(node, Binary::Add, &rounded, zero)?;
    }
    b.unary(node, Unary::Clip { low, high }, &rounded)
}

/// Whole numbers of the grid to numbers.
pub(super) fn from_grid(b: &mut Builder, node: &Node, x: &Value, grid: &Grid) -> Result<Value> {
    let mut x = as_reals(x)?;
    if let Some(zero) = &grid.zero {
        x = b.binary(node, Binary::Sub, &x, zero)?;
    }
    b.binary(node, Binary::Mul, &x, &grid.scale)
}

/// `QuantizeLinear`: a scale for all, or one for each index of an axis.
pub(super) fn quantise(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    context: Context<'_>,
) -> Result<Value> {
    node.allow(&["axis", "block_size", "output_dtype", "precision", "saturate"])?;
    node.expect_int("block_size", 0)?;
    let mut grid = match (node.inputs.len() > 2, node.int("output_dtype", 0)?) {
        (false, kind @ 1..) => {
            let range = super::super::onnx::tensor::range(kind);
            let range = range.ok_or_else(|| node.unsupported(format!("element type {kind}")))?;
            Grid { scale: required(node, inputs, 1)?.clone(), zero: None, range }
        }
        _ => Grid::at(node, inputs, 1, context)?,
    };
    let x = as_reals(required(node, inputs, 0)?)?;
    place(b, node, &mut grid, &x)?;
    to_grid(b, node, &x, &grid)
}

pub(super) fn dequantise(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["axis", "block_size", "output_dtype"])?;
    node.expect_int("block_size", 0)?;
    let scale = required(node, inputs, 1)?.clone();
    let zero = optional(inputs, 2).map(as_reals).transpose()?;
    let mut grid = Grid { scale, zero, range: BYTES };
    let x = required(node, inputs, 0)?;
    place(b, node, &mut grid, x)?;
    from_grid(b, node, x, &grid)
}

/// Lays scale and zero point along the axis that the node names.
fn place(b: &mut Builder, node: &Node, grid: &mut Grid, x: &Value) -> Result<()> {
    let rank = b.shape(x).len();
    if b.shape(&grid.scale).iter().product::<usize>() == 1 {
        grid.scale = b.reshape(node, &grid.scale, vec![])?;
        grid.zero = grid.zero.take().map(|zero| b.reshape(node, &zero, vec![])).transpose()?;
        return Ok(());
    }
    let axis = builder::axis(node, node.int("axis", 1)?, rank)?;
    grid.scale = along(b, node, &grid.scale, rank, axis)?;
    grid.zero = grid.zero.take().map(|zero| along(b, node, &zero, rank, axis)).transpose()?;
    Ok(())
}

/// `DynamicQuantizeLinear`: the grid that just holds what is there; whole numbers, scale, zero point.
pub(super) fn dynamic(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Vec<Value>> {
    node.allow(&[])?;
    let x = required(node, inputs, 0)?;
    let axes: Vec<usize> = (0..b.shape(x).len()).collect();
    let minus = b.unary(node, Unary::Neg, x)?;
    let top = b.reduce(node, Reduction::Max, x, (&axes, false))?;
    let bottom = b.reduce(node, Reduction::Max, &minus, (&axes, false))?;
    let top = b.unary(node, Unary::Clip { low: 0., high: f32::MAX }, &top)?;
    let below = b.unary(node, Unary::Clip { low: 0., high: f32::MAX }, &bottom)?;
    let extent = b.binary(node, Binary::Add, &top, &below)?;
    let scale = b.binary(node, Binary::Div, &extent, &number(255.)?)?;
    let start = b.binary(node, Binary::Div, &below, &scale)?;
    let clipped = b.unary(node, Unary::Clip { low: 0., high: 255. }, &start)?;
    let zero = b.unary(node, Unary::Round, &clipped)?;
    let grid = Grid { scale: scale.clone(), zero: Some(zero.clone()), range: BYTES };
    let whole = to_grid(b, node, x, &grid)?;
    Ok(vec![whole, scale, zero])
}

/// A known weight of whole numbers, minus its zero point.
pub(super) fn centred(
    b: &mut Builder,
    node: &Node,
    x: &Value,
    zero: Option<&Value>,
    axis: usize,
) -> Result<Value> {
    let rank = b.shape(x).len();
    let zero = zero.map(|zero| along(b, node, &as_reals(zero)?, rank, axis)).transpose()?;
    match (x, zero) {
        (Value::Known(x), None) => Ok(Value::Known(x.to_dtype(DType::F32)?)),
        (Value::Known(x), Some(Value::Known(zero))) => {
            Ok(Value::Known(x.to_dtype(DType::F32)?.broadcast_sub(&zero)?))
        }
        (x, Some(zero)) => b.binary(node, Binary::Sub, x, &zero),
        (x, None) => Ok(x.clone()),
    }
}

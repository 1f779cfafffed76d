//! Sums, pools and functions of quantised numbers.

use super::super::graph::{Attribute, Node};
use super::super::plan::{Binary, Op, Reduction, Unary};
use super::super::{Operator, Result};
use super::builder::{Builder, Context, Value, optional, required};
use super::elementwise::as_reals;
use super::pool as windows;
use super::quantise::{Grid, along, centred, from_grid, rounded};
use super::quantised::{back, plain};
use super::steps::number;

pub(super) fn product(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    context: Context<'_>,
) -> Result<Value> {
    node.allow(&[])?;
    let (left, right) = (plain(b, node, inputs, 0)?, plain(b, node, inputs, 3)?);
    let result = b.binary(node, Binary::Mul, &left, &right)?;
    back(b, node, &result, (inputs, 6), context)
}

/// A zero point as a number, 0 where there is none.
fn zero(b: &mut Builder, node: &Node, zero: Option<&Value>) -> Result<Value> {
    zero.map_or_else(|| number(0.), |zero| along(b, node, &as_reals(zero)?, 1, 0))
}

/// A sum, in the order of ONNX Runtime: all that is the same everywhere first, and the zero point before the rounding.
pub(super) fn sum(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    context: Context<'_>,
) -> Result<Value> {
    node.allow(&[])?;
    let grid = Grid::at(node, inputs, 6, context)?;
    let scale = along(b, node, &grid.scale, 1, 0)?;
    let (mut terms, mut shifts) = (Vec::with_capacity(2), Vec::with_capacity(2));
    for index in [0, 3] {
        let own = along(b, node, required(node, inputs, index + 1)?, 1, 0)?;
        let ratio = b.binary(node, Binary::Div, &own, &scale)?;
        terms.push(b.binary(node, Binary::Mul, &as_reals(required(node, inputs, index)?)?, &ratio)?);
        let zero = zero(b, node, optional(inputs, index + 2))?;
        shifts.push(b.binary(node, Binary::Mul, &ratio, &zero)?);
    }
    let shift = b.binary(node, Binary::Add, &shifts[0], &shifts[1])?;
    let start = zero(b, node, grid.zero.as_ref())?;
    let start = b.binary(node, Binary::Sub, &start, &shift)?;
    let first = b.binary(node, Binary::Add, &terms[0], &start)?;
    let whole = b.binary(node, Binary::Add, &first, &terms[1])?;
    rounded(b, node, &whole, None, grid.range)
}

/// Scale and zero point of the result, then operands with theirs.
pub(super) fn concat(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    context: Context<'_>,
) -> Result<Value> {
    let parts = (2..inputs.len()).step_by(3);
    let parts: Vec<Option<Value>> =
        parts.map(|index| plain(b, node, inputs, index).map(Some)).collect::<Result<_>>()?;
    let joined = super::layout::concat(b, node, &parts)?;
    back(b, node, &joined, (inputs, 0), context)
}

pub(super) fn pool(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    context: Context<'_>,
) -> Result<Value> {
    let mut plain_node = node.clone();
    let last = matches!(plain_node.attributes.remove("channels_last"), Some(Attribute::Int(1)));
    if last {
        return Err(node.unsupported("channels behind the pixels"));
    }
    let x = plain(b, node, inputs, 0)?;
    let result = if node.operator == Some(Operator::QLinearGlobalAveragePool) {
        let axes: Vec<usize> = (2..b.shape(&x).len()).collect();
        b.reduce(node, Reduction::Mean, &x, (&axes, true))?
    } else {
        windows::average(b, &plain_node, &[Some(x)])?
    };
    back(b, node, &result, (inputs, 3), context)
}

pub(super) fn function(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    context: Context<'_>,
) -> Result<Value> {
    node.allow(&["alpha", "axis", "opset"])?;
    let x = required(node, inputs, 0)?.clone();
    let own = Grid { scale: required(node, inputs, 1)?.clone(), zero: None, range: [0.; 2] };
    let x = centred(b, node, &x, optional(inputs, 2), 0)?;
    let x = from_grid(b, node, &x, &own)?;
    let result = match node.operator {
        Some(Operator::QLinearLeakyRelu) => {
            b.unary(node, Unary::LeakyRelu { slope: node.float("alpha", 0.01)? }, &x)?
        }
        Some(Operator::QLinearSigmoid) => b.unary(node, Unary::Sigmoid, &x)?,
        _ => {
            let axis = super::builder::axis(node, node.int("axis", -1)?, b.shape(&x).len())?;
            b.apply(node, Op::Softmax { axis }, &x)?
        }
    };
    back(b, node, &result, (inputs, 3), context)
}

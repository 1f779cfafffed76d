//! Reductions over axes.

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Binary, Reduction, Unary};
use super::builder::{self, Builder, Value, integers, required};

/// A reduction, or one that is made of another.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reducer {
    Plain(Reduction),
    Min,
    L1,
    SumSquare,
    LogSum,
    LogSumExp,
}

pub(super) fn reduce(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    reducer: Reducer,
) -> Result<Value> {
    node.allow(&["axes", "keepdims", "noop_with_empty_axes"])?;
    let x = required(node, inputs, 0)?;
    let rank = b.shape(x).len();
    let given = match node.ints("axes")? {
        Some(axes) => Some(axes),
        None => integers(node, inputs, 1)?,
    };
    // No axes are all of them, unless the file says that they are none.
    let axes = match given.filter(|axes| !axes.is_empty()) {
        Some(axes) => axes,
        None if node.int("noop_with_empty_axes", 0)? == 0 => (0..rank as i64).collect(),
        None => vec![],
    };
    let mut axes: Vec<usize> = axes.iter().map(|&a| builder::axis(node, a, rank)).collect::<Result<_>>()?;
    axes.sort_unstable();
    axes.dedup();
    over(b, node, x, reducer, (&axes, node.int("keepdims", 1)? != 0))
}

/// A reduction over ascending axes, which stay with length 1 or vanish.
pub(super) fn over(
    b: &mut Builder,
    node: &Node,
    x: &Value,
    reducer: Reducer,
    (axes, keep): (&[usize], bool),
) -> Result<Value> {
    match reducer {
        // The L2 norm of one element is its size.
        Reducer::Plain(Reduction::L2) if axes.is_empty() => b.unary(node, Unary::Abs, x),
        Reducer::Plain(reduction) => b.reduce(node, reduction, x, (axes, keep)),
        Reducer::Min => {
            let minus = b.unary(node, Unary::Neg, x)?;
            let largest = b.reduce(node, Reduction::Max, &minus, (axes, keep))?;
            b.unary(node, Unary::Neg, &largest)
        }
        Reducer::L1 => {
            let sizes = b.unary(node, Unary::Abs, x)?;
            b.reduce(node, Reduction::Sum, &sizes, (axes, keep))
        }
        Reducer::SumSquare => {
            let squares = b.binary(node, Binary::Mul, x, x)?;
            b.reduce(node, Reduction::Sum, &squares, (axes, keep))
        }
        Reducer::LogSum => {
            let sum = b.reduce(node, Reduction::Sum, x, (axes, keep))?;
            b.unary(node, Unary::Log, &sum)
        }
        Reducer::LogSumExp => {
            let kept = log_sum_exp(b, node, x, axes)?;
            let shape = b.shape(&kept);
            let left = (0..shape.len()).filter(|axis| keep || !axes.contains(axis)).map(|axis| shape[axis]);
            b.reshape(node, &kept, left.collect())
        }
    }
}

/// The logarithm of the sum of powers, with the largest taken out so that none overflows.
pub(super) fn log_sum_exp(b: &mut Builder, node: &Node, x: &Value, axes: &[usize]) -> Result<Value> {
    let largest = b.reduce(node, Reduction::Max, x, (axes, true))?;
    let below = b.binary(node, Binary::Sub, x, &largest)?;
    let powers = b.unary(node, Unary::Exp, &below)?;
    let sum = b.reduce(node, Reduction::Sum, &powers, (axes, true))?;
    let log = b.unary(node, Unary::Log, &sum)?;
    b.binary(node, Binary::Add, &log, &largest)
}

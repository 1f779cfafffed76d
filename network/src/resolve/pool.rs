//! Pooling.

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Op, Reduction, Shape, Unary, Window};
use super::builder::{Builder, Value, required};
use super::reduce::{Reducer, over};
use super::spatial::{check_padded, check_places, on_pictures, output_size, pair, picture, slack, window};

const WINDOW: [&str; 5] = ["auto_pad", "ceil_mode", "kernel_shape", "pads", "strides"];

fn allow(node: &Node, more: &[&str]) -> Result<()> {
    node.allow(&[&WINDOW[..], &["dilations"], more].concat())
}

pub(super) fn max(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    allow(node, &["storage_order"])?;
    on_pictures(b, node, required(node, inputs, 0)?, |b, node, x| {
        let (window, shape, _) = pool(b, node, x)?;
        let x = b.operand(node, x)?;
        b.emit(node, Op::MaxPool(window), vec![x], shape)
    })
}

pub(super) fn average(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    allow(node, &["count_include_pad"])?;
    on_pictures(b, node, required(node, inputs, 0)?, |b, node, x| {
        let count_padding = node.int("count_include_pad", 0)? != 0;
        means(b, node, x, count_padding)
    })
}

fn means(b: &mut Builder, node: &Node, x: &Value, count_padding: bool) -> Result<Value> {
    let (window, shape, grown) = pool(b, node, x)?;
    if grown && count_padding {
        return Err(node.unsupported("ceil_mode with counted padding where it makes a difference"));
    }
    let x = b.operand(node, x)?;
    b.emit(node, Op::AveragePool { window, count_padding }, vec![x], shape)
}

/// The `p`-norm of each window: a root of a sum of powers.
pub(super) fn lp(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    allow(node, &["p"])?;
    let power = node.int("p", 2)? as f32;
    on_pictures(b, node, required(node, inputs, 0)?, |b, node, x| {
        let [rows, columns] = pair(node, "kernel_shape", None)?;
        let sizes = b.unary(node, Unary::Abs, x)?;
        let powers = b.unary(node, Unary::Power(power), &sizes)?;
        let means = means(b, node, &powers, true)?;
        let sums = b.affine(node, &means, (rows * columns) as f32, 0.)?;
        b.unary(node, Unary::Power(1. / power), &sums)
    })
}

/// A reduction of all that is behind the channels.
pub(super) fn global(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    reducer: Reducer,
) -> Result<Value> {
    node.allow(&[])?;
    let x = required(node, inputs, 0)?;
    let axes: Vec<usize> = (2..b.shape(x).len()).collect();
    over(b, node, x, reducer, (&axes, true))
}

pub(super) fn global_lp(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["p"])?;
    let x = required(node, inputs, 0)?;
    let axes: Vec<usize> = (2..b.shape(x).len()).collect();
    match node.int("p", 2)? {
        1 => over(b, node, x, Reducer::L1, (&axes, true)),
        2 => over(b, node, x, Reducer::Plain(Reduction::L2), (&axes, true)),
        other => Err(node.unsupported(format!("p = {other}"))),
    }
}

/// Window and shape of the result, and whether `ceil_mode` adds windows that reach over the edge.
fn pool(b: &Builder, node: &Node, x: &Value) -> Result<(Window, Shape, bool)> {
    let [batch, channels, height, width] = picture(b, node, x)?;
    let size = pair(node, "kernel_shape", None)?;
    let mut window = window(node, size, [height, width])?;
    let own = window.padding;
    if node.int("ceil_mode", 0)? != 0 {
        grow(&mut window, [height, width]);
    }
    check_padded(node, &window, [batch, channels, height, width])?;
    let [out_height, out_width] = output_size(node, &window, [height, width])?;
    check_places(node, &window, [batch, out_height, out_width])?;
    let reach = |axis: usize| (size[axis] - 1) * window.dilation[axis] + 1;
    let padding_is_small = window.padding.iter().zip([0, 1, 0, 1]).all(|(&p, axis)| p < reach(axis));
    if !padding_is_small {
        return Err(node.invalid("padding as large as the window"));
    }
    Ok((window.clone(), vec![batch, channels, out_height, out_width], window.padding != own))
}

/// Pads the far ends until the last window that begins inside fits.
fn grow(window: &mut Window, input: [usize; 2]) {
    for axis in 0..2 {
        let Some(slack) = slack(window, input, axis) else { continue };
        let stride = window.stride[axis];
        let windows = slack.div_ceil(stride);
        if windows * stride < input[axis] + window.padding[axis] {
            window.padding[axis + 2] += windows * stride - slack;
        }
    }
}

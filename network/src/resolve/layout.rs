//! Nodes that move or repeat elements without computing.

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Op, Shape, Taps};
use super::builder::{self, Builder, Context, Value, integers, required};
use super::steps::reals;

/// One axis of a slice.
pub(super) struct Cut {
    pub(super) axis: usize,
    pub(super) start: usize,
    /// Not 0; below 0 it runs backwards.
    pub(super) step: isize,
    pub(super) length: usize,
}

/// `Reshape`, `Squeeze`, `Unsqueeze` and `Flatten`.
pub(super) fn reshape(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    context: Context<'_>,
) -> Result<Value> {
    let x = required(node, inputs, 0)?;
    let shape = reshaped(node, &b.shape(x), inputs, context)?;
    if let Value::Known(tensor) = x {
        return Ok(Value::Known(tensor.reshape(shape)?));
    }
    let x = b.operand(node, x)?;
    b.emit(node, Op::Reshape, vec![x], shape)
}

/// Nothing, outside of training.
pub(super) fn dropout(node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["ratio", "seed", "is_test"])?;
    let training = builder::known(node, inputs, 2)?.map_or(Ok(false), |t| reals(&t).map(|t| t != [0.]))?;
    if training { Err(node.unsupported("training")) } else { Ok(required(node, inputs, 0)?.clone()) }
}

/// The shape after `Reshape`, `Squeeze`, `Unsqueeze` or `Flatten`.
pub(super) fn reshaped(
    node: &Node,
    dims: &[usize],
    inputs: &[Option<Value>],
    context: Context<'_>,
) -> Result<Shape> {
    let shape = match node.op.as_str() {
        "Reshape" => {
            node.allow(&["allowzero", "shape"])?;
            let target = integers(node, inputs, 1)?.or(node.ints("shape")?);
            let target = target.ok_or_else(|| node.invalid("its target shape is missing"))?;
            target_shape(node, dims, target, context)?
        }
        "Flatten" => {
            node.allow(&["axis"])?;
            let axis = node.int("axis", 1)?;
            let split =
                if axis == dims.len() as i64 { dims.len() } else { builder::axis(node, axis, dims.len())? };
            vec![dims[..split].iter().product(), dims[split..].iter().product()]
        }
        "Squeeze" => {
            let axes = axes(node, inputs, dims.len())?;
            let gone = |i: &usize| axes.as_ref().map_or(dims[*i] == 1, |a| a.contains(i));
            (0..dims.len()).filter(|i| !gone(i)).map(|i| dims[i]).collect()
        }
        _ => {
            let rank = dims.len() + integers(node, inputs, 1)?.or(node.ints("axes")?).map_or(0, |a| a.len());
            let axes = axes(node, inputs, rank)?.unwrap_or_default();
            let mut rest = dims.iter();
            (0..rank).map(|i| if axes.contains(&i) { 1 } else { rest.next().copied().unwrap_or(1) }).collect()
        }
    };
    let count = shape.iter().try_fold(1usize, |n, &d: &usize| n.checked_mul(d));
    if count != Some(dims.iter().product()) {
        return Err(node.invalid(format!("{dims:?} cannot become {shape:?}")));
    }
    Ok(shape)
}

/// Resolves 0 (keep) and -1 (the rest), and reads a leading size that is the file's batch as the batch.
fn target_shape(node: &Node, dims: &[usize], mut target: Vec<i64>, context: Context<'_>) -> Result<Shape> {
    let (fixed, asked) = context.batch;
    if fixed.is_some_and(|batch| target.first() == Some(&(batch as i64))) && dims.first() == Some(&asked) {
        target[0] = asked as i64;
    }
    let zeros_are_sizes = node.int("allowzero", 0)? != 0;
    if zeros_are_sizes && target.contains(&0) {
        // Nothing to find out: there is nothing in it.
        return Ok(target.into_iter().map(|d| usize::try_from(d).unwrap_or(0)).collect());
    }
    for (i, size) in target.iter_mut().enumerate() {
        if *size == 0 {
            *size = dims.get(i).map_or(0, |&d| d as i64);
        }
    }
    let known = target.iter().filter(|&&d| d != -1).try_fold(1i64, |n, &d| n.checked_mul(d)).unwrap_or(0);
    let count: usize = dims.iter().product();
    if count == 0 && target.iter().all(|&d| d >= 0) {
        return Ok(target.into_iter().map(|d| usize::try_from(d).unwrap_or(0)).collect());
    }
    if known <= 0 || target.iter().filter(|&&d| d == -1).count() > 1 || count as i64 % known != 0 {
        return Err(node.invalid(format!("{dims:?} cannot become {target:?}")));
    }
    let rest = count / known as usize;
    Ok(target.into_iter().map(|d| usize::try_from(d).unwrap_or(rest)).collect())
}

fn axes(node: &Node, inputs: &[Option<Value>], rank: usize) -> Result<Option<Vec<usize>>> {
    node.allow(&["axes"])?;
    let axes = match node.ints("axes")? {
        Some(axes) => Some(axes),
        None => integers(node, inputs, 1)?,
    };
    axes.map(|axes| axes.into_iter().map(|a| builder::axis(node, a, rank)).collect()).transpose()
}

/// What a `Slice` takes of each axis that it names.
pub(super) fn cuts(node: &Node, dims: &[usize], inputs: &[Option<Value>]) -> Result<Vec<Cut>> {
    node.allow(&["axes", "starts", "ends"])?;
    let list = |name: &str, index: usize| match node.ints(name)? {
        Some(values) => Ok(Some(values)),
        None => integers(node, inputs, index),
    };
    let starts = list("starts", 1)?.unwrap_or_default();
    let ends = list("ends", 2)?.unwrap_or_default();
    let axes = list("axes", 3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = integers(node, inputs, 4)?.unwrap_or_else(|| vec![1; starts.len()]);
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        return Err(node.invalid("its starts, ends, axes and steps differ in number"));
    }
    let mut cuts = Vec::with_capacity(starts.len());
    for (((start, end), axis), step) in starts.into_iter().zip(ends).zip(axes).zip(steps) {
        let axis = builder::axis(node, axis, dims.len())?;
        if step == 0 {
            return Err(node.invalid("its step is 0"));
        }
        let length = dims[axis] as i64;
        // Going backwards, one may end before the first element.
        let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
        let bound = |at: i64| (if at < 0 { at.saturating_add(length) } else { at }).clamp(low, high);
        let (start, end) = (bound(start), bound(end));
        let way = if step > 0 { end - start } else { start - end };
        let length = if way > 0 { (way as u64).div_ceil(step.unsigned_abs()) as usize } else { 0 };
        cuts.push(Cut { axis, start: start.max(0) as usize, step: step as isize, length });
    }
    Ok(cuts)
}

pub(super) fn slice(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    let mut value = required(node, inputs, 0)?.clone();
    for cut in cuts(node, &b.shape(&value), inputs)? {
        value = cut_out(b, node, &value, &cut)?;
    }
    Ok(value)
}

fn cut_out(b: &mut Builder, node: &Node, value: &Value, cut: &Cut) -> Result<Value> {
    let mut shape = b.shape(value);
    let &Cut { axis, start, step, length } = cut;
    if start == 0 && step > 0 && length == shape[axis] {
        return Ok(value.clone());
    }
    if let (Ok(step), true) = (usize::try_from(step), length > 0) {
        shape[axis] = length;
        let x = b.operand(node, value)?;
        return b.emit(node, Op::Slice { axis, start, step }, vec![x], shape);
    }
    let place = |i: usize| (start as isize + i as isize * step) as usize;
    b.mix(node, value, axis, Taps::picks((0..length).map(place)))
}

/// `Split` into parts of given or equal sizes.
pub(super) fn split(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Vec<Value>> {
    node.allow(&["axis", "num_outputs", "split"])?;
    let x = required(node, inputs, 0)?;
    let shape = b.shape(x);
    let axis = builder::axis(node, node.int("axis", 0)?, shape.len())?;
    let sizes = match node.ints("split")? {
        Some(sizes) => sizes,
        None => integers(node, inputs, 1)?.unwrap_or_else(|| {
            let parts = node.int("num_outputs", node.outputs.len() as i64).unwrap_or(1).max(1) as usize;
            let size = shape[axis].div_ceil(parts);
            (0..parts).map(|i| shape[axis].saturating_sub(i * size).min(size) as i64).collect()
        }),
    };
    if sizes.iter().any(|&s| s < 0)
        || sizes.iter().try_fold(0i64, |n, &s| n.checked_add(s)) != Some(shape[axis] as i64)
    {
        return Err(node.invalid(format!("parts {sizes:?} of an axis of length {}", shape[axis])));
    }
    let mut start = 0;
    sizes
        .into_iter()
        .map(|size| {
            let cut = Cut { axis, start, step: 1, length: size as usize };
            start += cut.length;
            cut_out(b, node, x, &cut)
        })
        .collect()
}

pub(super) fn transpose(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["perm"])?;
    let x = required(node, inputs, 0)?;
    let shape = b.shape(x);
    let permutation = match node.ints("perm")? {
        Some(perm) => perm.iter().map(|&a| builder::axis(node, a, shape.len())).collect::<Result<_>>()?,
        None => (0..shape.len()).rev().collect::<Vec<_>>(),
    };
    let mut sorted = permutation.clone();
    sorted.sort_unstable();
    if !sorted.into_iter().eq(0..shape.len()) {
        return Err(node.invalid(format!("permutation {permutation:?} of {} axes", shape.len())));
    }
    let moved = permutation.iter().map(|&axis| shape[axis]).collect();
    let x = b.operand(node, x)?;
    b.emit(node, Op::Transpose { permutation }, vec![x], moved)
}

pub(super) fn concat(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["axis"])?;
    join(b, node, inputs, node.int("axis", 0)?)
}

/// Operands one after the other along an axis.
pub(super) fn join(b: &mut Builder, node: &Node, inputs: &[Option<Value>], axis: i64) -> Result<Value> {
    let mut shape = b.shape(required(node, inputs, 0)?);
    let axis = builder::axis(node, axis, shape.len())?;
    shape[axis] = 0;
    for (i, _) in inputs.iter().enumerate() {
        let part = required(node, inputs, i)?;
        let sizes = b.shape(part);
        let fits = sizes.len() == shape.len() && (0..shape.len()).all(|a| a == axis || sizes[a] == shape[a]);
        if !fits {
            return Err(node.invalid(format!("parts {shape:?} and {sizes:?} along axis {axis}")));
        }
        shape[axis] += sizes[axis];
    }
    // Parts without elements add nothing, unless there are no others.
    let some = shape[axis] > 0;
    let parts: Vec<&Value> =
        inputs.iter().flatten().filter(|part| !some || b.shape(part)[axis] > 0).collect();
    let operands = parts.into_iter().map(|part| b.operand(node, part)).collect::<Result<Vec<_>>>()?;
    b.emit(node, Op::Concat { axis }, operands, shape)
}

pub(super) fn expand(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    let x = required(node, inputs, 0)?;
    let target = integers(node, inputs, 1)?.ok_or_else(|| node.invalid("its target shape is missing"))?;
    let target: Option<Shape> = target.iter().map(|&d| usize::try_from(d).ok().filter(|&d| d > 0)).collect();
    let target = target.ok_or_else(|| node.invalid("its target shape has a size below 1"))?;
    let old = b.shape(x);
    let shape = builder::broadcast(node, &old, &target)?;
    if shape == old {
        return Ok(x.clone());
    }
    let x = b.operand(node, x)?;
    b.emit(node, Op::Broadcast, vec![x], shape)
}

//! What picks and repeats elements along axes.

use candle_core::DType;

use super::super::graph::Node;
use super::super::plan::{Op, Shape, Taps};
use super::super::{Operator, Result};
use super::builder::{self, Builder, Value, integers, known, required};
use super::steps::{numbers, reals};

/// The elements of an axis at known indices.
pub(super) fn gather(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["axis"])?;
    let x = required(node, inputs, 0)?;
    let shape = b.shape(x);
    let axis = builder::axis(node, node.int("axis", 0)?, shape.len())?;
    let indices = known(node, inputs, 1)?.filter(|t| t.dtype() == DType::I64);
    let indices = indices.ok_or_else(|| node.invalid("its indices must be integers"))?;
    let places = places(node, &indices.flatten_all()?.to_vec1()?, shape[axis])?;
    let result: Shape = [&shape[..axis], indices.dims(), &shape[axis + 1..]].concat();
    let along = places.windows(2).all(|pair| pair[1] == pair[0] + 1);
    let picked = match places.as_slice() {
        // Neighbours are a part of the whole.
        [first, ..] if along => b.cut(node, x, axis, [*first, places.len()])?,
        _ => b.mix(node, x, axis, Taps::picks(places))?,
    };
    b.reshape(node, &picked, result)
}

/// Indices that may count from the back.
pub(super) fn places(node: &Node, indices: &[i64], length: usize) -> Result<Vec<usize>> {
    let place = |&index: &i64| {
        let counted = if index < 0 { index.saturating_add(length as i64) } else { index };
        usize::try_from(counted)
            .ok()
            .filter(|&place| place < length)
            .ok_or_else(|| node.invalid(format!("index {index} of an axis of length {length}")))
    };
    indices.iter().map(place).collect()
}

/// The elements where a known condition holds; without an axis those of the flat operand.
pub(super) fn compress(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["axis"])?;
    let mut x = required(node, inputs, 0)?.clone();
    let condition = known(node, inputs, 1)?.ok_or_else(|| node.invalid("its condition is missing"))?;
    let mut axis = 0;
    if node.attributes.contains_key("axis") {
        axis = builder::axis(node, node.int("axis", 0)?, b.shape(&x).len())?;
    } else {
        let count = b.shape(&x).iter().product();
        x = b.reshape(node, &x, vec![count])?;
    }
    let length = b.shape(&x)[axis];
    let condition = reals(&condition)?;
    let holds = (0..length.min(condition.len())).filter(|&i| condition[i] != 0.);
    b.mix(node, &x, axis, Taps::picks(holds))
}

pub(super) fn running_sum(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["exclusive", "reverse"])?;
    let x = required(node, inputs, 0)?;
    let shape = b.shape(x);
    let axis = match known(node, inputs, 1)? {
        Some(t) if t.elem_count() == 1 => reals(&t)?[0] as i64,
        _ => return Err(node.invalid("its axis must be one integer")),
    };
    let axis = builder::axis(node, axis, shape.len())?;
    let (length, own) = (shape[axis], usize::from(node.int("exclusive", 0)? == 0));
    if length > 1 << 12 {
        return Err(node.unsupported("a running sum of so many elements"));
    }
    let backwards = node.int("reverse", 0)? != 0;
    let range = |i: usize| if backwards { i + 1 - own..length } else { 0..i + own };
    b.mix(node, x, axis, Taps::of((0..length).map(|i| range(i).map(|source| (source, 1.)))))
}

/// `DepthToSpace` and `SpaceToDepth`: blocks of pixels to channels and back.
pub(super) fn depth(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    operator: Operator,
) -> Result<Value> {
    node.allow(&["blocksize", "mode"])?;
    let x = required(node, inputs, 0)?;
    let size = usize::try_from(node.int("blocksize", 1)?).unwrap_or(0).clamp(0, 1 << 12);
    let &[n, c, h, w] = b.shape(x).as_slice() else {
        return Err(node.invalid("its operand has not four axes"));
    };
    let to_space = operator == Operator::DepthToSpace;
    let fits = if to_space {
        size > 0 && c % (size * size) == 0
    } else {
        size > 0 && h % size == 0 && w % size == 0
    };
    if !fits {
        return Err(node.invalid(format!("blocks of {size} in {c} channels of {h} x {w}")));
    }
    let channels_first = node.text("mode", "DCR")? == "CRD";
    let (split, order, joined) = if !to_space && channels_first {
        let split = vec![n, c, h / size, size, w / size, size];
        (split, vec![0, 1, 3, 5, 2, 4], vec![n, c * size * size, h / size, w / size])
    } else if !to_space {
        let split = vec![n, c, h / size, size, w / size, size];
        (split, vec![0, 3, 5, 1, 2, 4], vec![n, c * size * size, h / size, w / size])
    } else if channels_first {
        let split = vec![n, c / (size * size), size, size, h, w];
        (split, vec![0, 1, 4, 2, 5, 3], vec![n, c / (size * size), h * size, w * size])
    } else {
        let split = vec![n, size, size, c / (size * size), h, w];
        (split, vec![0, 3, 4, 1, 5, 2], vec![n, c / (size * size), h * size, w * size])
    };
    let split = b.reshape(node, x, split)?;
    let moved = b.transpose(node, &split, order)?;
    b.reshape(node, &moved, joined)
}

pub(super) fn tile(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    let mut x = required(node, inputs, 0)?.clone();
    let shape = b.shape(&x);
    let times = integers(node, inputs, 1)?.ok_or_else(|| node.invalid("its repeats are missing"))?;
    if times.len() != shape.len() {
        return Err(node.invalid(format!("{} repeats for {} axes", times.len(), shape.len())));
    }
    for (axis, times) in times.into_iter().enumerate() {
        let count = usize::try_from(times).ok().and_then(|times| times.checked_mul(shape[axis]));
        let count =
            count.filter(|&n| n <= 1 << 24).ok_or_else(|| node.invalid(format!("repeats of {times}")))?;
        if times != 1 {
            x = b.mix(node, &x, axis, Taps::picks((0..count).map(|i| i % shape[axis])))?;
        }
    }
    Ok(x)
}

/// The upper or lower triangle of matrices, 0 elsewhere.
pub(super) fn triangle(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["upper"])?;
    let x = required(node, inputs, 0)?;
    let shape = b.shape(x);
    let [.., rows, columns] = shape[..] else { return Err(node.invalid("its operand is not a matrix")) };
    let offset = integers(node, inputs, 1)?.and_then(|k| k.first().copied()).unwrap_or(0);
    let upper = node.int("upper", 1)? != 0;
    let inside = |i: usize| {
        let across = (i % columns) as i64 - (i / columns) as i64;
        if upper { across >= offset } else { across <= offset }
    };
    let mut flat = shape[..shape.len() - 2].to_vec();
    flat.push(rows * columns);
    let axis = flat.len() - 1;
    let flat = b.reshape(node, x, flat)?;
    let element = |i: usize| inside(i).then_some((i, 1.));
    let cut = b.mix(node, &flat, axis, Taps::of((0..rows * columns).map(element)))?;
    b.reshape(node, &cut, shape)
}

pub(super) fn pad(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["mode", "pads", "paddings", "value"])?;
    let mut x = required(node, inputs, 0)?.clone();
    let rank = b.shape(&x).len();
    let pads = match node.ints("pads")?.or(node.ints("paddings")?) {
        Some(pads) => pads,
        None => integers(node, inputs, 1)?.ok_or_else(|| node.invalid("its pads are missing"))?,
    };
    let axes = integers(node, inputs, 3)?.unwrap_or_else(|| (0..rank as i64).collect());
    if pads.len() != 2 * axes.len() || pads.iter().any(|pad| pad.abs() > 1 << 15) {
        return Err(node.invalid(format!("{} pads for {} axes, or too large ones", pads.len(), axes.len())));
    }
    let value = match known(node, inputs, 2)? {
        Some(value) => reals(&value)?.first().copied().unwrap_or(0.),
        None => node.float("value", 0.)?,
    };
    let mode = node.text("mode", "constant")?;
    for (i, &axis) in axes.iter().enumerate() {
        let axis = builder::axis(node, axis, rank)?;
        let (before, after) = (pads[i], pads[axes.len() + i]);
        if (before, after) != (0, 0) {
            x = pad_axis(b, node, &x, (axis, [before, after]), (&mode, value))?;
        }
    }
    Ok(x)
}

fn pad_axis(
    b: &mut Builder,
    node: &Node,
    x: &Value,
    (axis, [before, after]): (usize, [i64; 2]),
    (mode, value): (&str, f32),
) -> Result<Value> {
    let mut shape = b.shape(x);
    let length = shape[axis] as i64;
    let (last, period) = (length - 1, (2 * (length - 1)).max(1));
    let source = |at: i64| match mode {
        _ if (0..length).contains(&at) => Some(at),
        "reflect" => Some(last - (last - at.rem_euclid(period)).abs()),
        "edge" => Some(at.clamp(0, last)),
        "wrap" => Some(at.rem_euclid(length)),
        _ => None,
    };
    if !matches!(mode, "constant" | "reflect" | "edge" | "wrap") {
        return Err(node.unsupported(format!("mode {mode:?}")));
    }
    if mode == "constant" && value != 0. && !matches!(x, Value::Known(_)) {
        let cut = b.cut(node, x, axis, kept(node, length, [before, after])?)?;
        let mut filled = |pad: i64| {
            shape[axis] = pad.max(0) as usize;
            numbers(vec![value; shape.iter().product()], &shape)
        };
        let parts = [filled(before)?, cut, filled(after)?];
        let parts: Vec<&Value> = parts.iter().filter(|part| b.shape(part)[axis] > 0).collect();
        let mut joined = b.shape(x);
        joined[axis] = parts.iter().map(|part| b.shape(part)[axis]).sum();
        let operands = parts.into_iter().map(|part| b.operand(node, part)).collect::<Result<Vec<_>>>()?;
        return b.emit(node, Op::Concat { axis }, operands, joined);
    }
    if mode == "constant" && value != 0. {
        return Err(node.unsupported("padding of a constant with anything but 0"));
    }
    let places = -before..length + after;
    let taps = places.map(|at| source(at).and_then(|at| usize::try_from(at).ok()).map(|at| (at, 1.)));
    b.mix(node, x, axis, Taps::of(taps))
}

/// What negative pads leave: first element and length.
fn kept(node: &Node, length: i64, [before, after]: [i64; 2]) -> Result<[usize; 2]> {
    let start = (-before).max(0);
    let left = length - start - (-after).max(0);
    match (usize::try_from(start), usize::try_from(left)) {
        (Ok(start), Ok(left)) if left > 0 => Ok([start, left]),
        _ => Err(node.invalid("its pads leave nothing")),
    }
}

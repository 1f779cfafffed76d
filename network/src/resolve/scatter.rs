//! What picks or replaces single elements at known indices: as a mix of the flat operand.

use candle_core::Tensor;

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Op, Shape, Taps};
use super::builder::{self, Builder, Value, check_size, known, required};
use super::gather::places;

/// Indices as a known tensor.
fn indices(node: &Node, inputs: &[Option<Value>]) -> Result<(Shape, Vec<i64>)> {
    let tensor: Tensor = known(node, inputs, 1)?.ok_or_else(|| node.invalid("its indices are missing"))?;
    check_size(node, tensor.dims())?;
    Ok((tensor.dims().to_vec(), tensor.to_dtype(candle_core::DType::I64)?.flatten_all()?.to_vec1()?))
}

/// Elements from each axis to the next in memory.
fn strides(shape: &[usize]) -> Vec<usize> {
    (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect()
}

fn flat(b: &mut Builder, node: &Node, x: &Value) -> Result<Value> {
    let count = b.shape(x).iter().product();
    b.reshape(node, x, vec![count])
}

/// Where each index of `GatherElements` or `ScatterElements` points in the flat operand.
fn element_places(
    node: &Node,
    shape: &[usize],
    axis: usize,
    own: &[usize],
    indices: &[i64],
) -> Result<Vec<usize>> {
    let fits = own.len() == shape.len() && (0..own.len()).all(|a| a == axis || own[a] <= shape[a]);
    if !fits {
        return Err(node.invalid(format!("indices of shape {own:?} for an operand of {shape:?}")));
    }
    let (steps, strides) = (strides(own), strides(shape));
    let along = places(node, indices, shape[axis])?;
    let place = |(i, &along): (usize, &usize)| {
        let at = |a: usize| if a == axis { along } else { i / steps[a] % own[a] };
        (0..shape.len()).map(|a| at(a) * strides[a]).sum()
    };
    Ok(along.iter().enumerate().map(place).collect())
}

pub(super) fn gather_elements(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["axis"])?;
    let x = required(node, inputs, 0)?;
    let shape = b.shape(x);
    let axis = builder::axis(node, node.int("axis", 0)?, shape.len())?;
    let (own, indices) = indices(node, inputs)?;
    let places = element_places(node, &shape, axis, &own, &indices)?;
    let x = flat(b, node, x)?;
    let picked = b.mix(node, &x, 0, Taps::picks(places))?;
    b.reshape(node, &picked, own)
}

/// Where each row of indices points: the first element, and how many follow it.
fn row_places(node: &Node, shape: &[usize], own: &[usize], indices: &[i64]) -> Result<(Vec<usize>, usize)> {
    let Some((&depth, _)) = own.split_last().filter(|(depth, _)| (1..=shape.len()).contains(*depth)) else {
        return Err(node.invalid(format!("indices of shape {own:?} for an operand of {shape:?}")));
    };
    let strides = strides(shape);
    let mut starts = Vec::with_capacity(indices.len() / depth);
    for row in indices.chunks_exact(depth) {
        let mut start = 0;
        for (axis, &index) in row.iter().enumerate() {
            start += places(node, &[index], shape[axis])?[0] * strides[axis];
        }
        starts.push(start);
    }
    Ok((starts, shape[depth..].iter().product()))
}

pub(super) fn gather_nd(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["batch_dims"])?;
    node.expect_int("batch_dims", 0)?;
    let x = required(node, inputs, 0)?;
    let shape = b.shape(x);
    let (own, indices) = indices(node, inputs)?;
    let (starts, length) = row_places(node, &shape, &own, &indices)?;
    let result: Shape = [&own[..own.len() - 1], &shape[own[own.len() - 1]..]].concat();
    check_size(node, &result)?;
    let x = flat(b, node, x)?;
    let picked = b.mix(node, &x, 0, Taps::picks(starts.iter().flat_map(|&start| start..start + length)))?;
    b.reshape(node, &picked, result)
}

pub(super) fn scatter_elements(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["axis", "reduction"])?;
    let shape = b.shape(required(node, inputs, 0)?);
    let axis = builder::axis(node, node.int("axis", 0)?, shape.len())?;
    let (own, indices) = indices(node, inputs)?;
    let places = element_places(node, &shape, axis, &own, &indices)?;
    scatter(b, node, inputs, places)
}

pub(super) fn scatter_nd(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["reduction"])?;
    let shape = b.shape(required(node, inputs, 0)?);
    let (own, indices) = indices(node, inputs)?;
    let (starts, length) = row_places(node, &shape, &own, &indices)?;
    scatter(b, node, inputs, starts.iter().flat_map(|&start| start..start + length).collect())
}

/// Puts the updates, one after the other, to places of the flat operand.
fn scatter(b: &mut Builder, node: &Node, inputs: &[Option<Value>], places: Vec<usize>) -> Result<Value> {
    let (x, updates) = (required(node, inputs, 0)?, required(node, inputs, 2)?);
    let shape = b.shape(x);
    let count: usize = shape.iter().product();
    if b.shape(updates).iter().product::<usize>() != places.len() {
        return Err(node.invalid("its indices and updates differ in number"));
    }
    let adds = match node.text("reduction", "none")?.as_str() {
        "none" => false,
        "add" => true,
        other => return Err(node.unsupported(format!("reduction = {other:?}"))),
    };
    let mut sources: Vec<Vec<(usize, f32)>> = (0..count).map(|place| vec![(place, 1.)]).collect();
    for (update, place) in places.into_iter().enumerate() {
        if !adds {
            sources[place].clear();
        }
        sources[place].push((count + update, 1.));
    }
    let parts = [flat(b, node, x)?, flat(b, node, updates)?];
    let total = count + b.shape(&parts[1])[0];
    let operands = parts.iter().map(|part| b.operand(node, part)).collect::<Result<Vec<_>>>()?;
    let all = b.emit(node, Op::Concat { axis: 0 }, operands, vec![total])?;
    let mixed = b.mix(node, &all, 0, Taps::of(sources))?;
    b.reshape(node, &mixed, shape)
}

//! What constants and shapes decide.

use candle_core::{DType, Device, Tensor};

use super::super::graph::{Attribute, Node};
use super::super::onnx::limits::MAX_CONSTANT;
use super::super::onnx::tensor::{Number, number, shape};
use super::super::plan::{Binary, Unary};
use super::super::{Operator, Result};
use super::builder::{self, Builder, Value, known, required};
use super::{elementwise, steps};

/// Whole numbers up to here are exact while they are computed.
pub(super) const EXACT: f64 = (1u64 << 53) as f64;

pub(super) fn constant(node: &Node) -> Result<Value> {
    let device = &Device::Cpu;
    Ok(Value::Known(match node.attributes.iter().next() {
        Some((_, Attribute::Tensor(tensor))) => tensor.clone(),
        Some((_, Attribute::Float(x))) => Tensor::from_vec(vec![*x], (), device)?,
        Some((_, Attribute::Int(i))) => Tensor::from_vec(vec![*i], (), device)?,
        Some((_, Attribute::Floats(x))) => Tensor::from_vec(x.clone(), x.len(), device)?,
        Some((_, Attribute::Ints(i))) => Tensor::from_vec(i.clone(), i.len(), device)?,
        _ => return Err(node.unsupported("a constant of this kind")),
    }))
}

pub(super) fn constant_of_shape(node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["value"])?;
    let sizes = builder::integers(node, inputs, 0)?.ok_or_else(|| node.invalid("its sizes are missing"))?;
    let shape = made(node, &sizes)?;
    Ok(Value::Known(match node.attributes.get("value") {
        Some(Attribute::Tensor(value)) if value.elem_count() == 1 => {
            value.reshape(vec![1; shape.len()])?.broadcast_as(shape)?.contiguous()?
        }
        None => Tensor::zeros(shape, DType::F32, &Device::Cpu)?,
        _ => return Err(node.invalid("its value must be one number")),
    }))
}

/// Sizes of a constant that is made from them.
fn made(node: &Node, sizes: &[i64]) -> Result<Vec<usize>> {
    let too_large =
        || node.invalid(format!("its result of shape {:?} is too large", &sizes[..sizes.len().min(8)]));
    shape(sizes).ok_or_else(too_large)
}

pub(super) fn range(node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    let unfit = || node.unsupported("a range that falls, overflows or is too long");
    let [start, limit, step] = [0, 1, 2].map(|index| one_number(node, inputs, index));
    let (start, limit, step) = (start?, limit?, step?);
    let length = (limit - start) / step;
    if step <= 0. || !length.is_finite() || length > MAX_CONSTANT as f64 || limit.abs() > EXACT {
        return Err(unfit());
    }
    let count = length.ceil().max(0.) as usize;
    let numbers: Vec<f64> = (0..count).map(|i| start + i as f64 * step).collect();
    let kind = builder::optional(inputs, 0).and_then(Value::known).map_or(DType::F32, |t| t.dtype());
    Ok(Value::Known(Tensor::from_vec(numbers, count, &Device::Cpu)?.to_dtype(kind)?))
}

/// Operand `index` as one number.
fn one_number(node: &Node, inputs: &[Option<Value>], index: usize) -> Result<f64> {
    let tensor = known(node, inputs, index)?.filter(|tensor| tensor.elem_count() == 1);
    let tensor = tensor.ok_or_else(|| node.invalid(format!("operand {index} must be one number")))?;
    Ok(tensor.to_dtype(DType::F64)?.flatten_all()?.to_vec1::<f64>()?[0])
}

/// Another type: of what is known at once, of other values as numbers.
pub(super) fn cast(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    operator: Operator,
) -> Result<Value> {
    let x = required(node, inputs, 0)?;
    let kind = if operator == Operator::CastLike {
        node.allow(&["saturate", "round_mode"])?;
        match required(node, inputs, 1)? {
            Value::Known(like) if like.dtype() == DType::I64 => Number::Integer,
            Value::Known(like) if like.dtype() == DType::U8 => Number::Truth,
            _ => Number::Real,
        }
    } else {
        node.allow(&["to", "saturate", "round_mode"])?;
        let to = node.int("to", 0)?;
        number(to).ok_or_else(|| node.unsupported(format!("element type {to}")))?
    };
    match (x, kind) {
        (Value::Known(x), Number::Real) => Ok(Value::Known(x.to_dtype(DType::F32)?)),
        (Value::Known(x), Number::Integer) => Ok(Value::Known(x.to_dtype(DType::I64)?)),
        (Value::Known(x), Number::Truth) => Ok(Value::Known(x.ne(&x.zeros_like()?)?)),
        (x, Number::Real) => Ok(x.clone()),
        (x, Number::Integer) => elementwise::truncated(b, node, x),
        (x, Number::Truth) => {
            let zero = b.binary(node, Binary::Equal, x, &steps::number(0.)?)?;
            let minus = b.unary(node, Unary::Neg, &zero)?;
            b.affine(node, &minus, 1., 1.)
        }
    }
}

pub(super) fn shape_of(b: &Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["start", "end"])?;
    let shape = b.shape(required(node, inputs, 0)?);
    let rank = shape.len() as i64;
    let bound = |at: i64| (if at < 0 { at.saturating_add(rank) } else { at }).clamp(0, rank) as usize;
    let (start, end) = (bound(node.int("start", 0)?), bound(node.int("end", rank)?));
    let sizes: Vec<i64> = shape.get(start..end).unwrap_or_default().iter().map(|&n| n as i64).collect();
    let count = sizes.len();
    Ok(Value::Known(Tensor::from_vec(sizes, count, &Device::Cpu)?))
}

pub(super) fn size_of(b: &Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    let count: usize = b.shape(required(node, inputs, 0)?).iter().product();
    Ok(Value::Known(Tensor::from_vec(vec![count as i64], (), &Device::Cpu)?))
}

/// Ones on a diagonal, in the shape of the operand.
pub(super) fn eye(b: &Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["dtype", "k"])?;
    let x = required(node, inputs, 0)?;
    let (shape, offset) = (b.shape(x), node.int("k", 0)?);
    let &[rows, columns] = shape.as_slice() else { return Err(node.invalid("its operand is not a matrix")) };
    let one = |i: usize| f32::from(u8::from((i / columns) as i64 + offset == (i % columns) as i64));
    steps::numbers((0..rows * columns).map(one).collect(), &shape)
}

/// The places of what is not 0, a column each.
pub(super) fn non_zero(node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    let x = known(node, inputs, 0)?.ok_or_else(|| node.invalid("its operand is missing"))?;
    let numbers: Vec<f64> = x.to_dtype(DType::F64)?.flatten_all()?.to_vec1()?;
    let found: Vec<usize> = (0..numbers.len()).filter(|&i| numbers[i] != 0.).collect();
    let dims = x.dims();
    let axis = |axis: usize| {
        let inner: usize = dims[axis + 1..].iter().product();
        found.iter().map(move |place| (place / inner % dims[axis]) as i64)
    };
    let places: Vec<i64> = (0..dims.len()).flat_map(axis).collect();
    Ok(Value::Known(Tensor::from_vec(places, (dims.len(), found.len()), &Device::Cpu)?))
}

/// A new axis with one value at an index and another elsewhere.
pub(super) fn one_hot(node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["axis"])?;
    let missing = |what: &str| node.invalid(format!("its {what} are missing"));
    let indices = known(node, inputs, 0)?.ok_or_else(|| missing("indices"))?;
    let depth = one_number(node, inputs, 1)?;
    let values = known(node, inputs, 2)?.ok_or_else(|| missing("values"))?;
    let kind = values.dtype();
    let [off, on] = steps::reals(&values)?[..] else { return Err(missing("two values")) };
    let axis = builder::axis(node, node.int("axis", -1)?, indices.rank() + 1)?;
    let mut sizes: Vec<i64> = indices.dims().iter().map(|&n| n as i64).collect();
    sizes.insert(axis, depth as i64);
    let shape = made(node, &sizes)?;
    let places: Vec<i64> = indices.to_dtype(DType::I64)?.flatten_all()?.to_vec1()?;
    let inner: usize = shape[axis + 1..].iter().product::<usize>().max(1);
    let depth = shape[axis];
    let element = |i: usize| {
        let place = places[i / (inner * depth) * inner + i % inner];
        let wanted = if place < 0 { place + depth as i64 } else { place };
        if wanted == (i / inner % depth) as i64 { on } else { off }
    };
    let elements: Vec<f32> = (0..shape.iter().product()).map(element).collect();
    Ok(Value::Known(Tensor::from_vec(elements, shape, &Device::Cpu)?.to_dtype(kind)?))
}

//! Nodes over known integers and truth values: the shape arithmetic of exported networks.

use candle_core::{DType, Device, Tensor, WithDType};

use super::super::Result;
use super::super::graph::{Attribute, Node};
use super::super::onnx::tensor::{MAX_CONSTANT, Number, number, shape};
use super::{Context, builder, layout};

/// The result of a node whose operands are all known, or `None` where it is a computation on
/// `f32` that the executors do as well.
pub(super) fn evaluate(node: &Node, inputs: &[Option<Tensor>], context: Context) -> Result<Option<Tensor>> {
    let first = inputs.first().and_then(Option::as_ref);
    let tensor = match (node.op.as_str(), first) {
        ("Constant", _) => constant(node)?,
        ("ConstantOfShape", Some(sizes)) => constant_of_shape(node, sizes)?,
        ("Range", Some(start)) => range(node, start, inputs)?,
        ("Cast", Some(x)) => cast(node, x)?,
        ("CumSum", Some(x)) => cumulative_sum(node, x, inputs)?,
        ("Gather", Some(x)) => gather(node, x, inputs)?,
        ("Not", Some(x)) if x.dtype() == DType::U8 => x.eq(0u8)?,
        (_, Some(x)) if x.dtype() == DType::F32 => return Ok(None),
        ("Concat", Some(x)) => {
            let parts: Vec<&Tensor> = inputs.iter().flatten().collect();
            if parts.iter().map(|part| part.elem_count()).sum::<usize>() > MAX_CONSTANT {
                return Err(node.invalid("its result is too large"));
            }
            Tensor::cat(&parts, builder::axis(node, node.int("axis", 0)?, x.rank())?)?
        }
        ("Equal", Some(x)) => {
            integer_operation(node, x, inputs, |a, b| Some(i64::from(a == b)))?.to_dtype(DType::U8)?
        }
        ("Add", Some(x)) => integer_operation(node, x, inputs, i64::checked_add)?,
        ("Sub", Some(x)) => integer_operation(node, x, inputs, i64::checked_sub)?,
        ("Mul", Some(x)) => integer_operation(node, x, inputs, i64::checked_mul)?,
        ("Div", Some(x)) => integer_operation(node, x, inputs, i64::checked_div)?,
        ("Reshape" | "Squeeze" | "Unsqueeze" | "Flatten", Some(x)) => {
            x.reshape(layout::reshaped(node, x.dims(), &wrap(inputs), context)?)?
        }
        ("Slice", Some(x)) => sliced(node, x, inputs)?,
        ("Identity", Some(x)) => x.clone(),
        (_, Some(_)) => return Err(node.unsupported("this operation on integers")),
        (_, None) => return Err(node.unsupported("this operation")),
    };
    Ok(Some(tensor))
}

fn wrap(inputs: &[Option<Tensor>]) -> Vec<Option<builder::Value>> {
    inputs.iter().map(|t| t.clone().map(builder::Value::Known)).collect()
}

fn constant(node: &Node) -> Result<Tensor> {
    let device = &Device::Cpu;
    Ok(match node.attributes.iter().next() {
        Some((_, Attribute::Tensor(tensor))) => tensor.clone(),
        Some((_, Attribute::Float(x))) => Tensor::from_vec(vec![*x], (), device)?,
        Some((_, Attribute::Int(i))) => Tensor::from_vec(vec![*i], (), device)?,
        Some((_, Attribute::Floats(x))) => Tensor::from_vec(x.clone(), x.len(), device)?,
        Some((_, Attribute::Ints(i))) => Tensor::from_vec(i.clone(), i.len(), device)?,
        _ => return Err(node.unsupported("a constant of this kind")),
    })
}

fn constant_of_shape(node: &Node, sizes: &Tensor) -> Result<Tensor> {
    node.allow(&["value"])?;
    let sizes: Vec<i64> = sizes.to_dtype(DType::I64)?.flatten_all()?.to_vec1()?;
    let too_large =
        || node.invalid(format!("its result of shape {:?} is too large", &sizes[..sizes.len().min(8)]));
    let shape = shape(&sizes).ok_or_else(too_large)?;
    match node.attributes.get("value") {
        Some(Attribute::Tensor(value)) if value.elem_count() == 1 => {
            Ok(value.reshape(vec![1; shape.len()])?.broadcast_as(shape)?.contiguous()?)
        }
        None => Ok(Tensor::zeros(shape, DType::F32, &Device::Cpu)?),
        _ => Err(node.invalid("its value must be one number")),
    }
}

fn range(node: &Node, start: &Tensor, inputs: &[Option<Tensor>]) -> Result<Tensor> {
    let scalar = |t: Option<&Tensor>| match t {
        Some(t) if t.dtype() == DType::I64 && t.elem_count() == 1 => {
            Ok(t.flatten_all()?.to_vec1::<i64>()?[0])
        }
        _ => Err(node.unsupported("a range of anything but integers")),
    };
    let (start, limit, step) =
        (scalar(Some(start))?, scalar(operand(inputs, 1))?, scalar(operand(inputs, 2))?);
    let length = limit.checked_sub(start).filter(|&n| step > 0 && n / step <= MAX_CONSTANT as i64);
    if length.is_none() {
        return Err(node.unsupported("a range that falls, overflows or is too long"));
    }
    let numbers: Vec<i64> = (start..limit).step_by(step as usize).collect();
    let count = numbers.len();
    Ok(Tensor::from_vec(numbers, count, &Device::Cpu)?)
}

fn cast(node: &Node, x: &Tensor) -> Result<Tensor> {
    node.allow(&["to", "saturate"])?;
    Ok(match number(node.int("to", 0)?) {
        Some(Number::Real) => x.to_dtype(DType::F32)?,
        Some(Number::Integer) => x.to_dtype(DType::I64)?,
        Some(Number::Truth) => x.ne(&x.zeros_like()?)?,
        None => return Err(node.unsupported(format!("element type {}", node.int("to", 0)?))),
    })
}

fn cumulative_sum(node: &Node, x: &Tensor, inputs: &[Option<Tensor>]) -> Result<Tensor> {
    node.allow(&["exclusive", "reverse"])?;
    node.expect_int("exclusive", 0)?;
    node.expect_int("reverse", 0)?;
    let axis = match operand(inputs, 1) {
        Some(t) if t.elem_count() == 1 => t.to_dtype(DType::I64)?.flatten_all()?.to_vec1::<i64>()?[0],
        _ => return Err(node.invalid("its axis must be one integer")),
    };
    let axis = builder::axis(node, axis, x.rank())?;
    match x.dtype() {
        DType::F32 => running_sum::<f32>(x, axis),
        DType::I64 => running_sum::<i64>(x, axis),
        _ => Err(node.unsupported("a sum of truth values")),
    }
}

fn running_sum<T: WithDType + std::ops::AddAssign>(x: &Tensor, axis: usize) -> Result<Tensor> {
    let mut numbers: Vec<T> = x.flatten_all()?.to_vec1()?;
    let inner: usize = x.dims()[axis + 1..].iter().product();
    let length = x.dims()[axis];
    for i in 0..numbers.len() {
        if !(i / inner).is_multiple_of(length) {
            let before = numbers[i - inner];
            numbers[i] += before;
        }
    }
    Ok(Tensor::from_vec(numbers, x.dims(), &Device::Cpu)?)
}

fn gather(node: &Node, x: &Tensor, inputs: &[Option<Tensor>]) -> Result<Tensor> {
    node.allow(&["axis"])?;
    let axis = builder::axis(node, node.int("axis", 0)?, x.rank())?;
    let Some(indices) = operand(inputs, 1).filter(|t| t.dtype() == DType::I64) else {
        return Err(node.invalid("its indices must be integers"));
    };
    let length = x.dims()[axis] as i64;
    let picked: Vec<i64> = indices.flatten_all()?.to_vec1()?;
    if let Some(wrong) = picked.iter().find(|&&i| i < -length || i >= length) {
        return Err(node.invalid(format!("index {wrong} of an axis of length {length}")));
    }
    let row = x.elem_count() / x.dims()[axis].max(1);
    if row.saturating_mul(picked.len()) > MAX_CONSTANT {
        return Err(node.invalid("its result is too large"));
    }
    let picked: Vec<u32> = picked.iter().map(|&i| i.rem_euclid(length) as u32).collect();
    let count = picked.len();
    let rows = x.index_select(&Tensor::from_vec(picked, count, &Device::Cpu)?, axis)?;
    let shape: Vec<usize> = [&x.dims()[..axis], indices.dims(), &x.dims()[axis + 1..]].concat();
    Ok(rows.reshape(shape)?)
}

fn sliced(node: &Node, x: &Tensor, inputs: &[Option<Tensor>]) -> Result<Tensor> {
    let mut result = x.clone();
    for cut in layout::cuts(node, x.dims(), &wrap(inputs))? {
        let picked: Vec<u32> = (0..cut.length).map(|i| (cut.start + i * cut.step) as u32).collect();
        result = result.index_select(&Tensor::from_vec(picked, cut.length, &Device::Cpu)?, cut.axis)?;
    }
    Ok(result)
}

fn integer_operation(
    node: &Node,
    a: &Tensor,
    inputs: &[Option<Tensor>],
    operation: impl Fn(i64, i64) -> Option<i64>,
) -> Result<Tensor> {
    let Some(b) = operand(inputs, 1).filter(|b| a.dtype() == DType::I64 && b.dtype() == DType::I64) else {
        return Err(node.unsupported("operands of these types"));
    };
    let sizes = builder::broadcast(node, a.dims(), b.dims())?;
    let checked = shape(&sizes.iter().map(|&n| n as i64).collect::<Vec<_>>());
    let sizes = checked.ok_or_else(|| node.invalid("its result is too large"))?;
    let a: Vec<i64> = a.broadcast_as(sizes.as_slice())?.flatten_all()?.to_vec1()?;
    let b: Vec<i64> = b.broadcast_as(sizes.as_slice())?.flatten_all()?.to_vec1()?;
    let numbers: Option<Vec<i64>> = a.into_iter().zip(b).map(|(a, b)| operation(a, b)).collect();
    let numbers = numbers.ok_or_else(|| node.invalid("integer overflow or division by zero"))?;
    Ok(Tensor::from_vec(numbers, sizes, &Device::Cpu)?)
}

fn operand(inputs: &[Option<Tensor>], index: usize) -> Option<&Tensor> {
    inputs.get(index).and_then(Option::as_ref)
}

//! Nodes over what is known: computed on the spot, by the same steps as when the network runs.

use candle_core::{DType, Device, Tensor};

use super::super::graph::Node;
use super::super::onnx::limits::MAX_CONSTANT;
use super::super::plan::{Op, Plan};
use super::super::reference::Reference;
use super::super::{Operator, Result};
use super::builder::{Builder, Context, Value};
use super::constant::EXACT;
use super::operators::lower;

/// Computes a node whose operands are all known, with the reference executor: integers as `f64`.
pub(super) fn compute(node: &Node, inputs: &[Option<Value>], context: Context<'_>) -> Result<Vec<Value>> {
    let mut scratch = Builder::once();
    let results = lower(&mut scratch, node, inputs, context)?;
    for value in &results {
        if let Value::Runtime(id) = value {
            if scratch.plan.values[*id].iter().product::<usize>() > MAX_CONSTANT {
                return Err(node.invalid("its result is too large"));
            }
            scratch.plan.outputs.push((String::new(), *id));
        }
    }
    let (plan, given) = scratch.finish();
    if plan.outputs.is_empty() {
        return Ok(results);
    }
    let single = given.iter().all(|(_, tensor)| tensor.dtype() == DType::F32);
    let working = if single { DType::F32 } else { DType::F64 };
    let given = given.into_iter().map(|(id, tensor)| Ok((id, tensor.to_dtype(working)?)));
    let reference = Reference::new(&plan, &Device::Cpu, working)?;
    let mut computed = reference.run_with(given.collect::<Result<Vec<_>>>()?)?.into_iter();
    results
        .into_iter()
        .enumerate()
        .map(|(index, value)| match computed_in(&mut computed, value) {
            (Some(tensor), _) => Ok(Value::Known(typed(node, inputs, index, (&plan, tensor))?)),
            (None, value) => Ok(value),
        })
        .collect()
}

/// The tensor that was computed for a value, unless that was known before.
fn computed_in(computed: &mut impl Iterator<Item = Tensor>, value: Value) -> (Option<Tensor>, Value) {
    match value {
        Value::Runtime(_) => (computed.next(), value),
        Value::Known(_) => (None, value),
    }
}

/// A result as the type that the operator gives.
fn typed(
    node: &Node,
    inputs: &[Option<Value>],
    index: usize,
    (plan, tensor): (&Plan, Tensor),
) -> Result<Tensor> {
    let tensor = tensor.contiguous()?;
    match result_type(node, inputs, index) {
        DType::I64 => whole(node, plan, &tensor),
        other => Ok(tensor.to_dtype(other)?),
    }
}

fn result_type(node: &Node, inputs: &[Option<Value>], index: usize) -> DType {
    use Operator::*;
    let of = |index: usize| match inputs.get(index) {
        Some(Some(Value::Known(tensor))) => tensor.dtype(),
        _ => DType::F32,
    };
    match node.operator {
        Some(Equal | Less | LessOrEqual | Greater | GreaterOrEqual | And | Or | Xor | Not) => DType::U8,
        Some(Where) => of(1),
        Some(DynamicQuantizeLinear) => [DType::I64, DType::F32, DType::I64][index.min(2)],
        Some(QuantizeLinear | ConvInteger | MatMulInteger | QLinearConv | QLinearMatMul) => DType::I64,
        Some(DequantizeLinear | MatMulIntegerToFloat) => DType::F32,
        _ => of(0),
    }
}

/// Results that are integers: quotients lose what is behind the point, and nothing may have lost its digits.
fn whole(node: &Node, plan: &Plan, tensor: &Tensor) -> Result<Tensor> {
    let numbers: Vec<f64> = tensor.to_dtype(DType::F64)?.flatten_all()?.to_vec1()?;
    let moved = |op: &Op| {
        matches!(
            op,
            Op::Reshape
                | Op::Slice { .. }
                | Op::Concat { .. }
                | Op::Transpose { .. }
                | Op::Mix { .. }
                | Op::Broadcast
                | Op::Where
        )
    };
    let computed = plan.steps.iter().any(|step| !moved(&step.op));
    if numbers.iter().any(|x| x.is_nan() || computed && x.abs() > EXACT) {
        return Err(node.invalid("integer overflow or division by zero"));
    }
    let numbers: Vec<i64> = numbers.into_iter().map(|x| x.trunc() as i64).collect();
    Ok(Tensor::from_vec(numbers, tensor.dims(), &Device::Cpu)?)
}

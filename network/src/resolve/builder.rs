//! Collects the steps of a plan, with limits on what a file may ask for.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor};

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Constant, ConstantId, Op, Operand, Plan, Shape, Step, ValueId};
use super::super::reference::Reference;

/// Largest number of elements of one value, and of all constants: 256 million, 1 GB.
const MAX_ELEMENTS: usize = 1 << 28;
/// Largest number of elements of all values: 1 billion, 4 GB.
const MAX_TOTAL: usize = 1 << 30;

/// What a name stands for while a graph is resolved.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Computed ahead: `f32`, `i64` or `u8`.
    Known(Tensor),
    /// Computed when the network runs; always `f32`.
    Runtime(ValueId),
}

impl Value {
    /// The tensor, if it is known.
    pub(super) fn known(&self) -> Option<Tensor> {
        match self {
            Self::Known(tensor) => Some(tensor.clone()),
            Self::Runtime(_) => None,
        }
    }
}

/// What a node's meaning depends on besides its operands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    pub(super) opset: i64,
    /// The batch that the file fixes, and the one that was asked for.
    pub(super) batch: (Option<usize>, usize),
    /// The least and the largest number of the types of weights that are small integers.
    pub(super) ranges: &'a BTreeMap<String, [f32; 2]>,
}

/// A plan in the making.
pub(super) struct Builder {
    pub(super) plan: Plan,
    /// Elements of all constants, and of all values.
    constants: usize,
    values: usize,
    /// For a plan that is run once, on the spot: the operands that it starts from.
    given: Option<Vec<(ValueId, Tensor)>>,
}

impl Builder {
    pub(super) fn new(input: &[usize]) -> Self {
        let plan = Plan {
            input: 0,
            values: vec![input.to_vec()],
            constants: vec![],
            steps: vec![],
            outputs: vec![],
        };
        Self { plan, constants: 0, values: 0, given: None }
    }

    /// For steps that are run once, on the spot: what is known is given to them as it is.
    pub(super) fn once() -> Self {
        Self { given: Some(vec![]), ..Self::new(&[]) }
    }

    /// The plan of [`Self::once`] and the operands that it starts from.
    pub(super) fn finish(self) -> (Plan, Vec<(ValueId, Tensor)>) {
        (self.plan, self.given.unwrap_or_default())
    }

    pub(super) fn shape(&self, value: &Value) -> Shape {
        match value {
            Value::Known(tensor) => tensor.dims().to_vec(),
            Value::Runtime(id) => self.plan.values.get(*id).cloned().unwrap_or_default(),
        }
    }

    /// The value as an operand of a step; integers are refused, unless the step runs on the spot.
    pub(super) fn operand(&mut self, node: &Node, value: &Value) -> Result<Operand> {
        match (value, &mut self.given) {
            (Value::Runtime(id), _) => Ok(Operand::Value(*id)),
            (Value::Known(tensor), Some(given)) => {
                self.plan.values.push(tensor.dims().to_vec());
                let id = self.plan.values.len() - 1;
                given.push((id, tensor.clone()));
                Ok(Operand::Value(id))
            }
            (Value::Known(tensor), None) => Ok(Operand::Constant(self.tensor(node, tensor)?)),
        }
    }

    /// Keeps a known tensor of numbers or truth values as a constant of the plan.
    pub(super) fn tensor(&mut self, node: &Node, tensor: &Tensor) -> Result<ConstantId> {
        if tensor.dtype() == DType::I64 && self.given.is_none() {
            return Err(node.unsupported("integers as operands"));
        }
        if tensor.elem_count() == 0 && self.given.is_none() {
            return Err(node.unsupported("a constant without elements"));
        }
        let tensor = tensor.to_dtype(DType::F32)?;
        self.constants += tensor.elem_count();
        if self.constants > MAX_ELEMENTS {
            return Err(node.invalid("the network's constants are too large"));
        }
        Ok(self.constant(tensor.dims().to_vec(), tensor.flatten_all()?.to_vec1()?))
    }

    pub(super) fn constant(&mut self, shape: Shape, elements: Vec<f32>) -> ConstantId {
        self.plan.constants.push(Constant { shape, elements });
        self.plan.constants.len() - 1
    }

    /// Adds a step and gives its result.
    pub(super) fn emit(&mut self, node: &Node, op: Op, inputs: Vec<Operand>, shape: Shape) -> Result<Value> {
        // What is computed on the spot may be empty: exported shape arithmetic has such lists.
        let empty = self.given.is_some() && shape.contains(&0) && shape.len() <= 8;
        self.values += if empty { 0 } else { check_size(node, &shape)? };
        if inputs.iter().all(|operand| operand.value().is_none()) {
            return self.at_once(node, op, inputs, shape);
        }
        if self.values > MAX_TOTAL {
            return Err(node.invalid("all results together are too large"));
        }
        self.plan.values.push(shape);
        let output = self.plan.values.len() - 1;
        self.plan.steps.push(Step { op, inputs, output, name: node.name.clone() });
        Ok(Value::Runtime(output))
    }

    /// The result of a step whose operands are all constants.
    fn at_once(&self, node: &Node, op: Op, inputs: Vec<Operand>, shape: Shape) -> Result<Value> {
        let step = Step { op, inputs, output: 0, name: node.name.clone() };
        let plan = Plan {
            input: 0,
            values: vec![shape],
            constants: self.plan.constants_of(&step),
            steps: vec![step],
            outputs: vec![(String::new(), 0)],
        };
        let tensor = Reference::new(&plan, &Device::Cpu, DType::F32)?.run_with([])?.swap_remove(0);
        Ok(Value::Known(tensor.contiguous()?))
    }
}

/// The number of elements of a result, if that is neither none nor too many.
pub(super) fn check_size(node: &Node, shape: &[usize]) -> Result<usize> {
    let count = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
    count.filter(|n| (1..=MAX_ELEMENTS).contains(n) && shape.len() <= 8).ok_or_else(|| {
        node.invalid(format!("its result of shape {:?} is empty or too large", &shape[..shape.len().min(8)]))
    })
}

/// Operand `index`, which must be there.
pub(super) fn required<'v>(node: &Node, inputs: &'v [Option<Value>], index: usize) -> Result<&'v Value> {
    optional(inputs, index).ok_or_else(|| node.invalid(format!("operand {index} is missing")))
}

/// Operand `index`, if it is there.
pub(super) fn optional(inputs: &[Option<Value>], index: usize) -> Option<&Value> {
    inputs.get(index).and_then(Option::as_ref)
}

/// Operand `index` as a tensor that is known ahead, if the operand is there.
pub(super) fn known(node: &Node, inputs: &[Option<Value>], index: usize) -> Result<Option<Tensor>> {
    match optional(inputs, index) {
        None => Ok(None),
        Some(Value::Known(tensor)) => Ok(Some(tensor.clone())),
        Some(Value::Runtime(_)) => {
            Err(node.unsupported(format!("an operand {index} that depends on the picture")))
        }
    }
}

/// Operand `index` as `f32` numbers of a weight, which must be there.
pub(super) fn weight(node: &Node, inputs: &[Option<Value>], index: usize) -> Result<Tensor> {
    let tensor =
        known(node, inputs, index)?.ok_or_else(|| node.invalid(format!("operand {index} is missing")))?;
    match tensor.dtype() {
        DType::F32 => Ok(tensor),
        _ => Err(node.invalid(format!("operand {index} must be a floating-point tensor"))),
    }
}

/// Operand `index` as integers, if the operand is there.
pub(super) fn integers(node: &Node, inputs: &[Option<Value>], index: usize) -> Result<Option<Vec<i64>>> {
    let Some(tensor) = known(node, inputs, index)? else { return Ok(None) };
    match tensor.dtype() {
        DType::I64 => Ok(Some(tensor.flatten_all()?.to_vec1()?)),
        _ => Err(node.invalid(format!("operand {index} must be integers"))),
    }
}

/// An axis as an index from the front; negative ones count from the back.
pub(super) fn axis(node: &Node, axis: i64, rank: usize) -> Result<usize> {
    let counted = if axis < 0 { axis.saturating_add(rank as i64) } else { axis };
    usize::try_from(counted)
        .ok()
        .filter(|&a| a < rank)
        .ok_or_else(|| node.invalid(format!("axis {axis} of an array with {rank} axes")))
}

/// The shape that two shapes broadcast to, as in NumPy.
pub(super) fn broadcast(node: &Node, a: &[usize], b: &[usize]) -> Result<Shape> {
    let rank = a.len().max(b.len());
    let at = |shape: &[usize], i: usize| (i + shape.len()).checked_sub(rank).map_or(1, |j| shape[j]);
    (0..rank)
        .map(|i| match (at(a, i), at(b, i)) {
            (x, y) if x == y || y == 1 => Ok(x),
            (1, y) => Ok(y),
            _ => Err(node.invalid(format!("shapes {a:?} and {b:?} do not broadcast"))),
        })
        .collect()
}

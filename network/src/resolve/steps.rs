//! Steps from values to values, of which operators are made.

use candle_core::{DType, Device, Tensor};

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Binary, Op, Reduction, Shape, Taps, Unary};
use super::builder::{Builder, Value, broadcast};
use super::elementwise;

/// Most taps of one step.
const MAX_TAPS: usize = 1 << 25;

/// A known number.
pub(super) fn number(x: f32) -> Result<Value> {
    Ok(Value::Known(Tensor::from_vec(vec![x], (), &Device::Cpu)?))
}

/// Known numbers in a shape.
pub(super) fn numbers(elements: Vec<f32>, shape: &[usize]) -> Result<Value> {
    Ok(Value::Known(Tensor::from_vec(elements, shape, &Device::Cpu)?))
}

impl Builder {
    /// One operation whose result has the shape of its operand.
    pub(super) fn apply(&mut self, node: &Node, op: Op, x: &Value) -> Result<Value> {
        let shape = self.shape(x);
        let x = self.operand(node, x)?;
        self.emit(node, op, vec![x], shape)
    }

    pub(super) fn unary(&mut self, node: &Node, function: Unary, x: &Value) -> Result<Value> {
        self.apply(node, Op::Unary(function), x)
    }

    /// Two operands that broadcast.
    pub(super) fn binary(&mut self, node: &Node, operation: Binary, a: &Value, b: &Value) -> Result<Value> {
        elementwise::combine(self, node, operation, [a, b])
    }

    /// `x * scale + shift` with numbers.
    pub(super) fn affine(&mut self, node: &Node, x: &Value, scale: f32, shift: f32) -> Result<Value> {
        let one = scale.to_bits() == 1f32.to_bits();
        let scaled = if one { x.clone() } else { self.binary(node, Binary::Mul, x, &number(scale)?)? };
        if shift == 0. { Ok(scaled) } else { self.binary(node, Binary::Add, &scaled, &number(shift)?) }
    }

    pub(super) fn reshape(&mut self, node: &Node, x: &Value, shape: Shape) -> Result<Value> {
        if self.shape(x) == shape {
            return Ok(x.clone());
        }
        if let Value::Known(tensor) = x {
            return Ok(Value::Known(tensor.reshape(shape)?));
        }
        let x = self.operand(node, x)?;
        self.emit(node, Op::Reshape, vec![x], shape)
    }

    pub(super) fn transpose(&mut self, node: &Node, x: &Value, permutation: Vec<usize>) -> Result<Value> {
        if permutation.iter().copied().eq(0..permutation.len()) {
            return Ok(x.clone());
        }
        if let Value::Known(tensor) = x {
            return Ok(Value::Known(tensor.permute(permutation)?.contiguous()?));
        }
        let old = self.shape(x);
        let shape = permutation.iter().map(|&axis| old[axis]).collect();
        let x = self.operand(node, x)?;
        self.emit(node, Op::Transpose { permutation }, vec![x], shape)
    }

    /// Mixes elements along an axis.
    pub(super) fn mix(&mut self, node: &Node, x: &Value, axis: usize, taps: Taps) -> Result<Value> {
        if taps.sources.len().max(taps.ends.len()) > MAX_TAPS {
            return Err(node.invalid("its result is too large"));
        }
        let mut shape = self.shape(x);
        shape[axis] = taps.ends.len();
        let x = self.operand(node, x)?;
        self.emit(node, Op::Mix { axis, taps }, vec![x], shape)
    }

    /// Reduces axes, which must be ascending, to length 1 or to nothing.
    pub(super) fn reduce(
        &mut self,
        node: &Node,
        kind: Reduction,
        x: &Value,
        (axes, keep): (&[usize], bool),
    ) -> Result<Value> {
        let shape = self.shape(x);
        let reduced = (0..shape.len())
            .filter(|axis| keep || !axes.contains(axis))
            .map(|axis| if axes.contains(&axis) { 1 } else { shape[axis] })
            .collect();
        if axes.is_empty() {
            return self.reshape(node, x, reduced);
        }
        let x = self.operand(node, x)?;
        self.emit(node, Op::Reduce { kind, axes: axes.to_vec() }, vec![x], reduced)
    }

    /// Elements `start..start + length` of an axis.
    pub(super) fn cut(&mut self, node: &Node, x: &Value, axis: usize, range: [usize; 2]) -> Result<Value> {
        let [start, length] = range;
        let mut shape = self.shape(x);
        if start == 0 && shape[axis] == length {
            return Ok(x.clone());
        }
        shape[axis] = length;
        let x = self.operand(node, x)?;
        self.emit(node, Op::Slice { axis, start, step: 1 }, vec![x], shape)
    }

    /// Matrix products over the last two axes; the others broadcast.
    pub(super) fn product(&mut self, node: &Node, a: &Value, b: &Value) -> Result<Value> {
        super::linear::product(self, node, a, b)
    }

    /// Where the condition is not 0 the first, elsewhere the second.
    pub(super) fn choose(&mut self, node: &Node, condition: &Value, sides: [&Value; 2]) -> Result<Value> {
        let shape = broadcast(node, &self.shape(sides[0]), &self.shape(sides[1]))?;
        let shape = broadcast(node, &self.shape(condition), &shape)?;
        let operands = [condition, sides[0], sides[1]].map(|value| self.operand(node, value));
        let operands = operands.into_iter().collect::<Result<Vec<_>>>()?;
        self.emit(node, Op::Where, operands, shape)
    }
}

/// A known tensor as numbers.
pub(super) fn reals(tensor: &Tensor) -> Result<Vec<f32>> {
    Ok(tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?)
}

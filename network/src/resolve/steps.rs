//! Steps from values to values, of which operators are made.

use candle_core::{DType, Device, Tensor};

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Binary, Op, Reduction, Shape, Taps, Unary};
use super::builder::{Builder, Value, broadcast};

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
        combine(self, node, operation, [a, b])
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
        product(self, node, a, b)
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

/// Two operands that broadcast; where one is a number for each channel, as an affine step.
fn combine(b: &mut Builder, node: &Node, operation: Binary, [left, right]: [&Value; 2]) -> Result<Value> {
    let shape = broadcast(node, &b.shape(left), &b.shape(right))?;
    if let Some((x, limits)) = limits(b, operation, [left, right])? {
        return b.unary(node, limits, &x);
    }
    if let Some((x, scale, shift)) = affine(b, &shape, operation, left, right)? {
        let (x, channels) = (b.operand(node, &x)?, scale.len());
        let (scale, shift) = (b.constant(vec![channels], scale), b.constant(vec![channels], shift));
        return b.emit(node, Op::Affine { scale, shift }, vec![x], shape);
    }
    let operands = vec![b.operand(node, left)?, b.operand(node, right)?];
    b.emit(node, Op::Binary(operation), operands, shape)
}

/// The larger or smaller of a value and one number, as limits.
fn limits(b: &Builder, operation: Binary, operands: [&Value; 2]) -> Result<Option<(Value, Unary)>> {
    let (x, limit) = match operands {
        [x @ Value::Runtime(_), Value::Known(limit)] | [Value::Known(limit), x @ Value::Runtime(_)] => {
            (x, limit)
        }
        _ => return Ok(None),
    };
    if limit.elem_count() != 1 || limit.dtype() != DType::F32 || limit.rank() > b.shape(x).len() {
        return Ok(None);
    }
    let limit = reals(limit)?[0];
    Ok(match operation {
        _ if limit.is_nan() => None,
        Binary::Max => Some((x.clone(), Unary::Clip { low: limit, high: f32::MAX })),
        Binary::Min => Some((x.clone(), Unary::Clip { low: f32::MIN, high: limit })),
        _ => None,
    })
}

/// The operation as `x * scale + shift` per channel, where one operand is a constant of that form.
#[expect(clippy::type_complexity, reason = "three parts of one formula, used once")]
fn affine(
    b: &Builder,
    shape: &Shape,
    operation: Binary,
    left: &Value,
    right: &Value,
) -> Result<Option<(Value, Vec<f32>, Vec<f32>)>> {
    let (x, constant, swapped) = match (left, right) {
        (Value::Runtime(_), Value::Known(c)) => (left, c, false),
        (Value::Known(c), Value::Runtime(_)) => (right, c, true),
        _ => return Ok(None),
    };
    if constant.dtype() != DType::F32 || &b.shape(x) != shape {
        return Ok(None);
    }
    let elements: Vec<f32> = constant.flatten_all()?.to_vec1()?;
    let Some(c) = per_channel(shape, constant.dims(), &elements) else { return Ok(None) };
    let n = c.len();
    let (scale, shift) = match (operation, swapped) {
        (Binary::Add, _) => (vec![1.; n], c),
        (Binary::Sub, false) => (vec![1.; n], c.iter().map(|c| -c).collect()),
        (Binary::Sub, true) => (vec![-1.; n], c),
        (Binary::Mul, _) => (c, vec![0.; n]),
        (Binary::Div, false) => (c.iter().map(|c| 1. / c).collect(), vec![0.; n]),
        _ => return Ok(None),
    };
    Ok(Some((x.clone(), scale, shift)))
}

/// One number for each channel (axis 1), where a constant broadcasts that way.
pub(super) fn per_channel(shape: &[usize], constant: &[usize], elements: &[f32]) -> Option<Vec<f32>> {
    let channels = *shape.get(1)?;
    if !matches!(shape.len(), 2 | 4) || constant.len() > shape.len() {
        return None;
    }
    if let &[only] = elements {
        return Some(vec![only; channels]);
    }
    let mut expected = vec![1; shape.len()];
    expected[1] = channels;
    let leading = shape.len() - constant.len();
    (leading <= 1 && constant == &expected[leading..]).then(|| elements.to_vec())
}

/// The product over the last two axes; a vector is a row on the left, a column on the right.
fn product(b: &mut Builder, node: &Node, left: &Value, right: &Value) -> Result<Value> {
    let (a, c) = (b.shape(left), b.shape(right));
    if let (Value::Known(weight), Value::Runtime(_), [.., inner], [rows, columns]) =
        (right, left, a.as_slice(), c.as_slice())
    {
        if inner != rows {
            return Err(node.invalid(format!("shapes {a:?} and {c:?}")));
        }
        let mut shape: Shape = a.clone();
        shape.pop();
        shape.push(*columns);
        let weight = b.tensor(node, weight)?;
        let x = b.operand(node, left)?;
        return b.emit(node, Op::Linear { weight, bias: None }, vec![x], shape);
    }
    if let ([inner], [_, ..]) = (a.as_slice(), c.as_slice()) {
        let row = b.reshape(node, left, vec![1, *inner])?;
        let product = product(b, node, &row, right)?;
        let mut shape = b.shape(&product);
        let place = if c.len() == 1 { shape.len() - 1 } else { shape.len() - 2 };
        shape.remove(place);
        return b.reshape(node, &product, shape);
    }
    if let ([_, .., _], [inner]) = (a.as_slice(), c.as_slice()) {
        let column = b.reshape(node, right, vec![*inner, 1])?;
        let product = product(b, node, left, &column)?;
        let mut shape = b.shape(&product);
        shape.pop();
        return b.reshape(node, &product, shape);
    }
    stacked(b, node, [left, right])
}

/// Products of stacks of matrices.
fn stacked(b: &mut Builder, node: &Node, operands: [&Value; 2]) -> Result<Value> {
    let [a, c] = operands.map(|operand| b.shape(operand));
    let ([batch_a @ .., m, inner], [batch_c @ .., rows, n]) = (a.as_slice(), c.as_slice()) else {
        return Err(node.unsupported(format!("operands of shapes {a:?} and {c:?}")));
    };
    if inner != rows {
        return Err(node.invalid(format!("shapes {a:?} and {c:?}")));
    }
    let mut shape = broadcast(node, batch_a, batch_c)?;
    shape.extend([*m, *n]);
    let operands = operands.map(|operand| b.operand(node, operand));
    b.emit(node, Op::MatMul, operands.into_iter().collect::<Result<_>>()?, shape)
}

//! Lowers arithmetic that broadcasts, and what moves or joins elements.

use crate::plan::{Binary, Operand, Reduction, Step, Taps, Unary};

use super::super::instruction::{ArrayId, Operation};
use super::super::rules::{Combine, Concat, Elementwise, Mix, Part, Reduce, Scale, Slice, Strided};
use super::layout::{Stored, plain, repeating, reshaped, same_order, sizes};
use super::{Lowering, value};

impl Lowering<'_> {
    pub(super) fn binary(&mut self, step: &Step, binary: Binary) {
        match (step.inputs[0], step.inputs[1]) {
            (Operand::Value(a), Operand::Value(b)) => self.combine(step, binary, [a, b]),
            (Operand::Value(x), Operand::Constant(c)) => self.with_constant(step, binary, x, c),
            (Operand::Constant(c), Operand::Value(x)) => self.constant_first(step, binary, x, c),
            _ => unreachable!("{}: a product of constants is a constant", step.name),
        }
    }

    fn combine(&mut self, step: &Step, binary: Binary, operands: [usize; 2]) {
        let whole = operands.map(|operand| self.shape(operand) == self.shape(step.output));
        let axes = match whole {
            [true, _] => self.stored(operands[0]).axes,
            [_, true] => self.stored(operands[1]).axes,
            _ => plain(self.shape(step.output).len()),
        };
        let inputs = operands.map(|operand| self.spread(operand, step.output, &axes)).to_vec();
        self.emit_value(Operation::Combine(Combine(binary)), inputs, step.output, axes);
    }

    /// The value in the shape of another, with the axes in the given order.
    fn spread(&mut self, input: usize, output: usize, axes: &[usize]) -> ArrayId {
        let target = self.shape(output).to_vec();
        let missing = target.len() - self.shape(input).len();
        let own = axes.iter().filter(|&&axis| axis >= missing);
        let order: Vec<usize> = own.map(|axis| axis - missing).collect();
        let array = self.in_order(input, &order);
        if self.shape(input).iter().product::<usize>() == target.iter().product::<usize>() {
            return array;
        }
        let shape = self.shape(input);
        let size = |&axis: &usize| if axis < missing { 1 } else { shape[axis - missing] };
        let source: Vec<usize> = axes.iter().map(size).collect();
        let rule = Strided::broadcast(&source, &sizes(&target, axes));
        let length = target.iter().product();
        self.emit(Operation::Other(Box::new(rule)), vec![array], length)
    }

    /// `x` broadcast to the output's shape, in an order that suits it.
    fn spread_whole(&mut self, x: usize, step: &Step) -> Stored {
        if self.shape(x) == self.shape(step.output) {
            return self.stored(x);
        }
        let axes = plain(self.shape(step.output).len());
        let array = self.spread(x, step.output, &axes);
        Stored { array, axes }
    }

    fn with_constant(&mut self, step: &Step, binary: Binary, x: usize, constant: usize) {
        let Stored { array, axes } = self.spread_whole(x, step);
        let row = repeating(self.constant(constant), self.shape(step.output), &axes);
        let (one, zero) = (vec![1.; row.len()], vec![0.; row.len()]);
        let map = |f: fn(f32) -> f32| row.iter().map(|&c| f(c)).collect::<Vec<f32>>();
        let (scale, shift) = match binary {
            Binary::Add => (one, row),
            Binary::Sub => (one, map(|c| -c)),
            Binary::Mul => (row, zero),
            Binary::Div => (map(|c| 1. / c), zero),
            _ => unreachable!("{}: other operations with constants are borrowed", step.name),
        };
        let operation = Operation::Scale(Scale { scale, shift });
        self.emit_value(operation, vec![array], step.output, axes);
    }

    fn constant_first(&mut self, step: &Step, binary: Binary, x: usize, constant: usize) {
        if matches!(binary, Binary::Add | Binary::Mul) {
            return self.with_constant(step, binary, x, constant);
        }
        let Stored { array, axes } = self.spread_whole(x, step);
        let row = repeating(self.constant(constant), self.shape(step.output), &axes);
        let count = row.len();
        let length = self.shape(step.output).iter().product();
        let (source, scale, shift) = if binary == Binary::Div {
            let inverse = Elementwise::Unary(Unary::Reciprocal);
            let inverse = self.emit(Operation::Elementwise(inverse), vec![array], length);
            (inverse, row, vec![0.; count])
        } else {
            (array, vec![-1.; count], row)
        };
        let operation = Operation::Scale(Scale { scale, shift });
        self.emit_value(operation, vec![source], step.output, axes);
    }

    pub(super) fn transpose(&mut self, step: &Step, permutation: &[usize]) {
        let Stored { array, axes } = self.stored(value(step, 0));
        let renamed = axes.iter().map(|old| permutation.iter().position(|p| p == old));
        let axes = renamed.flatten().collect();
        self.store(step.output, array, axes);
    }

    pub(super) fn reshape(&mut self, step: &Step) {
        let input = value(step, 0);
        let Stored { array, axes } = self.stored(input);
        let (from, to) = (self.shape(input), self.shape(step.output));
        if let Some(axes) = reshaped(from, to, &axes) {
            return self.store(step.output, array, axes);
        }
        let (before, after) = (plain(from.len()), plain(to.len()));
        let array = self.in_order(input, &before);
        self.store(step.output, array, after);
    }

    /// Elements inside of an axis in memory.
    fn inner(&self, input: usize, axes: &[usize], axis: usize) -> usize {
        let place = axes.iter().position(|&a| a == axis).unwrap_or_default();
        let shape = self.shape(input);
        axes[place + 1..].iter().map(|&axis| shape[axis]).product()
    }

    pub(super) fn slice(&mut self, step: &Step, axis: usize, [start, by]: [usize; 2]) {
        let input = value(step, 0);
        let Stored { array, axes } = self.stored(input);
        let slice = Slice {
            length: self.shape(input)[axis],
            inner: self.inner(input, &axes, axis),
            start,
            step: by,
            count: self.shape(step.output)[axis],
        };
        let operation = Operation::Other(Box::new(slice));
        self.emit_value(operation, vec![array], step.output, axes);
    }

    pub(super) fn mix(&mut self, step: &Step, axis: usize, taps: &Taps) {
        let input = value(step, 0);
        let Stored { array, axes } = self.stored(input);
        let (length, inner) = (self.shape(input)[axis], self.inner(input, &axes, axis));
        let operation = Operation::Other(Box::new(Mix { taps: taps.clone(), length, inner }));
        self.emit_value(operation, vec![array], step.output, axes);
    }

    pub(super) fn concat(&mut self, step: &Step, axis: usize) {
        let is_value = |operand: &Operand| match operand {
            Operand::Value(value) => Some(*value),
            Operand::Constant(_) => None,
        };
        let Some(first) = step.inputs.iter().find_map(is_value) else {
            unreachable!("{}: constants joined are a constant", step.name);
        };
        let axes = self.stored(first).axes;
        let inner = self.inner(step.output, &axes, axis);
        let (mut parts, mut inputs) = (Vec::new(), Vec::new());
        for operand in &step.inputs {
            match *operand {
                Operand::Value(value) => {
                    inputs.push(self.in_order(value, &axes));
                    parts.push(Part::Input(self.shape(value)[axis] * inner));
                }
                Operand::Constant(id) => {
                    let (shape, elements) = self.constant(id);
                    parts.push(Part::Constant(permuted(shape, elements, &axes), shape[axis] * inner));
                }
            }
        }
        let operation = Operation::Other(Box::new(Concat { parts }));
        self.emit_value(operation, inputs, step.output, axes);
    }

    pub(super) fn broadcast(&mut self, step: &Step) {
        let axes = plain(self.shape(step.output).len());
        let array = self.spread(value(step, 0), step.output, &axes);
        self.store(step.output, array, axes);
    }

    pub(super) fn reduce(&mut self, step: &Step, kind: Reduction, vanishing: &[usize]) {
        let input = value(step, 0);
        let stored = self.stored(input).axes;
        let vanishes = |axis: &usize| vanishing.contains(axis);
        let first = stored.iter().position(&vanishes).unwrap_or_default();
        let end = first + vanishing.len();
        let together = stored.get(first..end).is_some_and(|axes| axes.iter().all(vanishes));
        let kept = stored.iter().copied().filter(|axis| !vanishes(axis)).collect::<Vec<_>>();
        let axes = if together { stored } else { [&kept[..], vanishing].concat() };
        let array = self.in_order(input, &axes);
        let first = axes.iter().position(&vanishes).unwrap_or_default();
        let shape = self.shape(input);
        let rule = Reduce {
            kind,
            length: vanishing.iter().map(|&axis| shape[axis]).product(),
            inner: sizes(shape, &axes[first + vanishing.len()..]).iter().product(),
        };
        let keeps_axes = self.shape(step.output).len() == shape.len();
        let renumber = |axis: usize| axis - vanishing.iter().filter(|&&v| v < axis).count();
        let left = if keeps_axes { axes } else { kept.into_iter().map(renumber).collect() };
        self.emit_value(Operation::Other(Box::new(rule)), vec![array], step.output, left);
    }
}

/// A constant's elements with its axes in the given order.
fn permuted(shape: &[usize], elements: &[f32], axes: &[usize]) -> Vec<f32> {
    if same_order(shape, axes, &plain(shape.len())) {
        return elements.to_vec();
    }
    let mut moved = vec![0.; elements.len()];
    Strided::permute(shape, axes).apply(elements, &mut moved);
    moved
}

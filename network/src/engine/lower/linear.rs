//! Lowers matrix products and what works on the last axis.

use crate::plan::Step;

use super::super::convolve::Spec;
use super::super::instruction::{Convolve, Operation};
use super::super::rules::{Activation, LayerNorm, MatMul, Softmax, strides_of};
use super::layout::{Stored, plain, sizes, with_innermost};
use super::{Lowering, value};

impl Lowering<'_> {
    pub(super) fn linear(&mut self, step: &Step, weight: usize, bias: Option<usize>) {
        let (shape, matrix) = self.constant(weight);
        let [inputs, outputs] = [shape[0], shape[1]];
        let length: usize = self.shape(value(step, 0)).iter().product();
        let mut spec = Spec::linear(length / inputs, inputs, outputs, matrix);
        if let Some(bias) = bias {
            spec.bias = self.constant(bias).1.to_vec();
        }
        let convolve = Convolve { spec, activation: Activation::Identity };
        let axis = self.shape(value(step, 0)).len() - 1;
        self.on_rows(step, axis, Operation::Convolve(Box::new(convolve)));
    }

    pub(super) fn layer_norm(&mut self, step: &Step, constants: [usize; 2], epsilon: f32) {
        let [scale, shift] = constants.map(|id| self.constant(id).1.to_vec());
        let norm = LayerNorm { scale, shift, epsilon };
        let axis = self.shape(value(step, 0)).len() - 1;
        self.on_rows(step, axis, Operation::Other(Box::new(norm)));
    }

    pub(super) fn softmax(&mut self, step: &Step, axis: usize) {
        let width = self.shape(value(step, 0))[axis];
        self.on_rows(step, axis, Operation::Other(Box::new(Softmax { width })));
    }

    /// An operation on rows along an axis.
    fn on_rows(&mut self, step: &Step, axis: usize, operation: Operation) {
        let input = value(step, 0);
        let order = with_innermost(&self.stored(input).axes, axis);
        let source = self.in_order(input, &order);
        self.emit_value(operation, vec![source], step.output, order);
    }

    pub(super) fn matmul(&mut self, step: &Step) {
        let operands = [value(step, 0), value(step, 1)];
        let [a, b] = operands.map(|operand| self.stored(operand));
        let out = Stored { array: 0, axes: plain(self.shape(step.output).len()) };
        let places = [(operands[0], &a), (operands[1], &b), (step.output, &out)];
        let strides = places.map(|(value, stored)| self.strides(value, stored));
        let rows_and_columns = |i: usize| {
            let shape = self.shape(places[i].0);
            [shape[shape.len() - 2], shape[shape.len() - 1]]
        };
        let [rows, inner] = rows_and_columns(0);
        let rule = MatMul {
            sizes: [rows, inner, rows_and_columns(1)[1]],
            starts: self.starts(places.map(|(value, _)| value), &strides),
            strides: [0, 1, 2].map(|i| {
                let own: &Vec<usize> = &strides[i];
                [own[own.len() - 2], own[own.len() - 1]]
            }),
        };
        let operation = Operation::Other(Box::new(rule));
        self.emit_value(operation, vec![a.array, b.array], step.output, out.axes);
    }

    /// Distance in memory of neighbours along each of the value's axes.
    fn strides(&self, value: usize, stored: &Stored) -> Vec<usize> {
        let in_memory = strides_of(&sizes(self.shape(value), &stored.axes));
        let mut strides = vec![0; in_memory.len()];
        for (&axis, stride) in stored.axes.iter().zip(in_memory) {
            strides[axis] = stride;
        }
        strides
    }

    /// Where the matrices of each product begin; the leading axes broadcast.
    fn starts(&self, values: [usize; 3], strides: &[Vec<usize>; 3]) -> Vec<[usize; 3]> {
        let result = self.shape(values[2]);
        let leading = &result[..result.len() - 2];
        let count: usize = leading.iter().product();
        let start = |mut index: usize| {
            let mut starts = [0; 3];
            for axis in (0..leading.len()).rev() {
                let at = index % leading[axis];
                index /= leading[axis];
                for operand in 0..3 {
                    let shape = self.shape(values[operand]);
                    let missing = result.len() - shape.len();
                    if axis >= missing && shape[axis - missing] != 1 {
                        starts[operand] += at * strides[operand][axis - missing];
                    }
                }
            }
            starts
        };
        (0..count).map(start).collect()
    }
}

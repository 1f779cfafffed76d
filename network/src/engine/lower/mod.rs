//! From a plan to operations on arrays: decides how every value lies in memory.

mod layout;
mod linear;
mod picture;
mod shape;

use std::collections::HashMap;

use crate::plan::{Op, Operand, Plan, Step, Unary};

use super::instruction::{ArrayId, Instruction, Operation};
use super::rules::{Activation, Borrowed, Elementwise, Strided};
use layout::{Stored, plain, same_order, sizes};

/// A plan as operations on arrays.
#[derive(Debug, Default)]
pub(super) struct Lowered {
    /// Elements of each array; array 0 is the input.
    pub(super) lengths: Vec<usize>,
    pub(super) instructions: Vec<Instruction>,
    /// The outputs, stored as the plan says.
    pub(super) outputs: Vec<ArrayId>,
}

/// Channels innermost.
const PIXELS: [usize; 4] = [0, 2, 3, 1];

/// Builds a [`Lowered`].
struct Lowering<'a> {
    plan: &'a Plan,
    result: Lowered,
    values: Vec<Option<Stored>>,
    /// Copies in other orders that were made already.
    copies: HashMap<(usize, Vec<usize>), ArrayId>,
    /// The name of the step at work.
    name: &'a str,
}

/// Lowers a plan.
pub(super) fn lower(plan: &Plan) -> Lowered {
    let mut lowering = Lowering {
        plan,
        result: Lowered::default(),
        values: vec![None; plan.values.len()],
        copies: HashMap::new(),
        name: "",
    };
    let shape = &plan.values[plan.input];
    let input = lowering.array(shape.iter().product());
    lowering.store(plan.input, input, plain(shape.len()));
    if shape.len() == 4 {
        // From here on all operations see the input with channels innermost.
        let array = lowering.in_order(plan.input, &PIXELS);
        lowering.store(plan.input, array, PIXELS.to_vec());
    }
    for step in &plan.steps {
        lowering.name = &step.name;
        lowering.step(step);
    }
    for (_, value) in &plan.outputs {
        let rank = plan.values[*value].len();
        let array = lowering.in_order(*value, &plain(rank));
        lowering.result.outputs.push(array);
    }
    lowering.result
}

impl Lowering<'_> {
    fn step(&mut self, step: &Step) {
        match &step.op {
            Op::Conv(conv) => self.conv(step, conv),
            Op::Affine { scale, shift } => self.affine(step, *scale, *shift),
            Op::Linear { weight, bias } => self.linear(step, *weight, *bias),
            Op::MatMul if has_constants(step) => self.borrow(step),
            Op::MatMul => self.matmul(step),
            Op::Unary(unary) => self.unary(step, *unary),
            Op::Prelu { slope } => self.prelu(step, *slope),
            Op::Binary(binary) if has_constants(step) && !binary.is_affine() => self.borrow(step),
            Op::Binary(binary) => self.binary(step, *binary),
            Op::Where => self.borrow(step),
            Op::Mix { axis, taps } => self.mix(step, *axis, taps),
            Op::LayerNorm { scale, shift, epsilon } => self.layer_norm(step, [*scale, *shift], *epsilon),
            Op::Softmax { axis } => self.softmax(step, *axis),
            Op::Transpose { permutation } => self.transpose(step, permutation),
            Op::Reshape => self.reshape(step),
            Op::Slice { axis, start, step: by } => self.slice(step, *axis, [*start, *by]),
            Op::Concat { axis } => self.concat(step, *axis),
            Op::Broadcast => self.broadcast(step),
            Op::Reduce { kind, axes } => self.reduce(step, *kind, axes),
            Op::MaxPool(window) => self.max_pool(step, window),
            Op::AveragePool { window, count_padding } => self.average_pool(step, window, *count_padding),
            Op::Upsample { rows, columns } => self.upsample(step, [*rows, *columns]),
        }
    }

    fn shape(&self, value: usize) -> &[usize] {
        &self.plan.values[value]
    }

    fn constant(&self, id: usize) -> (&[usize], &[f32]) {
        let constant = &self.plan.constants[id];
        (&constant.shape, &constant.elements)
    }

    /// A new array.
    fn array(&mut self, length: usize) -> ArrayId {
        self.result.lengths.push(length);
        self.result.lengths.len() - 1
    }

    fn store(&mut self, value: usize, array: ArrayId, axes: Vec<usize>) {
        self.values[value] = Some(Stored { array, axes });
    }

    fn stored(&self, value: usize) -> Stored {
        #[expect(clippy::expect_used, reason = "a plan's steps are in order of their operands")]
        self.values[value].clone().expect("operands come first")
    }

    /// Adds an operation and returns its output.
    fn emit(&mut self, operation: Operation, inputs: Vec<ArrayId>, length: usize) -> ArrayId {
        let output = self.array(length);
        self.result.instructions.push(Instruction { operation, inputs, output, name: self.name.to_owned() });
        output
    }

    /// Adds an operation whose result has the axes in the same order as its operand.
    fn emit_value(&mut self, operation: Operation, inputs: Vec<ArrayId>, output: usize, axes: Vec<usize>) {
        let length = self.shape(output).iter().product();
        let array = self.emit(operation, inputs, length);
        self.store(output, array, axes);
    }

    /// The value with its axes in the given order, copied if necessary.
    fn in_order(&mut self, value: usize, order: &[usize]) -> ArrayId {
        let Stored { array, axes } = self.stored(value);
        let shape = self.shape(value).to_vec();
        if same_order(&shape, &axes, order) {
            return array;
        }
        let key = (array, order.to_vec());
        if let Some(&copy) = self.copies.get(&key) {
            return copy;
        }
        let places = order.iter().map(|wanted| axes.iter().position(|axis| axis == wanted));
        let places: Vec<usize> = places.flatten().collect();
        let permute = Strided::permute(&sizes(&shape, &axes), &places);
        let length = self.result.lengths[array];
        let copy = self.emit(Operation::Other(Box::new(permute)), vec![array], length);
        self.copies.insert(key, copy);
        copy
    }

    /// Leaves a step to the reference executor.
    fn borrow(&mut self, step: &Step) {
        let values: Vec<usize> = step.inputs.iter().filter_map(Operand::value).collect();
        let inputs = values.into_iter().map(|v| self.in_order(v, &plain(self.shape(v).len()))).collect();
        let rule = Borrowed::new(self.plan, step);
        let axes = plain(self.shape(step.output).len());
        self.emit_value(Operation::Other(Box::new(rule)), inputs, step.output, axes);
    }

    fn unary(&mut self, step: &Step, unary: Unary) {
        let Stored { array, axes } = self.stored(value(step, 0));
        let operation = match unary {
            Unary::Relu => Operation::Activate(Activation::Clip { low: 0., high: f32::INFINITY }),
            Unary::LeakyRelu { slope } => Operation::Activate(Activation::Prelu(vec![slope])),
            Unary::Clip { low, high } => Operation::Activate(Activation::Clip { low, high }),
            other => Operation::Elementwise(Elementwise::Unary(other)),
        };
        self.emit_value(operation, vec![array], step.output, axes);
    }
}

fn has_constants(step: &Step) -> bool {
    step.inputs.iter().any(|operand| operand.value().is_none())
}

/// An operand that a plan's operation requires to be a value.
fn value(step: &Step, index: usize) -> usize {
    match step.inputs[index] {
        Operand::Value(value) => value,
        Operand::Constant(_) => unreachable!("{}: operand {index} is a value", step.name),
    }
}

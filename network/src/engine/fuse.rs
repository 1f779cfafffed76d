//! Fewer passes over memory: joins convolutions with what comes before and after them.

use std::mem;

use crate::plan::{Binary, Unary, are_whole};

use super::instruction::{ArrayId, Convolve, Instruction, Operation};
use super::lower::Lowered;
use super::rules::{Activation, Combine, Elementwise, HALF_ROOT, Scale};

/// Instructions with operations joined where that changes no result.
pub(super) fn fuse(lowered: &mut Lowered) {
    let mut fusion = Fusion {
        done: Vec::new(),
        producers: vec![None; lowered.lengths.len()],
        uses: vec![0; lowered.lengths.len()],
    };
    let inputs = lowered.instructions.iter().flat_map(|instruction| &instruction.inputs);
    for &array in inputs.chain(&lowered.outputs) {
        fusion.uses[array] += 1;
    }
    for instruction in mem::take(&mut lowered.instructions) {
        fusion.add(instruction);
    }
    lowered.instructions = fusion.alive();
}

struct Fusion {
    done: Vec<Option<Instruction>>,
    /// Which instruction writes each array.
    producers: Vec<Option<usize>>,
    /// How many operands each array is.
    uses: Vec<usize>,
}

impl Fusion {
    fn add(&mut self, mut instruction: Instruction) {
        let joined = match &instruction.operation {
            Operation::Convolve(_) => {
                self.take_in_scales(&mut instruction);
                false
            }
            Operation::Scale(scale) => {
                self.scale_convolution(&instruction, scale) || self.scale_twice(&instruction, scale)
            }
            Operation::Activate(activation) => self.activate(&instruction, activation),
            Operation::Combine(Combine(Binary::Add)) => self.add_to_convolution(&mut instruction),
            Operation::Combine(Combine(Binary::Mul)) => {
                self.find_gelu(&mut instruction);
                false
            }
            _ => false,
        };
        if !joined {
            self.push(instruction);
        }
    }

    fn push(&mut self, instruction: Instruction) {
        self.producers[instruction.output] = Some(self.done.len());
        self.done.push(Some(instruction));
    }

    /// Drops instructions whose results nobody uses any more.
    fn alive(mut self) -> Vec<Instruction> {
        for instruction in self.done.iter_mut().rev() {
            let unused = instruction.take_if(|instruction| self.uses[instruction.output] == 0);
            for input in unused.into_iter().flat_map(|unused| unused.inputs) {
                self.uses[input] -= 1;
            }
        }
        self.done.into_iter().flatten().collect()
    }

    fn producer(&self, array: ArrayId) -> Option<&Instruction> {
        self.done[self.producers[array]?].as_ref()
    }

    /// The convolution that writes the array, if nothing follows it yet and nobody else reads it.
    fn open_convolution(&self, array: ArrayId) -> Option<usize> {
        let index = self.producers[array].filter(|_| self.uses[array] == 1)?;
        match &self.done[index].as_ref()?.operation {
            Operation::Convolve(c) if c.activation == Activation::Identity => Some(index),
            _ => None,
        }
    }

    fn convolution(&mut self, index: usize) -> Option<&mut Convolve> {
        match &mut self.done[index].as_mut()?.operation {
            Operation::Convolve(convolve) => Some(convolve),
            _ => None,
        }
    }

    /// Lets an instruction write what another one would have made of its output.
    fn redirect(&mut self, index: usize, output: ArrayId) {
        if let Some(instruction) = &mut self.done[index] {
            instruction.output = output;
            self.producers[output] = Some(index);
        }
    }

    /// Scales of a convolution's source go into its weights.
    fn take_in_scales(&mut self, instruction: &mut Instruction) {
        let Operation::Convolve(convolve) = &mut instruction.operation else {
            return;
        };
        let channels = convolve.spec.source.channels;
        let whole = are_whole(&convolve.spec.weight);
        let source = &mut instruction.inputs[0];
        while let Some(before) = self.producer(*source) {
            let Operation::Scale(scale) = &before.operation else {
                return;
            };
            let Some(scale) = scale.repeated(channels).filter(|scale| !whole || scale.is_whole()) else {
                return;
            };
            let further = before.inputs[0];
            let own = convolve.spec.before.take();
            let joined = own.as_ref().and_then(|own| scale.then(own)).unwrap_or(scale);
            convolve.spec.before = Some(joined);
            self.uses[*source] -= 1;
            self.uses[further] += 1;
            *source = further;
        }
    }

    /// A scale of a convolution's result goes into its weights.
    fn scale_convolution(&mut self, instruction: &Instruction, scale: &Scale) -> bool {
        let Some(index) = self.open_convolution(instruction.inputs[0]) else {
            return false;
        };
        let has_residual = |i: &Instruction| i.inputs.len() > 1;
        if self.done[index].as_ref().is_some_and(has_residual) {
            return false;
        }
        let Some(convolve) = self.convolution(index) else {
            return false;
        };
        let spec = &mut convolve.spec;
        let whole = are_whole(&spec.weight);
        let Some(scale) = scale.repeated(spec.target.channels).filter(|scale| !whole || scale.is_whole())
        else {
            return false;
        };
        let size = spec.weight.len() / spec.target.channels;
        for (weights, by) in spec.weight.chunks_exact_mut(size).zip(&scale.scale) {
            weights.iter_mut().for_each(|weight| *weight *= by);
        }
        for ((bias, by), shift) in spec.bias.iter_mut().zip(&scale.scale).zip(&scale.shift) {
            *bias = *bias * by + shift;
        }
        self.redirect(index, instruction.output);
        true
    }

    /// Two scales become one.
    fn scale_twice(&mut self, instruction: &Instruction, second: &Scale) -> bool {
        let input = instruction.inputs[0];
        let Some(index) = self.producers[input].filter(|_| self.uses[input] == 1) else {
            return false;
        };
        let Some(Operation::Scale(first)) = self.done[index].as_mut().map(|i| &mut i.operation) else {
            return false;
        };
        let Some(both) = first.then(second) else {
            return false;
        };
        *first = both;
        self.redirect(index, instruction.output);
        true
    }

    fn activate(&mut self, instruction: &Instruction, activation: &Activation) -> bool {
        let Some(index) = self.open_convolution(instruction.inputs[0]) else {
            return false;
        };
        let Some(convolve) = self.convolution(index) else {
            return false;
        };
        let channels = convolve.spec.target.channels;
        if !convolve.spec.may_activate() {
            return false;
        }
        let repeated = match activation {
            Activation::Prelu(slopes) if !channels.is_multiple_of(slopes.len()) => return false,
            Activation::Prelu(slopes) => {
                Activation::Prelu(slopes.iter().copied().cycle().take(channels).collect())
            }
            other => other.clone(),
        };
        convolve.activation = repeated;
        self.redirect(index, instruction.output);
        true
    }

    /// A sum with a convolution's result becomes part of the later of the two.
    fn add_to_convolution(&mut self, instruction: &mut Instruction) -> bool {
        let inputs = &instruction.inputs;
        let open = |place: usize| {
            let index = self.open_convolution(inputs[place])?;
            let alone = self.done[index].as_ref()?.inputs.len() == 1;
            alone.then_some((index, place))
        };
        let Some((index, place)) = [0, 1].into_iter().filter_map(open).max() else {
            return false;
        };
        let Some(mut convolution) = self.done[index].take() else {
            return false;
        };
        convolution.inputs.push(inputs[1 - place]);
        convolution.output = instruction.output;
        self.push(convolution);
        true
    }

    /// `x * (1 + erf(x / sqrt(2)))`
    fn find_gelu(&mut self, instruction: &mut Instruction) {
        let inputs = &instruction.inputs;
        let pairs = [(inputs[0], inputs[1]), (inputs[1], inputs[0])];
        let found = pairs.into_iter().find(|&(x, factor)| self.is_gelu_factor(factor, x));
        let Some((x, factor)) = found else {
            return;
        };
        self.uses[factor] -= 1;
        instruction.inputs = vec![x];
        instruction.operation = Operation::Elementwise(Elementwise::TwiceGelu);
    }

    /// Whether `factor` is `1 + erf(x / sqrt(2))`.
    fn is_gelu_factor(&self, factor: ArrayId, x: ArrayId) -> bool {
        let scaled = |array, by: f32, plus: f32| {
            let before = self.producer(array)?;
            let Operation::Scale(Scale { scale, shift }) = &before.operation else {
                return None;
            };
            let near = |values: &[f32], target: f32| values.iter().all(|value| (value - target).abs() < 1e-6);
            (near(scale, by) && near(shift, plus)).then_some(before.inputs[0])
        };
        let of_erf = || {
            let erf = self.producer(scaled(factor, 1., 1.)?)?;
            let is_erf = matches!(erf.operation, Operation::Elementwise(Elementwise::Unary(Unary::Erf)));
            is_erf.then(|| scaled(erf.inputs[0], HALF_ROOT, 0.))?
        };
        of_erf() == Some(x)
    }
}

impl Scale {
    fn is_whole(&self) -> bool {
        are_whole(&self.scale) && are_whole(&self.shift)
    }

    /// The same with a longer period.
    fn repeated(&self, period: usize) -> Option<Self> {
        let repeat = |row: &[f32]| row.iter().copied().cycle().take(period).collect();
        period
            .is_multiple_of(self.scale.len())
            .then(|| Self { scale: repeat(&self.scale), shift: repeat(&self.shift) })
    }

    /// First this one, then the next.
    fn then(&self, next: &Self) -> Option<Self> {
        let period = self.scale.len().max(next.scale.len());
        let (first, next) = (self.repeated(period)?, next.repeated(period)?);
        let factors = first.scale.iter().zip(&next.scale);
        let shifts = first.shift.iter().zip(&next.scale).zip(&next.shift);
        Some(Self {
            scale: factors.map(|(a, b)| a * b).collect(),
            shift: shifts.map(|((shift, by), plus)| shift * by + plus).collect(),
        })
    }
}

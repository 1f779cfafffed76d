//! Runs compiled steps.

use std::mem;

use super::compile::{Compiled, ForwardStep, Place, Work};
use super::convolve::{After as Finish, Halves, Residual, bytes_for};
use super::draft::After;
use super::gradient::{Gradient, GradientStep, GradientWork, Mask};
use super::memory::Slot;
use super::pieces;
use super::rule::{Memories, Remembers};
use super::threads::Run;

/// Slots for arrays that live only while steps run.
#[derive(Debug)]
pub(super) struct Scratch {
    slots: Vec<Slot>,
    halves: Halves,
}

/// What a gradient needs of the forward pass.
#[derive(Debug)]
pub(super) struct Tape {
    kept: Vec<Slot>,
    bits: Vec<Vec<u8>>,
}

/// Whether the activations' bits are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Forward,
    Record,
}

impl Compiled {
    pub(super) fn scratch(&self) -> Scratch {
        let slots = self.slots.iter().map(|&length| Slot::new(self.margin, length)).collect();
        Scratch { slots, halves: Halves::default() }
    }

    pub(super) fn tape(&self) -> Tape {
        Tape {
            kept: self.kept.iter().map(|&length| Slot::new(self.margin, length)).collect(),
            bits: self.bits.iter().map(|&bytes| vec![0; bytes]).collect(),
        }
    }

    /// Copies the input to its place.
    pub(super) fn load(&self, scratch: &mut Scratch, tape: &mut Tape, input: &[f32]) {
        place_mut(scratch, tape, self.input).array_mut(input.len()).copy_from_slice(input);
    }

    /// Runs the network and copies its outputs.
    pub(super) fn forward(
        &self,
        run: Run<'_>,
        mode: Mode,
        memory: (&mut Scratch, &mut Tape),
        input: &[f32],
        outputs: &mut [&mut [f32]],
    ) {
        let (scratch, tape) = memory;
        self.load(scratch, tape, input);
        for step in &self.steps {
            step.run(run, mode, scratch, tape);
        }
        for (&(place, length), output) in self.outputs.iter().zip(outputs) {
            output.copy_from_slice(place_ref(scratch, tape, place).array(length));
        }
    }
}

fn place_mut<'a>(scratch: &'a mut Scratch, tape: &'a mut Tape, place: Place) -> &'a mut Slot {
    match place {
        Place::Scratch(slot) => &mut scratch.slots[slot],
        Place::Kept(index) => &mut tape.kept[index],
    }
}

fn place_ref<'a>(scratch: &'a Scratch, tape: &'a Tape, place: Place) -> &'a Slot {
    match place {
        Place::Scratch(slot) => &scratch.slots[slot],
        Place::Kept(index) => &tape.kept[index],
    }
}

impl ForwardStep {
    pub(super) fn run(&self, run: Run<'_>, mode: Mode, scratch: &mut Scratch, tape: &mut Tape) {
        // The output and the bits leave the memory for the time of the step, so that they can be
        // written while the inputs are read.
        let mut target = mem::take(place_mut(scratch, tape, self.output));
        let output = target.array_mut(self.length);
        match &self.work {
            Work::Convolve { convolution, after } => {
                let mut halves = mem::take(&mut scratch.halves);
                let mut bits = after.bits().map(|index| mem::take(&mut tape.bits[index]));
                let residual = match self.inputs.get(1) {
                    Some(&place) => Residual::Array(place_ref(scratch, tape, place).array(self.length)),
                    None => Residual::Nothing,
                };
                let source = place_ref(scratch, tape, self.inputs[0]);
                let mut finish = after.finish(bits.as_mut().filter(|_| mode == Mode::Record));
                convolution.run(run, (source, &mut halves), output, &residual, &mut finish);
                scratch.halves = halves;
                if let (Some(index), Some(bits)) = (after.bits(), bits) {
                    tape.bits[index] = bits;
                }
            }
            Work::Rule(rule) => {
                let inputs = self.inputs(scratch, tape);
                pieces::forward(run, rule.as_ref(), &inputs, output);
            }
        }
        *place_mut(scratch, tape, self.output) = target;
    }

    fn inputs<'a>(&self, scratch: &'a Scratch, tape: &'a Tape) -> Vec<&'a [f32]> {
        let places = self.inputs.iter().zip(&self.input_lengths);
        let input = |(&place, &length): (&Place, &usize)| place_ref(scratch, tape, place).array(length);
        places.map(input).collect()
    }
}

impl After {
    fn bits(&self) -> Option<usize> {
        match self {
            Self::Nothing => None,
            Self::Prelu { bits, .. } | Self::Clip { bits, .. } => Some(*bits),
        }
    }

    fn finish<'a>(&'a self, bits: Option<&'a mut Vec<u8>>) -> Finish<'a> {
        let bits = bits.map(Vec::as_mut_slice);
        match self {
            Self::Nothing => Finish::Nothing,
            Self::Prelu { slopes, .. } => Finish::Prelu { slopes, bits },
            &Self::Clip { low, high, .. } => Finish::Clip { low, high, bits },
        }
    }
}

impl Gradient {
    /// Carries the gradient of the output back to the input.
    pub(super) fn run(
        &self,
        run: Run<'_>,
        steps: &[ForwardStep],
        memory: (&mut Scratch, &Tape),
        seed: &[f32],
        result: &mut [f32],
    ) {
        let (scratch, tape) = memory;
        scratch.slots[self.seed.0].array_mut(seed.len()).copy_from_slice(seed);
        for step in &self.steps {
            step.run(run, steps, scratch, tape);
        }
        match self.result {
            Some((slot, length)) => {
                result.copy_from_slice(scratch.slots[slot].array(length));
            }
            None => result.fill(0.),
        }
    }
}

impl GradientStep {
    pub(super) fn run(&self, run: Run<'_>, steps: &[ForwardStep], scratch: &mut Scratch, tape: &Tape) {
        let mut target = mem::take(&mut scratch.slots[self.to.0]);
        let to = target.array_mut(self.to.1);
        let Scratch { slots, halves } = &mut *scratch;
        let source = &slots[self.from.0];
        let from = || source.array(self.from.1);
        match &self.work {
            GradientWork::Convolve { convolution, mask } => {
                let residual = if self.first { Residual::Nothing } else { Residual::Target };
                let mut finish = mask.as_ref().map_or(Finish::Nothing, |mask| mask.finish(tape));
                convolution.run(run, (source, halves), to, &residual, &mut finish);
            }
            GradientWork::Rule { step, input } => {
                if self.first {
                    to.fill(0.);
                }
                steps[*step].gradient(run, *input, tape, from(), to);
            }
            GradientWork::Add if self.first => to.copy_from_slice(from()),
            GradientWork::Add => to.iter_mut().zip(from()).for_each(|(to, from)| *to += from),
            GradientWork::Mask(mask, channels) => mask.apply(*channels, tape, to),
        }
        scratch.slots[self.to.0] = target;
    }
}

impl ForwardStep {
    fn gradient(&self, run: Run<'_>, input: usize, tape: &Tape, from: &[f32], to: &mut [f32]) {
        let Work::Rule(rule) = &self.work else {
            return;
        };
        let kept = |&place: &Place, length: usize| match place {
            Place::Kept(index) => tape.kept[index].array(length),
            Place::Scratch(_) => &[],
        };
        let inputs: Vec<&[f32]> = if rule.remembers() == Remembers::Nothing {
            Vec::new()
        } else {
            let places = self.inputs.iter().zip(&self.input_lengths);
            places.map(|(place, &length)| kept(place, length)).collect()
        };
        let memories = Memories { inputs: &inputs, output: kept(&self.output, self.length) };
        pieces::gradient(run, rule.as_ref(), input, &memories, from, to);
    }
}

impl Mask {
    fn finish<'a>(&'a self, tape: &'a Tape) -> Finish<'a> {
        Finish::Mask { slopes: self.slopes.as_deref(), bits: &tape.bits[self.bits] }
    }

    fn apply(&self, channels: usize, tape: &Tape, to: &mut [f32]) {
        let rows = tape.bits[self.bits].chunks_exact(bytes_for(channels));
        for (pixel, bits) in to.chunks_exact_mut(channels).zip(rows) {
            for (channel, element) in pixel.iter_mut().enumerate() {
                if bits[channel / 8] >> (channel % 8) & 1 == 0 {
                    let slope = self.slopes.as_ref().map_or(0., |slopes| slopes[channel]);
                    *element *= slope;
                }
            }
        }
    }
}

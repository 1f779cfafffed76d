//! From operations on arrays to steps on slots.

use super::convolve::{Convolution, Packing};
use super::draft::{After, Draft, Task, drafts};
use super::gradient::Gradient;
use super::instruction::{ArrayId, Instruction, Operation};
use super::lanes::Instructions;
use super::lower::Lowered;
use super::memory::{Planner, margin};
use super::rule::{Remembers, Rule};

/// Where an array lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a slot that others use before and after.
    Scratch(usize),
    /// On the tape, since a gradient wants to see it again.
    Kept(usize),
}

/// One step of a program.
#[derive(Debug)]
pub(super) struct ForwardStep {
    pub(super) work: Work,
    pub(super) inputs: Vec<Place>,
    pub(super) output: Place,
    /// Elements of the inputs and the output.
    pub(super) input_lengths: Vec<usize>,
    pub(super) length: usize,
    pub(super) name: String,
}

/// What a step does.
#[derive(Debug)]
pub(super) enum Work {
    /// Inputs: the source, and what is added before the activation.
    Convolve {
        convolution: Convolution,
        after: After,
    },
    Rule(Box<dyn Rule>),
}

impl ForwardStep {
    /// Multiplications (and additions) of the convolution.
    pub(super) fn products(&self) -> usize {
        match &self.work {
            Work::Convolve { convolution, .. } => convolution.products(),
            Work::Rule(_) => 0,
        }
    }
}

/// A program's steps and the memory that they need.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) steps: Vec<ForwardStep>,
    /// None if the network has several outputs, or nobody wants one.
    pub(super) gradient: Option<Gradient>,
    /// Zeros in front of every array.
    pub(super) margin: usize,
    /// Elements of each slot.
    pub(super) slots: Vec<usize>,
    /// Elements of each kept array.
    pub(super) kept: Vec<usize>,
    /// Bytes of the activation bits.
    pub(super) bits: Vec<usize>,
    pub(super) input: Place,
    pub(super) outputs: Vec<(Place, usize)>,
}

/// Compiles fused instructions, with a gradient if one is wanted and there is one output.
pub(super) fn compile(instructions: Instructions, lowered: Lowered, gradient: bool) -> Compiled {
    let Lowered { mut lengths, instructions: list, outputs } = lowered;
    let packing = Packing { instructions, margin: margin(most_channels(&list)) };
    let (drafts, bits) = drafts(list, &mut lengths);
    let gradient = match outputs[..] {
        [output] if gradient => Some(Gradient::compile(packing, &drafts, &lengths, output)),
        _ => None,
    };
    place(packing, drafts, &lengths, &outputs, gradient, bits)
}

/// The most channels that a convolution or its gradient reads.
fn most_channels(list: &[Instruction]) -> usize {
    let channels = |instruction: &Instruction| match &instruction.operation {
        Operation::Convolve(convolve) => convolve.spec.source.channels.max(convolve.spec.target.channels),
        _ => 0,
    };
    list.iter().map(channels).max().unwrap_or(0)
}

/// Gives every array its place and packs the convolutions.
fn place(
    packing: Packing,
    drafts: Vec<Draft>,
    lengths: &[usize],
    outputs: &[ArrayId],
    gradient: Option<Gradient>,
    bits: Vec<usize>,
) -> Compiled {
    let (places, mut slots, kept) = places(&drafts, lengths, outputs);
    if let Some(gradient) = &gradient {
        for (i, &length) in gradient.slots.iter().enumerate() {
            match slots.get_mut(i) {
                Some(slot) => *slot = length.max(*slot),
                None => slots.push(length),
            }
        }
    }
    let step = |draft: Draft| ForwardStep {
        work: match draft.task {
            Task::Rule(rule) | Task::Preparation(rule) => Work::Rule(rule),
            Task::Convolve { convolve, after, .. } => {
                Work::Convolve { convolution: Convolution::forward(packing, &convolve.spec), after }
            }
        },
        input_lengths: draft.inputs.iter().map(|&array| lengths[array]).collect(),
        inputs: draft.inputs.into_iter().map(|array| places[array]).collect(),
        output: places[draft.output],
        length: lengths[draft.output],
        name: draft.name,
    };
    Compiled {
        steps: drafts.into_iter().map(step).collect(),
        gradient,
        margin: packing.margin,
        slots,
        kept,
        bits,
        input: places[0],
        outputs: outputs.iter().map(|&array| (places[array], lengths[array])).collect(),
    }
}

/// The place of every array, the length of each slot, and the length of each kept array.
fn places(drafts: &[Draft], lengths: &[usize], outputs: &[ArrayId]) -> (Vec<Place>, Vec<usize>, Vec<usize>) {
    let mut places = vec![None; lengths.len()];
    let mut kept = Vec::new();
    let mut keep = |array: ArrayId, places: &mut Vec<Option<Place>>| {
        if places[array].is_none() {
            places[array] = Some(Place::Kept(kept.len()));
            kept.push(lengths[array]);
        }
    };
    for draft in drafts {
        let Task::Rule(rule) = &draft.task else {
            continue;
        };
        if matches!(rule.remembers(), Remembers::Inputs | Remembers::InputsAndOutput) {
            draft.inputs.iter().for_each(|&array| keep(array, &mut places));
        }
        if matches!(rule.remembers(), Remembers::Output | Remembers::InputsAndOutput) {
            keep(draft.output, &mut places);
        }
    }
    let mut last_use = vec![0; lengths.len()];
    for (i, draft) in drafts.iter().enumerate() {
        draft.inputs.iter().for_each(|&array| last_use[array] = i);
    }
    outputs.iter().for_each(|&array| last_use[array] = drafts.len());
    let mut planner = Planner::default();
    let mut give = |array: ArrayId, planner: &mut Planner| {
        let fresh = || Place::Scratch(planner.take(lengths[array]));
        *places[array].get_or_insert_with(fresh)
    };
    let mut result = vec![Place::Scratch(0); lengths.len()];
    result[0] = give(0, &mut planner);
    for (i, draft) in drafts.iter().enumerate() {
        result[draft.output] = give(draft.output, &mut planner);
        let mut inputs = draft.inputs.clone();
        inputs.dedup();
        for array in inputs {
            if let (true, Place::Scratch(slot)) = (last_use[array] == i, result[array]) {
                planner.give_back(slot);
            }
        }
    }
    (result, planner.slots, kept)
}

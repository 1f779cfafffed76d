//! Instructions on their way to steps: what the gradient plans by and what is given places.

use super::convolve::{bytes_for, padded};
use super::instruction::{ArrayId, Convolve, Instruction};
use super::memory::Aligned;
use super::rule::Rule;
use super::rules::Activation;

/// An activation with the number of its bits on the tape.
#[derive(Clone, Debug)]
pub(super) enum After {
    Nothing,
    /// Slopes are padded to whole vectors.
    Prelu {
        slopes: Aligned,
        bits: usize,
    },
    Clip {
        low: f32,
        high: f32,
        bits: usize,
    },
}

/// An instruction on its way to a step.
pub(super) struct Draft {
    pub(super) task: Task,
    pub(super) inputs: Vec<ArrayId>,
    pub(super) output: ArrayId,
    pub(super) name: String,
}

/// What a draft does.
pub(super) enum Task {
    Convolve {
        convolve: Box<Convolve>,
        after: After,
        /// The array whose gradient the convolution's input gradient is.
        origin: ArrayId,
    },
    Rule(Box<dyn Rule>),
    /// A rule whose gradient the convolution behind it takes care of.
    Preparation(Box<dyn Rule>),
}

/// Drafts of all instructions, and the bytes of their activations' bits. Arrays that are added get their lengths.
pub(super) fn drafts(list: Vec<Instruction>, lengths: &mut Vec<usize>) -> (Vec<Draft>, Vec<usize>) {
    let mut bits = Vec::new();
    let mut drafts = Vec::new();
    for instruction in list {
        let name = instruction.name;
        let (mut inputs, output) = (instruction.inputs, instruction.output);
        let task = match instruction.operation.into_rule() {
            Ok(rule) => Task::Rule(rule),
            Err(convolve) => {
                let origin = inputs[0];
                if let Some(pad) = convolve.spec.pad() {
                    let (_, extent) = convolve.spec.padded();
                    lengths.push(extent.pixels() * extent.channels);
                    inputs[0] = lengths.len() - 1;
                    drafts.push(Draft {
                        task: Task::Preparation(Box::new(pad)),
                        inputs: vec![origin],
                        output: inputs[0],
                        name: name.clone(),
                    });
                }
                let after = after(&convolve, &mut bits);
                Task::Convolve { convolve, after, origin }
            }
        };
        drafts.push(Draft { task, inputs, output, name });
    }
    (drafts, bits)
}

/// The activation, with room for its bits.
fn after(convolve: &Convolve, bits: &mut Vec<usize>) -> After {
    let target = convolve.spec.target;
    let mut room = || {
        bits.push(target.pixels() * bytes_for(target.channels));
        bits.len() - 1
    };
    match &convolve.activation {
        Activation::Identity => After::Nothing,
        Activation::Prelu(slopes) => After::Prelu { slopes: Aligned::new(&padded(slopes)), bits: room() },
        &Activation::Clip { low, high } => After::Clip { low, high, bits: room() },
    }
}

//! The steps that carry the gradient from the output back to the input.
//!
//! Every array that is read several times collects its gradient from all readers, the last one
//! first. The activation's factor is applied by the convolution that adds the final part.

use super::convolve::{Convolution, Packing};
use super::draft::{After, Draft, Task};
use super::instruction::ArrayId;
use super::memory::{Aligned, Planner};

/// Steps from the output's gradient to the input's.
#[derive(Debug)]
pub(super) struct Gradient {
    pub(super) steps: Vec<GradientStep>,
    /// Slot and length of the output's gradient.
    pub(super) seed: (usize, usize),
    /// Slot and length of the input's gradient, unless the output does not depend on it.
    pub(super) result: Option<(usize, usize)>,
    /// Elements of each slot.
    pub(super) slots: Vec<usize>,
}

/// One step.
#[derive(Debug)]
pub(super) struct GradientStep {
    pub(super) work: GradientWork,
    /// Slot and length of the gradient that is read.
    pub(super) from: (usize, usize),
    /// Slot and length of the gradient that is written or added to.
    pub(super) to: (usize, usize),
    /// Whether `to` has nothing in it yet.
    pub(super) first: bool,
}

impl GradientStep {
    /// Multiplications (and additions) of the convolution.
    pub(super) fn products(&self) -> usize {
        match &self.work {
            GradientWork::Convolve { convolution, .. } => convolution.products(),
            _ => 0,
        }
    }
}

/// What a step does.
#[derive(Debug)]
pub(super) enum GradientWork {
    Convolve {
        convolution: Convolution,
        /// The activation before the convolution.
        mask: Option<Mask>,
    },
    /// The gradient of a step by one of its inputs.
    Rule { step: usize, input: usize },
    /// `to += from`
    Add,
    /// Applies an activation's factor to `to`.
    Mask(Mask, usize),
}

/// The factor of an activation.
#[derive(Clone, Debug)]
pub(super) struct Mask {
    /// Number of the bits on the tape.
    pub(super) bits: usize,
    /// Slope where the bit is not set, padded to whole vectors; none for 0.
    pub(super) slopes: Option<Aligned>,
}

impl After {
    fn mask(&self) -> Option<Mask> {
        match self {
            Self::Nothing => None,
            Self::Clip { bits, .. } => Some(Mask { bits: *bits, slopes: None }),
            Self::Prelu { bits, slopes } => Some(Mask { bits: *bits, slopes: Some(slopes.clone()) }),
        }
    }
}

/// Gradients before they have slots: `from` and `to` are numbers of gradients.
struct Builder<'a> {
    packing: Packing,
    lengths: &'a [usize],
    steps: Vec<GradientStep>,
    /// The gradient of each array; a residual shares it with the sum.
    gradients: Vec<Option<(usize, usize)>>,
    count: usize,
    /// The step that wrote last to an array's gradient.
    writers: Vec<Option<usize>>,
}

impl Gradient {
    /// Plans the way back from `output` to array 0.
    pub(super) fn compile(packing: Packing, drafts: &[Draft], lengths: &[usize], output: ArrayId) -> Self {
        let mut builder = Builder {
            packing,
            lengths,
            steps: Vec::new(),
            gradients: vec![None; lengths.len()],
            count: 0,
            writers: vec![None; lengths.len()],
        };
        let (seed, _) = builder.gradient(output);
        for (step, draft) in drafts.iter().enumerate().rev() {
            if let Some(from) = builder.gradients[draft.output] {
                builder.draft(step, draft, from);
            }
        }
        builder.finish(seed)
    }
}

impl Builder<'_> {
    /// The gradient of an array and whether it is new.
    fn gradient(&mut self, array: ArrayId) -> ((usize, usize), bool) {
        if let Some(gradient) = self.gradients[array] {
            return (gradient, false);
        }
        let gradient = (self.count, self.lengths[array]);
        self.count += 1;
        self.gradients[array] = Some(gradient);
        (gradient, true)
    }

    fn draft(&mut self, step: usize, draft: &Draft, from: (usize, usize)) {
        match &draft.task {
            Task::Preparation(_) => {}
            Task::Rule(_) => {
                for (input, &array) in draft.inputs.iter().enumerate() {
                    self.push(GradientWork::Rule { step, input }, from, array);
                }
            }
            Task::Convolve { convolve, after, origin } => {
                if let Some(mask) = after.mask() {
                    self.mask(draft.output, mask, convolve.spec.target.channels);
                }
                let convolution = Convolution::adjoint(self.packing, &convolve.spec);
                let work = GradientWork::Convolve { convolution, mask: None };
                self.push(work, from, *origin);
                if !convolve.spec.may_activate_gradient() {
                    self.writers[*origin] = None;
                }
                if let Some(&residual) = draft.inputs.get(1) {
                    self.pass_on(residual, from);
                }
            }
        }
    }

    fn push(&mut self, work: GradientWork, from: (usize, usize), array: ArrayId) {
        let (to, first) = self.gradient(array);
        self.writers[array] = Some(self.steps.len());
        self.steps.push(GradientStep { work, from, to, first });
    }

    /// The gradient of a sum is that of its operand: the same one, unless that has one already.
    fn pass_on(&mut self, array: ArrayId, from: (usize, usize)) {
        if self.gradients[array].is_none() {
            self.gradients[array] = Some(from);
        } else {
            self.push(GradientWork::Add, from, array);
        }
    }

    fn mask(&mut self, array: ArrayId, activation: Mask, channels: usize) {
        let writer = self.writers[array].map(|step| &mut self.steps[step].work);
        if let Some(GradientWork::Convolve { mask, .. }) = writer {
            *mask = Some(activation);
        } else if let Some(gradient) = self.gradients[array] {
            self.push(GradientWork::Mask(activation, channels), gradient, array);
        }
    }

    /// Gives every gradient a slot for as long as it is needed.
    fn finish(mut self, seed: (usize, usize)) -> Gradient {
        let result = self.gradients[0];
        let mut last_use = vec![0; self.count];
        for (i, step) in self.steps.iter().enumerate() {
            last_use[step.from.0] = i;
            last_use[step.to.0] = i;
        }
        if let Some((result, _)) = result {
            last_use[result] = self.steps.len();
        }
        let mut planner = Planner::default();
        let mut slots = vec![None; self.count];
        slots[seed.0] = Some(planner.take(seed.1));
        for (i, step) in self.steps.iter_mut().enumerate() {
            let used = [step.from.0, step.to.0];
            for gradient in [&mut step.from, &mut step.to] {
                let fresh = || planner.take(gradient.1);
                gradient.0 = *slots[gradient.0].get_or_insert_with(fresh);
            }
            for (place, &gradient) in used.iter().enumerate() {
                let again = used[..place].contains(&gradient);
                if let (true, false, Some(slot)) = (last_use[gradient] == i, again, slots[gradient]) {
                    planner.give_back(slot);
                }
            }
        }
        let slot = |(gradient, length): (usize, usize)| Some((slots[gradient]?, length));
        Gradient {
            steps: self.steps,
            seed: slot(seed).unwrap_or_default(),
            result: result.and_then(slot),
            slots: planner.slots,
        }
    }
}

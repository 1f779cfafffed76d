//! A compiled network: its memory, and the runs on one or several threads.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::plan::Plan;

use super::compile::{Compiled, ForwardStep, Work, compile};
use super::error::Error;
use super::execute::{Mode, Scratch, Tape};
use super::fuse::fuse;
use super::gradient::GradientStep;
use super::lanes::Instructions;
use super::lower::lower;
use super::threads::{Run, Team};

/// A network compiled for this processor. Cheap to share: weights are packed once, and memory is
/// kept from one run to the next.
#[derive(Debug)]
pub struct Program {
    pub(super) instructions: Instructions,
    pub(super) compiled: Compiled,
    input_shape: Vec<usize>,
    pub(super) output_shapes: Vec<Vec<usize>>,
    scratches: Mutex<Vec<Scratch>>,
    tapes: Mutex<Vec<Tape>>,
}

/// A forward pass that a gradient can be asked of.
#[derive(Debug)]
pub struct Recording {
    /// Each of the network's outputs, row-major.
    pub outputs: Vec<Vec<f32>>,
    tapes: Vec<Tape>,
}

impl Program {
    /// Compiles a plan for the best instruction set, or the one that the environment asks for.
    ///
    /// # Errors
    /// The environment asks for an instruction set that is not there.
    pub fn compile(plan: &Plan) -> Result<Self, Error> {
        Self::compile_for(plan, Instructions::choose()?)
    }

    /// Compiles a plan for the quickest instruction set, also where its products are rounded to bfloat16: for
    /// directions, not for decisions.
    ///
    /// # Errors
    /// As [`Program::compile`].
    pub fn compile_rough(plan: &Plan) -> Result<Self, Error> {
        Self::compile_for(plan, Instructions::rough()?)
    }

    /// Compiles a plan for an instruction set.
    ///
    /// # Errors
    /// The processor does not have it.
    pub fn compile_for(plan: &Plan, instructions: Instructions) -> Result<Self, Error> {
        Self::compile_as(plan, instructions, true)
    }

    /// As [`Program::compile_for`], with a gradient or without one, which takes half of the time and memory.
    pub(crate) fn compile_as(plan: &Plan, instructions: Instructions, gradient: bool) -> Result<Self, Error> {
        if !instructions.is_available() {
            return Err(Error::Instructions(instructions.name().to_owned()));
        }
        let mut lowered = lower(plan);
        fuse(&mut lowered);
        let output_shape = |(_, value): &(String, usize)| plan.values[*value].clone();
        Ok(Self {
            instructions,
            compiled: compile(instructions, lowered, gradient),
            input_shape: plan.values[plan.input].clone(),
            output_shapes: plan.outputs.iter().map(output_shape).collect(),
            scratches: Mutex::default(),
            tapes: Mutex::default(),
        })
    }

    /// The instruction set that the program was compiled for.
    #[must_use]
    pub fn instructions(&self) -> Instructions {
        self.instructions
    }

    /// The plan's input; runs take any multiple of its batch.
    #[must_use]
    pub fn input_shape(&self) -> &[usize] {
        &self.input_shape
    }

    /// The plan's outputs.
    #[must_use]
    pub fn output_shapes(&self) -> &[Vec<usize>] {
        &self.output_shapes
    }

    /// The names of the steps in the file, in the order in which they run.
    pub fn steps(&self) -> impl Iterator<Item = &str> {
        self.compiled.steps.iter().map(|step| step.name.as_str())
    }

    /// The steps that the engine has no kernel for, and which the reference executor therefore runs: their names in
    /// the file, and what they do.
    pub fn borrowed(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.compiled.steps.iter().filter_map(|step| match &step.work {
            Work::Rule(rule) => Some((step.name.as_str(), rule.borrowed()?)),
            Work::Convolve { .. } => None,
        })
    }

    /// Multiplications (and additions) of the convolutions and matrix products of one batch of the
    /// plan, forward and in the gradient.
    #[must_use]
    pub fn products(&self) -> [usize; 2] {
        let gradient = self.compiled.gradient.iter().flat_map(|gradient| &gradient.steps);
        [
            self.compiled.steps.iter().map(ForwardStep::products).sum(),
            gradient.map(GradientStep::products).sum(),
        ]
    }

    /// Runs the network.
    ///
    /// # Shapes
    /// - `input`: the plan's, row-major, with any multiple of its batch
    /// - returns: each output, row-major, with as many batches
    ///
    /// # Errors
    /// The input is not a whole number of batches.
    pub fn forward(&self, input: &[f32]) -> Result<Vec<Vec<f32>>, Error> {
        let recording = self.run(Mode::Forward, input)?;
        Self::put_back(&self.tapes, recording.tapes);
        Ok(recording.outputs)
    }

    /// Runs the network and remembers what [`Program::gradient`] needs.
    ///
    /// # Errors
    /// As [`Program::forward`]; and the network has several outputs.
    pub fn record(&self, input: &[f32]) -> Result<Recording, Error> {
        if self.compiled.gradient.is_none() {
            return Err(Error::Outputs(self.output_shapes.len()));
        }
        self.run(Mode::Record, input)
    }

    /// The gradient of the input, given that of the output.
    ///
    /// # Errors
    /// `seed` has not the output's length.
    pub fn gradient(&self, recording: &Recording, seed: &[f32]) -> Result<Vec<f32>, Error> {
        let Some(gradient) = &self.compiled.gradient else {
            return Err(Error::Outputs(self.output_shapes.len()));
        };
        let expected = recording.outputs[0].len();
        if seed.len() != expected {
            let got = seed.len();
            return Err(Error::Seed { expected, got });
        }
        let batches = recording.tapes.len();
        let length = self.input_length();
        let mut result = vec![0.; batches * length];
        let seeds = seed.chunks_exact(expected / batches);
        let parts = recording.tapes.iter().zip(seeds).zip(result.chunks_exact_mut(length));
        self.each(parts.collect(), &|run, ((tape, seed), result)| {
            let mut scratch = self.take_scratch();
            let memory = (&mut scratch, tape);
            gradient.run(run, &self.compiled.steps, memory, seed, result);
            Self::put_back(&self.scratches, [scratch]);
        });
        Ok(result)
    }

    /// Keeps a recording's memory for later ones.
    pub fn recycle(&self, recording: Recording) {
        Self::put_back(&self.tapes, recording.tapes);
    }

    pub(super) fn input_length(&self) -> usize {
        self.input_shape.iter().product()
    }

    fn run(&self, mode: Mode, input: &[f32]) -> Result<Recording, Error> {
        let expected = self.input_length();
        let got = input.len();
        if got == 0 || !got.is_multiple_of(expected) {
            return Err(Error::Input { expected, got });
        }
        let batches = got / expected;
        let lengths = self.compiled.outputs.iter().map(|&(_, length)| length);
        let mut outputs: Vec<Vec<f32>> = lengths.map(|l| vec![0.; batches * l]).collect();
        let mut tapes = self.take_tapes(batches);
        let mut rows: Vec<Vec<&mut [f32]>> = (0..batches).map(|_| Vec::new()).collect();
        for output in &mut outputs {
            let length = output.len() / batches;
            for (row, part) in rows.iter_mut().zip(output.chunks_exact_mut(length)) {
                row.push(part);
            }
        }
        let parts = input.chunks_exact(expected).zip(&mut tapes).zip(rows);
        self.each(parts.collect(), &|run, ((input, tape), mut outputs)| {
            let mut scratch = self.take_scratch();
            let memory = (&mut scratch, tape);
            self.compiled.forward(run, mode, memory, input, &mut outputs);
            Self::put_back(&self.scratches, [scratch]);
        });
        Ok(Recording { outputs, tapes })
    }

    /// Works on every batch: one thread each while there is one for every thread, and all threads
    /// together on each of the rest.
    fn each<T: Send>(&self, mut parts: Vec<T>, work: &(dyn Fn(Run<'_>, T) + Sync)) {
        let threads = rayon::current_num_threads();
        let instructions = self.instructions;
        let alone = Run { instructions, team: None };
        if threads > 1 && parts.len() >= threads {
            let rest = parts.split_off(parts.len() / threads * threads);
            parts.into_par_iter().with_max_len(1).for_each(|part| work(alone, part));
            parts = rest;
        }
        if threads == 1 || parts.is_empty() {
            return parts.into_iter().for_each(|part| work(alone, part));
        }
        Team::gather(threads, |team| {
            let run = Run { instructions, team: Some(team) };
            parts.into_iter().for_each(|part| work(run, part));
        });
    }

    fn take_scratch(&self) -> Scratch {
        let spare = self.scratches.lock().unwrap_or_else(PoisonError::into_inner).pop();
        spare.unwrap_or_else(|| self.compiled.scratch())
    }

    fn take_tapes(&self, count: usize) -> Vec<Tape> {
        let mut spare = self.tapes.lock().unwrap_or_else(PoisonError::into_inner);
        let keep = spare.len().saturating_sub(count);
        let mut tapes = spare.split_off(keep);
        drop(spare);
        tapes.resize_with(count, || self.compiled.tape());
        tapes
    }

    /// Gives back the memory that runs have left for the next ones.
    pub fn rest(&self) {
        self.scratches.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.tapes.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn put_back<T>(pool: &Mutex<Vec<T>>, items: impl IntoIterator<Item = T>) {
        pool.lock().unwrap_or_else(PoisonError::into_inner).extend(items);
    }
}

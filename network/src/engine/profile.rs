//! Where the time of a program goes.

use std::time::Duration;

use web_time::Instant;

use super::compile::Work;
use super::error::Error;
use super::execute::Mode;
use super::gradient::GradientWork;
use super::program::Program;
use super::threads::{Run, Team};

/// One step of a program and how long it took.
#[derive(Clone, Debug)]
pub struct Timing {
    /// The node's name in the file, or of the step whose gradient it is.
    pub name: String,
    /// What the step does.
    pub kind: String,
    /// How long it took.
    pub time: Duration,
    /// Multiplications (and additions), for convolutions and matrix products with constants.
    pub products: usize,
}

impl Program {
    /// Runs one batch of the plan forward and, if the network has one output, back; times each step.
    ///
    /// # Errors
    /// The input is not one batch.
    pub fn profile(&self, input: &[f32]) -> Result<[Vec<Timing>; 2], Error> {
        let (expected, got) = (self.input_length(), input.len());
        if expected != got {
            return Err(Error::Input { expected, got });
        }
        let mut timings = [Vec::new(), Vec::new()];
        Team::gather(rayon::current_num_threads(), |team| {
            let run = Run { instructions: self.instructions, team: Some(team) };
            timings = self.time_steps(run, input);
        });
        Ok(timings)
    }

    fn time_steps(&self, run: Run<'_>, input: &[f32]) -> [Vec<Timing>; 2] {
        let (mut scratch, mut tape) = (self.compiled.scratch(), self.compiled.tape());
        self.compiled.load(&mut scratch, &mut tape, input);
        let mut forward = Vec::new();
        for step in &self.compiled.steps {
            let kind = match &step.work {
                Work::Convolve { convolution, .. } => convolution.describe(),
                Work::Rule(rule) => format!("{rule:?}").chars().take(60).collect(),
            };
            let start = Instant::now();
            step.run(run, Mode::Record, &mut scratch, &mut tape);
            let time = start.elapsed();
            let (name, products) = (step.name.clone(), step.products());
            forward.push(Timing { name, kind, time, products });
        }
        let mut back = Vec::new();
        for step in self.compiled.gradient.iter().flat_map(|gradient| &gradient.steps) {
            let kind = match &step.work {
                GradientWork::Convolve { convolution, .. } => convolution.describe(),
                GradientWork::Rule { step, .. } => forward[*step].kind.clone(),
                GradientWork::Add => "Add".to_owned(),
                GradientWork::Mask(..) => "Mask".to_owned(),
            };
            let start = Instant::now();
            step.run(run, &self.compiled.steps, &mut scratch, &tape);
            let time = start.elapsed();
            let (name, products) = (String::new(), step.products());
            back.push(Timing { name, kind, time, products });
        }
        [forward, back]
    }
}

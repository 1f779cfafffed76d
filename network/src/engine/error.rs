//! What the engine cannot do.

/// Why the engine cannot do something.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The environment asks for something that this processor does not have.
    #[error("this processor has no instructions {0:?} (portable, avx2 or avx512)")]
    Instructions(String),
    /// The input is not a whole number of batches.
    #[error("the network takes a multiple of {expected} numbers, got {got}")]
    Input {
        /// Elements of one batch of the plan.
        expected: usize,
        /// Elements given.
        got: usize,
    },
    /// Only networks with one output have a gradient.
    #[error("a gradient needs a network with one output, this one has {0}")]
    Outputs(usize),
    /// The gradient given is not one number for each element of the output.
    #[error("the output's gradient has {expected} numbers, got {got}")]
    Seed {
        /// Elements of the output.
        expected: usize,
        /// Elements given.
        got: usize,
    },
}

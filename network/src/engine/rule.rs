//! What every operation that is not a convolution can do, forward and back.

use std::fmt::Debug;

use super::lanes::Instructions;

/// What an operation's gradient wants to see again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remembers {
    Nothing,
    Inputs,
    Output,
    InputsAndOutput,
}

/// The arrays of a forward pass, empty where the operation did not ask for them.
pub(super) struct Memories<'a> {
    pub(super) inputs: &'a [&'a [f32]],
    pub(super) output: &'a [f32],
}

/// An operation that is not a convolution.
pub(super) trait Rule: Debug + Send + Sync {
    /// What [`Rule::gradient`] needs.
    fn remembers(&self) -> Remembers;

    /// The length of pieces that do not depend on each other, if inputs and output are cut alike.
    fn piece(&self) -> Option<usize> {
        None
    }

    /// The operation's name, if it is the reference executor that does the work.
    fn borrowed(&self) -> Option<&'static str> {
        None
    }

    /// Writes the whole output.
    fn forward(&self, instructions: Instructions, inputs: &[&[f32]], output: &mut [f32]);

    /// Adds to `to` the gradient of the input with number `input`, given that of the output.
    fn gradient(
        &self,
        instructions: Instructions,
        input: usize,
        memories: &Memories<'_>,
        from: &[f32],
        to: &mut [f32],
    );
}

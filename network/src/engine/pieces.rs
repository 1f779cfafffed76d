//! Runs rules in pieces, where these do not depend on each other, on several threads.

use std::sync::{Mutex, PoisonError};

use super::rule::{Memories, Rule};
use super::threads::Run;

/// Elements that are worth a second thread.
const WORTH_SHARING: usize = 1 << 12;

/// Pieces of an array.
const PIECES: usize = 8;

/// [`Rule::forward`], shared.
pub(super) fn forward(run: Run<'_>, rule: &dyn Rule, inputs: &[&[f32]], output: &mut [f32]) {
    let Some(size) = size(run, rule, output.len()) else {
        return rule.forward(run.instructions, inputs, output);
    };
    each(run, size, output, &|first, output| {
        let inputs = cut(inputs, first, output.len());
        rule.forward(run.instructions, &inputs, output);
    });
}

/// [`Rule::gradient`], shared.
pub(super) fn gradient(
    run: Run<'_>,
    rule: &dyn Rule,
    input: usize,
    memories: &Memories<'_>,
    from: &[f32],
    to: &mut [f32],
) {
    let Some(size) = size(run, rule, to.len()) else {
        return rule.gradient(run.instructions, input, memories, from, to);
    };
    each(run, size, to, &|first, to| {
        let inputs = cut(memories.inputs, first, to.len());
        let output = cut(&[memories.output], first, to.len())[0];
        let from = &from[first..first + to.len()];
        rule.gradient(run.instructions, input, &Memories { inputs: &inputs, output }, from, to);
    });
}

/// The length of a piece, if the rule has pieces and they are worth it.
fn size(run: Run<'_>, rule: &dyn Rule, length: usize) -> Option<usize> {
    let period = rule.piece().filter(|_| run.team.is_some() && length >= WORTH_SHARING)?;
    Some((length / period).div_ceil(PIECES) * period)
}

/// The same stretch of every array; arrays that nobody asked for are empty.
fn cut<'a>(arrays: &[&'a [f32]], first: usize, length: usize) -> Vec<&'a [f32]> {
    let cut = |array: &&'a [f32]| array.get(first..first + length).unwrap_or_default();
    arrays.iter().map(cut).collect()
}

fn each(run: Run<'_>, size: usize, array: &mut [f32], work: &(dyn Fn(usize, &mut [f32]) + Sync)) {
    let pieces: Vec<Mutex<&mut [f32]>> = array.chunks_mut(size).map(Mutex::new).collect();
    run.share(pieces.len(), true, &|piece| {
        let mut array = pieces[piece].lock().unwrap_or_else(PoisonError::into_inner);
        work(piece * size, &mut array);
    });
}

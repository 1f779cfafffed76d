//! Work that is shared between the threads of the current rayon pool.

use rayon::prelude::*;

use super::lanes::Instructions;

/// How a program runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// What the kernels are compiled for.
    pub(super) instructions: Instructions,
    /// Whether operations may use several threads.
    pub(super) shared: bool,
}

impl Run {
    /// Does `work(0)` to `work(count - 1)`, on several threads if that is worth it. The parts must
    /// not depend on the number of threads: then neither does the result.
    pub(super) fn share(&self, count: usize, worth: bool, work: &(dyn Fn(usize) + Sync)) {
        if self.shared && worth && count > 1 {
            (0..count).into_par_iter().with_max_len(1).for_each(work);
        } else {
            (0..count).for_each(work);
        }
    }
}

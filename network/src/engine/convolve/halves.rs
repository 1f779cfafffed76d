//! A source in pairs of bfloat16, for convolutions that need not be exact.
#![expect(unsafe_code, reason = "vectors are loaded from and stored to raw addresses")]

use std::sync::{Mutex, PoisonError};

use super::super::lanes::{InLanes, Lanes};
use super::super::memory::Aligned;
use super::super::threads::Run;

/// Pairs that are made at once, of twice as many elements: one vector.
const STEP: usize = 16;

/// Pairs that one thread makes at a time.
const PIECE: usize = 256 * STEP;

/// Room for the source of one convolution after the other.
#[derive(Debug, Default)]
pub(crate) struct Halves(Aligned);

impl Halves {
    /// The first `count` elements, and up to 31 behind them, as bfloat16: two in the place of one.
    pub(super) fn of(&mut self, run: Run<'_>, elements: &[f32], count: usize) -> &[f32] {
        let pairs = count.div_ceil(2 * STEP) * STEP;
        if self.0.len() < pairs {
            self.0 = Aligned::zeros(pairs);
        }
        let elements = elements[..2 * pairs].chunks(2 * PIECE);
        let pieces = elements.zip(self.0[..pairs].chunks_mut(PIECE));
        let pieces: Vec<_> = pieces.map(|(elements, pairs)| Mutex::new(Halve { elements, pairs })).collect();
        run.share(pieces.len(), true, &|piece| {
            let mut halve = pieces[piece].lock().unwrap_or_else(PoisonError::into_inner);
            run.instructions.run_in_pairs(&mut *halve);
        });
        &self.0
    }
}

/// Whole vectors of pairs, and the elements that they are made of.
struct Halve<'a> {
    elements: &'a [f32],
    pairs: &'a mut [f32],
}

impl InLanes for &mut Halve<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let elements = self.elements.chunks_exact(2 * STEP);
        for (elements, pairs) in elements.zip(self.pairs.chunks_exact_mut(STEP)) {
            // SAFETY: only lanes of 16 halve; both slices have as many elements as they read and write.
            unsafe { L::halve(elements.as_ptr(), pairs.as_mut_ptr()) };
        }
    }
}

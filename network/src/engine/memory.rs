//! Where arrays live while a program runs: slots that are reused as soon as an array is dead.

use std::ops::{Deref, DerefMut};

/// Elements behind every array that may be read, though what comes of it is not used.
const MARGIN_BEHIND: usize = 64;

/// Zeros in front of every array of a program whose convolutions read pictures of up to `channels` channels: outside
/// its picture a convolution reads them, whole vectors from the first on.
pub(super) fn margin(channels: usize) -> usize {
    channels.max(1).next_multiple_of(Aligned::LINE / size_of::<f32>())
}

/// Elements that begin on a cache line: vectors that straddle two lines cost twice the time.
#[derive(Clone, Debug, Default)]
pub(super) struct Aligned {
    elements: Vec<f32>,
    start: usize,
}

impl Aligned {
    /// Bytes in a cache line, and in the largest vector.
    const LINE: usize = 64;

    pub(super) fn zeros(length: usize) -> Self {
        let elements = vec![0.; length + Self::LINE / size_of::<f32>()];
        let start = elements.as_ptr().align_offset(Self::LINE);
        let start = if start < Self::LINE { start } else { 0 };
        Self { elements, start }
    }

    pub(super) fn new(elements: &[f32]) -> Self {
        let mut aligned = Self::zeros(elements.len());
        aligned[..elements.len()].copy_from_slice(elements);
        aligned
    }
}

impl Deref for Aligned {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        &self.elements[self.start..]
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.elements[self.start..]
    }
}

/// Room for an array, with the margins around it.
#[derive(Debug, Default)]
pub(super) struct Slot {
    elements: Aligned,
    margin: usize,
}

impl Slot {
    /// Room for `length` elements behind `margin` zeros.
    pub(super) fn new(margin: usize, length: usize) -> Self {
        Self { elements: Aligned::zeros(margin + length + MARGIN_BEHIND), margin }
    }

    /// An array of `length` elements.
    pub(super) fn array(&self, length: usize) -> &[f32] {
        &self.elements[self.margin..][..length]
    }

    /// As [`Slot::array`], to be written to. The zeros in front of it cannot be.
    pub(super) fn array_mut(&mut self, length: usize) -> &mut [f32] {
        &mut self.elements[self.margin..][..length]
    }

    /// An array of `length` elements with the zeros in front of it and what may be read behind it.
    ///
    /// # Panics
    /// If there is another number of zeros, or less room.
    pub(super) fn with_margins(&self, margin: usize, length: usize) -> &[f32] {
        assert!(self.margin == margin && self.elements.len() >= margin + length + MARGIN_BEHIND);
        &self.elements
    }
}

/// Gives arrays to slots in the order in which they come to life and die.
#[derive(Debug, Default)]
pub(super) struct Planner {
    /// Room in each slot, in elements.
    pub(super) slots: Vec<usize>,
    /// Slots without an array, the one that was used last at the end: it is likely in the cache.
    free: Vec<usize>,
}

impl Planner {
    /// A slot for an array of `length` elements: the smallest that is large enough, else the
    /// largest, which grows.
    pub(super) fn take(&mut self, length: usize) -> usize {
        let fits = |&slot: &usize| self.slots[slot] >= length;
        let large = self.free.iter().rev().copied().filter(fits);
        let best = large.min_by_key(|&slot| self.slots[slot]);
        let largest = || self.free.iter().copied().max_by_key(|&slot| self.slots[slot]);
        let Some(slot) = best.or_else(largest) else {
            self.slots.push(length);
            return self.slots.len() - 1;
        };
        self.free.retain(|&free| free != slot);
        self.slots[slot] = self.slots[slot].max(length);
        slot
    }

    /// The slot's array is dead.
    pub(super) fn give_back(&mut self, slot: usize) {
        self.free.push(slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zeros_in_front_are_one_pixel_in_whole_vectors() {
        assert_eq!([0, 1, 16, 17, 5000].map(margin), [16, 16, 16, 32, 5008]);
    }

    #[test]
    fn slots_of_dead_arrays_are_used_again() {
        let mut planner = Planner::default();
        let [small, large] = [planner.take(10), planner.take(100)];
        planner.give_back(small);
        planner.give_back(large);
        assert_eq!(planner.take(8), small);
        assert_eq!(planner.take(8), large);
        assert_eq!(planner.slots, [10, 100]);
    }

    #[test]
    fn the_largest_free_slot_grows_when_none_is_large_enough() {
        let mut planner = Planner::default();
        let slot = planner.take(10);
        planner.give_back(slot);
        assert_eq!(planner.take(20), slot);
        assert_eq!(planner.slots, [20]);
    }
}

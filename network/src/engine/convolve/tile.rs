//! The inner loop of dense convolutions: a tile of pixels times a block of channels, in registers.
#![expect(unsafe_code, reason = "the loop works on raw addresses and vector intrinsics")]

use std::mem::MaybeUninit;

use super::super::lanes::{InLanes, Lanes};
use super::finish::Finish;

/// Where the source of each pixel lies.
#[derive(Clone, Copy)]
pub(super) enum Sources {
    /// One tap; pixel `p` begins `p * pitch` elements after the source.
    Rows { pitch: usize },
    /// Offsets of each pixel's taps: `[pixel][tap]`.
    Table(*const u32),
}

/// A dense convolution with the addresses of one run. All are valid for every pixel and channel.
#[derive(Clone, Copy)]
pub(super) struct Call {
    /// Elements, or pairs of bfloat16: [`Lanes::SOURCE`].
    pub(super) source: *const f32,
    pub(super) sources: Sources,
    pub(super) taps: usize,
    /// Elements, or pairs, that lie together at each tap.
    pub(super) run: usize,
    pub(super) finish: Finish,
}

// SAFETY: as for `Finish`; source and offsets are only read, and outlive the call, since `Convolution::run` borrows
// them until all threads are done.
unsafe impl Send for Call {}
unsafe impl Sync for Call {}

/// Channels that are computed together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    /// First channel.
    pub(super) channel: usize,
    /// Channels, the last vector may be partly used.
    pub(super) channels: usize,
    /// Vectors.
    pub(super) vectors: usize,
    /// First weight in the panels: `[tap][run][vectors]`.
    pub(super) weights: usize,
}

/// A block of channels at a range of pixels.
pub(super) struct Strip<'a> {
    pub(super) call: &'a Call,
    pub(super) weights: *const f32,
    pub(super) block: Block,
    pub(super) pixels: std::ops::Range<usize>,
}

impl InLanes for Strip<'_> {
    type Output = ();

    /// Cuts the pixels into tiles of nearly equal size.
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { pixels, block, .. } = &self;
        let tiles = pixels.len().div_ceil(L::TILE[block.vectors]);
        let mut first = pixels.start;
        for tile in 0..tiles {
            let count = (pixels.end - first).div_ceil(tiles - tile);
            // SAFETY: the caller of `Dense::run` hands over whole arrays, and the strip is inside. No other
            // strip has a pixel and a channel in common with it.
            unsafe { self.tile::<L>(first, count) };
            first += count;
        }
    }
}

/// Calls the tile of the right size; every size is a function of its own.
macro_rules! choose {
    ($self:ident, $lanes:ident, $first:ident, $count:ident, $vectors:literal: $($pixels:literal)*) => {
        match $count {
            $($pixels if $pixels <= $lanes::TILE[$vectors] => unsafe {
                $lanes::within(Tile::<$pixels, $vectors> { strip: $self, first: $first })
            },)*
            _ => unreachable!("tiles have at most {} pixels", $lanes::TILE[$vectors]),
        }
    };
}

impl Strip<'_> {
    #[inline(always)]
    unsafe fn tile<L: Lanes>(&self, first: usize, count: usize) {
        match self.block.vectors {
            1 => choose!(self, L, first, count, 1: 12 11 10 9 8 7 6 5 4 3 2 1),
            2 if L::WIDEST > 1 => choose!(self, L, first, count, 2: 12 11 10 9 8 7 6 5 4 3 2 1),
            3 if L::WIDEST > 2 => choose!(self, L, first, count, 3: 8 7 6 5 4 3 2 1),
            4 if L::WIDEST > 3 => choose!(self, L, first, count, 4: 6 5 4 3 2 1),
            _ => unreachable!("blocks have 1 to {} vectors", L::WIDEST),
        }
    }
}

/// `P` pixels times `V` vectors of channels.
struct Tile<'a, const P: usize, const V: usize> {
    strip: &'a Strip<'a>,
    first: usize,
}

impl<const P: usize, const V: usize> InLanes for Tile<'_, P, V> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        // SAFETY: the strip's addresses are valid for its pixels and channels. The buffer has room for the
        // largest tile; it is this thread's own, and all elements that the end reads of it were stored before,
        // through the same address.
        unsafe {
            let sums = self.sums::<L>();
            let mut buffer = Buffer(MaybeUninit::uninit());
            let start = buffer.0.as_mut_ptr().cast::<f32>();
            for (p, sums) in sums.iter().enumerate() {
                for (v, &sum) in sums.iter().enumerate() {
                    L::store(start.add((p * V + v) * L::COUNT), sum);
                }
            }
            let (strip, first) = (self.strip, self.first);
            L::within(Ending { strip, first, count: P, sums: start });
        }
    }
}

/// Room for the largest tile: 24 vectors of 16.
#[repr(align(64))]
struct Buffer(MaybeUninit<[f32; 24 * 16]>);

/// The end of a tile. A function of its own, so that there is one and not one for each size.
struct Ending<'a> {
    strip: &'a Strip<'a>,
    first: usize,
    count: usize,
    sums: *const f32,
}

impl InLanes for Ending<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Block { channel, channels, vectors, .. } = self.strip.block;
        let finish = &self.strip.call.finish;
        let mut sums = self.sums;
        if let Some(cell) = finish.cell {
            for p in 0..self.count {
                // SAFETY: as for the tile. Cells are inside the target and do not overlap; within one, different
                // channels are different elements.
                unsafe {
                    finish.write_cell(self.first + p, cell, channel, sums, channels);
                    sums = sums.add(vectors * L::COUNT);
                }
            }
            return;
        }
        for p in 0..self.count {
            // SAFETY: as for the tile, which has stored all sums. They lie on its stack, apart from the target.
            unsafe {
                let pixel = finish.pixel(self.first + p);
                for v in 0..vectors {
                    let done = v * L::COUNT;
                    finish.write::<L>(pixel, channel + done, L::load(sums), channels - done);
                    sums = sums.add(L::COUNT);
                }
            }
        }
    }
}

impl<const P: usize, const V: usize> Tile<'_, P, V> {
    #[inline(always)]
    unsafe fn sums<L: Lanes>(&self) -> [[L::Vector; V]; P] {
        let call = self.strip.call;
        let mut sums = [[L::splat(0.); V]; P];
        let mut weights = unsafe { self.strip.weights.add(self.strip.block.weights) };
        for tap in 0..call.taps {
            let rows = unsafe { self.rows::<L>(tap) };
            let mut k = 0;
            while k + 4 <= call.run {
                for _ in 0..4 {
                    unsafe { add_products::<L, P, V>(&mut sums, &rows, k, weights) };
                    weights = weights.wrapping_add(V * L::COUNT);
                    k += 1;
                }
            }
            while k < call.run {
                unsafe { add_products::<L, P, V>(&mut sums, &rows, k, weights) };
                weights = weights.wrapping_add(V * L::COUNT);
                k += 1;
            }
        }
        sums
    }

    /// The address of each pixel's source at a tap.
    #[inline(always)]
    unsafe fn rows<L: Lanes>(&self, tap: usize) -> [*const f32; P] {
        let call = self.strip.call;
        let mut rows = [call.source; P];
        for (p, row) in rows.iter_mut().enumerate() {
            let pixel = self.first + p;
            let offset = match call.sources {
                Sources::Rows { pitch } => pixel * pitch,
                Sources::Table(offsets) => unsafe { *offsets.add(pixel * call.taps + tap) as usize },
            };
            *row = unsafe { row.byte_add(offset * L::SOURCE) };
        }
        rows
    }
}

/// Adds one element, or pair, of each row times its weights.
#[inline(always)]
unsafe fn add_products<L: Lanes, const P: usize, const V: usize>(
    sums: &mut [[L::Vector; V]; P],
    rows: &[*const f32; P],
    k: usize,
    weights: *const f32,
) {
    unsafe {
        let mut row = [L::splat(0.); V];
        for (v, vector) in row.iter_mut().enumerate() {
            *vector = L::load(weights.add(v * L::COUNT));
        }
        for p in 0..P {
            let x = L::splat(*rows[p].add(k));
            for v in 0..V {
                sums[p][v] = L::add_products(x, row[v], sums[p][v]);
            }
        }
    }
}

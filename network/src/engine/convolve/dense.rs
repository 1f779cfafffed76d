//! Dense convolutions: every channel of the target sees every channel of the source.
#![expect(unsafe_code, reason = "threads write disjoint parts of one array")]

use std::ops::Range;

use half::bf16;
use rayon::prelude::*;

use super::super::memory::Aligned;
use super::super::threads::Run;
use super::finish::Finish;
use super::geometry::Lattice;
use super::spec::Packing;
use super::tile::{Block, Call, Sources, Strip};

/// Weights up to this many elements are read again for every piece of the picture; of larger ones
/// a block stays in the cache while it passes over the whole picture.
const SMALL_WEIGHTS: usize = 1 << 17;

/// Source elements that a piece of the picture may have, so that they stay in the cache.
const PIECE: usize = 1 << 14;

/// Products that are worth a second thread.
const WORTH_SHARING: usize = 1 << 17;

/// A dense convolution with packed weights.
#[derive(Debug)]
pub(super) struct Dense {
    positions: usize,
    taps: usize,
    /// Elements that lie together at each tap.
    run: usize,
    channels: usize,
    /// Whether source and weights are bfloat16, two in the place of an element.
    halves: bool,
    /// Offsets of each pixel's taps, or none for a pointwise convolution.
    sources: Option<Vec<u32>>,
    /// Elements between two source pixels.
    pitch: usize,
    /// First source channel.
    first: usize,
    targets: Option<Vec<u32>>,
    /// Panels of `[tap][run][vectors]`, one for each block, or of `[tap][pair][vectors]`.
    weights: Aligned,
    blocks: Vec<Block>,
}

/// What a dense convolution sums up.
pub(super) struct Products<'a> {
    pub(super) lattice: &'a Lattice,
    /// First source channel.
    pub(super) first: usize,
    /// Source channels.
    pub(super) inputs: usize,
    /// Target channels.
    pub(super) outputs: usize,
    /// Weight of `(tap, input, output)`.
    pub(super) weight: &'a (dyn Fn(usize, usize, usize) -> f32 + Sync),
}

impl Products<'_> {
    /// Whether pairs of elements are worth it, and none is torn apart: every run of them begins at an even one.
    fn pair_up(&self, run: usize) -> bool {
        run >= 16
            && [run, self.first, self.lattice.source.channels].iter().all(|count| count.is_multiple_of(2))
    }

    /// Weight of an output in a row of `[tap][input]`.
    fn weight_at(&self, row: usize, output: usize) -> f32 {
        (self.weight)(row / self.inputs, row % self.inputs, output)
    }
}

/// Two numbers as bfloat16, in the bits of one element.
fn pair(numbers: [f32; 2]) -> f32 {
    let [low, high] = numbers.map(|number| u32::from(bf16::from_f32(number).to_bits()));
    f32::from_bits(high << 16 | low)
}

impl Dense {
    /// Packs the weights.
    pub(super) fn new(Packing { instructions, margin }: Packing, products: &Products<'_>) -> Self {
        let lattice = products.lattice;
        let (taps, run, sources) = layout(products, margin);
        let (lanes, widest) = (instructions.lanes(), instructions.widest());
        let halves = instructions.halves() && products.pair_up(run);
        let rows = if halves { taps * run / 2 } else { taps * run };
        let blocks = blocks(products.outputs, rows, lanes, widest);
        let mut dense = Self {
            positions: lattice.positions(),
            taps,
            run,
            channels: products.outputs,
            halves,
            sources,
            pitch: lattice.source.channels,
            first: products.first,
            targets: lattice.targets(),
            weights: Aligned::default(),
            blocks,
        };
        dense.weights = Aligned::new(&dense.pack(products, lanes));
        dense
    }

    fn pack(&self, products: &Products<'_>, lanes: usize) -> Vec<f32> {
        let rows = products.lattice.taps() * products.inputs;
        let panel = |block: &Block| {
            let mut packed = Vec::new();
            for row in (0..rows).step_by(if self.halves { 2 } else { 1 }) {
                for lane in 0..block.vectors * lanes {
                    let channel = (lane < block.channels).then_some(block.channel + lane);
                    let weight = |row| channel.map_or(0., |channel| products.weight_at(row, channel));
                    packed.push(if self.halves { pair([row, row + 1].map(weight)) } else { weight(row) });
                }
            }
            packed
        };
        self.blocks.par_iter().flat_map_iter(panel).collect()
    }

    /// Whether the source is read in pairs of bfloat16.
    pub(super) fn halves(&self) -> bool {
        self.halves
    }

    /// Multiplications (and additions) of one run.
    pub(super) fn products(&self) -> usize {
        self.positions * self.taps * self.run * self.channels
    }

    /// Computes all pixels and channels.
    ///
    /// # Safety
    /// `source` is a slot with the margin that this was made for in front, in pairs if this [halves](Self::halves)
    /// it, and `finish` has addresses for this convolution's target, which is no part of the source.
    pub(super) unsafe fn run(&self, run: Run<'_>, source: &[f32], margin: usize, mut finish: Finish) {
        if let Some(pixels) = &self.targets {
            finish.pixels = pixels.as_ptr();
        }
        let sources = match &self.sources {
            Some(offsets) => Sources::Table(offsets.as_ptr()),
            None => Sources::Rows { pitch: self.pitch },
        };
        let skip = self.first + if self.sources.is_none() { margin } else { 0 };
        let shrink = if self.halves { 2 } else { 1 };
        let call = Call {
            source: source[(skip / shrink).min(source.len())..].as_ptr(),
            sources,
            taps: self.taps,
            run: self.run / shrink,
            finish,
        };
        let (pieces, groups) = self.pieces();
        let work = |job: usize| {
            // No two jobs have both a pixel and a channel in common, so that no element of the target, and none
            // of its bits (blocks begin at whole vectors, and those at whole bytes), is touched by two threads.
            // A thread's share is a stretch of the picture or, of large weights, of the channels.
            let (piece, group) = if self.weights.len() <= SMALL_WEIGHTS {
                (job / groups, job % groups)
            } else {
                (job % pieces, job / pieces)
            };
            let pixels = part(self.positions, pieces, piece);
            for &block in &self.blocks[part(self.blocks.len(), groups, group)] {
                let strip =
                    Strip { call: &call, weights: self.weights.as_ptr(), block, pixels: pixels.clone() };
                if self.halves {
                    run.instructions.run_in_pairs(strip);
                } else {
                    run.instructions.run(strip);
                }
            }
        };
        run.share(pieces * groups, self.products() >= WORTH_SHARING, &work);
    }

    /// Into how many ranges of pixels and of blocks the work is cut. It does not depend on the
    /// number of threads.
    fn pieces(&self) -> (usize, usize) {
        let size = (PIECE / (self.taps * self.run).max(1)).clamp(64, 512);
        if self.weights.len() <= SMALL_WEIGHTS {
            let pieces = self.positions.div_ceil(size);
            let groups = if pieces < 4 { self.blocks.len().min(4) } else { 1 };
            (pieces, groups)
        } else {
            (self.positions.div_ceil(1024), self.blocks.len())
        }
    }
}

/// The `index`-th of `count` nearly equal parts of `0..length`.
pub(super) fn part(length: usize, count: usize, index: usize) -> Range<usize> {
    length * index / count..length * (index + 1) / count
}

/// Taps, elements at each tap, and their offsets. Where a row of taps lies together in memory it
/// becomes one tap: with 3 channels a run of 9 instead of three of 3.
fn layout(products: &Products<'_>, margin: usize) -> (usize, usize, Option<Vec<u32>>) {
    let lattice = products.lattice;
    let (taps, inputs) = (lattice.taps(), products.inputs);
    if lattice.is_pointwise() && taps == 1 {
        return (1, inputs, None);
    }
    let sources = lattice.sources(margin);
    let together = lattice.axes[1].taps.len();
    let is_row = |pixel: &[u32]| {
        let steps = pixel.windows(2).all(|pair| pair[0] + inputs as u32 == pair[1]);
        steps && pixel.first() != Some(&0)
    };
    let whole = inputs == lattice.source.channels && inputs < 16 && together > 1;
    if whole && sources.chunks_exact(together).all(is_row) {
        let rows = sources.into_iter().step_by(together).collect();
        return (taps / together, inputs * together, Some(rows));
    }
    (taps, inputs, Some(sources))
}

/// Cuts the channels into blocks of at most `widest` vectors and nearly equal size.
fn blocks(channels: usize, rows: usize, lanes: usize, widest: usize) -> Vec<Block> {
    let vectors = channels.div_ceil(lanes);
    let count = vectors.div_ceil(widest);
    let block = |index: usize| {
        let vectors = part(vectors, count, index);
        let channel = vectors.start * lanes;
        Block {
            channel,
            channels: (vectors.end * lanes).min(channels) - channel,
            vectors: vectors.len(),
            weights: channel * rows,
        }
    };
    (0..count).map(block).collect()
}

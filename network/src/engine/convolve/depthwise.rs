//! Depthwise convolutions: every channel sees only itself.
#![expect(unsafe_code, reason = "the loop works on raw addresses and vector intrinsics")]

use std::ops::Range;

use super::super::lanes::{InLanes, Lanes};
use super::super::memory::Aligned;
use super::super::threads::Run;
use super::dense::part;
use super::finish::Finish;
use super::geometry::Lattice;

/// Products that are worth a second thread.
const WORTH_SHARING: usize = 1 << 14;

/// A depthwise convolution with packed weights.
#[derive(Debug)]
pub(super) struct Depthwise {
    positions: usize,
    taps: usize,
    channels: usize,
    /// Offsets of each pixel's taps: `[pixel][tap]`.
    sources: Vec<u32>,
    targets: Option<Vec<u32>>,
    /// `[tap][channel]`, channels padded to `pitch`.
    weights: Aligned,
    pitch: usize,
}

impl Depthwise {
    /// Packs `weight(tap, channel)`.
    pub(super) fn new(lattice: &Lattice, margin: usize, weight: &dyn Fn(usize, usize) -> f32) -> Self {
        let channels = lattice.target.channels;
        let pitch = channels.next_multiple_of(16);
        let taps = lattice.taps();
        let mut weights = vec![0.; taps * pitch];
        for (tap, row) in weights.chunks_exact_mut(pitch).enumerate() {
            for (channel, element) in row[..channels].iter_mut().enumerate() {
                *element = weight(tap, channel);
            }
        }
        Self {
            positions: lattice.positions(),
            taps,
            channels,
            sources: lattice.sources(margin),
            targets: lattice.targets(),
            weights: Aligned::new(&weights),
            pitch,
        }
    }

    /// Multiplications (and additions) of one run.
    pub(super) fn products(&self) -> usize {
        self.positions * self.taps * self.channels
    }

    /// Computes all pixels and channels.
    ///
    /// # Safety
    /// `source` is a slot with the margin that this was made for in front, and `finish` has addresses for this
    /// convolution's target, which is no part of the source.
    pub(super) unsafe fn run(&self, run: Run<'_>, source: &[f32], mut finish: Finish) {
        if let Some(pixels) = &self.targets {
            finish.pixels = pixels.as_ptr();
        }
        let call = Call { convolution: self, source: source.as_ptr(), finish };
        let pieces = (self.positions / 24).clamp(1, 64);
        let work = |piece: usize| {
            run.instructions.run(Strip { call: &call, pixels: part(self.positions, pieces, piece) });
        };
        run.share(pieces, self.products() >= WORTH_SHARING, &work);
    }
}

/// One run with its addresses.
struct Call<'a> {
    convolution: &'a Depthwise,
    source: *const f32,
    finish: Finish,
}

// SAFETY: the source is only read, by everyone; for the target see `Finish`. Both outlive the call: `Convolution::run`
// borrows them until all threads are done.
unsafe impl Sync for Call<'_> {}

/// A range of pixels.
struct Strip<'a> {
    call: &'a Call<'a>,
    pixels: Range<usize>,
}

impl InLanes for Strip<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Range { mut start, end } = self.pixels;
        // SAFETY: the caller of `Depthwise::run` hands over whole arrays, and the pixels are inside. No other strip
        // has one of these pixels, so nobody else touches their part of the target.
        unsafe {
            while start + 4 <= end {
                self.call.row::<L, 4>(start);
                start += 4;
            }
            while start < end {
                self.call.row::<L, 1>(start);
                start += 1;
            }
        }
    }
}

impl Call<'_> {
    /// All channels of `P` pixels.
    #[inline(always)]
    unsafe fn row<L: Lanes, const P: usize>(&self, first: usize) {
        let channels = self.convolution.channels;
        let mut channel = 0;
        unsafe {
            // Registers: 16 sums with AVX-512, 8 with AVX2.
            while L::COUNT >= 16 && channel + 3 * L::COUNT < channels {
                self.tile::<L, P, 4>(first, channel);
                channel += 4 * L::COUNT;
            }
            while channel + L::COUNT < channels {
                self.tile::<L, P, 2>(first, channel);
                channel += 2 * L::COUNT;
            }
            if channel < channels {
                self.tile::<L, P, 1>(first, channel);
            }
        }
    }

    /// `V` vectors of channels of `P` pixels. The last vector may reach beyond the channels: slots
    /// have room for that, and what comes out there is not written.
    #[inline(always)]
    unsafe fn tile<L: Lanes, const P: usize, const V: usize>(&self, first: usize, channel: usize) {
        let Depthwise { taps, pitch, .. } = *self.convolution;
        let mut sums = [[L::splat(0.); V]; P];
        unsafe {
            let source = self.source.add(channel);
            let mut weights = self.convolution.weights.as_ptr().add(channel);
            let offsets = self.convolution.sources.as_ptr().add(first * taps);
            for tap in 0..taps {
                let weight: [L::Vector; V] = std::array::from_fn(|v| L::load(weights.add(v * L::COUNT)));
                for (p, sums) in sums.iter_mut().enumerate() {
                    let row = source.add(*offsets.add(p * taps + tap) as usize);
                    for (v, sum) in sums.iter_mut().enumerate() {
                        *sum = L::mul_add(L::load(row.add(v * L::COUNT)), weight[v], *sum);
                    }
                }
                weights = weights.wrapping_add(pitch);
            }
            for (p, sums) in sums.iter().enumerate() {
                let pixel = self.finish.pixel(first + p);
                for (v, &sum) in sums.iter().enumerate() {
                    let at = channel + v * L::COUNT;
                    let count = self.convolution.channels - at;
                    self.finish.write::<L>(pixel, at, sum, count);
                }
            }
        }
    }
}

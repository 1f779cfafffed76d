//! What happens to a convolution's sums before they are written: bias, residual, activation.
#![expect(unsafe_code, reason = "vectors are loaded from and stored to raw addresses")]

use super::super::lanes::Lanes;

/// What is done to the sum of a convolution.
#[derive(Clone, Copy)]
pub(super) enum OnSum {
    /// Nothing.
    Plain,
    /// `x` where positive, `slope * x` elsewhere.
    Prelu,
    /// `min(max(x, low), high)`
    Clip { low: f32, high: f32 },
    /// Gradient of an activation: `x` where the bit is set, `slope * x` elsewhere.
    Mask,
}

/// The end of a convolution for all its pixels and channels.
///
/// All pointers are valid for every pixel and channel of the convolution that this was made for;
/// `bias` and `slopes` are padded to whole vectors. Only `target` and, where they are written, `bits`
/// are written through; what else is behind pointers is behind shared borrows. `residual` is either
/// apart from the target or the very pointer `target`: then each element is read by the thread that
/// is about to write it.
#[derive(Clone, Copy)]
pub(super) struct Finish {
    /// One row of `bias_pitch`, or one for each kind of pixel.
    pub(super) bias: *const f32,
    /// Row of `bias` for each pixel, or null for row 0.
    pub(super) bias_rows: *const u32,
    pub(super) bias_pitch: usize,
    /// Added before the activation, or null; laid out as the target.
    pub(super) residual: *const f32,
    pub(super) on_sum: OnSum,
    /// One slope a channel, or null where all are 0.
    pub(super) slopes: *const f32,
    /// Sign bits of the activation, written or (for [`OnSum::Mask`]) read; or null.
    pub(super) bits: *mut u8,
    /// Bytes of `bits` for one pixel.
    pub(super) bits_pitch: usize,
    pub(super) target: *mut f32,
    /// Elements between two pixels of the target.
    pub(super) pitch: usize,
    /// Number of each pixel in the target, or null if they count up.
    pub(super) pixels: *const u32,
    /// Where a sum is not one pixel but a cell of several.
    pub(super) cell: Option<Cell>,
}

/// Several pixels that are computed as one with all their channels, since they have so few.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// Elements of a row of the cell.
    pub(super) width: usize,
    /// Elements between rows of the target.
    pub(super) pitch: usize,
}

// SAFETY: threads work on disjoint pixels or channels of the target and its bits, of which no reference is in use
// meanwhile: `Convolution::run` holds the only one, and made these pointers of it. The rest is only read.
unsafe impl Send for Finish {}
unsafe impl Sync for Finish {}

/// The addresses for one pixel.
#[derive(Clone, Copy)]
pub(super) struct Pixel {
    bias: *const f32,
    residual: *const f32,
    target: *mut f32,
    bits: *mut u8,
}

impl Finish {
    /// # Safety
    /// `pixel` is one of the convolution's.
    #[inline(always)]
    pub(super) unsafe fn pixel(&self, pixel: usize) -> Pixel {
        unsafe {
            let number = if self.pixels.is_null() { pixel } else { *self.pixels.add(pixel) as usize };
            let bias = if self.bias_rows.is_null() {
                self.bias
            } else {
                self.bias.add(*self.bias_rows.add(pixel) as usize * self.bias_pitch)
            };
            Pixel {
                bias,
                residual: self.residual.wrapping_add(number * self.pitch),
                target: self.target.add(number * self.pitch),
                bits: self.bits.wrapping_add(number * self.bits_pitch),
            }
        }
    }

    /// Finishes and writes `count` channels from `channel` on.
    ///
    /// # Safety
    /// The channels are the convolution's; `channel` is a multiple of 8 if there are bits.
    #[inline(always)]
    pub(super) unsafe fn write<L: Lanes>(&self, pixel: Pixel, channel: usize, sum: L::Vector, count: usize) {
        unsafe {
            let whole = count >= L::COUNT;
            let mut x = L::add(sum, L::load(pixel.bias.add(channel)));
            if !self.residual.is_null() {
                let residual = pixel.residual.add(channel);
                let residual = if whole { L::load(residual) } else { L::load_part(residual, count) };
                x = L::add(x, residual);
            }
            let x = self.activate::<L>(x, pixel, channel);
            let target = pixel.target.add(channel);
            if whole {
                L::store(target, x);
            } else {
                L::store_part(target, x, count);
            }
        }
    }

    #[inline(always)]
    unsafe fn activate<L: Lanes>(&self, x: L::Vector, pixel: Pixel, channel: usize) -> L::Vector {
        unsafe {
            match self.on_sum {
                OnSum::Plain => x,
                OnSum::Prelu => {
                    let bits = L::between(x, L::splat(0.), L::splat(f32::INFINITY));
                    self.record::<L>(pixel, channel, bits);
                    L::select(bits, x, L::mul(x, L::load(self.slopes.add(channel))))
                }
                OnSum::Clip { low, high } => {
                    let (low, high) = (L::splat(low), L::splat(high));
                    if !self.bits.is_null() {
                        self.record::<L>(pixel, channel, L::between(x, low, high));
                    }
                    L::min(L::max(x, low), high)
                }
                OnSum::Mask => {
                    let bits = recorded::<L>(pixel.bits.add(channel / 8));
                    let rest = if self.slopes.is_null() {
                        L::splat(0.)
                    } else {
                        L::mul(x, L::load(self.slopes.add(channel)))
                    };
                    L::select(bits, x, rest)
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn record<L: Lanes>(&self, pixel: Pixel, channel: usize, bits: u32) {
        if self.bits.is_null() {
            return;
        }
        unsafe {
            let to = pixel.bits.add(channel / 8);
            if L::COUNT == 16 {
                to.cast::<u16>().write_unaligned(bits as u16);
            } else {
                to.write(bits as u8);
            }
        }
    }
}

#[inline(always)]
unsafe fn recorded<L: Lanes>(from: *const u8) -> u32 {
    unsafe {
        if L::COUNT == 16 { u32::from(from.cast::<u16>().read_unaligned()) } else { u32::from(from.read()) }
    }
}

impl Finish {
    /// Writes `count` elements of a cell from `first` on; cells have neither bias nor activation.
    ///
    /// # Safety
    /// `pixel` is one of the convolution's, and `sums` has as many elements.
    #[inline(always)]
    pub(super) unsafe fn write_cell(
        &self,
        pixel: usize,
        cell: Cell,
        first: usize,
        sums: *const f32,
        count: usize,
    ) {
        unsafe {
            let target = self.target.add(*self.pixels.add(pixel) as usize * self.pitch);
            for i in 0..count {
                let (row, column) = ((first + i) / cell.width, (first + i) % cell.width);
                let element = target.add(row * cell.pitch + column);
                let before = if self.residual.is_null() { 0. } else { *element };
                *element = before + *sums.add(i);
            }
        }
    }
}

/// Bytes that hold one bit for each of a pixel's channels, in whole vectors.
pub(crate) fn bytes_for(channels: usize) -> usize {
    channels.div_ceil(16) * 2
}

impl Finish {
    /// The same for the channels from `first` on.
    pub(super) fn from(mut self, first: usize) -> Self {
        self.bias = self.bias.wrapping_add(first);
        self.target = self.target.wrapping_add(first);
        if !self.residual.is_null() {
            self.residual = self.residual.wrapping_add(first);
        }
        self
    }
}

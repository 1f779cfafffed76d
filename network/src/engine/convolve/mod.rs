//! Convolutions over pictures in NHWC, with everything that follows them fused in.
//!
//! A convolution is a list of taps for each target pixel. Its input gradient is of the same kind: a
//! stride `s` makes `s * s` convolutions of stride 1, each with some of the taps and every `s`-th
//! pixel of the target.
#![expect(unsafe_code, reason = "kernels get raw addresses into checked slices")]

mod bias;
mod dense;
mod depthwise;
mod finish;
mod geometry;
mod halves;
mod spec;
mod tile;

use super::extent::Extent;
use super::memory::{Aligned, Slot};
use super::threads::Run;
use bias::bias;
use dense::{Dense, Products};
use depthwise::Depthwise;
use finish::{Cell, Finish, OnSum};
use geometry::Lattice;

pub(super) use bias::padded;
pub(super) use finish::bytes_for;
pub(super) use halves::Halves;
pub(super) use spec::{Packing, Spec};

/// A convolution, or one part of an input gradient, ready to run.
#[derive(Debug)]
enum Kernel {
    /// One for each group, with the first target channel.
    Dense(Vec<(usize, Dense)>),
    Depthwise(Depthwise),
}

/// Runs of kernels that together write the whole target.
#[derive(Debug)]
pub(super) struct Convolution {
    kernels: Vec<Kernel>,
    cell: Option<Cell>,
    margin: usize,
    source: usize,
    target: Extent,
    bias: Aligned,
    bias_rows: Option<Vec<u32>>,
}

/// What is added to the sums.
pub(super) enum Residual<'a> {
    Nothing,
    /// Another array of the target's size.
    Array(&'a [f32]),
    /// What the target held before.
    Target,
}

/// What is done to the sums in the end; slopes are one a channel, padded to whole vectors.
pub(super) enum After<'a> {
    Nothing,
    Prelu {
        slopes: &'a [f32],
        bits: Option<&'a mut [u8]>,
    },
    Clip {
        low: f32,
        high: f32,
        bits: Option<&'a mut [u8]>,
    },
    /// The gradient of the activation that left these bits; no slopes where all are 0.
    Mask {
        slopes: Option<&'a [f32]>,
        bits: &'a [u8],
    },
}

impl Convolution {
    /// The convolution itself.
    pub(super) fn forward(packing: Packing, spec: &Spec) -> Self {
        let lattice = Lattice::forward(&spec.window, spec.source, spec.target);
        let (bias, bias_rows) = bias(spec, &lattice);
        let weight = |output, input, tap| spec.scaled_weight_at(output, input, tap);
        let (window, source) = spec.padded();
        let lattice = Lattice::forward(&window, source, spec.target);
        Self {
            kernels: vec![kernel(packing, spec, &lattice, &weight)],
            cell: None,
            margin: packing.margin,
            source: source.pixels() * source.channels,
            target: spec.target,
            bias: Aligned::new(&bias),
            bias_rows,
        }
    }

    /// The gradient of the convolution's input from that of its output.
    pub(super) fn adjoint(packing: Packing, spec: &Spec) -> Self {
        let lattices = Lattice::adjoint(&spec.window, spec.source, spec.target);
        let outputs = spec.target.channels / spec.groups;
        let inputs = spec.source.channels / spec.groups;
        // Roles are swapped: `to` is a channel of the source, `from` one of its group's outputs.
        let weight = |to: usize, from: usize, tap| {
            let group = to / inputs;
            spec.scaled_weight_at(group * outputs + from, to % inputs, tap)
        };
        let part = |lattice| kernel(packing, spec, lattice, &weight);
        let kernels = match spec.cell() {
            Some(size) => vec![cells(packing, spec, size)],
            None => lattices.iter().map(part).collect(),
        };
        Self {
            kernels,
            cell: spec.cell().map(|[_, columns]| Cell {
                width: columns * spec.source.channels,
                pitch: spec.source.columns * spec.source.channels,
            }),
            margin: packing.margin,
            source: spec.target.pixels() * spec.target.channels,
            target: spec.source,
            bias: Aligned::new(&padded(&vec![0.; spec.source.channels + 16])),
            bias_rows: None,
        }
    }

    /// Multiplications (and additions) of one run.
    pub(super) fn products(&self) -> usize {
        let products = |kernel: &Kernel| match kernel {
            Kernel::Dense(groups) => groups.iter().map(|(_, dense)| dense.products()).sum(),
            Kernel::Depthwise(depthwise) => depthwise.products(),
        };
        self.kernels.iter().map(products).sum()
    }

    /// Whether the source is read in pairs of bfloat16: one group is as the other.
    fn halves(&self) -> bool {
        self.kernels.iter().any(|kernel| match kernel {
            Kernel::Dense(groups) => groups.iter().any(|(_, dense)| dense.halves()),
            Kernel::Depthwise(_) => false,
        })
    }

    /// Kind and sizes, for people.
    pub(super) fn describe(&self) -> String {
        let kind = match self.kernels.first() {
            Some(Kernel::Depthwise(_)) => "depthwise",
            _ => "dense",
        };
        let Extent { rows, columns, channels, .. } = self.target;
        let per_element = self.products() / (self.target.pixels() * channels).max(1);
        format!("{kind} -> {rows}x{columns}x{channels}, {per_element} products each")
    }

    /// Computes the whole target from a source.
    pub(super) fn run(
        &self,
        run: Run<'_>,
        (source, halves): (&Slot, &mut Halves),
        target: &mut [f32],
        residual: &Residual<'_>,
        after: &mut After<'_>,
    ) {
        let mut source = source.with_margins(self.margin, self.source);
        if self.halves() {
            source = halves.of(run, source, self.margin + self.source);
        }
        let finish = self.finish(target, residual, after);
        for kernel in &self.kernels {
            // SAFETY: `with_margins` checked the source and `self.finish` everything else against the
            // sizes that the kernels were made for. The source is only read: it is borrowed, so it cannot be
            // the target, which is borrowed mutably until the last kernel is done. What kernels see of the
            // target they see through the one address in `finish`.
            match kernel {
                Kernel::Depthwise(depthwise) => unsafe {
                    depthwise.run(run, source, finish);
                },
                Kernel::Dense(groups) => {
                    for (first, dense) in groups {
                        unsafe { dense.run(run, source, self.margin, finish.from(*first)) };
                    }
                }
            }
        }
    }

    /// Collects addresses, after checking that there is enough behind each.
    fn finish(&self, target: &mut [f32], residual: &Residual<'_>, after: &mut After<'_>) -> Finish {
        let (pixels, channels) = (self.target.pixels(), self.target.channels);
        assert!(target.len() >= pixels * channels);
        // The one address of the target, also for what it held before: another borrow of the target would end
        // the right to read through the first.
        let target = target.as_mut_ptr();
        let residual = match residual {
            Residual::Nothing => std::ptr::null(),
            Residual::Target => target.cast_const(),
            Residual::Array(array) => {
                assert!(array.len() >= pixels * channels);
                array.as_ptr()
            }
        };
        let mut finish = Finish {
            bias: self.bias.as_ptr(),
            bias_rows: self.bias_rows.as_ref().map_or(std::ptr::null(), |r| r.as_ptr()),
            bias_pitch: channels.next_multiple_of(16),
            residual,
            on_sum: OnSum::Plain,
            slopes: std::ptr::null(),
            bits: std::ptr::null_mut(),
            bits_pitch: bytes_for(channels),
            target,
            pitch: channels,
            pixels: std::ptr::null(),
            cell: self.cell,
        };
        after.apply(&mut finish, pixels);
        finish
    }
}

impl After<'_> {
    fn apply(&mut self, finish: &mut Finish, pixels: usize) {
        let bytes = pixels * finish.bits_pitch;
        let row = finish.bias_pitch;
        let mut record = |bits: &mut Option<&mut [u8]>| {
            if let Some(bits) = bits {
                assert!(bits.len() >= bytes);
                finish.bits = bits.as_mut_ptr();
            }
        };
        match self {
            After::Nothing => {}
            After::Prelu { slopes, bits } => {
                assert!(slopes.len() >= row);
                record(bits);
                finish.slopes = slopes.as_ptr();
                finish.on_sum = OnSum::Prelu;
            }
            After::Clip { low, high, bits } => {
                record(bits);
                finish.on_sum = OnSum::Clip { low: *low, high: *high };
            }
            After::Mask { slopes, bits } => {
                assert!(bits.len() >= bytes && slopes.is_none_or(|slopes| slopes.len() >= row));
                finish.bits = bits.as_ptr().cast_mut();
                finish.slopes = slopes.map_or(std::ptr::null(), <[f32]>::as_ptr);
                finish.on_sum = OnSum::Mask;
            }
        }
    }
}

/// Packs `weight(target channel, source channel in its group, tap)` for a lattice.
fn kernel(
    packing: Packing,
    spec: &Spec,
    lattice: &Lattice,
    weight: &(dyn Fn(usize, usize, [usize; 2]) -> f32 + Sync),
) -> Kernel {
    let taps = lattice.kernel_taps();
    if spec.is_depthwise() {
        let weight = |tap: usize, channel| weight(channel, 0, taps[tap]);
        return Kernel::Depthwise(Depthwise::new(lattice, packing.margin, &weight));
    }
    let inputs = lattice.source.channels / spec.groups;
    let outputs = lattice.target.channels / spec.groups;
    let group = |group: usize| {
        let first = group * outputs;
        let products = Products {
            lattice,
            first: group * inputs,
            inputs,
            outputs,
            weight: &|tap, input, output| weight(first + output, input, taps[tap]),
        };
        (first, Dense::new(packing, &products))
    };
    Kernel::Dense((0..spec.groups).map(group).collect())
}

/// Packs the input gradient in cells.
fn cells(packing: Packing, spec: &Spec, size: [usize; 2]) -> Kernel {
    let lattice = Lattice::cells(&spec.window, spec.source, spec.target, size);
    let channels = spec.source.channels;
    let weight = |tap: usize, from: usize, element: usize| {
        let (pixel, channel) = (element / channels, element % channels);
        let place = [pixel / size[1], pixel % size[1]];
        let element = lattice.kernel_element(&spec.window, tap, place);
        element.map_or(0., |element| spec.scaled_weight_at(from, channel, element))
    };
    let products = Products {
        lattice: &lattice,
        first: 0,
        inputs: spec.target.channels,
        outputs: size[0] * size[1] * channels,
        weight: &weight,
    };
    Kernel::Dense(vec![(0, Dense::new(packing, &products))])
}

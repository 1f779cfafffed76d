//! Convolutions over pictures in NHWC, with everything that follows them fused in.
//!
//! A convolution is a list of taps for each target pixel. Its input gradient is of the same kind: a
//! stride `s` makes `s * s` convolutions of stride 1, each with some of the taps and every `s`-th
//! pixel of the target.
#![expect(unsafe_code, reason = "kernels get raw addresses into checked slices")]

mod dense;
mod depthwise;
mod finish;
mod geometry;
mod tile;

use crate::network::plan::Window;

use super::lanes::Instructions;
use super::memory::{Aligned, MARGIN, MARGIN_BEHIND};
use super::rules::{Pad, Scale};
use super::threads::Run;
use dense::{Dense, Products};
use depthwise::Depthwise;
use finish::{Cell, Finish, Kind};
use geometry::Lattice;

pub(super) use finish::bytes_for;
pub(super) use geometry::Extent;

/// A convolution before its weights are packed.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    pub(super) window: Window,
    pub(super) groups: usize,
    pub(super) source: Extent,
    pub(super) target: Extent,
    /// Shape `(out, in / groups, kernel rows, kernel columns)`.
    pub(super) weight: Vec<f32>,
    /// One summand for each target channel.
    pub(super) bias: Vec<f32>,
    /// Applied to each source channel inside the picture, but not to the padding.
    pub(super) before: Option<Scale>,
}

impl Spec {
    /// A matrix product of `rows` rows with a matrix `(inputs, outputs)`.
    pub(super) fn linear(rows: usize, inputs: usize, outputs: usize, matrix: &[f32]) -> Self {
        let extent = |channels| Extent { pictures: 1, rows: 1, columns: rows, channels };
        let transposed = |i: usize| matrix[i % inputs * outputs + i / inputs];
        Self {
            window: Window { size: [1, 1], stride: [1, 1], padding: [0; 4], dilation: [1, 1] },
            groups: 1,
            source: extent(inputs),
            target: extent(outputs),
            weight: (0..inputs * outputs).map(transposed).collect(),
            bias: vec![0.; outputs],
            before: None,
        }
    }

    /// Whether every channel sees only itself.
    pub(super) fn is_depthwise(&self) -> bool {
        self.groups == self.source.channels && self.groups == self.target.channels && self.groups > 1
    }

    /// Whether the epilogue may have an activation: its bits need channels from 0 on.
    pub(super) fn may_activate(&self) -> bool {
        self.groups == 1 || self.is_depthwise()
    }

    /// Zeros that have to be put around the source before [`Convolution::forward`] runs. Rows of
    /// taps of few channels are read in one piece, so they must not reach outside.
    pub(super) fn pad(&self) -> Option<Pad> {
        let Extent { rows, columns, channels, .. } = self.source;
        let [above, left, below, right] = self.window.padding;
        let few = self.groups == 1 && channels < 16 && self.window.size[1] > 1;
        let near = self.window.dilation[1] == 1;
        (few && near && self.window.padding != [0; 4]).then(|| Pad {
            rows,
            width: columns * channels,
            above,
            below,
            left: left * channels,
            right: right * channels,
        })
    }

    /// Window and source after [`Spec::pad`].
    pub(super) fn padded(&self) -> (Window, Extent) {
        let (mut window, mut source) = (self.window.clone(), self.source);
        if self.pad().is_some() {
            let [above, left, below, right] = std::mem::take(&mut window.padding);
            source.rows += above + below;
            source.columns += left + right;
        }
        (window, source)
    }

    /// Pixels of the source whose gradients are computed together, if that has few channels: as
    /// many as fill vectors.
    fn cell(&self) -> Option<[usize; 2]> {
        let Extent { rows, columns, channels, .. } = self.source;
        let size = if self.window.stride == [1, 1] { [2, 2] } else { self.window.stride };
        let fits = size[0] * size[1] * channels <= 64 && self.groups == 1;
        let whole = rows.is_multiple_of(size[0]) && columns.is_multiple_of(size[1]);
        (fits && whole && channels < 8 && size != [1, 1]).then_some(size)
    }

    fn scaled_weight_at(&self, output: usize, input: usize, tap: [usize; 2]) -> f32 {
        let weight = self.weight_at(output, input, tap);
        let Some(before) = &self.before else {
            return weight;
        };
        let outputs = self.target.channels / self.groups;
        let inputs = self.source.channels / self.groups;
        weight * before.scale[output / outputs * inputs + input]
    }

    /// Whether the input gradient's epilogue may have the mask of an activation.
    pub(super) fn may_activate_gradient(&self) -> bool {
        self.may_activate() && self.cell().is_none()
    }

    fn weight_at(&self, output: usize, input: usize, tap: [usize; 2]) -> f32 {
        let inputs = self.source.channels / self.groups;
        let [rows, columns] = self.window.size;
        self.weight[((output * inputs + input) * rows + tap[0]) * columns + tap[1]]
    }
}

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
    pub(super) fn forward(instructions: Instructions, spec: &Spec) -> Self {
        let lattice = Lattice::forward(&spec.window, spec.source, spec.target);
        let (bias, bias_rows) = bias(spec, &lattice);
        let weight = |output, input, tap| spec.scaled_weight_at(output, input, tap);
        let (window, source) = spec.padded();
        let lattice = Lattice::forward(&window, source, spec.target);
        Self {
            kernels: vec![kernel(instructions, spec, &lattice, &weight)],
            cell: None,
            source: source.pixels() * source.channels,
            target: spec.target,
            bias: Aligned::new(&bias),
            bias_rows,
        }
    }

    /// The gradient of the convolution's input from that of its output.
    pub(super) fn adjoint(instructions: Instructions, spec: &Spec) -> Self {
        let lattices = Lattice::adjoint(&spec.window, spec.source, spec.target);
        let outputs = spec.target.channels / spec.groups;
        let inputs = spec.source.channels / spec.groups;
        // Roles are swapped: `to` is a channel of the source, `from` one of its group's outputs.
        let weight = |to: usize, from: usize, tap| {
            let group = to / inputs;
            spec.scaled_weight_at(group * outputs + from, to % inputs, tap)
        };
        let part = |lattice| kernel(instructions, spec, lattice, &weight);
        let kernels = match spec.cell() {
            Some(size) => vec![cells(instructions, spec, size)],
            None => lattices.iter().map(part).collect(),
        };
        Self {
            kernels,
            cell: spec.cell().map(|[_, columns]| Cell {
                width: columns * spec.source.channels,
                pitch: spec.source.columns * spec.source.channels,
            }),
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

    /// Computes the whole target from a source slot (with its margin).
    pub(super) fn run(
        &self,
        run: Run<'_>,
        source: &[f32],
        target: &mut [f32],
        residual: &Residual<'_>,
        after: &mut After<'_>,
    ) {
        assert!(source.len() >= MARGIN + self.source + MARGIN_BEHIND);
        let finish = self.finish(target, residual, after);
        for kernel in &self.kernels {
            // SAFETY: source and target have the sizes that the kernels were made for.
            match kernel {
                Kernel::Depthwise(depthwise) => unsafe {
                    depthwise.run(run, source, finish);
                },
                Kernel::Dense(groups) => {
                    for (first, dense) in groups {
                        unsafe { dense.run(run, source, MARGIN, finish.from(*first)) };
                    }
                }
            }
        }
    }

    /// Collects addresses, after checking that there is enough behind each.
    fn finish(&self, target: &mut [f32], residual: &Residual<'_>, after: &mut After<'_>) -> Finish {
        let (pixels, channels) = (self.target.pixels(), self.target.channels);
        assert!(target.len() >= pixels * channels);
        let residual = match residual {
            Residual::Nothing => std::ptr::null(),
            Residual::Target => target.as_ptr(),
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
            kind: Kind::Plain,
            slopes: std::ptr::null(),
            bits: std::ptr::null_mut(),
            bits_pitch: bytes_for(channels),
            target: target.as_mut_ptr(),
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
                finish.kind = Kind::Prelu;
            }
            After::Clip { low, high, bits } => {
                record(bits);
                finish.kind = Kind::Clip { low: *low, high: *high };
            }
            After::Mask { slopes, bits } => {
                assert!(bits.len() >= bytes && slopes.is_none_or(|slopes| slopes.len() >= row));
                finish.bits = bits.as_ptr().cast_mut();
                finish.slopes = slopes.map_or(std::ptr::null(), <[f32]>::as_ptr);
                finish.kind = Kind::Mask;
            }
        }
    }
}

/// Packs `weight(target channel, source channel in its group, tap)` for a lattice.
fn kernel(
    instructions: Instructions,
    spec: &Spec,
    lattice: &Lattice,
    weight: &dyn Fn(usize, usize, [usize; 2]) -> f32,
) -> Kernel {
    let taps = lattice.kernel_taps();
    if spec.is_depthwise() {
        let weight = |tap: usize, channel| weight(channel, 0, taps[tap]);
        return Kernel::Depthwise(Depthwise::new(lattice, lattice.target.channels, &weight));
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
        (first, Dense::new(instructions, &products))
    };
    Kernel::Dense((0..spec.groups).map(group).collect())
}

/// Packs the input gradient in cells.
fn cells(instructions: Instructions, spec: &Spec, size: [usize; 2]) -> Kernel {
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
    Kernel::Dense(vec![(0, Dense::new(instructions, &products))])
}

/// Rows of biases and the row of each pixel. A shift of the source adds to the bias what the taps
/// inside the picture make of it.
fn bias(spec: &Spec, lattice: &Lattice) -> (Vec<f32>, Option<Vec<u32>>) {
    let shift = spec.before.as_ref().map(|before| &before.shift);
    let Some(shift) = shift.filter(|shift| shift.iter().any(|&shift| shift != 0.)) else {
        return (padded(&[&spec.bias[..], &[0.; 16]].concat()), None);
    };
    let (mut kinds, mut numbers): (Vec<Vec<bool>>, Vec<u32>) = (Vec::new(), Vec::new());
    for inside in lattice.inside() {
        let number = kinds.iter().position(|kind| *kind == inside);
        numbers.push(number.unwrap_or(kinds.len()) as u32);
        if number.is_none() {
            kinds.push(inside);
        }
    }
    let taps = lattice.kernel_taps();
    let row = |inside: &Vec<bool>| padded(&shifted_bias(spec, shift, &taps, inside));
    let mut rows: Vec<f32> = kinds.iter().flat_map(row).collect();
    rows.extend([0.; 16]); // the last group's channels may end within a vector
    (rows, (kinds.len() > 1).then_some(numbers))
}

fn shifted_bias(spec: &Spec, shift: &[f32], taps: &[[usize; 2]], inside: &[bool]) -> Vec<f32> {
    let inputs = spec.source.channels / spec.groups;
    let outputs = spec.target.channels / spec.groups;
    let product = |output: usize, tap: [usize; 2]| -> f32 {
        let shifts = &shift[output / outputs * inputs..][..inputs];
        let weight = |(input, shift): (usize, &f32)| spec.weight_at(output, input, tap) * shift;
        shifts.iter().enumerate().map(weight).sum()
    };
    let sum = |(output, bias): (usize, &f32)| -> f32 {
        let taps = taps.iter().zip(inside).filter(|&(_, inside)| *inside);
        bias + taps.map(|(&tap, _)| product(output, tap)).sum::<f32>()
    };
    spec.bias.iter().enumerate().map(sum).collect()
}

/// A row of channels, padded with zeros to whole vectors.
pub(super) fn padded(row: &[f32]) -> Vec<f32> {
    let mut padded = row.to_vec();
    padded.resize(row.len().next_multiple_of(16), 0.);
    padded
}

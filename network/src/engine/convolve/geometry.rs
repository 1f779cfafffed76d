//! Which source pixels a convolution sums up for which target pixel, forward and in the gradient.

use std::collections::BTreeSet;

use crate::plan::Window;

use super::super::extent::Extent;

/// One axis of a convolution: at position `q` the taps look at `q * step + offset`.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    positions: usize,
    step: usize,
    /// Offset in the source, and index in the kernel, of each tap.
    pub(super) taps: Vec<(isize, usize)>,
    /// Target of position `q` is `first + q * pitch`.
    first: usize,
    pitch: usize,
}

impl Axis {
    /// The convolution itself.
    fn forward(window: &Window, axis: usize, positions: usize) -> Self {
        let tap = |k: usize| {
            let offset = (k * window.dilation[axis]) as isize - window.padding[axis] as isize;
            (offset, k)
        };
        Self {
            positions,
            step: window.stride[axis],
            taps: (0..window.size[axis]).map(tap).collect(),
            first: 0,
            pitch: 1,
        }
    }

    /// The input gradient at the positions that leave `phase` when divided by the stride: a
    /// convolution of stride 1 with some of the taps.
    fn adjoint(window: &Window, axis: usize, length: usize, phase: usize) -> Self {
        let stride = window.stride[axis];
        let reach = (phase + window.padding[axis]) as isize;
        let tap = |k: usize| {
            let distance = reach - (k * window.dilation[axis]) as isize;
            let (offset, rest) = (distance.div_euclid(stride as isize), distance.rem_euclid(stride as isize));
            (rest == 0).then_some((offset, k))
        };
        Self {
            positions: length.saturating_sub(phase).div_ceil(stride),
            step: 1,
            taps: (0..window.size[axis]).filter_map(tap).collect(),
            first: phase,
            pitch: stride,
        }
    }

    /// The input gradient of `size` neighbours at once: taps are all source positions that one of
    /// them depends on.
    fn cells(window: &Window, axis: usize, length: usize, size: usize) -> Self {
        let offsets = (0..size).flat_map(|phase| {
            Self::adjoint(window, axis, size, phase % window.stride[axis])
                .taps
                .into_iter()
                .map(move |(offset, _)| offset + (phase / window.stride[axis]) as isize)
        });
        let offsets: BTreeSet<isize> = offsets.collect();
        Self {
            positions: length / size,
            step: size / window.stride[axis],
            taps: offsets.into_iter().zip(0..).collect(),
            first: 0,
            pitch: size,
        }
    }

    /// The source index of a tap at a position, if it is inside.
    fn source(&self, position: usize, tap: usize, length: usize) -> Option<usize> {
        let index = (position * self.step) as isize + self.taps[tap].0;
        usize::try_from(index).ok().filter(|&index| index < length)
    }
}

/// A convolution as lists of source and target pixels.
#[derive(Clone, Debug)]
pub(super) struct Lattice {
    pub(super) source: Extent,
    pub(super) target: Extent,
    pub(super) axes: [Axis; 2],
}

impl Lattice {
    /// The convolution of a picture batch.
    pub(super) fn forward(window: &Window, source: Extent, target: Extent) -> Self {
        let axes = [Axis::forward(window, 0, target.rows), Axis::forward(window, 1, target.columns)];
        Self { source, target, axes }
    }

    /// The input gradient, in `stride * stride` parts that cover the input.
    pub(super) fn adjoint(window: &Window, source: Extent, target: Extent) -> Vec<Self> {
        let [down, across] = window.stride;
        let part = |phase: usize| {
            let axes = [
                Axis::adjoint(window, 0, source.rows, phase / across),
                Axis::adjoint(window, 1, source.columns, phase % across),
            ];
            Self { source: target, target: source, axes }
        };
        let parts = (0..down * across).map(part);
        parts.filter(|part| part.positions() > 0).collect()
    }

    /// The input gradient in cells of `size` pixels, which are multiples of the strides.
    pub(super) fn cells(window: &Window, source: Extent, target: Extent, size: [usize; 2]) -> Self {
        let axes =
            [Axis::cells(window, 0, source.rows, size[0]), Axis::cells(window, 1, source.columns, size[1])];
        Self { source: target, target: source, axes }
    }

    /// Which kernel element joins a tap to a pixel of a cell, if any.
    pub(super) fn kernel_element(
        &self,
        window: &Window,
        tap: usize,
        place: [usize; 2],
    ) -> Option<[usize; 2]> {
        let columns = self.axes[1].taps.len();
        let element = |axis: usize, tap: usize| {
            let offset = self.axes[axis].taps[tap].0 * window.stride[axis] as isize;
            let reach = (place[axis] + window.padding[axis]) as isize - offset;
            let reach = usize::try_from(reach).ok()?;
            let index = reach / window.dilation[axis];
            (reach.is_multiple_of(window.dilation[axis]) && index < window.size[axis]).then_some(index)
        };
        Some([element(0, tap / columns)?, element(1, tap % columns)?])
    }

    /// Number of target pixels.
    pub(super) fn positions(&self) -> usize {
        self.source.pictures * self.axes[0].positions * self.axes[1].positions
    }

    /// Number of taps.
    pub(super) fn taps(&self) -> usize {
        self.axes[0].taps.len() * self.axes[1].taps.len()
    }

    /// Every tap's place in the kernel.
    pub(super) fn kernel_taps(&self) -> Vec<[usize; 2]> {
        let [rows, columns] = &self.axes;
        let row = |&(_, ky): &(isize, usize)| columns.taps.iter().map(move |&(_, kx)| [ky, kx]);
        rows.taps.iter().flat_map(row).collect()
    }

    /// Whether target pixel `i` depends on source pixel `i` and no other, for all pixels in order.
    pub(super) fn is_pointwise(&self) -> bool {
        let same = |axis: &Axis| axis.taps.len() == 1 && axis.taps[0].0 == 0 && axis.step == 1;
        self.axes.iter().all(same)
            && self.source.rows == self.axes[0].positions
            && self.source.columns == self.axes[1].positions
    }

    /// Whether target pixels come in memory order without gaps.
    fn covers_target(&self) -> bool {
        self.axes.iter().all(|axis| axis.pitch == 1)
    }

    /// The number of each target pixel, unless they simply count up.
    pub(super) fn targets(&self) -> Option<Vec<u32>> {
        if self.covers_target() {
            return None;
        }
        let [down, across] = &self.axes;
        let mut pixels = Vec::with_capacity(self.positions());
        for picture in 0..self.target.pictures {
            for qy in 0..down.positions {
                let row = picture * self.target.rows + down.first + qy * down.pitch;
                let first = row * self.target.columns + across.first;
                let pixel = |qx: usize| (first + qx * across.pitch) as u32;
                pixels.extend((0..across.positions).map(pixel));
            }
        }
        Some(pixels)
    }

    /// Where in the source's slot each tap of each pixel lies: `[pixel][tap]`. Outside the picture
    /// it is 0, the margin of zeros in front of every array; elsewhere at least `margin`.
    pub(super) fn sources(&self, margin: usize) -> Vec<u32> {
        let mut offsets = Vec::with_capacity(self.positions() * self.taps());
        for picture in 0..self.source.pictures {
            for qy in 0..self.axes[0].positions {
                for qx in 0..self.axes[1].positions {
                    self.sources_of([picture, qy, qx], margin, &mut offsets);
                }
            }
        }
        offsets
    }

    fn sources_of(&self, [picture, qy, qx]: [usize; 3], margin: usize, offsets: &mut Vec<u32>) {
        let Extent { rows, columns, channels, .. } = self.source;
        for ty in 0..self.axes[0].taps.len() {
            let row = self.axes[0].source(qy, ty, rows);
            for tx in 0..self.axes[1].taps.len() {
                let column = self.axes[1].source(qx, tx, columns);
                offsets.push(match (row, column) {
                    (Some(y), Some(x)) => (margin + ((picture * rows + y) * columns + x) * channels) as u32,
                    _ => 0,
                });
            }
        }
    }

    /// Which taps are inside the picture, as one bit pattern for each pixel.
    pub(super) fn inside(&self) -> Vec<Vec<bool>> {
        let taps = self.taps().max(1);
        let sources = self.sources(1);
        let pixels = sources.chunks_exact(taps);
        pixels.map(|pixel| pixel.iter().map(|&offset| offset != 0).collect()).collect()
    }
}

//! A convolution before its weights are packed.

use crate::plan::Window;

use super::super::extent::Extent;
use super::super::lanes::Instructions;
use super::super::rules::{Pad, Scale};

/// For what convolutions are made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packing {
    pub(crate) instructions: Instructions,
    /// Zeros in front of every array: at least one pixel of the source.
    pub(crate) margin: usize,
}

/// A convolution before its weights are packed.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) window: Window,
    pub(crate) groups: usize,
    pub(crate) source: Extent,
    pub(crate) target: Extent,
    /// Shape `(out, in / groups, kernel rows, kernel columns)`.
    pub(crate) weight: Vec<f32>,
    /// One summand for each target channel.
    pub(crate) bias: Vec<f32>,
    /// Applied to each source channel inside the picture, but not to the padding.
    pub(crate) before: Option<Scale>,
}

impl Spec {
    /// A matrix product of `rows` rows with a matrix `(inputs, outputs)`.
    pub(crate) fn linear(rows: usize, inputs: usize, outputs: usize, matrix: &[f32]) -> Self {
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
    pub(crate) fn is_depthwise(&self) -> bool {
        self.groups == self.source.channels && self.groups == self.target.channels && self.groups > 1
    }

    /// Whether the epilogue may have an activation: its bits need channels from 0 on.
    pub(crate) fn may_activate(&self) -> bool {
        self.groups == 1 || self.is_depthwise()
    }

    /// Zeros that have to be put around the source before [`Convolution::forward`] runs. Rows of
    /// taps of few channels are read in one piece, so they must not reach outside.
    pub(crate) fn pad(&self) -> Option<Pad> {
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
    pub(crate) fn padded(&self) -> (Window, Extent) {
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
    pub(super) fn cell(&self) -> Option<[usize; 2]> {
        let Extent { rows, columns, channels, .. } = self.source;
        let size = if self.window.stride == [1, 1] { [2, 2] } else { self.window.stride };
        let fits = size[0] * size[1] * channels <= 64 && self.groups == 1;
        let whole = rows.is_multiple_of(size[0]) && columns.is_multiple_of(size[1]);
        (fits && whole && channels < 8 && size != [1, 1]).then_some(size)
    }

    pub(super) fn scaled_weight_at(&self, output: usize, input: usize, tap: [usize; 2]) -> f32 {
        let weight = self.weight_at(output, input, tap);
        let Some(before) = &self.before else {
            return weight;
        };
        let outputs = self.target.channels / self.groups;
        let inputs = self.source.channels / self.groups;
        weight * before.scale[output / outputs * inputs + input]
    }

    /// Whether the input gradient's epilogue may have the mask of an activation.
    pub(crate) fn may_activate_gradient(&self) -> bool {
        self.may_activate() && self.cell().is_none()
    }

    pub(super) fn weight_at(&self, output: usize, input: usize, tap: [usize; 2]) -> f32 {
        let inputs = self.source.channels / self.groups;
        let [rows, columns] = self.window.size;
        self.weight[((output * inputs + input) * rows + tap[0]) * columns + tap[1]]
    }
}

//! Operations that only move elements.

use super::super::lanes::Instructions;
use super::super::rule::{Memories, Remembers, Rule};

/// Every element of the result is taken from a place of the source that moves by a fixed distance
/// along each axis of the result.
#[derive(Clone, Debug)]
pub(crate) struct Strided {
    sizes: Vec<usize>,
    strides: Vec<usize>,
}

impl Strided {
    /// Axis `i` of the result is axis `order[i]` of the source.
    pub(crate) fn permute(source: &[usize], order: &[usize]) -> Self {
        let strides = strides_of(source);
        Self {
            sizes: order.iter().map(|&axis| source[axis]).collect(),
            strides: order.iter().map(|&axis| strides[axis]).collect(),
        }
    }

    /// Axes of length 1 are repeated; `source` and `target` have the same number of axes.
    pub(crate) fn broadcast(source: &[usize], target: &[usize]) -> Self {
        let mut strides = strides_of(source);
        for (stride, size) in strides.iter_mut().zip(source) {
            if *size == 1 {
                *stride = 0;
            }
        }
        Self { sizes: target.to_vec(), strides }
    }

    /// Moves elements that are known ahead.
    pub(crate) fn apply(&self, source: &[f32], out: &mut [f32]) {
        gather(&self.sizes, &self.strides, source, out);
    }
}

/// Distance in memory of neighbours along each axis of a dense array.
pub(crate) fn strides_of(sizes: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; sizes.len()];
    for axis in (1..sizes.len()).rev() {
        strides[axis - 1] = strides[axis] * sizes[axis];
    }
    strides
}

/// Calls `visit(source, target)` with where every innermost plane of a strided walk begins.
fn walk(sizes: &[usize], strides: &[usize], visit: &mut impl FnMut(usize, usize)) {
    let plane = sizes.len().saturating_sub(2);
    let count: usize = sizes[..plane].iter().product();
    let size: usize = sizes[plane..].iter().product();
    for index in 0..count {
        let (mut rest, mut first) = (index, 0);
        for axis in (0..plane).rev() {
            first += rest % sizes[axis] * strides[axis];
            rest /= sizes[axis];
        }
        visit(first, index * size);
    }
}

/// The two innermost axes of a strided walk: sizes and strides in the source.
fn plane(sizes: &[usize], strides: &[usize]) -> ([usize; 2], [usize; 2]) {
    match (sizes, strides) {
        ([.., a, b], [.., s, t]) => ([*a, *b], [*s, *t]),
        ([a], [s]) => ([1, *a], [0, *s]),
        _ => ([1, 1], [0, 0]),
    }
}

/// Calls `visit(source, target)` for all elements of a plane, along its longer axis.
#[inline(always)]
fn each([rows, columns]: [usize; 2], [s, t]: [usize; 2], mut visit: impl FnMut(usize, usize)) {
    if columns >= rows {
        for row in 0..rows {
            for column in 0..columns {
                visit(row * s + column * t, row * columns + column);
            }
        }
    } else {
        for column in 0..columns {
            for row in 0..rows {
                visit(row * s + column * t, row * columns + column);
            }
        }
    }
}

/// `out = source` along a strided walk.
fn gather(sizes: &[usize], strides: &[usize], source: &[f32], out: &mut [f32]) {
    let (size, by) = plane(sizes, strides);
    walk(sizes, strides, &mut |first, target| {
        let (source, out) = (&source[first..], &mut out[target..target + size[0] * size[1]]);
        each(size, by, |from, to| out[to] = source[from]);
    });
}

/// `to += from` along a strided walk, the reverse of [`gather`].
fn scatter(sizes: &[usize], strides: &[usize], from: &[f32], to: &mut [f32]) {
    let (size, by) = plane(sizes, strides);
    walk(sizes, strides, &mut |first, target| {
        let (to, from) = (&mut to[first..], &from[target..target + size[0] * size[1]]);
        each(size, by, |at, index| to[at] += from[index]);
    });
}

impl Rule for Strided {
    fn remembers(&self) -> Remembers {
        Remembers::Nothing
    }
    fn forward(&self, _: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        gather(&self.sizes, &self.strides, inputs[0], output);
    }
    fn gradient(&self, _: Instructions, _: usize, _: &Memories<'_>, from: &[f32], to: &mut [f32]) {
        scatter(&self.sizes, &self.strides, from, to);
    }
}

/// Every `step`-th element along the middle axis of `(outer, length, inner)`.
#[derive(Clone, Debug)]
pub(crate) struct Slice {
    pub(crate) length: usize,
    pub(crate) inner: usize,
    pub(crate) start: usize,
    pub(crate) step: usize,
    pub(crate) count: usize,
}

impl Rule for Slice {
    fn remembers(&self) -> Remembers {
        Remembers::Nothing
    }
    fn forward(&self, _: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        let sources = inputs[0].chunks_exact(self.length * self.inner);
        let targets = output.chunks_exact_mut(self.count * self.inner);
        for (out, source) in targets.zip(sources) {
            for (i, out) in out.chunks_exact_mut(self.inner).enumerate() {
                let first = (self.start + i * self.step) * self.inner;
                out.copy_from_slice(&source[first..first + self.inner]);
            }
        }
    }
    fn gradient(&self, _: Instructions, _: usize, _: &Memories<'_>, from: &[f32], to: &mut [f32]) {
        let sources = from.chunks_exact(self.count * self.inner);
        let targets = to.chunks_exact_mut(self.length * self.inner);
        for (to, from) in targets.zip(sources) {
            for (i, from) in from.chunks_exact(self.inner).enumerate() {
                let first = (self.start + i * self.step) * self.inner;
                add_row(&mut to[first..first + self.inner], from);
            }
        }
    }
}

fn add_row(to: &mut [f32], from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += from;
    }
}

/// A piece of a concatenation.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// Elements of the next input in each row.
    Input(usize),
    /// Elements that are known ahead, `(rows, length of each row)`.
    Constant(Vec<f32>, usize),
}

impl Part {
    fn width(&self) -> usize {
        match self {
            Self::Input(width) | Self::Constant(_, width) => *width,
        }
    }
}

/// Rows one after the other: `(outer, sum of widths)`.
#[derive(Clone, Debug)]
pub(crate) struct Concat {
    pub(crate) parts: Vec<Part>,
}

impl Concat {
    fn width(&self) -> usize {
        self.parts.iter().map(Part::width).sum()
    }
}

impl Rule for Concat {
    fn remembers(&self) -> Remembers {
        Remembers::Nothing
    }
    fn forward(&self, _: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        let (whole, mut first, mut inputs) = (self.width(), 0, inputs.iter());
        for part in &self.parts {
            let width = part.width();
            let source = match part {
                Part::Constant(elements, _) => elements.as_slice(),
                Part::Input(_) => inputs.next().copied().unwrap_or_default(),
            };
            let rows = output.chunks_exact_mut(whole);
            for (out, source) in rows.zip(source.chunks_exact(width)) {
                out[first..first + width].copy_from_slice(source);
            }
            first += width;
        }
    }
    fn gradient(&self, _: Instructions, input: usize, _: &Memories<'_>, from: &[f32], to: &mut [f32]) {
        let is_input = |part: &Part| matches!(part, Part::Input(_));
        let mut places = (0..self.parts.len()).filter(|&i| is_input(&self.parts[i]));
        let place = places.nth(input).unwrap_or_default();
        let first: usize = self.parts[..place].iter().map(Part::width).sum();
        let width = self.parts[place].width();
        let rows = from.chunks_exact(self.width());
        for (to, from) in to.chunks_exact_mut(width).zip(rows) {
            add_row(to, &from[first..first + width]);
        }
    }
}

/// Zeros around each picture of `(pictures, rows, columns, channels)`.
#[derive(Clone, Debug)]
pub(crate) struct Pad {
    /// Rows of a picture before padding.
    pub(crate) rows: usize,
    /// Elements of a row before padding.
    pub(crate) width: usize,
    /// Rows above and below.
    pub(crate) above: usize,
    pub(crate) below: usize,
    /// Elements left and right.
    pub(crate) left: usize,
    pub(crate) right: usize,
}

impl Pad {
    fn padded_width(&self) -> usize {
        self.left + self.width + self.right
    }
    fn padded_rows(&self) -> usize {
        self.above + self.rows + self.below
    }
}

impl Rule for Pad {
    fn remembers(&self) -> Remembers {
        Remembers::Nothing
    }
    fn forward(&self, _: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        let wide = self.padded_width();
        let targets = output.chunks_exact_mut(self.padded_rows() * wide);
        for (out, source) in targets.zip(inputs[0].chunks_exact(self.rows * self.width)) {
            out.fill(0.);
            let rows = out[self.above * wide..].chunks_exact_mut(wide);
            for (out, source) in rows.zip(source.chunks_exact(self.width)) {
                out[self.left..self.left + self.width].copy_from_slice(source);
            }
        }
    }
    fn gradient(&self, _: Instructions, _: usize, _: &Memories<'_>, from: &[f32], to: &mut [f32]) {
        let wide = self.padded_width();
        let sources = from.chunks_exact(self.padded_rows() * wide);
        for (to, from) in to.chunks_exact_mut(self.rows * self.width).zip(sources) {
            let rows = from[self.above * wide..].chunks_exact(wide);
            for (to, from) in to.chunks_exact_mut(self.width).zip(rows) {
                add_row(to, &from[self.left..self.left + self.width]);
            }
        }
    }
}

//! Pooling and upsampling of pictures in NHWC.

use crate::plan::Window;

use super::super::extent::Extent;
use super::super::lanes::Instructions;
use super::super::rule::{Memories, Remembers, Rule};

/// A window that slides over pictures.
#[derive(Clone, Debug)]
struct Sliding {
    window: Window,
    source: Extent,
    target: Extent,
}

impl Sliding {
    /// Calls `visit(target, sources)` with the first element of each target pixel and of the source
    /// pixels in its window that are inside the picture.
    fn each(&self, mut visit: impl FnMut(usize, &[usize])) {
        let (target, mut sources) = (self.target, Vec::new());
        for pixel in 0..target.pixels() {
            let (x, row) = (pixel % target.columns, pixel / target.columns);
            let (y, picture) = (row % target.rows, row / target.rows);
            sources.clear();
            for iy in self.inside(0, y, self.source.rows) {
                for ix in self.inside(1, x, self.source.columns) {
                    let row = picture * self.source.rows + iy;
                    sources.push((row * self.source.columns + ix) * self.source.channels);
                }
            }
            visit(pixel * target.channels, &sources);
        }
    }

    /// Source indices along an axis that the window at `position` covers.
    fn inside(&self, axis: usize, position: usize, length: usize) -> impl Iterator<Item = usize> {
        let window = &self.window;
        let first = (position * window.stride[axis]) as isize - window.padding[axis] as isize;
        let distance = window.dilation[axis];
        (0..window.size[axis])
            .filter_map(move |k| usize::try_from(first + (k * distance) as isize).ok())
            .filter(move |&index| index < length)
    }
}

/// Largest element of each window; padding never wins.
#[derive(Clone, Debug)]
pub(crate) struct MaxPool(Sliding);

impl MaxPool {
    pub(crate) fn new(window: Window, source: Extent, target: Extent) -> Self {
        Self(Sliding { window, source, target })
    }
}

impl Rule for MaxPool {
    fn remembers(&self) -> Remembers {
        Remembers::InputsAndOutput
    }

    fn forward(&self, _: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        let channels = self.0.target.channels;
        self.0.each(|target, sources| {
            let out = &mut output[target..target + channels];
            out.fill(f32::NEG_INFINITY);
            for &source in sources {
                for (out, x) in out.iter_mut().zip(&inputs[0][source..source + channels]) {
                    *out = if *x > *out { *x } else { *out };
                }
            }
        });
    }

    /// The whole gradient goes to the first largest element of a window.
    fn gradient(&self, _: Instructions, _: usize, memories: &Memories<'_>, from: &[f32], to: &mut [f32]) {
        let (x, y) = (memories.inputs[0], memories.output);
        self.0.each(|target, sources| {
            for channel in 0..self.0.target.channels {
                let largest = y[target + channel];
                let mut places = sources.iter().map(|source| source + channel);
                if let Some(place) = places.find(|&place| x[place] >= largest) {
                    to[place] += from[target + channel];
                }
            }
        });
    }
}

/// Mean of each window.
#[derive(Clone, Debug)]
pub(crate) struct AveragePool {
    sliding: Sliding,
    /// What the sum is divided by, or none for the number of elements inside the picture.
    divisor: Option<f32>,
}

impl AveragePool {
    pub(crate) fn new(window: Window, count_padding: bool, source: Extent, target: Extent) -> Self {
        let divisor = count_padding.then_some((window.size[0] * window.size[1]) as f32);
        Self { sliding: Sliding { window, source, target }, divisor }
    }
}

impl Rule for AveragePool {
    fn remembers(&self) -> Remembers {
        Remembers::Nothing
    }

    fn forward(&self, _: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        let channels = self.sliding.target.channels;
        self.sliding.each(|target, sources| {
            let by = 1. / self.divisor.unwrap_or(sources.len() as f32);
            let out = &mut output[target..target + channels];
            out.fill(0.);
            for &source in sources {
                for (out, x) in out.iter_mut().zip(&inputs[0][source..source + channels]) {
                    *out += x * by;
                }
            }
        });
    }

    fn gradient(&self, _: Instructions, _: usize, _: &Memories<'_>, from: &[f32], to: &mut [f32]) {
        let channels = self.sliding.target.channels;
        self.sliding.each(|target, sources| {
            let by = 1. / self.divisor.unwrap_or(sources.len() as f32);
            for &source in sources {
                let from = &from[target..target + channels];
                for (to, g) in to[source..source + channels].iter_mut().zip(from) {
                    *to += g * by;
                }
            }
        });
    }
}

/// Each pixel repeated down and across.
#[derive(Clone, Debug)]
pub(crate) struct Upsample {
    /// The picture before.
    pub(crate) source: Extent,
    /// How often each row and column is repeated.
    pub(crate) times: [usize; 2],
}

impl Upsample {
    /// Calls `visit(source, target)` with the first element of each pair of pixels.
    fn each(&self, mut visit: impl FnMut(usize, usize)) {
        let Extent { pictures, rows, columns, channels } = self.source;
        let [down, across] = self.times;
        for row in 0..pictures * rows * down {
            for column in 0..columns * across {
                let source = (row / down * columns + column / across) * channels;
                visit(source, (row * columns * across + column) * channels);
            }
        }
    }
}

impl Rule for Upsample {
    fn remembers(&self) -> Remembers {
        Remembers::Nothing
    }

    fn forward(&self, _: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        let channels = self.source.channels;
        self.each(|source, target| {
            let pixel = &inputs[0][source..source + channels];
            output[target..target + channels].copy_from_slice(pixel);
        });
    }

    fn gradient(&self, _: Instructions, _: usize, _: &Memories<'_>, from: &[f32], to: &mut [f32]) {
        let channels = self.source.channels;
        self.each(|source, target| {
            let from = &from[target..target + channels];
            for (to, g) in to[source..source + channels].iter_mut().zip(from) {
                *to += g;
            }
        });
    }
}

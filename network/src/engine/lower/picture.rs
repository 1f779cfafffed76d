//! Lowers what works on pictures: channels go innermost.

use crate::plan::{Conv, Step, Window};

use super::super::convolve::Spec;
use super::super::extent::Extent;
use super::super::instruction::{Convolve, Operation};
use super::super::rule::Rule;
use super::super::rules::{Activation, AveragePool, MaxPool, Scale, Upsample};
use super::layout::{Stored, repeating};
use super::{Lowering, PIXELS, value};

impl Lowering<'_> {
    pub(super) fn conv(&mut self, step: &Step, conv: &Conv) {
        let [source, target] = self.extents(step);
        let bias = conv.bias.map(|bias| self.constant(bias).1.to_vec());
        let spec = Spec {
            window: conv.window.clone(),
            groups: conv.groups,
            source,
            target,
            weight: self.constant(conv.weight).1.to_vec(),
            bias: bias.unwrap_or_else(|| vec![0.; target.channels]),
            before: None,
        };
        let convolve = Convolve { spec, activation: Activation::Identity };
        self.on_pixels(step, Operation::Convolve(Box::new(convolve)));
    }

    pub(super) fn affine(&mut self, step: &Step, scale: usize, shift: usize) {
        let mut scale = self.per_channel(step, scale);
        let mut shift = self.per_channel(step, shift);
        let period = scale.len().max(shift.len());
        for row in [&mut scale, &mut shift] {
            *row = row.iter().copied().cycle().take(period).collect();
        }
        self.on_channels(step, Operation::Scale(Scale { scale, shift }));
    }

    pub(super) fn prelu(&mut self, step: &Step, slope: usize) {
        let slopes = self.per_channel(step, slope);
        self.on_channels(step, Operation::Activate(Activation::Prelu(slopes)));
    }

    pub(super) fn max_pool(&mut self, step: &Step, window: &Window) {
        let [source, target] = self.extents(step);
        self.pool(step, MaxPool::new(window.clone(), source, target));
    }

    pub(super) fn average_pool(&mut self, step: &Step, window: &Window, count_padding: bool) {
        let [source, target] = self.extents(step);
        let pool = AveragePool::new(window.clone(), count_padding, source, target);
        self.pool(step, pool);
    }

    pub(super) fn upsample(&mut self, step: &Step, times: [usize; 2]) {
        let [source, _] = self.extents(step);
        self.pool(step, Upsample { source, times });
    }

    fn pool(&mut self, step: &Step, rule: impl Rule + 'static) {
        self.on_pixels(step, Operation::Other(Box::new(rule)));
    }

    fn extents(&self, step: &Step) -> [Extent; 2] {
        [value(step, 0), step.output].map(|value| {
            let shape = self.shape(value);
            Extent { pictures: shape[0], rows: shape[2], columns: shape[3], channels: shape[1] }
        })
    }

    /// An operation from and to pictures with channels innermost.
    fn on_pixels(&mut self, step: &Step, operation: Operation) {
        let source = self.in_order(value(step, 0), &PIXELS);
        self.emit_value(operation, vec![source], step.output, PIXELS.to_vec());
    }

    /// An elementwise operation with constants for each channel, in whatever order the axes are.
    fn on_channels(&mut self, step: &Step, operation: Operation) {
        let Stored { array, axes } = self.stored(value(step, 0));
        self.emit_value(operation, vec![array], step.output, axes);
    }

    /// A constant of shape `(channels)` as it repeats along the step's operand.
    fn per_channel(&self, step: &Step, constant: usize) -> Vec<f32> {
        let input = value(step, 0);
        let (_, elements) = self.constant(constant);
        if elements.iter().all(|element| element.to_bits() == elements[0].to_bits()) {
            return vec![elements[0]];
        }
        let mut shape = vec![1; self.shape(input).len()];
        shape[1] = elements.len();
        repeating((&shape, elements), self.shape(input), &self.stored(input).axes)
    }
}

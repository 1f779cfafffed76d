//! A measure of a picture as one differentiable operation.

use std::sync::Mutex;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

/// What a measure of a picture came to, and the slope, which is worked out where somebody asks for it.
pub(crate) struct Found {
    pub(super) value: f32,
    /// By how much the measure grows with each number of the picture.
    slope: Slope,
}

type Slope = Box<dyn FnOnce() -> Vec<f32> + Send>;

impl Found {
    pub(super) fn new(value: f32, slope: impl FnOnce() -> Vec<f32> + Send + 'static) -> Self {
        Self { value, slope: Box::new(slope) }
    }

    /// The slope.
    pub(super) fn slope(self) -> Vec<f32> {
        (self.slope)()
    }

    /// As a share of a limit.
    pub(super) fn over(self, limit: f32) -> Self {
        self.times(1. / limit)
    }

    pub(super) fn times(self, factor: f32) -> Self {
        let slope = self.slope;
        Self::new(self.value * factor, move || slope().into_iter().map(|slope| slope * factor).collect())
    }

    /// The larger of two.
    pub(super) fn or(self, other: Self) -> Self {
        if other.value > self.value { other } else { self }
    }

    /// As a number that depends on the picture.
    ///
    /// # Shapes
    /// - `picture`: as many numbers as the slope; returns `()`
    pub(crate) fn of(self, picture: &Tensor) -> Result<Tensor> {
        picture.apply_op1(Measure { value: self.value, slope: Mutex::new(Some(self.slope)) })
    }
}

/// The sum of very many numbers.
pub(super) fn sum(numbers: impl Iterator<Item = f32>) -> f32 {
    numbers.map(f64::from).sum::<f64>() as f32
}

struct Measure {
    value: f32,
    slope: Mutex<Option<Slope>>,
}

impl CustomOp1 for Measure {
    fn name(&self) -> &'static str {
        "measure"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        Ok((CpuStorage::F32(vec![self.value]), ().into()))
    }

    fn bwd(&self, picture: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let slope = self.slope.lock().ok().and_then(|mut slope| slope.take());
        let Some(slope) = slope else { candle_core::bail!("the slope of a measure was asked for twice") };
        let factor = gradient.to_scalar::<f32>()?;
        let slope: Vec<f32> = slope().into_iter().map(|slope| slope * factor).collect();
        Tensor::from_vec(slope, picture.shape(), picture.device()).map(Some)
    }
}

/// Whether a measure's slope at a place is what small steps make of it: along the slope, and in a direction of its own.
#[cfg(test)]
pub(super) fn assert_slope(at: &[f32], measure: impl Fn(&[f32]) -> Found) {
    let dot = |a: &[f32], b: &[f32]| -> f64 { a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum() };
    let slope = measure(at).slope();
    let own: Vec<f32> = (0..at.len()).map(|i| (i as f32 * 0.37).sin() * (i as f32 * 0.013).cos()).collect();
    for direction in [&slope, &own] {
        // So far that the measure would change by a hundredth of itself along the slope.
        let step = 0.01 * f64::from(measure(at).value)
            / dot(&slope, &slope).sqrt()
            / dot(direction, direction).sqrt();
        let value = |share: f64| {
            let moved: Vec<f32> =
                at.iter().zip(direction).map(|(at, d)| at + (share * step) as f32 * d).collect();
            f64::from(measure(&moved).value)
        };
        let (found, expected) = (value(1.) - value(-1.), 2. * step * dot(&slope, direction));
        let whole = 0.02 * f64::from(measure(at).value);
        assert!((found - expected).abs() < 0.02 * whole, "{found} instead of {expected}, of {whole}");
    }
}

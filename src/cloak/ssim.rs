//! What structural similarity is made of: means, variances and the covariance of two planes, within a small Gaussian
//! window around each place, and the way back from their slopes to the plane's.

use super::convolve::{filter, gaussian};

/// Standard deviation and radius of the window,
/// [Wang et al. 2004](https://doi.org/10.1109/TIP.2003.819861).
const WINDOW: (f32, usize) = (1.5, 5);

/// The original plane, with what is known of it once and for all.
pub(super) struct Original {
    pub(super) plane: Vec<f32>,
    pub(super) mean: Vec<f32>,
    pub(super) variance: Vec<f32>,
    width: usize,
    window: Vec<f32>,
}

/// A changed plane beside it.
pub(super) struct Changed {
    pub(super) plane: Vec<f32>,
    pub(super) mean: Vec<f32>,
    /// Of its squares, and of its products with the original.
    square: Vec<f32>,
    product: Vec<f32>,
}

/// What both have at one place.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Mean, of the original and of the changed plane.
    pub(super) means: [f32; 2],
    /// Sum of both variances.
    pub(super) variances: f32,
    pub(super) covariance: f32,
}

/// By how much a measure grows with the changed plane's mean, mean square and mean product at each place.
pub(super) struct Slopes {
    pub(super) mean: Vec<f32>,
    pub(super) square: Vec<f32>,
    pub(super) product: Vec<f32>,
}

impl Original {
    pub(super) fn new(plane: Vec<f32>, width: usize) -> Self {
        let window = gaussian(WINDOW.0, WINDOW.1);
        let mean = filter(&plane, width, &window);
        let squares: Vec<f32> = plane.iter().map(|value| value * value).collect();
        let mut variance = filter(&squares, width, &window);
        variance.iter_mut().zip(&mean).for_each(|(square, mean)| *square -= mean * mean);
        Self { plane, mean, variance, width, window }
    }

    /// The mean alone.
    pub(super) fn filter(&self, plane: &[f32]) -> Vec<f32> {
        filter(plane, self.width, &self.window)
    }

    pub(super) fn beside(&self, plane: Vec<f32>) -> Changed {
        let squares: Vec<f32> = plane.iter().map(|value| value * value).collect();
        let products: Vec<f32> = plane.iter().zip(&self.plane).map(|(a, b)| a * b).collect();
        let [mean, square, product] = [&plane, &squares, &products].map(|values| self.filter(values));
        Changed { plane, mean, square, product }
    }

    pub(super) fn place(&self, changed: &Changed, at: usize) -> Place {
        let means = [self.mean[at], changed.mean[at]];
        let variances = self.variance[at] + changed.square[at] - means[1] * means[1];
        Place { means, variances, covariance: changed.product[at] - means[0] * means[1] }
    }

    /// By how much the measure grows with the changed plane.
    pub(super) fn slope(&self, changed: &Changed, by: &Slopes) -> Vec<f32> {
        let [mut slope, square, product] =
            [&by.mean, &by.square, &by.product].map(|values| self.filter(values));
        for (at, slope) in slope.iter_mut().enumerate() {
            *slope += 2. * changed.plane[at] * square[at] + self.plane[at] * product[at];
        }
        slope
    }
}

impl Slopes {
    pub(super) fn none(count: usize) -> Self {
        let [mean, square, product] = std::array::from_fn(|_| vec![0.; count]);
        Self { mean, square, product }
    }
}

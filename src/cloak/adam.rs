//! Adam, [Kingma and Ba 2014](https://arxiv.org/abs/1412.6980).

use candle_core::{Result, Tensor};

const MEAN_DECAY: f64 = 0.9;
const SQUARE_DECAY: f64 = 0.999;
const EPSILON: f64 = 1e-12;

/// The optimiser's memory.
pub(super) struct Adam {
    mean: Tensor,
    square: Tensor,
    steps: i32,
}

impl Adam {
    pub(super) fn new(like: &Tensor) -> Result<Self> {
        Ok(Self { mean: like.zeros_like()?, square: like.zeros_like()?, steps: 0 })
    }

    /// The change to subtract for a gradient; about `rate` in each element.
    pub(super) fn step(&mut self, gradient: &Tensor, rate: f64) -> Result<Tensor> {
        self.steps += 1;
        self.mean = ((&self.mean * MEAN_DECAY)? + (gradient * (1. - MEAN_DECAY))?)?;
        self.square = ((&self.square * SQUARE_DECAY)? + (gradient.sqr()? * (1. - SQUARE_DECAY))?)?;
        let mean = (&self.mean / (1. - MEAN_DECAY.powi(self.steps)))?;
        let square = (&self.square / (1. - SQUARE_DECAY.powi(self.steps)))?;
        (mean / (square.sqrt()? + EPSILON)?)? * rate
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn the_first_step_has_the_length_of_the_rate_and_the_gradients_sign() -> Result<()> {
        let gradient = Tensor::from_slice(&[3f32, -0.001], 2, &Device::Cpu)?;
        let step = Adam::new(&gradient)?.step(&gradient, 0.5)?.to_vec1::<f32>()?;
        assert!((step[0] - 0.5).abs() < 1e-5 && (step[1] + 0.5).abs() < 1e-5, "{step:?}");
        Ok(())
    }
}

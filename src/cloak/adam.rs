//! Adam, [Kingma and Ba 2014](https://arxiv.org/abs/1412.6980).

use candle_core::{Result, Tensor};

const MEAN_DECAY: f32 = 0.9;
const SQUARE_DECAY: f32 = 0.999;
const EPSILON: f32 = 1e-12;

/// The optimiser's memory of each element: mean and mean square of its gradients.
pub(super) struct Adam {
    moments: Vec<[f32; 2]>,
    steps: i32,
}

impl Adam {
    pub(super) fn new(like: &Tensor) -> Self {
        Self { moments: vec![[0.; 2]; like.elem_count()], steps: 0 }
    }

    /// The change to subtract for a gradient; about `rate` in each element.
    pub(super) fn step(&mut self, gradient: &Tensor, rate: f32) -> Result<Tensor> {
        self.steps += 1;
        let mean_weight = 1. - MEAN_DECAY.powi(self.steps);
        let square_weight = 1. - SQUARE_DECAY.powi(self.steps);
        let mut values = gradient.flatten_all()?.to_vec1::<f32>()?;
        for (value, [mean, square]) in values.iter_mut().zip(&mut self.moments) {
            *mean += (1. - MEAN_DECAY) * (*value - *mean);
            *square += (1. - SQUARE_DECAY) * (*value * *value - *square);
            *value = rate * (*mean / mean_weight) / ((*square / square_weight).sqrt() + EPSILON);
        }
        Tensor::from_vec(values, gradient.shape(), gradient.device())
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn the_first_step_has_the_length_of_the_rate_and_the_gradients_sign() -> Result<()> {
        let gradient = Tensor::from_slice(&[3f32, -0.001], 2, &Device::Cpu)?;
        let step = Adam::new(&gradient).step(&gradient, 0.5)?.to_vec1::<f32>()?;
        assert!((step[0] - 0.5).abs() < 1e-5 && (step[1] + 0.5).abs() < 1e-5, "{step:?}");
        Ok(())
    }
}

//! A small denoiser that has seen cloaks, as purifiers like [PuFace](https://arxiv.org/abs/2406.02253)
//! have.

use candle_core::{Device, Tensor, Var};
use candle_nn::{AdamW, Optimizer as _, ParamsAdamW};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::network::{Error, Result};

/// Channels of each layer: four of 3 x 3 pixels.
const CHANNELS: [usize; 5] = [3, 16, 16, 16, 3];
const STEPS: usize = 300;
const BATCH: usize = 8;
/// Side of the parts of crops that it learns from.
const PATCH: usize = 48;
const RATE: f64 = 2e-3;

/// A convolutional network that estimates the cloak on a crop, which is then taken off
/// (residual learning, [Zhang et al. 2017](https://arxiv.org/abs/1608.03981)).
#[derive(Clone, Debug)]
pub struct Denoiser {
    layers: Vec<Layer>,
}

/// A convolution with 3 x 3 pixels.
#[derive(Clone, Debug)]
struct Layer {
    /// `(channels out, 9 * channels in)`
    weights: Tensor,
    /// `(channels out, 1)`
    bias: Tensor,
}

impl Layer {
    /// As one product, since candle's gradient of a convolution is slow on a CPU.
    fn forward(&self, values: &Tensor) -> Result<Tensor> {
        let (batch, _, height, width) = values.dims4()?;
        let wide = values.pad_with_zeros(2, 1, 1)?.pad_with_zeros(3, 1, 1)?;
        let shifted = |k: usize| wide.narrow(2, k / 3, height)?.narrow(3, k % 3, width);
        let around = Tensor::cat(&(0..9).map(shifted).collect::<candle_core::Result<Vec<_>>>()?, 1)?;
        let product = self.weights.broadcast_matmul(&around.flatten_from(2)?)?;
        Ok(product.broadcast_add(&self.bias)?.reshape((batch, (), height, width))?)
    }
}

impl Denoiser {
    /// Learns from crops of other people, each clean and cloaked in the same place of the two blocks.
    /// The same arguments give the same denoiser.
    ///
    /// # Shapes
    /// - both: `(batch, 3, 112, 112)`, RGB in `0.0..=1.0`
    ///
    /// # Errors
    /// Where the blocks differ in shape, are empty or hold crops of less than 48 pixels.
    pub fn learn(clean: &Tensor, cloaked: &Tensor, seed: u64) -> Result<Self> {
        Self::learn_in(STEPS, clean, cloaked, seed)
    }

    fn learn_in(steps: usize, clean: &Tensor, cloaked: &Tensor, seed: u64) -> Result<Self> {
        let (count, _, height, width) = clean.dims4()?;
        if clean.dims() != cloaked.dims() || count == 0 || height < PATCH || width < PATCH {
            let (a, b) = (clean.shape(), cloaked.shape());
            return Err(Error::Usage(format!("a denoiser needs pairs of crops, not {a:?} and {b:?}")));
        }
        let mut rng = StdRng::seed_from_u64(seed);
        let variables = variables(&mut rng)?;
        let network = Self::of(&variables, |v| v.as_tensor().clone());
        let settings = ParamsAdamW { lr: RATE, ..ParamsAdamW::default() };
        let mut optimiser = AdamW::new(variables.clone(), settings)?;
        for step in 0..steps {
            let (clean, cloaked) = patches(clean, cloaked, &mut rng)?;
            let loss = ((network.estimate(&cloaked)? - (&cloaked - &clean)?)? * 255.)?.sqr()?.mean_all()?;
            optimiser.set_learning_rate(RATE * (1. - step as f64 / steps as f64));
            optimiser.backward_step(&loss)?;
        }
        Ok(Self::of(&variables, |v| v.as_detached_tensor()))
    }

    fn of(variables: &[Var], tensor: impl Fn(&Var) -> Tensor) -> Self {
        let layer = |pair: &[Var]| Layer { weights: tensor(&pair[0]), bias: tensor(&pair[1]) };
        Self { layers: variables.chunks_exact(2).map(layer).collect() }
    }

    /// Takes cloaks off crops.
    ///
    /// # Shapes
    /// - `crops`: `(batch, 3, height, width)`, RGB in `0.0..=1.0`; returns the same
    pub fn purify(&self, crops: &Tensor) -> Result<Tensor> {
        Ok((crops - self.estimate(crops)?)?.clamp(0., 1.)?)
    }

    /// What it takes for the cloak.
    fn estimate(&self, crops: &Tensor) -> Result<Tensor> {
        let mut values = crops.affine(2., -1.)?;
        for (i, layer) in self.layers.iter().enumerate() {
            values = layer.forward(&if i > 0 { values.relu()? } else { values })?;
        }
        Ok(values)
    }
}

/// Weights and biases of all layers, in turn: random as by
/// [He et al. 2015](https://arxiv.org/abs/1502.01852), the last layer's nearly 0.
fn variables(rng: &mut StdRng) -> Result<Vec<Var>> {
    let mut variables = vec![];
    for (i, pair) in CHANNELS.windows(2).enumerate() {
        let inputs = pair[0] * 9;
        let last = i + 2 == CHANNELS.len();
        let limit = if last { 1e-3 } else { (6. / inputs as f32).sqrt() };
        let weights: Vec<f32> = (0..pair[1] * inputs).map(|_| rng.random_range(-limit..limit)).collect();
        variables.push(Var::from_vec(weights, (pair[1], inputs), &Device::Cpu)?);
        variables.push(Var::from_vec(vec![0f32; pair[1]], (pair[1], 1), &Device::Cpu)?);
    }
    Ok(variables)
}

/// The same random parts of random crops, clean and cloaked.
fn patches(clean: &Tensor, cloaked: &Tensor, rng: &mut StdRng) -> Result<(Tensor, Tensor)> {
    let (count, _, height, width) = clean.dims4()?;
    let (mut without, mut with) = (vec![], vec![]);
    for _ in 0..BATCH {
        let [crop, y, x] = [count, height - PATCH + 1, width - PATCH + 1].map(|n| rng.random_range(0..n));
        let part = |block: &Tensor| block.get(crop)?.narrow(1, y, PATCH)?.narrow(2, x, PATCH);
        without.push(part(clean)?);
        with.push(part(cloaked)?);
    }
    Ok((Tensor::stack(&without, 0)?, Tensor::stack(&with, 0)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Smooth crops, and the same with a checkerboard of 8 levels.
    fn pairs(start: usize, count: usize) -> (Tensor, Tensor) {
        let plane = PATCH * PATCH;
        let block = |board: f32| {
            let sample = |i: usize| {
                let (crop, x, y) = (start + i / (3 * plane), i % PATCH, i / PATCH % PATCH);
                let sign = if (x + y) % 2 == 0 { board } else { -board };
                0.5 + 0.3 * ((crop + x) as f32 / 15.).sin() * (y as f32 / 11.).cos() + sign / 255.
            };
            let values = (0..count * 3 * plane).map(sample).collect();
            Tensor::from_vec(values, (count, 3, PATCH, PATCH), &Device::Cpu).unwrap()
        };
        (block(0.), block(8.))
    }

    fn distance(a: &Tensor, b: &Tensor) -> f32 {
        (a - b).unwrap().abs().unwrap().mean_all().unwrap().to_scalar::<f32>().unwrap() * 255.
    }

    #[test]
    fn a_pattern_that_it_has_seen_is_taken_off_other_crops_and_a_seed_fixes_how() {
        let (clean, cloaked) = pairs(0, 4);
        let [one, same] = [7, 7].map(|seed| Denoiser::learn_in(40, &clean, &cloaked, seed).unwrap());
        let (clean, cloaked) = pairs(50, 2);
        let purified = one.purify(&cloaked).unwrap();
        assert!(distance(&cloaked, &clean) > 7.9);
        assert!(distance(&purified, &clean) < 4., "{}", distance(&purified, &clean));
        assert!(distance(&purified, &same.purify(&cloaked).unwrap()) <= 0.);
    }

    #[test]
    fn crops_without_a_partner_are_refused() {
        assert!(Denoiser::learn(&pairs(0, 2).0, &pairs(0, 1).1, 0).is_err());
    }
}

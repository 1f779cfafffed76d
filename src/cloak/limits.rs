//! Our limits on what may be seen.

use candle_core::Tensor;

use super::clamp::clamp;
use super::constraint::Constraint;
use super::planes::{luma, numbers_of};
use super::preset::Budget;
use super::scene::{Scene, Shown};
use crate::network::Result;

/// Weight of the limits on structure at first: about what it comes to.
const WEIGHT: f32 = 0.45;
/// It is multiplied by this power of the share that is used, in every step.
const ADAPT: f32 = 0.15;
/// A step takes the weight times this power of the share that is used, or the weight would swing about what is needed.
const DAMP: i32 = 2;
/// A change that ended well inside the limits grows, at most by this factor; other methods than ours may need it.
const GROWN: f64 = 8.;
/// A change is scaled at most this often to find the scale at which it uses up its limits.
const SEARCHES: usize = 12;
/// This share of the limits is as good as all.
const ENOUGH: f64 = 0.998;
/// What is used of the limits grows about as this power of a change.
const GROWTH: f64 = 1.5;
/// Shares beyond these count as these: the first steps say little.
const SHARES: [f32; 2] = [0.3, 3.];

/// The budget during the optimisation: a penalty on structure, whose weight adapts until the limits are met, while too
/// large changes and too much colour are taken out after every step.
#[derive(Clone, Debug)]
pub struct Limits {
    budget: Budget,
    weight: f32,
}

impl Limits {
    /// Those of a budget.
    pub fn new(budget: Budget) -> Self {
        Self { budget, weight: WEIGHT }
    }
}

impl Constraint for Limits {
    fn largest_change(&self) -> f32 {
        self.budget.largest_change
    }

    fn penalty(&mut self, scene: &Scene, shown: &Shown) -> Result<Vec<f32>> {
        let used = scene.structure.used(shown.picture(), &self.budget);
        let weight = adapt(&mut self.weight, used.value);
        Ok(used.times(weight).slope())
    }

    /// The raw change less what is too large of it, and what is too much of its colour.
    fn within(&self, scene: &Scene, raw: &Tensor) -> Result<Tensor> {
        let limit = self.budget.largest_change / 255.;
        let raw = clamp(raw, -limit, limit)?;
        if raw.dim(0)? == 1 {
            return Ok(raw);
        }
        let change = numbers_of(&scene.fade(&raw)?)?;
        let within = scene.structure.colour.within(numbers_of(&raw)?, &change, &self.budget);
        Ok(Tensor::from_vec(within, raw.shape(), raw.device())?)
    }

    /// The change with its colour inside the budget, and its luma, which makes up DSSIM and most of SSIMULACRA 2, as large as
    /// the budget allows.
    fn finish(&self, scene: &Scene, change: &Tensor) -> Result<Tensor> {
        let limit = self.budget.largest_change / 255.;
        let used = scene.structure.colour.used(&numbers_of(change)?, &self.budget);
        let grey = luma(change)?.unsqueeze(0)?;
        let colour = (change.broadcast_sub(&grey)? * f64::from((1. / used).min(1.)))?;
        let scaled = |scale: f64| clamp(&colour.broadcast_add(&(&grey * scale)?)?, -limit, limit);
        Ok(scaled(largest_scale(scene, &self.budget, GROWN, scaled)?)?)
    }
}

/// Adapts the weight to the share of the limits that is used; the weight of this step.
fn adapt(weight: &mut f32, used: f32) -> f32 {
    let used = used.clamp(SHARES[0], SHARES[1]);
    *weight *= used.powf(ADAPT);
    *weight * used.powi(DAMP)
}

/// The largest scale, `0.0..=most`, at which a change that grows with it is within the limits on DSSIM and
/// SSIMULACRA 2; a five-hundredth of the limits may be left.
pub(crate) fn largest_scale(
    scene: &Scene,
    budget: &Budget,
    most: f64,
    change: impl Fn(f64) -> candle_core::Result<Tensor>,
) -> candle_core::Result<f64> {
    let (mut low, mut high, mut scale) = (0., None, most.min(1.));
    for _ in 0..SEARCHES {
        let shown = numbers_of(&scene.show(&change(scale)?)?)?;
        let used = f64::from(scene.structure.used(&shown, budget).value);
        if used <= 1. {
            low = scale;
        } else {
            high = Some(scale);
        }
        if (ENOUGH..=1.).contains(&used) || low >= most {
            break;
        }
        // What is used grows about as this power of the scale; where that leads astray, half way is a better guess.
        let next = (scale * ((1. + ENOUGH) / 2. / used.max(1e-6)).powf(1. / GROWTH)).min(most);
        let within = next > low && high.is_none_or(|high| next < high);
        scale = if within { next } else { f64::midpoint(low, high.unwrap_or(most)) };
    }
    Ok(low)
}

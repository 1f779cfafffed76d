//! Telling cloaked faces from clean ones.

use candle_core::Tensor;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::residuals::statistics;
use super::solve::solve;
use crate::network::{Error, Result};

/// Newton's steps; the last ones change nothing.
const STEPS: usize = 12;
/// Pull of the weights to 0.
const RIDGE: f64 = 3.;

/// A detector of cloaks: logistic regression on statistics of residuals.
#[derive(Clone, Debug)]
pub struct CloakDetector {
    /// Mean and standard deviation of each statistic.
    scales: Vec<(f64, f64)>,
    /// One weight for each statistic, and a constant.
    weights: Vec<f64>,
}

/// How well cloaks can be told from clean faces.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Area under the curve of true against false alarms: 0.5 guesses, 1 always knows.
    pub auc: f64,
    /// Share of the cloaked faces that are found where 1 % of the clean ones raise an alarm.
    pub found_at_1_percent: f64,
}

impl CloakDetector {
    /// Learns from faces of people that it is not tried on. Clean and cloaked photos must have gone
    /// the same way otherwise: the same format, the same size.
    ///
    /// # Shapes
    /// - both: `(batch, 3, 112, 112)`, RGB in `0.0..=1.0`
    ///
    /// # Errors
    /// Where there are no faces of one kind.
    pub fn learn(clean: &Tensor, cloaked: &Tensor) -> Result<Self> {
        let (clean, cloaked) = (rows(clean)?, rows(cloaked)?);
        if clean.is_empty() || cloaked.is_empty() {
            return Err(Error::Usage("a detector needs clean and cloaked faces to learn from".into()));
        }
        let all: Vec<&Vec<f64>> = clean.iter().chain(&cloaked).collect();
        let scales: Vec<(f64, f64)> = (0..all[0].len()).map(|k| spread(&all, k)).collect();
        let inputs: Vec<Vec<f64>> = all.iter().map(|row| scaled(row, &scales)).collect();
        let mut weights = vec![0.; scales.len() + 1];
        for _ in 0..STEPS {
            let step = newton(&inputs, clean.len(), &weights).ok_or_else(|| {
                Error::Usage("a detector cannot learn from faces that are no numbers".into())
            })?;
            weights.iter_mut().zip(step).for_each(|(w, s)| *w += s);
        }
        Ok(Self { scales, weights })
    }

    /// How much each face looks cloaked; above 0 it looks more cloaked than clean.
    ///
    /// # Shapes
    /// - `crops`: `(batch, 3, 112, 112)`; returns `batch` scores
    pub fn scores(&self, crops: &Tensor) -> Result<Vec<f64>> {
        Ok(rows(crops)?.iter().map(|row| dot(&scaled(row, &self.scales), &self.weights)).collect())
    }
}

impl Detection {
    /// From the scores of clean and cloaked faces.
    pub fn of(clean: &[f64], cloaked: &[f64]) -> Self {
        let mut sorted = clean.to_vec();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let limit = sorted.get(clean.len() / 100).copied().unwrap_or(f64::NEG_INFINITY);
        let found = cloaked.iter().filter(|score| **score > limit).count();
        Self { auc: auc(clean, cloaked), found_at_1_percent: found as f64 / cloaked.len().max(1) as f64 }
    }
}

/// Share of the pairs of a clean and a cloaked face in which the cloaked one has the higher score;
/// equal scores count half.
pub fn auc(clean: &[f64], cloaked: &[f64]) -> f64 {
    let above = |score: &f64| -> f64 {
        clean.iter().map(|c| if score > c { 1. } else { f64::from(u8::from(score >= c)) / 2. }).sum()
    };
    cloaked.iter().map(above).sum::<f64>() / (clean.len() * cloaked.len()).max(1) as f64
}

/// The statistics of each crop of a block.
fn rows(crops: &Tensor) -> Result<Vec<Vec<f64>>> {
    let (_, _, side, _) = crops.dims4()?;
    let samples = crops.flatten_all()?.to_vec1::<f32>()?;
    Ok(samples.par_chunks(3 * side * side).map(|crop| statistics(crop, side)).collect())
}

fn spread(rows: &[&Vec<f64>], k: usize) -> (f64, f64) {
    let mean = rows.iter().map(|row| row[k]).sum::<f64>() / rows.len() as f64;
    let square = rows.iter().map(|row| (row[k] - mean).powi(2)).sum::<f64>() / rows.len() as f64;
    (mean, square.sqrt().max(1e-6))
}

/// A row in units of standard deviations, and a 1 for the constant.
fn scaled(row: &[f64], scales: &[(f64, f64)]) -> Vec<f64> {
    let numbers = row.iter().zip(scales).map(|(x, (mean, deviation))| (x - mean) / deviation);
    numbers.chain([1.]).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Newton's step for the weights, where the first `clean` inputs are clean and the others cloaked.
fn newton(inputs: &[Vec<f64>], clean: usize, weights: &[f64]) -> Option<Vec<f64>> {
    let n = weights.len();
    let mut slope: Vec<f64> = weights.iter().map(|w| -RIDGE * w).collect();
    let mut curvature = vec![0.; n * n];
    for (i, input) in inputs.iter().enumerate() {
        let chance = 1. / (1. + (-dot(input, weights)).exp());
        let error = f64::from(u8::from(i >= clean)) - chance;
        for (k, x) in input.iter().enumerate() {
            slope[k] += error * x;
            let factor = chance * (1. - chance) * x;
            curvature[k * n..][..n].iter_mut().zip(input).for_each(|(c, y)| *c += factor * y);
        }
    }
    (0..n).for_each(|k| curvature[k * n + k] += RIDGE);
    solve(curvature, slope, n)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn the_area_is_the_share_of_pairs_in_the_right_order() {
        // 0.35 is above 0.1 alone, 0.8 above both.
        assert!((auc(&[0.1, 0.4], &[0.35, 0.8]) - 0.75).abs() < 1e-9);
        assert!((auc(&[0.5], &[0.5]) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn one_clean_face_in_a_hundred_may_raise_an_alarm() {
        let clean: Vec<f64> = (0..200).map(f64::from).collect();
        // Two of 200 may lie above the limit, which is 197.
        let found = Detection::of(&clean, &[196.5, 197.5, 198.5, 500.]);
        assert!((found.found_at_1_percent - 0.75).abs() < 1e-9, "{found:?}");
    }

    /// Smooth pictures, with a pattern of a given size on them.
    fn faces(start: usize, count: usize, pattern: f32) -> Tensor {
        let sample = |i: usize| {
            let (face, x, y) = (start + i / 3072, i % 32, i / 32 % 32);
            let smooth = ((face * 7 + x) as f32 / 9.).sin() * ((face * 3 + y) as f32 / 8.).cos();
            let grain = ((i * 7919 + face * 104_729) % 13) as f32 / 13. * 0.02;
            let wave = ((x + face) as f32 * 1.3).sin() * ((y + 2 * face) as f32 * 1.1).sin();
            0.5 + 0.2 * smooth + grain + pattern * wave
        };
        Tensor::from_vec((0..count * 3072).map(sample).collect(), (count, 3, 32, 32), &Device::Cpu).unwrap()
    }

    #[test]
    fn a_pattern_on_smooth_pictures_is_found_on_others() {
        let detector = CloakDetector::learn(&faces(0, 40, 0.), &faces(0, 40, 0.02)).unwrap();
        let scores = |pattern| detector.scores(&faces(100, 30, pattern)).unwrap();
        let found = Detection::of(&scores(0.), &scores(0.02));
        assert!(found.auc > 0.95, "{found:?}");
        let none = Detection::of(&scores(0.), &scores(0.));
        assert!((none.auc - 0.5).abs() < 1e-9, "{none:?}");
    }
}

//! A recogniser that was adapted to cloaks.

use std::ops::Range;

use rayon::prelude::*;

use super::solve::solve;
use crate::embed::{Embeddings, similarity};
use crate::network::{Error, Result};

/// Strengths of the pull to the unchanged network that are tried.
const RIDGES: [f64; 4] = [0.1, 1., 10., 100.];

/// A linear layer on top of a recogniser's embeddings that brings cloaked faces near their clean ones.
///
/// It is the least-squares map from cloaked and clean embeddings to clean ones, pulled to the
/// identity (ridge regression, [Hoerl and Kennard 1970](https://doi.org/10.1080/00401706.1970.10488634)).
/// Only this layer learns, while a whole recogniser can be trained on cloaks
/// ([Radiya-Dixit et al. 2022](https://arxiv.org/abs/2106.14851)): what this finds again is a lower
/// bound of what such a recogniser finds.
#[derive(Clone, Debug)]
pub struct Adapted {
    /// The layer less the identity, `dimension * dimension`, a row for each number that comes in.
    difference: Vec<f64>,
    dimension: usize,
}

impl Adapted {
    /// Learns from photos of other people; row for row the same photo, clean and cloaked, person
    /// after person. The last third of them decides how strong the pull is.
    ///
    /// # Errors
    /// Where there are fewer than six photos, or not as many clean as cloaked ones.
    pub fn learn(clean: &Embeddings, cloaked: &Embeddings) -> Result<Self> {
        if clean.len() != cloaked.len() || clean.dimension() != cloaked.dimension() || clean.len() < 6 {
            let (a, b) = (clean.len(), cloaked.len());
            let need = "at least six photos, each clean and cloaked";
            return Err(Error::Usage(format!("adapting needs {need}; there are {a} and {b}")));
        }
        let cut = clean.len() * 2 / 3;
        let mut best = (f64::NEG_INFINITY, RIDGES[0]);
        for ridge in RIDGES {
            let margin = Self::fit(clean, cloaked, 0..cut, ridge)?.margin(clean, cloaked, cut..clean.len());
            if margin > best.0 {
                best = (margin, ridge);
            }
        }
        Self::fit(clean, cloaked, 0..clean.len(), best.1)
    }

    fn fit(clean: &Embeddings, cloaked: &Embeddings, rows: Range<usize>, ridge: f64) -> Result<Self> {
        let dimension = clean.dimension();
        let mut moments = vec![0f64; dimension * dimension];
        let mut targets = moments.clone();
        // Rows have norm 1, so that this is `ridge` times the mean of the moments' diagonal.
        let pull = ridge * 2. * rows.len() as f64 / dimension as f64;
        let pairs: Vec<(&[f32], &[f32])> =
            rows.flat_map(|i| [(cloaked.row(i), clean.row(i)), (clean.row(i), clean.row(i))]).collect();
        let lines = moments.par_chunks_mut(dimension).zip(targets.par_chunks_mut(dimension));
        lines.enumerate().for_each(|(k, (moments, targets))| {
            for (from, to) in &pairs {
                let weight = f64::from(from[k]);
                for j in 0..dimension {
                    moments[j] += weight * f64::from(from[j]);
                    targets[j] += weight * f64::from(to[j] - from[j]);
                }
            }
            moments[k] += pull;
        });
        let difference = solve(moments, targets, dimension)
            .ok_or_else(|| Error::Usage("embeddings that are no numbers cannot be adapted".into()))?;
        Ok(Self { difference, dimension })
    }

    /// How much nearer cloaked photos are to their clean ones than to all, after the layer.
    fn margin(&self, clean: &Embeddings, cloaked: &Embeddings, rows: Range<usize>) -> f64 {
        let mapped =
            |of: &Embeddings| -> Vec<Vec<f32>> { rows.clone().map(|i| self.map(of.row(i))).collect() };
        let (clean, cloaked) = (mapped(clean), mapped(cloaked));
        let count = clean.len() as f64;
        let own: f64 = clean.iter().zip(&cloaked).map(|(a, b)| f64::from(similarity(a, b))).sum();
        let all: f64 = cloaked.iter().flat_map(|a| clean.iter().map(|b| f64::from(similarity(a, b)))).sum();
        own / count - all / (count * count)
    }

    /// The adapted network's embeddings from the network's own, of L2 norm 1.
    ///
    /// # Panics
    /// If they are of another dimension than those it learned from.
    pub fn embed(&self, embeddings: &Embeddings) -> Embeddings {
        assert_eq!(embeddings.dimension(), self.dimension, "embeddings of another network");
        let mut mapped = Embeddings::new(self.dimension);
        for row in embeddings.rows() {
            mapped.push(&self.map(row));
        }
        mapped
    }

    fn map(&self, row: &[f32]) -> Vec<f32> {
        let mut sum: Vec<f64> = row.iter().map(|x| f64::from(*x)).collect();
        for (x, line) in row.iter().zip(self.difference.chunks(self.dimension)) {
            for (sum, weight) in sum.iter_mut().zip(line) {
                *sum += f64::from(*x) * weight;
            }
        }
        let norm = sum.iter().map(|x| x * x).sum::<f64>().sqrt().max(1e-12);
        sum.iter().map(|x| (x / norm) as f32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(row: &[f32]) -> Vec<f32> {
        let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
        row.iter().map(|x| x / norm).collect()
    }

    /// People in four dimensions; a cloak adds the same direction to each.
    fn photos(start: usize, count: usize) -> (Embeddings, Embeddings) {
        let (mut clean, mut cloaked) = (Embeddings::new(4), Embeddings::new(4));
        for i in start..start + count {
            let noise = |k: usize| ((i * 7919 + k * 104_729) % 997) as f32 / 498. - 1.;
            let face = unit(&[noise(0), noise(1), noise(2), 0.]);
            clean.push(&face);
            cloaked.push(&unit(&[face[0], face[1], face[2], 3.]));
        }
        (clean, cloaked)
    }

    fn mean_cosine(a: &Embeddings, b: &Embeddings) -> f32 {
        a.rows().zip(b.rows()).map(|(a, b)| similarity(a, b)).sum::<f32>() / a.len() as f32
    }

    #[test]
    fn a_direction_that_all_cloaks_share_is_unlearned_for_other_people() {
        let (clean, cloaked) = photos(0, 60);
        let adapted = Adapted::learn(&clean, &cloaked).unwrap();
        let (clean, cloaked) = photos(500, 20);
        assert!(mean_cosine(&clean, &cloaked) < 0.4);
        let (clean_after, after) = (adapted.embed(&clean), adapted.embed(&cloaked));
        assert!(mean_cosine(&clean_after, &after) > 0.9, "{}", mean_cosine(&clean_after, &after));
        assert!(mean_cosine(&clean_after, &clean) > 0.95);
    }

    #[test]
    fn photos_without_a_partner_are_refused() {
        let (clean, cloaked) = photos(0, 6);
        assert!(Adapted::learn(&clean, &cloaked).is_ok());
        assert!(Adapted::learn(&photos(0, 7).0, &cloaked).is_err());
        assert!(Adapted::learn(&photos(0, 5).0, &photos(0, 5).1).is_err());
    }
}

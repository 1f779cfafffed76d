//! Classifiers that an operator trains on the photos at hand, as the evaluations of Fawkes and of its
//! critics do: [Shan et al. 2020](https://arxiv.org/abs/2002.08327),
//! [Radiya-Dixit et al. 2022](https://arxiv.org/abs/2106.14851).

use candle_core::{DType, Device, Tensor, Var};
use candle_nn::loss::cross_entropy;
use candle_nn::optim::{AdamW, Optimizer as _, ParamsAdamW};

use super::metrics::Faces;
use crate::embed::Embeddings;
use crate::network::Result;
use crate::search::similarities;

/// Steps of the linear probe; each sees all photos.
const STEPS: usize = 100;
const RATE: f64 = 0.1;
const DECAY: f64 = 0.01;
/// Embeddings are unit rows: logits need a larger range than their cosines have.
const SCALE: f64 = 16.;

/// Whom each probe is taken for by the nearest mean of a person's embeddings.
pub(super) fn nearest_mean(train: &Faces, probes: &Faces) -> Vec<usize> {
    let classes = classes(train);
    let mut means = Embeddings::new(train.embeddings.dimension());
    for &class in &classes {
        let mut mean = vec![0f32; means.dimension()];
        for (row, _) in train.embeddings.rows().zip(&train.people).filter(|(_, p)| **p == class) {
            mean.iter_mut().zip(row).for_each(|(m, v)| *m += v);
        }
        let norm = mean.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-12);
        mean.iter_mut().for_each(|v| *v /= norm);
        means.push(&mean);
    }
    largest(&similarities(&probes.embeddings, &means), &classes)
}

/// Whom each probe is taken for by a linear classifier: softmax regression on the embeddings, trained
/// by 100 full steps of AdamW from zero.
pub(super) fn linear_probe(train: &Faces, probes: &Faces) -> Result<Vec<usize>> {
    let classes = classes(train);
    let labels: Vec<u32> = train.people.iter().map(|p| classes.partition_point(|c| c < p) as u32).collect();
    let labels = Tensor::from_vec(labels, train.len(), &Device::Cpu)?;
    let rows = tensor(&train.embeddings)?;
    let weights = Var::zeros((train.embeddings.dimension(), classes.len()), DType::F32, &Device::Cpu)?;
    let options = ParamsAdamW { lr: RATE, weight_decay: DECAY, ..ParamsAdamW::default() };
    let mut optimiser = AdamW::new(vec![weights.clone()], options)?;
    for _ in 0..STEPS {
        let logits = (rows.matmul(weights.as_tensor())? * SCALE)?;
        optimiser.backward_step(&cross_entropy(&logits, &labels)?)?;
    }
    let logits = tensor(&probes.embeddings)?.matmul(weights.as_tensor())?;
    Ok(largest(&logits.flatten_all()?.to_vec1::<f32>()?, &classes))
}

/// The people of a training set, sorted.
fn classes(train: &Faces) -> Vec<usize> {
    let mut classes = train.people.clone();
    classes.sort_unstable();
    classes.dedup();
    classes
}

fn tensor(embeddings: &Embeddings) -> candle_core::Result<Tensor> {
    Tensor::from_slice(embeddings.values(), (embeddings.len(), embeddings.dimension()), &Device::Cpu)
}

/// The class with the largest number of each row.
fn largest(scores: &[f32], classes: &[usize]) -> Vec<usize> {
    let rows = scores.chunks_exact(classes.len().max(1));
    let best = |row: &[f32]| (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b]).then(b.cmp(&a)));
    rows.filter_map(|row| Some(classes[best(row)?])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faces(list: &[(usize, [f32; 2])]) -> Faces {
        let mut faces = Faces::new(2);
        for (i, (person, row)) in list.iter().enumerate() {
            faces.push(*person, i, row);
        }
        faces
    }

    #[test]
    fn the_nearest_mean_is_not_the_nearest_photo() {
        // The mean of person 3 points to 45 degrees, though one of their photos lies at 0.
        let train = faces(&[(3, [1., 0.]), (3, [0., 1.]), (8, [0.9, 0.435_889_9])]);
        assert_eq!(nearest_mean(&train, &faces(&[(0, [0.98, 0.199]), (0, [0.6, 0.8])])), [8, 3]);
    }

    #[test]
    fn the_linear_probe_separates_what_can_be_separated() {
        let train =
            faces(&[(1, [1., 0.]), (1, [0.8, 0.6]), (4, [-1., 0.]), (4, [-0.8, 0.6]), (6, [0., -1.])]);
        let probes = faces(&[(1, [0.9, 0.435_889_9]), (4, [-0.9, 0.3]), (6, [0.1, -0.99])]);
        assert_eq!(linear_probe(&train, &probes).unwrap(), [1, 4, 6]);
        assert_eq!(linear_probe(&train, &train).unwrap(), train.people);
    }
}

//! Exact search: all cosines by blocked matrix products, of which the largest are kept.

use gemm::Parallelism;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rayon::prelude::*;

use crate::embed::Embeddings;

/// Embeddings of the gallery that are multiplied at a time.
const BLOCK: usize = 2048;
/// Queries that are multiplied at a time.
const QUERIES: usize = 256;

/// An embedding of the gallery that resembles a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Its row in the gallery.
    pub row: usize,
    /// Cosine of both, for rows of L2 norm 1.
    pub similarity: f32,
}

/// The `top` rows of a gallery that resemble each query most, the best first; of equal ones the
/// first row first.
///
/// # Shapes
/// - `queries`, `gallery`: of one dimension, rows of L2 norm 1
/// - returns: for each query, at most `top` matches
///
/// # Panics
/// If the dimensions differ.
pub fn nearest(queries: &Embeddings, gallery: &Embeddings, top: usize) -> Vec<Vec<Match>> {
    let dimension = same_dimension(queries, gallery);
    if dimension == 0 || top == 0 {
        return vec![vec![]; queries.len()];
    }
    let mut found = Vec::with_capacity(queries.len());
    for queries in queries.values().chunks(QUERIES * dimension) {
        let count = queries.len() / dimension;
        let blocks = gallery.values().par_chunks(BLOCK * dimension).enumerate();
        found.extend(
            blocks
                .map(|(i, block)| {
                    let rows = block.len() / dimension;
                    let cosines = products(queries, block, dimension);
                    cosines.chunks_exact(rows).map(|cosines| best(cosines, i * BLOCK, top)).collect()
                })
                .reduce(|| vec![vec![]; count], |a: Vec<Vec<Match>>, b| merged(a, b, top)),
        );
    }
    found
}

/// The cosines of all pairs.
///
/// # Shapes
/// - `a`, `b`: of one dimension, rows of L2 norm 1
/// - returns: `a.len() * b.len()`, row after row of `a`
///
/// # Panics
/// If the dimensions differ.
pub fn similarities(a: &Embeddings, b: &Embeddings) -> Vec<f32> {
    products(a.values(), b.values(), same_dimension(a, b).max(1))
}

/// Random directions, evenly spread: strangers who resemble nobody. Real faces resemble each other more.
///
/// # Shapes
/// - returns: `count` rows of L2 norm 1
pub fn random_embeddings(count: usize, dimension: usize, seed: u64) -> Embeddings {
    let mut values = vec![0f32; count * dimension];
    values.par_chunks_mut((BLOCK * dimension).max(1)).enumerate().for_each(|(i, block)| {
        let mut rng = StdRng::seed_from_u64(seed.wrapping_add((i as u64) << 32));
        for row in block.chunks_exact_mut(dimension) {
            for pair in row.chunks_mut(2) {
                // Box-Muller: two normal numbers from two even ones.
                let radius = (-2. * (1. - rng.random::<f32>()).ln()).sqrt();
                let (sine, cosine) = (std::f32::consts::TAU * rng.random::<f32>()).sin_cos();
                for (value, part) in pair.iter_mut().zip([cosine, sine]) {
                    *value = radius * part;
                }
            }
            let norm = row.iter().map(|v| v * v).sum::<f32>().sqrt();
            row.iter_mut().for_each(|v| *v /= norm);
        }
    });
    Embeddings::from_values(dimension, values).unwrap_or_default()
}

fn same_dimension(a: &Embeddings, b: &Embeddings) -> usize {
    assert_eq!(a.dimension(), b.dimension(), "embeddings of two networks");
    a.dimension()
}

/// `a` times `b` transposed, row after row of `a`.
#[expect(unsafe_code, reason = "gemm takes pointers")]
fn products(a: &[f32], b: &[f32], dimension: usize) -> Vec<f32> {
    let (rows, columns) = (a.len() / dimension, b.len() / dimension);
    let mut result = vec![0f32; rows * columns];
    let (across, down) = (1, dimension as isize);
    // SAFETY: `a` holds `rows` and `b` holds `columns` rows of `dimension` numbers, and `result` one
    // number for each pair; the strides stay inside each of them.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            dimension,
            result.as_mut_ptr(),
            1,
            columns as isize,
            false,
            a.as_ptr(),
            across,
            down,
            b.as_ptr(),
            down,
            across,
            0.,
            1.,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
    result
}

/// The best of one block, whose first row is `first`.
fn best(cosines: &[f32], first: usize, top: usize) -> Vec<Match> {
    let mut best: Vec<Match> = Vec::with_capacity(top.min(cosines.len()) + 1);
    for (i, &similarity) in cosines.iter().enumerate() {
        let full = best.len() == top;
        if similarity.is_nan() || (full && best.last().is_some_and(|last| last.similarity >= similarity)) {
            continue;
        }
        let place = best.partition_point(|m| m.similarity >= similarity);
        best.insert(place, Match { row: first + i, similarity });
        best.truncate(top);
    }
    best
}

fn merged(a: Vec<Vec<Match>>, b: Vec<Vec<Match>>, top: usize) -> Vec<Vec<Match>> {
    let better = |x: &Match, y: &Match| y.similarity.total_cmp(&x.similarity).then(x.row.cmp(&y.row));
    a.into_iter()
        .zip(b)
        .map(|(mut a, b)| {
            a.extend(b);
            a.sort_by(better);
            a.truncate(top);
            a
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(values: &[[f32; 2]]) -> Embeddings {
        Embeddings::from_values(2, values.concat()).unwrap()
    }

    #[test]
    fn the_most_similar_rows_come_first_and_equal_ones_in_their_order() {
        let gallery = rows(&[[0., 1.], [1., 0.], [0.6, 0.8], [1., 0.], [-1., 0.]]);
        let found = nearest(&rows(&[[1., 0.], [0., 1.]]), &gallery, 3);
        let of = |q: usize| found[q].iter().map(|m| (m.row, m.similarity)).collect::<Vec<_>>();
        assert_eq!(of(0), [(1, 1.), (3, 1.), (2, 0.6)]);
        assert_eq!(of(1), [(0, 1.), (2, 0.8), (1, 0.)]);
    }

    #[test]
    fn blocks_change_nothing() {
        let (queries, gallery) = (random_embeddings(300, 8, 1), random_embeddings(5000, 8, 2));
        let found = nearest(&queries, &gallery, 2);
        let cosines = similarities(&queries, &gallery);
        assert_eq!(found.len(), 300);
        for (found, cosines) in found.iter().zip(cosines.chunks(5000)) {
            let largest = cosines.iter().copied().fold(f32::MIN, f32::max);
            assert!((found[0].similarity - largest).abs() < 1e-6);
            assert!((cosines[found[0].row] - largest).abs() < 1e-6);
            assert!(found[0].similarity >= found[1].similarity);
        }
    }

    #[test]
    fn an_empty_gallery_and_a_row_of_no_number_find_nobody() {
        assert_eq!(nearest(&rows(&[[1., 0.]]), &rows(&[]), 5), [vec![]]);
        assert_eq!(nearest(&rows(&[[1., 0.]]), &rows(&[[f32::NAN, 0.]]), 5), [vec![]]);
    }

    #[test]
    fn random_embeddings_are_unit_rows_that_a_seed_fixes() {
        let rows = random_embeddings(3000, 7, 5);
        assert_eq!(rows, random_embeddings(3000, 7, 5));
        assert_ne!(rows, random_embeddings(3000, 7, 6));
        assert!(rows.rows().all(|r| (r.iter().map(|v| v * v).sum::<f32>() - 1.).abs() < 1e-5));
        let mean: f32 = rows.values().iter().sum::<f32>() / rows.values().len() as f32;
        assert!(mean.abs() < 0.01, "{mean}");
    }
}

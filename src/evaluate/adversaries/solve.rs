//! Systems of linear equations.

/// Solves `matrix * x = right` for a symmetric positive definite matrix, by Cholesky decomposition;
/// `None` where the matrix is not positive definite.
///
/// # Shapes
/// - `matrix`: `n * n`, row by row
/// - `right`: `n * columns`, row by row; returns the same
pub(super) fn solve(mut matrix: Vec<f64>, mut right: Vec<f64>, n: usize) -> Option<Vec<f64>> {
    for i in 0..n {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| matrix[i * n + k] * matrix[j * n + k]).sum();
            let rest = matrix[i * n + j] - dot;
            if i > j {
                matrix[i * n + j] = rest / matrix[j * n + j];
            } else if rest > 0. {
                matrix[i * n + i] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    let columns = right.len() / n;
    for i in 0..n {
        let (done, rest) = right.split_at_mut(i * columns);
        for (k, row) in done.chunks(columns).enumerate() {
            subtract(&mut rest[..columns], row, matrix[i * n + k]);
        }
        rest[..columns].iter_mut().for_each(|x| *x /= matrix[i * n + i]);
    }
    for i in (0..n).rev() {
        let (head, done) = right.split_at_mut((i + 1) * columns);
        let here = &mut head[i * columns..];
        for (k, row) in done.chunks(columns).enumerate() {
            subtract(here, row, matrix[(i + 1 + k) * n + i]);
        }
        here.iter_mut().for_each(|x| *x /= matrix[i * n + i]);
    }
    Some(right)
}

fn subtract(from: &mut [f64], row: &[f64], factor: f64) {
    for (x, y) in from.iter_mut().zip(row) {
        *x -= factor * y;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_columns_are_solved() {
        // [4 2; 2 3] * [1 0; 2 1] = [8 2; 8 3].
        let found = solve(vec![4., 2., 2., 3.], vec![8., 2., 8., 3.], 2).unwrap();
        assert!(found.iter().zip([1., 0., 2., 1.]).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_is_refused() {
        assert_eq!(solve(vec![1., 2., 2., 1.], vec![1., 1.], 2), None);
    }
}

//! Denoising by total variation.

/// Steps of the dual problem; more of them change less than a level.
const STEPS: usize = 60;
/// Length of a step; up to 1/4 they converge.
const STEP: f32 = 0.25;

/// The plane near `plane` with small total variation: minimises `|u - plane|² / 2 + weight * TV(u)`,
/// [Rudin, Osher and Fatemi 1992](https://doi.org/10.1016/0167-2789(92)90242-F), by the projection of
/// [Chambolle 2004](https://doi.org/10.1023/B:JMIV.0000011325.36760.1e).
///
/// # Shapes
/// - `plane`: rows of `width` samples; returns the same
pub(super) fn smooth(plane: &[f32], width: usize, weight: f32) -> Vec<f32> {
    let mut across = vec![0f32; plane.len()];
    let mut down = across.clone();
    for _ in 0..STEPS {
        let divergence = divergence(&across, &down, width);
        let target: Vec<f32> = divergence.iter().zip(plane).map(|(d, f)| d - f / weight).collect();
        for i in 0..plane.len() {
            let right = if (i + 1) % width > 0 { target[i + 1] - target[i] } else { 0. };
            let below = target.get(i + width).map_or(0., |t| t - target[i]);
            let norm = 1. + STEP * right.hypot(below);
            across[i] = (across[i] + STEP * right) / norm;
            down[i] = (down[i] + STEP * below) / norm;
        }
    }
    divergence(&across, &down, width).iter().zip(plane).map(|(d, f)| f - weight * d).collect()
}

/// The negative transpose of the forward differences.
fn divergence(across: &[f32], down: &[f32], width: usize) -> Vec<f32> {
    let value = |i: usize| {
        let left = if i.is_multiple_of(width) { 0. } else { across[i - 1] };
        let above = if i >= width { down[i - width] } else { 0. };
        across[i] - left + down[i] - above
    };
    (0..across.len()).map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_picture_stays_as_it_is() {
        assert!(smooth(&[0.3; 30], 6, 0.1).iter().all(|v| (v - 0.3).abs() < 1e-6));
    }

    #[test]
    fn a_step_keeps_its_edge_and_both_sides_come_a_little_nearer() {
        // Rows of four samples of 0 and four of 1: each side moves by weight / 4.
        let plane: Vec<f32> = (0..32).map(|i| if i % 8 < 4 { 0. } else { 1. }).collect();
        for (i, v) in smooth(&plane, 8, 0.08).iter().enumerate() {
            let expected = if i % 8 < 4 { 0.02 } else { 0.98 };
            assert!((v - expected).abs() < 5e-3, "{i}: {v}");
        }
    }
}

//! Separable symmetric filters over picture planes, differentiable.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

/// The right half of a Gaussian kernel, centre first, whose whole sums to 1.
pub(crate) fn gaussian(sigma: f32, radius: usize) -> Vec<f32> {
    let half: Vec<f32> = (0..=radius).map(|i| (-((i * i) as f32) / (2. * sigma * sigma)).exp()).collect();
    let sum = half[0] + 2. * half[1..].iter().sum::<f32>();
    half.into_iter().map(|w| w / sum).collect()
}

/// Filters the rows and columns of every plane with a symmetric kernel; outside the picture is 0.
///
/// # Shapes
/// - `planes`: `(.., height, width)`, `f32`; returns the same
/// - `half`: the kernel from its centre outwards
pub(crate) fn convolve(planes: &Tensor, half: &[f32]) -> Result<Tensor> {
    planes.contiguous()?.apply_op1(Convolve { half: half.to_vec() })
}

/// A symmetric filter with zero padding is its own transpose, so it carries its gradients itself.
#[derive(Clone)]
struct Convolve {
    half: Vec<f32>,
}

impl CustomOp1 for Convolve {
    fn name(&self) -> &'static str {
        "convolve"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (Some((start, end)), [.., height, width]) = (layout.contiguous_offsets(), layout.dims()) else {
            bail!("a filter needs contiguous planes")
        };
        let input = &storage.as_slice::<f32>()?[start..end];
        let planes: Vec<Vec<f32>> =
            input.par_chunks(height * width).map(|plane| filter(plane, *width, &self.half)).collect();
        Ok((CpuStorage::F32(planes.concat()), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(gradient.contiguous()?.apply_op1_no_bwd(self)?))
    }
}

/// [`convolve`] of one plane with rows of this width.
pub(super) fn filter(plane: &[f32], width: usize, half: &[f32]) -> Vec<f32> {
    let (height, radius) = (plane.len() / width, half.len() - 1);
    // Rows with nothing beyond their ends, and nothing above the first and below the last.
    let mut padded = vec![0f32; width + 2 * radius];
    let mut rows = vec![0f32; (height + 2 * radius) * width];
    for (row, source) in rows[radius * width..].chunks_exact_mut(width).zip(plane.chunks_exact(width)) {
        padded[radius..radius + width].copy_from_slice(source);
        weigh(row, &padded, radius, 1, half);
    }
    let mut filtered = vec![0f32; plane.len()];
    for (y, row) in filtered.chunks_exact_mut(width).enumerate() {
        weigh(row, &rows[y * width..], radius * width, width, half);
    }
    filtered
}

/// Numbers that are summed at once.
const BLOCK: usize = 16;

/// Each number of `out` is the weighted sum of those `stride` apart around it, which lies `middle` further in `from`.
fn weigh(out: &mut [f32], from: &[f32], middle: usize, stride: usize, half: &[f32]) {
    let mut blocks = out.chunks_exact_mut(BLOCK);
    let mut at = middle;
    for block in &mut blocks {
        let mut sums = [0f32; BLOCK];
        let part = |start: usize| from[start..].first_chunk::<BLOCK>().unwrap_or(&[0.; BLOCK]);
        for (sum, value) in sums.iter_mut().zip(part(at)) {
            *sum = half[0] * value;
        }
        for (i, weight) in half.iter().enumerate().skip(1) {
            let (before, after) = (part(at - i * stride), part(at + i * stride));
            for ((sum, a), b) in sums.iter_mut().zip(before).zip(after) {
                *sum += weight * (a + b);
            }
        }
        block.copy_from_slice(&sums);
        at += BLOCK;
    }
    for (out, at) in blocks.into_remainder().iter_mut().zip(at..) {
        let pair = |(i, weight): (usize, &f32)| weight * (from[at - i * stride] + from[at + i * stride]);
        *out = half[0] * from[at] + half.iter().enumerate().skip(1).map(pair).sum::<f32>();
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn a_single_bright_pixel_spreads_into_the_kernel() -> Result<()> {
        let mut plane = vec![0f32; 25];
        plane[12] = 1.;
        let plane = Tensor::from_vec(plane, (1, 5, 5), &Device::Cpu)?;
        let spread = convolve(&plane, &[0.5, 0.25])?.squeeze(0)?.to_vec2::<f32>()?;
        assert_eq!(spread[1], [0., 0.0625, 0.125, 0.0625, 0.]);
        assert_eq!(spread[2], [0., 0.125, 0.25, 0.125, 0.]);
        assert_eq!(spread[0], [0.; 5]);
        Ok(())
    }

    #[test]
    fn every_number_is_the_sum_of_its_neighbours_by_their_weights() {
        // Wider than one block and a part, and a kernel that is wider than the plane is high.
        let (width, height) = (37, 4);
        let plane: Vec<f32> = (0..width * height).map(|i| (i * i % 23) as f32).collect();
        let half = gaussian(2., 6);
        let weight = |a: usize, b: usize| half.get(a.abs_diff(b)).copied().unwrap_or(0.);
        let filtered = filter(&plane, width, &half);
        for (i, found) in filtered.iter().enumerate() {
            let at = |j: usize| weight(i / width, j / width) * weight(i % width, j % width) * plane[j];
            let expected: f32 = (0..plane.len()).map(at).sum();
            assert!((found - expected).abs() < 1e-4, "{i}: {found} instead of {expected}");
        }
    }

    #[test]
    fn a_gaussian_sums_to_one() {
        let half = gaussian(1.5, 5);
        assert!((half[0] + 2. * half[1..].iter().sum::<f32>() - 1.).abs() < 1e-6);
        assert!(half.windows(2).all(|w| w[0] > w[1]));
    }
}

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
        let mut output = vec![0f32; input.len()];
        let plane = height * width;
        output.par_chunks_mut(plane).zip(input.par_chunks(plane)).for_each(|(out, plane)| {
            let mut rows = vec![0f32; plane.len()];
            for (row, source) in rows.chunks_mut(*width).zip(plane.chunks(*width)) {
                self.filter_row(source, row);
            }
            self.filter_columns(&rows, out, *height, *width);
        });
        Ok((CpuStorage::F32(output), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(gradient.contiguous()?.apply_op1_no_bwd(self)?))
    }
}

impl Convolve {
    fn filter_row(&self, source: &[f32], row: &mut [f32]) {
        for (offset, &weight) in self.half.iter().enumerate() {
            if offset >= source.len() {
                break;
            }
            let count = source.len() - offset;
            add_scaled(&mut row[..count], &source[offset..], weight);
            if offset > 0 {
                add_scaled(&mut row[offset..], &source[..count], weight);
            }
        }
    }

    fn filter_columns(&self, source: &[f32], out: &mut [f32], height: usize, width: usize) {
        for (y, row) in out.chunks_mut(width).enumerate() {
            for (offset, &weight) in self.half.iter().enumerate() {
                if y + offset < height {
                    add_scaled(row, &source[(y + offset) * width..][..width], weight);
                }
                if offset > 0 && y >= offset {
                    add_scaled(row, &source[(y - offset) * width..][..width], weight);
                }
            }
        }
    }
}

fn add_scaled(to: &mut [f32], from: &[f32], weight: f32) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += weight * from;
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
    fn a_gaussian_sums_to_one() {
        let half = gaussian(1.5, 5);
        assert!((half[0] + 2. * half[1..].iter().sum::<f32>() - 1.).abs() < 1e-6);
        assert!(half.windows(2).all(|w| w[0] > w[1]));
    }
}

//! Separable symmetric filters over picture planes, differentiable.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};
use pulp::{Arch, Simd, WithSimd};
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
    let wide = width + 2 * radius;
    let mut padded = vec![0f32; height * wide];
    for (to, row) in padded.chunks_exact_mut(wide).zip(plane.chunks_exact(width)) {
        to[radius..radius + width].copy_from_slice(row);
    }
    let mut rows = vec![0f32; (height + 2 * radius) * width];
    let across = Sums { from: &padded, pitch: wide, middle: radius, stride: 1, half };
    across.write(&mut rows[radius * width..][..plane.len()], width);
    let mut filtered = vec![0f32; plane.len()];
    let down = Sums { from: &rows, pitch: width, middle: radius * width, stride: width, half };
    down.write(&mut filtered, width);
    filtered
}

/// Rows of weighted sums.
#[derive(Clone, Copy)]
struct Sums<'a> {
    from: &'a [f32],
    /// Between the places of two rows in `from`.
    pitch: usize,
    /// Where the middle of the first number's sum lies in its row's place.
    middle: usize,
    /// Between the numbers of a sum.
    stride: usize,
    half: &'a [f32],
}

/// Cells that one thread sums at a time.
const BAND: usize = 1 << 14;

impl Sums<'_> {
    fn write(self, rows: &mut [f32], width: usize) {
        let band = (BAND / width).max(1);
        let processor = Arch::new();
        rows.par_chunks_mut(band * width).enumerate().for_each(|(i, rows)| {
            let sums = Self { from: &self.from[i * band * self.pitch..], ..self };
            processor.dispatch(Band { sums, rows, width });
        });
    }
}

/// Some of the rows.
struct Band<'a> {
    sums: Sums<'a>,
    rows: &'a mut [f32],
    width: usize,
}

impl WithSimd for Band<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sums, rows, width } = self;
        for (y, row) in rows.chunks_exact_mut(width).enumerate() {
            let first = y * sums.pitch + sums.middle;
            let mut done = 0;
            while done + 4 * S::F32_LANES <= width {
                sums.vectors::<S, 4>(simd, first + done, &mut row[done..]);
                done += 4 * S::F32_LANES;
            }
            while done + S::F32_LANES <= width {
                sums.vectors::<S, 1>(simd, first + done, &mut row[done..]);
                done += S::F32_LANES;
            }
            if done < width && S::F32_LANES <= width {
                // The last vector overlaps the one before.
                done = width - S::F32_LANES;
                sums.vectors::<S, 1>(simd, first + done, &mut row[done..]);
            } else {
                let numbers = row.iter_mut().enumerate().skip(done);
                numbers.for_each(|(x, number)| *number = sums.number(first + x));
            }
        }
    }
}

impl Sums<'_> {
    /// The sums around the numbers from a place on, as many as fill `N` vectors.
    #[inline(always)]
    fn vectors<S: Simd, const N: usize>(&self, simd: S, at: usize, out: &mut [f32]) {
        let load = |at: usize, v: usize| {
            let from = &self.from[at + v * S::F32_LANES..][..S::F32_LANES];
            S::as_simd_f32s(from).0[0]
        };
        let middle = simd.splat_f32s(self.half[0]);
        let mut sums: [S::f32s; N] = std::array::from_fn(|v| simd.mul_f32s(middle, load(at, v)));
        for (i, &weight) in self.half.iter().enumerate().skip(1) {
            let (weight, reach) = (simd.splat_f32s(weight), i * self.stride);
            for (v, sum) in sums.iter_mut().enumerate() {
                let pair = simd.add_f32s(load(at - reach, v), load(at + reach, v));
                *sum = simd.add_f32s(*sum, simd.mul_f32s(weight, pair));
            }
        }
        for (out, sum) in S::as_mut_simd_f32s(out).0.iter_mut().zip(sums) {
            *out = sum;
        }
    }

    fn number(&self, at: usize) -> f32 {
        let pairs = self.half.iter().enumerate().skip(1);
        let pair = |(i, weight): (usize, &f32)| {
            weight * (self.from[at - i * self.stride] + self.from[at + i * self.stride])
        };
        pairs.map(pair).fold(self.half[0] * self.from[at], |sum, pair| sum + pair)
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

//! The warp: samples a picture through a similarity transform, differentiable in the picture.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::{Point, Similarity};

/// How a crop is sampled from a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Warp {
    /// Pixels of the crop to pixels of the picture.
    pub to_picture: Similarity,
    /// Height and width of the crop in pixels.
    pub size: [usize; 2],
    /// Each crop pixel is the mean of `taps * taps` bilinear samples spread over its area:
    /// 1 is plain bilinear sampling, more of them filter what is finer than a crop pixel.
    pub taps: usize,
}

impl Warp {
    /// The warp with as many taps as crop pixels need to cover the picture without gaps.
    pub fn new(to_picture: Similarity, size: [usize; 2]) -> Self {
        // A little less, so that rounding does not make a scale of 2 one of 2.000001 with three taps.
        let taps = ((to_picture.scale() - 1e-3).ceil() as usize).clamp(1, 16);
        Self { to_picture, size, taps }
    }

    /// What the pixels of each crop row are made of.
    fn table(&self, picture: [usize; 2]) -> Vec<Row> {
        let [height, width] = self.size;
        // How far the outermost taps lie from the middle; bilinear sampling takes one cell more.
        let Similarity { a, b, .. } = self.to_picture;
        let reach = ((a.abs() + b.abs()) * (0.5 - 0.5 / self.taps as f32)).ceil() as i32;
        let side = (2 * reach + 2) as usize;
        let row = |row: usize| {
            let mut weights = vec![0f32; side * side];
            let mut made = Row { ends: Vec::with_capacity(width), cells: vec![] };
            for column in 0..width {
                let middle = self.to_picture.apply(Point { x: column as f32, y: row as f32 });
                let corner = [floor(middle.x) - reach, floor(middle.y) - reach];
                self.spread([column as f32, row as f32], corner, side, &mut weights);
                made.take(&mut weights, side, corner, picture);
            }
            made
        };
        (0..height).into_par_iter().map(row).collect()
    }

    /// Adds the weights of a crop pixel's taps to a window of picture pixels with this upper left corner.
    fn spread(&self, [column, row]: [f32; 2], [left, top]: [i32; 2], side: usize, weights: &mut [f32]) {
        let share = 1. / (self.taps * self.taps) as f32;
        let offset = |tap: usize| (tap as f32 + 0.5) / self.taps as f32 - 0.5;
        for tap in 0..self.taps * self.taps {
            let (dy, dx) = (offset(tap / self.taps), offset(tap % self.taps));
            let p = self.to_picture.apply(Point { x: column + dx, y: row + dy });
            let (x, y) = (floor(p.x), floor(p.y));
            let (fx, fy) = (p.x - x as f32, p.y - y as f32);
            let at = (y - top) as usize * side + (x - left) as usize;
            weights[at] += (1. - fy) * (1. - fx) * share;
            weights[at + 1] += (1. - fy) * fx * share;
            weights[at + side] += fy * (1. - fx) * share;
            weights[at + side + 1] += fy * fx * share;
        }
    }
}

/// Rounds down; far cheaper than the library's function on processors without an instruction for it.
fn floor(x: f32) -> i32 {
    let whole = x as i32;
    if (whole as f32) > x { whole - 1 } else { whole }
}

/// For each pixel of a crop row the picture's pixels and their weights: `cells[ends[i - 1]..ends[i]]`.
#[derive(Debug)]
struct Row {
    ends: Vec<usize>,
    cells: Vec<(u32, f32)>,
}

impl Row {
    /// Takes a pixel's weights out of its window. Places outside the picture are left out: they
    /// count as 0.
    fn take(&mut self, weights: &mut [f32], side: usize, [left, top]: [i32; 2], picture: [usize; 2]) {
        let [height, width] = picture.map(|n| n as i32);
        for (y, weights) in (top..).zip(weights.chunks_exact_mut(side)) {
            for (x, weight) in (left..).zip(weights) {
                if *weight != 0. && (0..height).contains(&y) && (0..width).contains(&x) {
                    self.cells.push(((y * width + x) as u32, *weight));
                }
                *weight = 0.;
            }
        }
        self.ends.push(self.cells.len());
    }

    fn gather(&self, picture: &[f32], crop: &mut [f32]) {
        let mut start = 0;
        for (pixel, &end) in crop.iter_mut().zip(&self.ends) {
            *pixel = self.cells[start..end].iter().map(|&(at, weight)| weight * picture[at as usize]).sum();
            start = end;
        }
    }

    fn scatter(&self, crop: &[f32], picture: &mut [f32]) {
        let mut start = 0;
        for (pixel, &end) in crop.iter().zip(&self.ends) {
            for &(at, weight) in &self.cells[start..end] {
                picture[at as usize] += weight * pixel;
            }
            start = end;
        }
    }
}

/// A warp of pictures of one size, worked out once.
#[derive(Debug)]
pub(crate) struct Sampler {
    rows: Vec<Row>,
    crop: [usize; 2],
    picture: [usize; 2],
}

impl Sampler {
    /// For pictures of this height and width.
    pub(crate) fn new(warp: Warp, picture: [usize; 2]) -> Self {
        Self { rows: warp.table(picture), crop: warp.size, picture }
    }

    /// The crop of all planes of a picture; 0 where it reaches over the picture's edge.
    pub(crate) fn gather(&self, picture: &[f32]) -> Vec<f32> {
        let mut crops = vec![0f32; picture.len() / self.picture.iter().product::<usize>() * self.cells()];
        let planes = picture.par_chunks(self.picture.iter().product());
        crops.par_chunks_mut(self.cells()).zip(planes).for_each(|(crop, picture)| {
            let rows = crop.chunks_mut(self.crop[1]).zip(&self.rows);
            rows.for_each(|(crop, row)| row.gather(picture, crop));
        });
        crops
    }

    /// The transpose: brings slopes of a crop's planes back to the picture's.
    pub(crate) fn scatter(&self, crops: &[f32]) -> Vec<f32> {
        let cells = self.picture.iter().product::<usize>();
        let mut pictures = vec![0f32; crops.len() / self.cells() * cells];
        pictures.par_chunks_mut(cells).zip(crops.par_chunks(self.cells())).for_each(|(picture, crop)| {
            crop.chunks(self.crop[1]).zip(&self.rows).for_each(|(crop, row)| row.scatter(crop, picture));
        });
        pictures
    }

    fn cells(&self) -> usize {
        self.crop.iter().product()
    }
}

/// Samples crops from one picture; differentiable in `picture`.
///
/// # Shapes
/// - `picture`: `(channels, height, width)`, `f32`
/// - returns: `(channels, crop height, crop width)`; 0 where the crop reaches over the picture's edge
///
/// # Errors
/// Where `picture` has another shape or is not on the CPU.
pub fn warp(picture: &Tensor, warp: Warp) -> Result<Tensor> {
    let (_, height, width) = picture.dims3()?;
    let sampler = Arc::new(Sampler::new(warp, [height, width]));
    picture.contiguous()?.apply_op1(Sample { sampler, transposed: false })
}

/// The warp as an operation, or its transpose, which carries gradients back.
#[derive(Clone)]
struct Sample {
    sampler: Arc<Sampler>,
    transposed: bool,
}

impl CustomOp1 for Sample {
    fn name(&self) -> &'static str {
        "warp"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let Some((start, end)) = layout.contiguous_offsets() else {
            bail!("a warp needs a contiguous input")
        };
        let input = &storage.as_slice::<f32>()?[start..end];
        let Sampler { crop, picture, .. } = *self.sampler;
        let (output, [height, width]) = match self.transposed {
            true => (self.sampler.scatter(input), picture),
            false => (self.sampler.gather(input), crop),
        };
        Ok((CpuStorage::F32(output), (layout.dims()[0], height, width).into()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let back = Sample { transposed: !self.transposed, ..self.clone() };
        Ok(Some(gradient.contiguous()?.apply_op1_no_bwd(&back)?))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    const STAY: Similarity = Similarity { a: 1., b: 0., dx: 0., dy: 0. };

    fn row(values: &[f32]) -> Result<Tensor> {
        Tensor::from_slice(values, (1, 1, values.len()), &Device::Cpu)
    }

    fn sampled(picture: &Tensor, to_picture: Similarity, width: usize, taps: usize) -> Result<Vec<f32>> {
        warp(picture, Warp { to_picture, size: [1, width], taps })?.flatten_all()?.to_vec1()
    }

    #[test]
    fn half_pixel_shift_averages_neighbours() -> Result<()> {
        let shift = Similarity { dx: 0.5, ..STAY };
        assert_eq!(sampled(&row(&[0., 1., 2., 3.])?, shift, 3, 1)?, [0.5, 1.5, 2.5]);
        Ok(())
    }

    #[test]
    fn places_outside_the_picture_are_black() -> Result<()> {
        let shift = Similarity { dx: -1., ..STAY };
        assert_eq!(sampled(&row(&[4., 8.])?, shift, 4, 1)?, [0., 4., 8., 0.]);
        Ok(())
    }

    #[test]
    fn a_quarter_turn_turns_rows_into_columns() -> Result<()> {
        let picture = Tensor::from_slice(&[1f32, 2., 3., 4.], (1, 2, 2), &Device::Cpu)?;
        let turn = Similarity { a: 0., b: 1., dx: 1., dy: 0. };
        let crop = warp(&picture, Warp { to_picture: turn, size: [2, 2], taps: 1 })?;
        assert_eq!(crop.flatten_all()?.to_vec1::<f32>()?, [2., 4., 1., 3.]);
        Ok(())
    }

    #[test]
    fn taps_average_what_is_finer_than_a_crop_pixel() -> Result<()> {
        // Crop pixel 0 covers picture pixels -0.5 to 3.5: black and white in turn average to grey.
        let quarter = Similarity { a: 4., b: 0., dx: 1.5, dy: 0. };
        assert_eq!(sampled(&row(&[0., 1., 0., 1.])?, Similarity { dx: 1., ..quarter }, 1, 1)?, [1.]);
        // Rows outside the one-row picture count as 0, so only the middle taps' rows contribute fully.
        let tall = row(&[0., 1., 0., 1.])?.broadcast_as((1, 4, 4))?.contiguous()?;
        let centred = Similarity { dy: 1.5, ..quarter };
        assert_eq!(
            warp(&tall, Warp { to_picture: centred, size: [1, 1], taps: 4 })?.to_vec3::<f32>()?,
            [[[0.5]]]
        );
        Ok(())
    }

    #[test]
    fn the_gradient_is_the_transpose() -> Result<()> {
        let turn = Similarity { a: 0.9, b: 0.4, dx: 0.3, dy: -0.7 };
        let place = Warp { to_picture: turn, size: [4, 5], taps: 2 };
        let picture =
            Var::from_tensor(&Tensor::arange(0f32, 2. * 36., &Device::Cpu)?.sin()?.reshape((2, 6, 6))?)?;
        let weights = Tensor::arange(0f32, 40., &Device::Cpu)?.cos()?.reshape((2, 4, 5))?;
        let loss = (warp(&picture, place)? * &weights)?.sum_all()?;
        let gradient =
            loss.backward()?.remove(&picture).ok_or_else(|| candle_core::Error::Msg("no gradient".into()))?;
        // The warp is linear, so the gradient times the picture must give the loss back.
        let product = (gradient * picture.as_tensor())?.sum_all()?.to_scalar::<f32>()?;
        assert!((product - loss.to_scalar::<f32>()?).abs() < 1e-4);
        Ok(())
    }
}

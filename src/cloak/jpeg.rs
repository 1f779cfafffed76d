//! JPEG compression of a crop inside the optimisation.
//!
//! It is the real thing (8 x 8 cosine transform, quantised, without chroma subsampling). For slopes the rounding counts as the
//! identity (straight-through, [Bengio et al. 2013](https://arxiv.org/abs/1308.3432)), and so, since the transform is
//! orthogonal, does the whole.

use std::f32::consts::PI;

use candle_core::{Result, Tensor, bail};

/// Quantisation of luma and chroma at quality 50, ITU-T T.81 annex K.
const TABLES: [[u8; 64]; 2] = [
    [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14,
        17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49,
        64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ],
    [
        17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47,
        66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    ],
];

/// Compresses and decompresses a crop.
///
/// # Shapes
/// - `crop`: `(3, height, width)`, RGB in `0.0..=1.0`, sides multiples of 8; returns the same
pub(crate) fn jpeg(crop: &Tensor, quality: u8) -> Result<Tensor> {
    let (_, height, width) = crop.dims3()?;
    if height % 8 != 0 || width % 8 != 0 {
        bail!("JPEG needs sides that are multiples of 8, not {height} x {width}")
    }
    let planes = compressed(&crop.flatten_all()?.to_vec1()?, [height, width], quality);
    Tensor::from_vec(planes, crop.shape(), crop.device())
}

/// [`jpeg`] of three planes of this height and width.
pub(super) fn compressed(crop: &[f32], [height, width]: [usize; 2], quality: u8) -> Vec<f32> {
    let mut planes = to_ycc(crop);
    let cosines = cosines();
    for (i, plane) in planes.chunks_mut(height * width).enumerate() {
        let table = table(TABLES[i.min(1)], quality);
        for corner in (0..height).step_by(8).flat_map(|y| (0..width).step_by(8).map(move |x| y * width + x)) {
            quantise_block(&mut plane[corner..], width, &table, &cosines);
        }
    }
    to_rgb(&planes)
}

/// The quantisation steps at a quality, scaled as libjpeg does.
fn table(base: [u8; 64], quality: u8) -> [f32; 64] {
    let quality = u32::from(quality.clamp(1, 100));
    let scale = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    base.map(|q| ((u32::from(q) * scale + 50) / 100).clamp(1, 255) as f32)
}

/// Rows are the orthonormal cosine basis of length 8.
fn cosines() -> [[f32; 8]; 8] {
    std::array::from_fn(|k| {
        let norm = if k == 0 { (1f32 / 8.).sqrt() } else { 0.5 };
        std::array::from_fn(|n| norm * (PI * (2 * n + 1) as f32 * k as f32 / 16.).cos())
    })
}

/// Transforms one block in place, rounds its coefficients to the table's steps, transforms back.
fn quantise_block(plane: &mut [f32], stride: usize, table: &[f32; 64], cosines: &[[f32; 8]; 8]) {
    let block: [[f32; 8]; 8] = std::array::from_fn(|y| std::array::from_fn(|x| plane[y * stride + x]));
    let mut spectrum = product(&product(cosines, &block), &transposed(cosines));
    for (i, coefficient) in spectrum.as_flattened_mut().iter_mut().enumerate() {
        *coefficient = (*coefficient / table[i]).round_ties_even() * table[i];
    }
    let block = product(&product(&transposed(cosines), &spectrum), cosines);
    for (y, row) in block.iter().enumerate() {
        plane[y * stride..][..8].copy_from_slice(row);
    }
}

fn product(a: &[[f32; 8]; 8], b: &[[f32; 8]; 8]) -> [[f32; 8]; 8] {
    std::array::from_fn(|i| std::array::from_fn(|j| (0..8).map(|k| a[i][k] * b[k][j]).sum()))
}

fn transposed(a: &[[f32; 8]; 8]) -> [[f32; 8]; 8] {
    std::array::from_fn(|i| std::array::from_fn(|j| a[j][i]))
}

/// Planes of RGB in 0..1 to planes of Y, Cb and Cr around 0, in units of 1/255.
fn to_ycc(rgb: &[f32]) -> Vec<f32> {
    let n = rgb.len() / 3;
    let mut planes = vec![0f32; rgb.len()];
    for i in 0..n {
        let (r, g, b) = (rgb[i] * 255., rgb[n + i] * 255., rgb[2 * n + i] * 255.);
        let y = 0.299 * r + 0.587 * g + 0.114 * b;
        (planes[i], planes[n + i], planes[2 * n + i]) = (y - 128., (b - y) * 0.564_334, (r - y) * 0.713_267);
    }
    planes
}

fn to_rgb(planes: &[f32]) -> Vec<f32> {
    let n = planes.len() / 3;
    let mut rgb = vec![0f32; planes.len()];
    for i in 0..n {
        let (y, cb, cr) = (planes[i] + 128., planes[n + i], planes[2 * n + i]);
        let (r, b) = (y + 1.402 * cr, y + 1.772 * cb);
        let g = (y - 0.299 * r - 0.114 * b) / 0.587;
        for (plane, value) in [r, g, b].into_iter().enumerate() {
            rgb[plane * n + i] = (value / 255.).clamp(0., 1.);
        }
    }
    rgb
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn flat_colours_survive_to_within_the_step_of_their_mean() -> Result<()> {
        // Level 144 is 16 above the middle: 128 times 8 basis units, a whole multiple of the step of 16.
        let grey = Tensor::full(144. / 255f32, (3, 16, 16), &Device::Cpu)?;
        let same = (jpeg(&grey, 50)? - &grey)?.abs()?.max_all()?.to_scalar::<f32>()?;
        assert!(same < 1e-5, "{same}");
        Ok(())
    }

    #[test]
    fn a_faint_checkerboard_is_lost_at_low_quality_and_kept_at_the_highest() -> Result<()> {
        let board: Vec<f32> =
            (0..192).map(|i| (128. + if (i / 8 + i) % 2 == 0 { 4. } else { -4. }) / 255.).collect();
        let board = Tensor::from_vec(board, (3, 8, 8), &Device::Cpu)?;
        let range = |t: &Tensor| -> Result<f32> { (t.max_all()? - t.min_all()?)?.to_scalar() };
        assert!(range(&jpeg(&board, 30)?)? < 1e-4);
        assert!((range(&jpeg(&board, 100)?)? - 8. / 255.).abs() < 2. / 255.);
        Ok(())
    }
}

//! Planes of pictures: luma and colour are weighted sums of red, green and blue.

use candle_core::{Result, Tensor};

/// Red, green and blue in luma, [ITU-R BT.601](https://www.itu.int/rec/R-REC-BT.601).
pub(super) const LUMA: [f32; 3] = [0.299, 0.587, 0.114];
/// Blue and red difference (Cb, Cr) of red, green and blue.
pub(super) const CHROMA: [[f32; 3]; 2] =
    [[-0.168_636, -0.331_068, 0.499_704], [0.499_813, -0.418_531, -0.081_282]];

/// Luma of a picture.
///
/// # Shapes
/// - `picture`: `(3, height, width)`; returns `(height, width)`
pub(super) fn luma(picture: &Tensor) -> Result<Tensor> {
    let channel = |i: usize| picture.get(i)? * f64::from(LUMA[i]);
    (channel(0)? + channel(1)?)? + channel(2)?
}

/// The sum of a picture's three planes by these weights.
pub(super) fn mixed(picture: &[f32], weights: [f32; 3]) -> Vec<f32> {
    let (red, others) = picture.split_at(picture.len() / 3);
    let (green, blue) = others.split_at(red.len());
    let [r, g, b] = weights;
    red.iter().zip(green).zip(blue).map(|((red, green), blue)| r * red + g * green + b * blue).collect()
}

/// The three planes' slopes of a mixed plane's.
pub(super) fn unmixed(slope: &[f32], weights: [f32; 3]) -> Vec<f32> {
    let plane = |weight: f32| slope.iter().map(|slope| weight * slope).collect::<Vec<_>>();
    weights.map(plane).concat()
}

/// All numbers of a picture, plane by plane.
pub(crate) fn numbers_of(picture: &Tensor) -> Result<Vec<f32>> {
    picture.flatten_all()?.to_vec1()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grey_change_has_no_chroma_and_a_blue_one_has() {
        let chroma = |colour: [f32; 3]| CHROMA.map(|weights| mixed(&colour, weights)[0]);
        assert!(chroma([0.1; 3]).iter().all(|value| value.abs() < 1e-6));
        let [blue, red] = chroma([0., 0., 1.]);
        assert!((blue - 0.886 * 0.564).abs() < 1e-4 && (red + 0.114 * 0.713).abs() < 1e-4, "{blue} {red}");
    }
}

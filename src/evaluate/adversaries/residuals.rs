//! Statistics of what is left of a picture without its smooth part, where a cloak shows, after the
//! rich models of steganalysis, [Fridrich and Kodovský 2012](https://doi.org/10.1109/TIFS.2012.2190402).

/// High-pass filters: second differences across, down and both.
const FILTERS: [[f32; 9]; 3] = [
    [0., 0., 0., 1., -2., 1., 0., 0., 0.],
    [0., 1., 0., 0., -2., 0., 0., 1., 0.],
    [-1., 2., -1., 2., -4., 2., -1., 2., -1.],
];
/// Sizes at which the picture is looked at, each half of the one before.
const SCALES: usize = 3;
/// Levels below which a residual counts as small.
const SMALL: [f32; 2] = [1., 4.];

/// Numbers that tell how rough a picture is in luma and colour, at three sizes.
///
/// # Shapes
/// - `picture`: 3 planes of `side * side` samples, RGB in `0.0..=1.0`
pub(super) fn statistics(picture: &[f32], side: usize) -> Vec<f64> {
    let mut planes = luma_and_colour(picture);
    let mut side = side;
    let mut numbers = vec![];
    for _ in 0..SCALES {
        for filter in &FILTERS {
            let residuals = planes.each_ref().map(|plane| filtered(plane, side, filter));
            residuals.iter().for_each(|residual| numbers.extend(roughness(residual)));
            numbers.extend([(0, 1), (0, 2), (1, 2)].map(|(a, b)| correlation(&residuals[a], &residuals[b])));
        }
        planes = planes.each_ref().map(|plane| halved(plane, side));
        side /= 2;
    }
    numbers
}

/// Y, Cb and Cr in units of 1/255.
fn luma_and_colour(picture: &[f32]) -> [Vec<f32>; 3] {
    let count = picture.len() / 3;
    let plane = |weights: [f32; 3]| {
        (0..count).map(|i| (0..3).map(|c| 255. * weights[c] * picture[c * count + i]).sum()).collect()
    };
    [plane([0.299, 0.587, 0.114]), plane([-0.169, -0.331, 0.5]), plane([0.5, -0.419, -0.081])]
}

fn filtered(plane: &[f32], side: usize, filter: &[f32; 9]) -> Vec<f32> {
    let inner = 1..side - 1;
    let at =
        |y: usize, x: usize| (0..9).map(|k| filter[k] * plane[(y + k / 3 - 1) * side + x + k % 3 - 1]).sum();
    inner.clone().flat_map(|y| inner.clone().map(move |x| (y, x))).map(|(y, x)| at(y, x)).collect()
}

fn halved(plane: &[f32], side: usize) -> Vec<f32> {
    let half = side / 2;
    let mean = |i: usize| {
        let corner = i / half * 2 * side + i % half * 2;
        [0, 1, side, side + 1].iter().map(|step| plane[corner + step]).sum::<f32>() / 4.
    };
    (0..half * half).map(mean).collect()
}

fn roughness(residual: &[f32]) -> [f64; 4] {
    let mean = |of: &dyn Fn(f32) -> f64| residual.iter().map(|r| of(*r)).sum::<f64>() / residual.len() as f64;
    let small = SMALL.map(|limit| mean(&|r| f64::from(u8::from(r.abs() < limit))));
    let size = mean(&|r| f64::from(r.abs()));
    let square = mean(&|r| f64::from(r * r));
    [(size + 0.01).ln(), (square + 0.01).ln(), small[0], small[1]]
}

fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(x * y)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b) + 1e-6).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_smooth_and_a_checkerboard_is_not() {
        let ramp: Vec<f32> = (0..3 * 256).map(|i| (i % 16) as f32 / 16.).collect();
        let board: Vec<f32> = (0..3 * 256).map(|i| f32::from((i / 16 + i) % 2 == 0)).collect();
        let [smooth, rough] = [ramp, board].map(|picture| statistics(&picture, 16));
        assert_eq!(smooth.len(), SCALES * 3 * (3 * 4 + 3));
        // The first number is the size of luma's residual: none, and 4 halves of 255 each.
        assert!((smooth[0] - 0.01f64.ln()).abs() < 0.1, "{}", smooth[0]);
        assert!((rough[0] - 510f64.ln()).abs() < 1e-2, "{}", rough[0]);
        // At half the size the board is even grey.
        assert!((rough[45] - 0.01f64.ln()).abs() < 0.1, "{}", rough[45]);
    }

    #[test]
    fn colour_that_follows_luma_correlates_with_it() {
        let red: Vec<f32> =
            (0..3 * 256).map(|i| if i < 256 { (i * 7919 % 13) as f32 / 13. } else { 0. }).collect();
        let found = statistics(&red, 16);
        // Red raises luma and Cr and lowers Cb.
        assert!(found[12] < -0.99 && found[13] > 0.99, "{:?}", &found[12..15]);
    }
}

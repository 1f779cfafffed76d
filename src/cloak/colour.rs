//! Colour of a change: how much there is, and what is too much.

use super::convolve::{filter, gaussian};
use super::found::sum;
use super::planes::{CHROMA, LUMA, mixed};
use super::preset::Budget;

/// What is left of colour after a Gaussian of this standard deviation is broad; a share of the grid's width.
const BROAD_SIGMA: f32 = 0.03;

/// Where colour counts on a grid, and what of it is broad.
pub(super) struct Colour {
    /// Weight of each cell; they sum to 1.
    face: Vec<f32>,
    /// Leaves the broad part of a change.
    broad: Vec<f32>,
    width: usize,
}

impl Colour {
    pub(super) fn new(face: Vec<f32>, width: usize) -> Self {
        let sigma = BROAD_SIGMA * width as f32;
        Self { face, broad: gaussian(sigma, (2.5 * sigma).ceil() as usize), width }
    }

    /// Root mean square of the change of colour (Cb and Cr) over the face, in units of 1/255.
    pub(super) fn chroma(&self, change: &[f32]) -> f32 {
        self.spread(&CHROMA.map(|weights| mixed(change, weights)))
    }

    /// The same of its broad part.
    fn broad_chroma(&self, change: &[f32]) -> f32 {
        self.spread(&CHROMA.map(|weights| filter(&mixed(change, weights), self.width, &self.broad)))
    }

    fn spread(&self, planes: &[Vec<f32>; 2]) -> f32 {
        let square = |plane: &Vec<f32>| sum(plane.iter().zip(&self.face).map(|(v, w)| w * v * v));
        planes.iter().map(square).sum::<f32>().sqrt() * 255.
    }

    /// The share of the limits that `change` uses: of all colour, or of what is broad.
    pub(super) fn used(&self, change: &[f32], budget: &Budget) -> f32 {
        (self.chroma(change) / budget.chroma).max(self.broad_chroma(change) / budget.broad_chroma)
    }

    /// A raw change less what is too much of its colour, broad and all, where `change` is what it makes of the picture.
    ///
    /// Too much is taken out instead of being made dear: under tight limits the dearness drowns everything else
    /// (docs/method.md).
    ///
    /// # Shapes
    /// - both: three planes; returns the same
    pub(super) fn within(&self, raw: Vec<f32>, change: &[f32], budget: &Budget) -> Vec<f32> {
        let all = (budget.chroma / self.chroma(change)).min(1.);
        let broad = (budget.broad_chroma / self.broad_chroma(change)).min(1.);
        if all.min(broad) < 1. { self.less(&raw, all, broad) } else { raw }
    }

    /// A change with these shares of all its colour and of the broad part.
    fn less(&self, raw: &[f32], all: f32, broad: f32) -> Vec<f32> {
        let luma = mixed(raw, LUMA);
        let plane = |plane: &[f32]| {
            let colour: Vec<f32> = plane.iter().zip(&luma).map(|(value, luma)| value - luma).collect();
            let patches = filter(&colour, self.width, &self.broad);
            let kept = colour.into_iter().zip(patches).map(|(colour, patch)| colour - (1. - broad) * patch);
            kept.zip(&luma).map(|(colour, luma)| luma + all * colour).collect::<Vec<f32>>()
        };
        raw.chunks_exact(luma.len()).map(plane).collect::<Vec<_>>().concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: usize = 120;

    /// A grid of which every cell counts the same.
    fn even() -> Colour {
        Colour::new(vec![1. / (SIDE * SIDE) as f32; SIDE * SIDE], SIDE)
    }

    fn limits(chroma: f32, broad_chroma: f32) -> Budget {
        Budget { ssimulacra2: None, dssim: 1., largest_change: 255., chroma, broad_chroma }
    }

    /// One level of red and of cyan in turn without a change of luma, in squares of so many cells.
    fn squares(size: usize) -> Vec<f32> {
        let sign = |i: usize| if (i % SIDE / size + i / SIDE / size).is_multiple_of(2) { 1f32 } else { -1. };
        let plane = |part: f32| (0..SIDE * SIDE).map(move |i| part * sign(i) / 255.);
        [0.701f32, -0.299, -0.299].into_iter().flat_map(plane).collect()
    }

    #[test]
    fn fine_colour_and_patches_have_limits_of_their_own() {
        // Cr is 0.5, Cb -0.169.
        let whole = 0.5f32.hypot(0.169);
        // The edges of large squares and of the grid take a tenth.
        for (size, expected) in [(1, whole), (60, 3. * whole * 0.9)] {
            let used = even().used(&squares(size), &limits(1., 1. / 3.));
            assert!((used / expected - 1.).abs() < 0.03, "{size}: {used} instead of {expected}");
        }
    }

    #[test]
    fn too_much_colour_is_taken_out_and_luma_stays() {
        let colour = even();
        let level = |i: usize| 3. / 255. * (i as f32 * 0.01).sin();
        let change: Vec<f32> = squares(1)
            .iter()
            .zip(squares(60))
            .enumerate()
            .map(|(i, (a, b))| a + b + level(i % (SIDE * SIDE)))
            .collect();
        let luma = |change: &[f32]| mixed(change, LUMA);
        for (budget, expected) in [(limits(0.4, 9.), 0.4), (limits(9., 9.), colour.chroma(&change))] {
            let within = colour.within(change.clone(), &change, &budget);
            assert!((colour.chroma(&within) - expected).abs() < 1e-3, "{}", colour.chroma(&within));
            assert!(luma(&within).iter().zip(luma(&change)).all(|(a, b)| (a - b).abs() < 1e-6));
        }
        // Patches go, what is fine stays.
        let within = colour.within(change.clone(), &change, &limits(9., 0.1));
        let fine = |change: &[f32]| -> f32 { (1..SIDE).map(|x| (change[x] - change[x - 1]).abs()).sum() };
        assert!((fine(&within) / fine(&change) - 1.).abs() < 0.05);
        let [before, after] = [&change, &within].map(|change| colour.broad_chroma(change));
        assert!(before > 0.4 && after < 0.15, "{before} {after}");
    }
}

//! Random views: the face as a face search may come to see it.

use std::f32::consts::TAU;

use candle_core::{Result, Tensor};
use rand::{Rng, RngExt as _};

use super::convolve::{convolve, gaussian};
use super::jpeg::jpeg;
use crate::face::{CROP, Point, Similarity, Warp, warp};

/// Largest error of the alignment: degrees, share of the scale, pixels of the crop.
const ROTATION: f32 = 4.;
const SCALE: f32 = 0.05;
const SHIFT: f32 = 2.;

/// One view of a face.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct View {
    /// Error of the alignment, in crop pixels.
    jitter: Similarity,
    loss: Loss,
    /// Whether left and right are exchanged: to a recogniser that is the same person, but each errs in another way.
    mirrored: bool,
}

/// What a face search may have lost of the face.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Loss {
    Nothing,
    /// Gaussian blur with this standard deviation in crop pixels.
    Blur(f32),
    /// Shrunk to this side in pixels and enlarged again.
    Shrink(usize),
    /// JPEG at this quality.
    Jpeg(u8),
}

impl View {
    /// Draws a view.
    pub(super) fn draw(rng: &mut impl Rng) -> Self {
        let angle = rng.random_range(-ROTATION..=ROTATION) * TAU / 360.;
        let scale = 1. + rng.random_range(-SCALE..=SCALE);
        let shift = [0, 1].map(|_| rng.random_range(-SHIFT..=SHIFT));
        let loss = match rng.random_range(0..4) {
            0 => Loss::Nothing,
            1 => Loss::Blur(rng.random_range(0.4..1.1)),
            2 => Loss::Shrink(rng.random_range(56..=104)),
            _ => Loss::Jpeg(rng.random_range(55..=95)),
        };
        Self { jitter: about_the_middle(angle, scale, shift), loss, mirrored: rng.random() }
    }

    /// Whether left and right are exchanged.
    pub(super) fn is_mirrored(&self) -> bool {
        self.mirrored
    }

    /// The aligned crop as this view shows it; differentiable in `picture`.
    ///
    /// # Shapes
    /// - `picture`: `(3, height, width)`, RGB in `0.0..=1.0`; `to_picture` maps crop pixels into it
    /// - returns: `(3, 112, 112)`
    pub(super) fn show(&self, picture: &Tensor, to_picture: &Similarity) -> Result<Tensor> {
        let crop = self.upright(picture, self.jitter.then(to_picture))?;
        if self.mirrored { mirror(&crop) } else { Ok(crop) }
    }

    fn upright(&self, picture: &Tensor, to_picture: Similarity) -> Result<Tensor> {
        let size = [CROP, CROP];
        match self.loss {
            Loss::Nothing => warp(picture, Warp::new(to_picture, size)),
            Loss::Blur(sigma) => convolve(&warp(picture, Warp::new(to_picture, size))?, &gaussian(sigma, 3)),
            Loss::Jpeg(quality) => jpeg(&warp(picture, Warp::new(to_picture, size))?, quality),
            Loss::Shrink(side) => {
                let enlarge = resized(side, CROP);
                let small = warp(picture, Warp::new(resized(CROP, side).then(&to_picture), [side, side]))?;
                warp(&small, Warp::new(enlarge, size))
            }
        }
    }
}

/// A picture `(channels, height, width)` with left and right exchanged.
pub(super) fn mirror(picture: &Tensor) -> Result<Tensor> {
    let width = picture.dim(2)? as u32;
    picture.contiguous()?.index_select(&Tensor::from_iter((0..width).rev(), picture.device())?, 2)
}

/// Pixels of a picture of side `to` to pixels of the same picture with side `from`.
pub(crate) fn resized(from: usize, to: usize) -> Similarity {
    let a = from as f32 / to as f32;
    Similarity { a, b: 0., dx: (a - 1.) / 2., dy: (a - 1.) / 2. }
}

/// Rotation and scaling that leave the middle of the crop where it is, and then a shift.
fn about_the_middle(angle: f32, scale: f32, [right, down]: [f32; 2]) -> Similarity {
    let turn = Similarity { a: scale * angle.cos(), b: scale * angle.sin(), dx: 0., dy: 0. };
    let middle = Point { x: (CROP - 1) as f32 / 2., y: (CROP - 1) as f32 / 2. };
    let moved = turn.apply(middle);
    Similarity { dx: middle.x - moved.x + right, dy: middle.y - moved.y + down, ..turn }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    const STAY: Similarity = Similarity { a: 1., b: 0., dx: 0., dy: 0. };

    #[test]
    fn the_middle_stays_where_it_is_without_a_shift() {
        let p = about_the_middle(0.3, 1.1, [0., 0.]).apply(Point { x: 55.5, y: 55.5 });
        assert!((p.x - 55.5).abs() < 1e-4 && (p.y - 55.5).abs() < 1e-4);
    }

    #[test]
    fn every_loss_leaves_a_flat_face_as_it_is_away_from_the_edge() -> Result<()> {
        let face = Tensor::full(0.5f32, (3, CROP, CROP), &Device::Cpu)?;
        for loss in [Loss::Nothing, Loss::Blur(1.), Loss::Shrink(60), Loss::Jpeg(60)] {
            let crop = View { jitter: STAY, loss, mirrored: false }.show(&face, &STAY)?;
            let middle = crop.get(1)?.get(56)?.get(56)?.to_scalar::<f32>()?;
            assert!((middle - 0.5).abs() < 0.01, "{loss:?}: {middle}");
        }
        Ok(())
    }

    #[test]
    fn a_mirrored_view_shows_the_right_at_the_left_and_carries_gradients_back() -> Result<()> {
        let ramp = (0..3 * CROP * CROP).map(|i| (i % CROP) as f32 / CROP as f32).collect::<Vec<_>>();
        let face = Var::from_vec(ramp, (3, CROP, CROP), &Device::Cpu)?;
        let crop =
            View { jitter: STAY, loss: Loss::Nothing, mirrored: true }.show(face.as_tensor(), &STAY)?;
        let row = crop.get(0)?.get(9)?.to_vec1::<f32>()?;
        assert!((row[0] - 111. / 112.).abs() < 1e-6 && (row[110] - 1. / 112.).abs() < 1e-6, "{row:?}");
        let left =
            crop.narrow(2, 0, 1)?.sum_all()?.backward()?.remove(&face).map(|g| g.get(0)?.get(9)?.to_vec1());
        let left: Vec<f32> = left.transpose()?.unwrap_or_default();
        assert_eq!((left[0], left[111]), (0., 1.));
        Ok(())
    }

    #[test]
    fn the_same_seed_draws_the_same_views() {
        let draw =
            |seed| (0..5).map(move |_| ()).scan(StdRng::seed_from_u64(seed), |r, ()| Some(View::draw(r)));
        assert!(draw(7).eq(draw(7)));
        assert!(!draw(7).eq(draw(8)));
    }
}

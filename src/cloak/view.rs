//! Random views: the face as a face search may come to see it.

use std::f32::consts::TAU;

use rand::{Rng, RngExt as _};

use super::convolve::{filter, gaussian};
use super::jpeg::compressed;
use crate::face::{CROP, Point, Sampler, Similarity, Warp};

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

    /// How this view shows a picture of this height and width; `to_picture` maps crop pixels into it.
    pub(super) fn lens(&self, to_picture: &Similarity, picture: [usize; 2]) -> Lens {
        let (near, size) = (self.jitter.then(to_picture), [CROP, CROP]);
        let samplers = match self.loss {
            Loss::Shrink(side) => {
                let shrink = Warp::new(resized(CROP, side).then(&near), [side, side]);
                let enlarge = Warp::new(resized(side, CROP), size);
                vec![Sampler::new(shrink, picture), Sampler::new(enlarge, [side, side])]
            }
            _ => vec![Sampler::new(Warp::new(near, size), picture)],
        };
        Lens { samplers, loss: self.loss, mirrored: self.mirrored }
    }
}

/// A view of pictures of one size.
pub(super) struct Lens {
    samplers: Vec<Sampler>,
    loss: Loss,
    mirrored: bool,
}

impl Lens {
    /// The aligned crop: three planes of 112 x 112, of three planes of the picture in `0.0..=1.0`.
    pub(super) fn show(&self, picture: &[f32]) -> Vec<f32> {
        let (first, further) = (&self.samplers[0], &self.samplers[1..]);
        let crop = further.iter().fold(first.gather(picture), |crop, sampler| sampler.gather(&crop));
        let mut crop = match self.loss {
            Loss::Blur(sigma) => blurred(&crop, sigma),
            Loss::Jpeg(quality) => compressed(&crop, [CROP, CROP], quality),
            Loss::Nothing | Loss::Shrink(_) => crop,
        };
        self.mirror(&mut crop);
        crop
    }

    /// The slope in the picture, of one in the crop.
    pub(super) fn slope(&self, mut crop: Vec<f32>) -> Vec<f32> {
        self.mirror(&mut crop);
        if let Loss::Blur(sigma) = self.loss {
            crop = blurred(&crop, sigma);
        }
        self.samplers.iter().rev().fold(crop, |slope, sampler| sampler.scatter(&slope))
    }

    fn mirror(&self, crop: &mut [f32]) {
        if self.mirrored {
            crop.chunks_exact_mut(CROP).for_each(<[f32]>::reverse);
        }
    }
}

fn blurred(crop: &[f32], sigma: f32) -> Vec<f32> {
    let kernel = gaussian(sigma, 3);
    crop.chunks_exact(CROP * CROP).flat_map(|plane| filter(plane, CROP, &kernel)).collect()
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
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    const STAY: Similarity = Similarity { a: 1., b: 0., dx: 0., dy: 0. };

    #[test]
    fn the_middle_stays_where_it_is_without_a_shift() {
        let p = about_the_middle(0.3, 1.1, [0., 0.]).apply(Point { x: 55.5, y: 55.5 });
        assert!((p.x - 55.5).abs() < 1e-4 && (p.y - 55.5).abs() < 1e-4);
    }

    fn lens(loss: Loss, mirrored: bool) -> Lens {
        View { jitter: STAY, loss, mirrored }.lens(&STAY, [CROP, CROP])
    }

    #[test]
    fn every_loss_leaves_a_flat_face_as_it_is_away_from_the_edge() {
        let face = vec![0.5; 3 * CROP * CROP];
        for loss in [Loss::Nothing, Loss::Blur(1.), Loss::Shrink(60), Loss::Jpeg(60)] {
            let middle = lens(loss, false).show(&face)[CROP * CROP + 56 * CROP + 56];
            assert!((middle - 0.5).abs() < 0.01, "{loss:?}: {middle}");
        }
    }

    #[test]
    fn a_mirrored_view_shows_the_right_at_the_left() {
        let ramp: Vec<f32> = (0..3 * CROP * CROP).map(|i| (i % CROP) as f32 / CROP as f32).collect();
        let crop = lens(Loss::Nothing, true).show(&ramp);
        assert!((crop[0] - 111. / 112.).abs() < 1e-6 && (crop[110] - 1. / 112.).abs() < 1e-6);
    }

    #[test]
    fn slopes_come_back_by_the_transpose_of_what_is_shown() {
        let count = 3 * CROP * CROP;
        let picture: Vec<f32> = (0..count).map(|i| 0.5 + 0.4 * (i as f32 * 0.37).sin()).collect();
        let weights: Vec<f32> = (0..count).map(|i| (i as f32 * 0.11).cos()).collect();
        let dot = |a: &[f32], b: &[f32]| -> f64 { a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum() };
        for loss in [Loss::Nothing, Loss::Blur(0.9), Loss::Shrink(70)] {
            for mirrored in [false, true] {
                let lens = View { jitter: about_the_middle(0.05, 1.03, [1., -1.]), loss, mirrored }
                    .lens(&STAY, [CROP, CROP]);
                let (there, back) = (lens.show(&picture), lens.slope(weights.clone()));
                let (found, expected) = (dot(&picture, &back), dot(&there, &weights));
                assert!((found - expected).abs() < 1e-2, "{loss:?} {mirrored}: {found} {expected}");
            }
        }
    }

    #[test]
    fn slopes_pass_jpeg_as_they_are() {
        let slope: Vec<f32> = (0..3 * CROP * CROP).map(|i| (i as f32 * 0.11).cos()).collect();
        assert_eq!(lens(Loss::Jpeg(60), false).slope(slope.clone()), slope);
    }

    #[test]
    fn the_same_seed_draws_the_same_views() {
        let draw =
            |seed| (0..5).map(move |_| ()).scan(StdRng::seed_from_u64(seed), |r, ()| Some(View::draw(r)));
        assert!(draw(7).eq(draw(7)));
        assert!(!draw(7).eq(draw(8)));
    }
}

//! How visible a change is to people, differentiable: [SSIMULACRA 2](https://github.com/cloudinary/ssimulacra2), which
//! agrees with people's opinions of pictures better than SSIM does.
//!
//! The sum of its terms, of those whose weights matter, is the *distance* of two pictures; the score is a falling function
//! of the distance. A face may be cloaked on a grid coarser than the photo, but is seen at the photo's size: the scales
//! from a quarter on, where most of the weight lies, are those of the photo.

use std::sync::Arc;

use candle_core::{Result, Tensor};

use super::found::{Found, sum};
use super::pyramid::{Channel, Level, Part, Pyramid};
use super::ssim::{Changed, Original, Place, Slopes};
use Channel::{B, X, Y};

/// The stabilising constant of SSIM.
const C2: f32 = 0.0009;
/// Keeps the slope of the 4-norm finite where nothing has changed.
const LEAST: f32 = 1e-12;
/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Map {
    /// Structural dissimilarity, without the term that makes darkness count more.
    Ssim,
    /// Edges where there were none.
    Artifact,
    /// Edges that are gone.
    Detail,
}
use Map::{Artifact, Detail, Ssim};

/// Scale, channel, map, norm (the mean, or the 4-norm) and weight.
type Term = (usize, Channel, Map, u8, f32);

const TERMS: [Term; 17] = [
    (0, Y, Ssim, 4, 7.467),
    (0, Y, Detail, 4, 17.446),
    (1, Y, Ssim, 4, 6.684),
    (2, X, Ssim, 4, 1.842),
    (2, X, Artifact, 4, 11.441),
    (2, Y, Ssim, 1, 225.205),
    (2, Y, Ssim, 4, 19.213),
    (3, X, Ssim, 4, 1.879),
    (3, X, Artifact, 4, 10.949),
    (3, Y, Ssim, 1, 176.393),
    (3, Y, Ssim, 4, 24.433),
    (3, B, Ssim, 4, 8.827),
    (3, B, Artifact, 4, 23.192),
    (4, Y, Ssim, 4, 34.779),
    (4, Y, Artifact, 4, 44.836),
    (4, B, Ssim, 1, 95.108),
    (4, B, Artifact, 4, 171.267),
];

/// The original's half of the distance, computed once.
pub(super) struct Perception {
    pyramid: Pyramid,
    sides: Vec<Side>,
}

/// A channel of the original at a scale, with what is compared there.
struct Side {
    scale: usize,
    channel: Channel,
    original: Original,
    /// One more than the strength of the edge at each place.
    edge: Vec<f32>,
}

impl Perception {
    /// # Shapes
    /// - `picture`: `(3, height, width)`, sRGB in `0.0..=1.0`, cells of `pitch` photo pixels
    pub(super) fn new(picture: &Tensor, part: Part, pitch: f32) -> Result<Self> {
        let (_, height, width) = picture.dims3()?;
        let pyramid = Pyramid::new(part, [height, width], pitch);
        let mut sides = vec![];
        for (scale, level) in pyramid.levels(&picture.flatten_all()?.to_vec1()?).iter().enumerate() {
            for channel in [X, Y, B].into_iter().filter(|c| TERMS.iter().any(|t| (t.0, t.1) == (scale, *c))) {
                let original = Original::new(level.cones.channel(channel), level.width);
                let edge = edges(&original.plane, &original.mean);
                sides.push(Side { scale, channel, original, edge });
            }
        }
        Ok(Self { pyramid, sides })
    }

    /// The distance of `picture` from the original, 0 without a change.
    pub(super) fn distance(self: &Arc<Self>, picture: &[f32]) -> Found {
        let levels = self.pyramid.levels(picture);
        let compare = |side: &Side| side.compare(levels[side.scale].cones.channel(side.channel));
        let compared: Vec<Compared> = self.sides.iter().map(compare).collect();
        let value = compared.iter().flat_map(|c| &c.averages).map(|(_, average)| average).sum();
        let (perception, picture) = (self.clone(), picture.to_vec());
        Found::new(value, move || perception.slope(&picture, &levels, &compared))
    }

    fn slope(&self, picture: &[f32], levels: &[Level], compared: &[Compared]) -> Vec<f32> {
        let mut by_cones: Vec<[Vec<f32>; 3]> = levels.iter().map(Level::unmoved).collect();
        for (side, compared) in self.sides.iter().zip(compared) {
            let slope = side.slope(compared);
            side.channel.spread(&slope, &mut by_cones[side.scale]);
        }
        self.pyramid.slope(picture, levels, &by_cones)
    }
}

/// A side beside that of a changed picture.
struct Compared {
    changed: Changed,
    /// Each term's number, and what it adds to the distance.
    averages: Vec<(usize, f32)>,
}

impl Side {
    fn compare(&self, plane: Vec<f32>) -> Compared {
        let changed = self.original.beside(plane);
        let own = |(_, t): &(usize, &Term)| (t.0, t.1) == (self.scale, self.channel);
        let average = |(i, term): (usize, &Term)| {
            let errors = (0..changed.plane.len()).map(|at| self.error(term.2, &changed, at));
            (i, term.4 * average(errors, term.3))
        };
        let averages = TERMS.iter().enumerate().filter(own).map(average).collect();
        Compared { changed, averages }
    }

    fn error(&self, map: Map, changed: &Changed, at: usize) -> f32 {
        match map {
            Ssim => Likeness::at(self.original.place(changed, at)).error().max(0.),
            Artifact => self.edge_growth(changed, at).max(0.),
            Detail => (-self.edge_growth(changed, at)).max(0.),
        }
    }

    /// By what share an edge has become stronger.
    fn edge_growth(&self, changed: &Changed, at: usize) -> f32 {
        ((changed.plane[at] - changed.mean[at]).abs() + 1.) / self.edge[at] - 1.
    }

    /// By how much the distance grows with the changed plane.
    fn slope(&self, compared: &Compared) -> Vec<f32> {
        let changed = &compared.changed;
        let count = changed.plane.len();
        let (mut slopes, mut direct) = (Slopes::none(count), vec![0.; count]);
        for &(i, value) in &compared.averages {
            let (.., map, norm, weight) = TERMS[i];
            for (at, direct) in direct.iter_mut().enumerate() {
                let error = self.error(map, changed, at);
                if error > 0. {
                    let by = by_error(error, norm, value / weight) * weight / count as f32;
                    self.add(map, by, changed, at, (&mut slopes, direct));
                }
            }
        }
        let mut slope = self.original.slope(changed, &slopes);
        slope.iter_mut().zip(direct).for_each(|(slope, direct)| *slope += direct);
        slope
    }

    /// Adds what the error at one place, which counts `by`, makes of the slopes.
    fn add(
        &self,
        map: Map,
        by: f32,
        changed: &Changed,
        at: usize,
        (slopes, direct): (&mut Slopes, &mut f32),
    ) {
        if map == Ssim {
            let [mean, square, product] = Likeness::at(self.original.place(changed, at)).slope();
            slopes.mean[at] += by * mean;
            slopes.square[at] += by * square;
            slopes.product[at] += by * product;
            return;
        }
        let sign = (changed.plane[at] - changed.mean[at]).signum() * if map == Artifact { 1. } else { -1. };
        let by = by * sign / self.edge[at];
        *direct += by;
        slopes.mean[at] -= by;
    }
}

/// One more than the strength of the edge at each place.
fn edges(plane: &[f32], mean: &[f32]) -> Vec<f32> {
    plane.iter().zip(mean).map(|(value, mean)| (value - mean).abs() + 1.).collect()
}

/// The mean of errors, or their 4-norm.
fn average(errors: impl ExactSizeIterator<Item = f32>, norm: u8) -> f32 {
    let count = errors.len() as f32;
    if norm == 1 {
        return sum(errors) / count;
    }
    let fourth = sum(errors.map(|error| (error * error) * (error * error))) / count;
    (fourth + LEAST).sqrt().sqrt()
}

/// By how much an average grows with one of its errors, times their number.
fn by_error(error: f32, norm: u8, average: f32) -> f32 {
    if norm == 1 { 1. } else { (error / average).powi(3) }
}

/// Structural similarity without the term that makes darkness count more.
struct Likeness {
    means: [f32; 2],
    light: f32,
    above: f32,
    below: f32,
}

impl Likeness {
    fn at(place: Place) -> Self {
        let Place { means, variances, covariance } = place;
        let light = 1. - (means[0] - means[1]).powi(2);
        Self { means, light, above: 2. * covariance + C2, below: variances + C2 }
    }

    fn error(&self) -> f32 {
        1. - self.light * self.above / self.below
    }

    /// By how much the error grows with the changed plane's mean, mean square and mean product.
    fn slope(&self) -> [f32; 3] {
        let [a, b] = self.means;
        let likeness = self.light * self.above / self.below;
        let by_mean = 2. * ((a - b) * self.above - self.light * a + likeness * b) / self.below;
        [-by_mean, likeness / self.below, -2. * self.light / self.below]
    }
}

#[cfg(test)]
mod tests {
    use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2};

    use candle_core::Device;

    use super::*;
    use crate::cloak::found::assert_slope;
    use crate::cloak::planes::numbers_of;
    use crate::cloak::score::score;

    const SIDE: usize = 128;

    /// A textured picture with a wave of a size and a period added to each colour.
    fn picture(size: [f32; 3], period: f32) -> Vec<[f32; 3]> {
        let at = |i: usize| {
            let (x, y) = ((i % SIDE) as f32, (i / SIDE) as f32);
            let texture = 0.1 * (x / 7.).sin() * (y / 5.).cos() + 0.02 * ((i * 7919 % 13) as f32 / 13.);
            let wave = [x, y].map(|v| (v / period * std::f32::consts::TAU).sin()).iter().product::<f32>();
            [0, 1, 2].map(|c| 0.5 + 0.05 * c as f32 + texture + size[c] * wave)
        };
        (0..SIDE * SIDE).map(at).collect()
    }

    fn distance(perception: &Arc<Perception>, picture: &Tensor) -> Result<f32> {
        Ok(perception.distance(&numbers_of(picture)?).value)
    }

    fn tensor(picture: &[[f32; 3]]) -> Result<Tensor> {
        let planes: Vec<f32> = (0..3).flat_map(|c| picture.iter().map(move |pixel| pixel[c])).collect();
        Tensor::from_vec(planes, (3, SIDE, SIDE), &Device::Cpu)
    }

    #[test]
    fn the_score_is_that_of_the_published_program() -> Result<()> {
        let frame = |picture: &[[f32; 3]]| {
            let (transfer, primaries) = (TransferCharacteristic::SRGB, ColorPrimaries::BT709);
            Rgb::new(picture.to_vec(), SIDE, SIDE, transfer, primaries).unwrap()
        };
        let before = picture([0.; 3], 1.);
        let whole = Part { top: 0, height: SIDE, left: 0, width: SIDE };
        let perception = Arc::new(Perception::new(&tensor(&before)?, whole, 1.)?);
        assert!(distance(&perception, &tensor(&before)?)? < 0.5);
        for (size, period) in [
            ([0.02; 3], 12.),
            ([0.02; 3], 40.),
            ([0.06; 3], 20.),
            ([0.04, -0.02, 0.], 30.),
            ([0., 0., 0.1], 30.),
        ] {
            let after = picture(size, period);
            let found = score(distance(&perception, &tensor(&after)?)?);
            let published = compute_frame_ssimulacra2(frame(&before), frame(&after)).unwrap() as f32;
            assert!((found - published).abs() < 4., "{size:?} {period}: {found} instead of {published}");
        }
        Ok(())
    }

    #[test]
    fn the_slope_is_that_of_small_differences() -> Result<()> {
        let whole = Part { top: 16, height: 96, left: 8, width: 112 };
        let perception = Arc::new(Perception::new(&tensor(&picture([0.; 3], 1.))?, whole, 1.3)?);
        let at = numbers_of(&tensor(&picture([0.03, 0.02, 0.05], 17.))?)?;
        assert_slope(&at, |picture| perception.distance(picture));
        Ok(())
    }
}

//! How visible a change is to people, differentiable: [SSIMULACRA 2](https://github.com/cloudinary/ssimulacra2), which
//! agrees with people's opinions of pictures better than SSIM does.
//!
//! The sum of its terms, of those whose weights matter, is the *distance* of two pictures; the score is a falling function
//! of the distance. A face may be cloaked on a grid coarser than the photo, but is seen at the photo's size: the scales
//! from a quarter on, where most of the weight lies, are those of the photo.

use candle_core::{Device, Result, Tensor};

use super::convolve::{convolve, gaussian};

/// Response of the cones without light.
const BIAS: f64 = 0.003_793_073_4;
/// Red, green and blue in the responses of the long, medium and short cones.
const CONES: [[f64; 3]; 3] =
    [[0.3, 0.622, 0.078], [0.23, 0.692, 0.078], [0.243_422_69, 0.204_767_45, 0.551_809_86]];
/// The stabilising constant of SSIM.
const C2: f64 = 0.0009;
/// Keeps the slope of the 4-norm finite where nothing has changed.
const LEAST: f64 = 1e-12;
/// Smaller sides are not looked at.
const SMALLEST: usize = 8;
/// From the photo's own size to a sixteenth of it; a thirty-second has next to no weight.
const SCALES: usize = 5;

/// A channel of XYB: red against green, light, blue against yellow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Channel {
    X,
    Y,
    B,
}

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
use Channel::{B, X, Y};
use Map::{Artifact, Detail, Ssim};

/// Scale, channel, map, norm (the mean, or the 4-norm) and weight.
const TERMS: [(usize, Channel, Map, u8, f64); 17] = [
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

/// The part of a picture that is looked at: rows and columns of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) top: usize,
    pub(super) height: usize,
    pub(super) left: usize,
    pub(super) width: usize,
}

/// The original's half of the distance, computed once.
pub(super) struct Perception {
    part: Part,
    kernel: Vec<f32>,
    /// What makes the quarter of the photo's size: from the left for the rows, from the right for the columns.
    quarter: Option<[Tensor; 2]>,
    sides: Vec<Side>,
}

/// A channel of the original at a scale, with what is compared there.
struct Side {
    scale: usize,
    channel: Channel,
    plane: Tensor,
    mean: Tensor,
    variance: Tensor,
    /// One more than the strength of the edge at each place.
    edge: Tensor,
}

impl Perception {
    /// # Shapes
    /// - `picture`: `(3, height, width)`, sRGB in `0.0..=1.0`, cells of `pitch` photo pixels
    pub(super) fn new(picture: &Tensor, part: Part, pitch: f32) -> Result<Self> {
        let kernel = gaussian(1.5, 5);
        let quarter = quarter(part, pitch)?;
        let mut sides = vec![];
        for (scale, linear) in scales(&cut(picture, part)?, quarter.as_ref())?.iter().enumerate() {
            for channel in [X, Y, B].into_iter().filter(|c| TERMS.iter().any(|t| (t.0, t.1) == (scale, *c))) {
                let plane = xyb(linear, channel)?;
                let mean = convolve(&plane, &kernel)?;
                let variance = (convolve(&plane.sqr()?, &kernel)? - mean.sqr()?)?;
                let edge = ((&plane - &mean)?.abs()? + 1.)?;
                sides.push(Side { scale, channel, plane, mean, variance, edge });
            }
        }
        Ok(Self { part, kernel, quarter, sides })
    }

    /// The distance of `picture` from the original, 0 without a change; differentiable.
    pub(super) fn distance(&self, picture: &Tensor) -> Result<Tensor> {
        let scales = scales(&cut(picture, self.part)?, self.quarter.as_ref())?;
        let mut total = Tensor::zeros((), picture.dtype(), picture.device())?;
        for side in &self.sides {
            let plane = xyb(&scales[side.scale], side.channel)?;
            let mean = convolve(&plane, &self.kernel)?;
            for map in [Ssim, Artifact, Detail] {
                let mut terms =
                    TERMS.iter().filter(|t| (t.0, t.1, t.2) == (side.scale, side.channel, map)).peekable();
                if terms.peek().is_none() {
                    continue;
                }
                let errors = side.errors(map, &plane, &mean, &self.kernel)?;
                for (.., norm, weight) in terms {
                    total = (total + (average(&errors, *norm)? * *weight)?)?;
                }
            }
        }
        Ok(total)
    }
}

impl Side {
    fn errors(&self, map: Map, plane: &Tensor, mean: &Tensor, kernel: &[f32]) -> Result<Tensor> {
        if map == Ssim {
            let square = convolve(&plane.sqr()?, kernel)?;
            let product = convolve(&(plane * &self.plane)?, kernel)?;
            let light = (&self.mean - mean)?.sqr()?.affine(-1., 1.)?;
            let above = (product - (&self.mean * mean)?)?.affine(2., C2)?;
            let below = ((&self.variance + (square - mean.sqr()?)?)? + C2)?;
            return ((light * above)? / below)?.affine(-1., 1.)?.relu();
        }
        let edge = ((plane - mean)?.abs()? + 1.)?;
        let more = ((edge / &self.edge)? - 1.)?;
        if map == Artifact { more.relu() } else { more.neg()?.relu() }
    }
}

fn average(errors: &Tensor, norm: u8) -> Result<Tensor> {
    if norm == 1 { errors.mean_all() } else { (errors.sqr()?.sqr()?.mean_all()? + LEAST)?.sqrt()?.sqrt() }
}

fn cut(picture: &Tensor, part: Part) -> Result<Tensor> {
    picture.narrow(1, part.top, part.height)?.narrow(2, part.left, part.width)?.contiguous()
}

/// The picture in linear light at all scales that it has.
fn scales(picture: &Tensor, quarter: Option<&[Tensor; 2]>) -> Result<Vec<Tensor>> {
    let linear = linear(picture)?;
    let mut scales = vec![linear.clone()];
    scales.extend(half(&linear)?);
    let Some([rows, columns]) = quarter.filter(|_| scales.len() == 2) else { return Ok(scales) };
    let mut next = Some(rows.broadcast_matmul(&linear.broadcast_matmul(columns)?)?);
    while let Some(smaller) = next.filter(|_| scales.len() < SCALES) {
        next = half(&smaller)?;
        scales.push(smaller);
    }
    Ok(scales)
}

/// Linear light of sRGB, by a cubic that is within .003 of it.
fn linear(picture: &Tensor) -> Result<Tensor> {
    let inner = (picture * &picture.affine(0.305_306_011, 0.682_171_111)?)?.affine(1., 0.012_522_878)?;
    picture * inner
}

fn half(picture: &Tensor) -> Result<Option<Tensor>> {
    let (_, height, width) = picture.dims3()?;
    if height.min(width) < 2 * SMALLEST {
        return Ok(None);
    }
    let even = picture.narrow(1, 0, height / 2 * 2)?.narrow(2, 0, width / 2 * 2)?;
    even.unsqueeze(0)?.avg_pool2d(2)?.squeeze(0).map(Some)
}

/// The means that make a quarter of the photo's size of the cells, unless that is too small.
fn quarter(part: Part, pitch: f32) -> Result<Option<[Tensor; 2]>> {
    let [height, width] = [part.height, part.width].map(|cells| (cells as f32 * pitch / 4.).round() as usize);
    if height.min(width) < SMALLEST {
        return Ok(None);
    }
    let columns = means(part.width, width)?.transpose(1, 2)?.contiguous()?;
    Ok(Some([means(part.height, height)?, columns]))
}

/// A matrix `(1, to, from)` each of whose rows is the mean of a stretch.
fn means(from: usize, to: usize) -> Result<Tensor> {
    let stretch = from as f32 / to as f32;
    let weight = |i: usize, j: usize| {
        let (first, last) = (i as f32 * stretch, (i + 1) as f32 * stretch);
        ((last.min(j as f32 + 1.) - first.max(j as f32)) / stretch).max(0.)
    };
    let all: Vec<f32> = (0..to).flat_map(|i| (0..from).map(move |j| weight(i, j))).collect();
    Tensor::from_vec(all, (1, to, from), &Device::Cpu)
}

/// A channel of XYB, as SSIMULACRA 2 shifts it above zero.
fn xyb(linear: &Tensor, channel: Channel) -> Result<Tensor> {
    let cone = |i: usize| -> Result<Tensor> {
        let part = |colour: usize| linear.get(colour)? * CONES[i][colour];
        let light = ((part(0)? + part(1)?)? + part(2)?)?;
        light.affine(1., BIAS)?.powf(1. / 3.)?.affine(1., -BIAS.cbrt())
    };
    let (long, medium) = (cone(0)?, cone(1)?);
    match channel {
        X => (long - medium)?.affine(7., 0.42),
        Y => (long + medium)?.affine(0.5, 0.01),
        B => (cone(2)? - (long + medium)?.affine(0.5, 0.)?)?.affine(1., 0.55),
    }
}

#[cfg(test)]
mod tests {
    use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2};

    use super::*;
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
        let perception = Perception::new(&tensor(&before)?, whole, 1.)?;
        assert!(perception.distance(&tensor(&before)?)?.to_scalar::<f32>()? < 0.5);
        for (size, period) in [
            ([0.02; 3], 12.),
            ([0.02; 3], 40.),
            ([0.06; 3], 20.),
            ([0.04, -0.02, 0.], 30.),
            ([0., 0., 0.1], 30.),
        ] {
            let after = picture(size, period);
            let found = score(perception.distance(&tensor(&after)?)?.to_scalar()?);
            let published = compute_frame_ssimulacra2(frame(&before), frame(&after)).unwrap() as f32;
            assert!((found - published).abs() < 4., "{size:?} {period}: {found} instead of {published}");
        }
        Ok(())
    }

    #[test]
    fn the_slope_is_that_of_small_differences() -> Result<()> {
        let whole = Part { top: 16, height: 96, left: 8, width: 112 };
        let perception = Perception::new(&tensor(&picture([0.; 3], 1.))?, whole, 1.3)?;
        let at = tensor(&picture([0.03, 0.02, 0.05], 17.))?;
        let slope = crate::cloak::gradient(&at, |at| Ok(perception.distance(at)?)).unwrap();
        // Along the slope, so far that the distance changes by a hundredth of itself.
        let step = 0.01 * f64::from(perception.distance(&at)?.to_scalar::<f32>()?);
        let along = (&slope * (step / f64::from(slope.sqr()?.sum_all()?.to_scalar::<f32>()?)))?;
        let value = |share: f64| -> Result<f64> {
            Ok(f64::from(perception.distance(&(&at + (&along * share)?)?)?.to_scalar::<f32>()?))
        };
        let found = value(0.5)? - value(-0.5)?;
        assert!((found - step).abs() < 0.02 * step, "{found} instead of {step}");
        Ok(())
    }
}

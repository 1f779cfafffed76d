//! Where a face's cloak lies in each frame: smoothed, so that it does not swim.

use super::track::Track;
use crate::face::{Alignment, CROP, Face, Point, Rectangle, Similarity, TEMPLATE, Warp, warp};
use crate::network::Result;
use crate::photo::Photo;

/// How far the square that a cloak is made in reaches beyond the aligned crop, in pixels of the crop, on each side.
const MARGIN: f32 = 12.;
/// Pixels of that square for each of the crop, at most: codecs keep little that is finer.
const FINEST: f32 = 1.75;
/// Frames before and after a frame that its place is smoothed over, and the standard deviation of their weights.
const REACH: usize = 5;
const SIGMA: f32 = 1.8;

/// The places of a track.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// Pixels of the square for each pixel of the aligned crop.
    scale: f32,
    /// From the aligned crop to each frame.
    to_frame: Vec<Similarity>,
}

impl Places {
    /// `None` where no frame of the track shows a face that can be aligned.
    pub(super) fn of(track: &Track) -> Option<Self> {
        let raw: Vec<Option<Similarity>> =
            track.faces.iter().map(|face| Some(Alignment::of(face)?.to_crop.inverse())).collect();
        let known: Vec<Similarity> = raw.iter().flatten().copied().collect();
        let largest = known.iter().map(Similarity::scale).fold(f32::NAN, f32::max);
        // A face that cannot be aligned is where it was last.
        let mut last = *known.first()?;
        let mut carried = |own: Option<Similarity>| {
            last = own.unwrap_or(last);
            last
        };
        let whole: Vec<Similarity> = raw.into_iter().map(&mut carried).collect();
        Some(Self { scale: largest.clamp(1., FINEST), to_frame: smoothed(&whole) })
    }

    /// Pixels along a side of the square.
    pub(super) fn side(&self) -> usize {
        ((CROP as f32 + 2. * MARGIN) * self.scale).round() as usize
    }

    /// From the square to the frame that is so many after the track's first.
    pub(super) fn to_frame(&self, nth: usize) -> Similarity {
        self.to_crop().then(&self.to_frame[nth])
    }

    /// From the aligned crop to the frame that is so many after the track's first.
    pub(super) fn crop_to_frame(&self, nth: usize) -> Similarity {
        self.to_frame[nth]
    }

    fn to_crop(&self) -> Similarity {
        let a = 1. / self.scale;
        let shift = (a - 1.) / 2. - MARGIN;
        Similarity { a, b: 0., dx: shift, dy: shift }
    }

    /// The square of a frame as a photo of its own; black beyond the frame's edges.
    pub(super) fn square(&self, nth: usize, photo: &Photo) -> Result<Option<Photo>> {
        use candle_core::{Device, Tensor};
        let side = self.side();
        let to_frame = self.to_frame(nth);
        let Some(part) = covered(&to_frame, side, [photo.width(), photo.height()]) else { return Ok(None) };
        let shape = (part.height, part.width, 3);
        let picture =
            Tensor::from_vec(photo.rgb(part), shape, &Device::Cpu)?.permute((2, 0, 1))?.contiguous()?;
        let shift = Similarity { a: 1., b: 0., dx: -(part.x as f32), dy: -(part.y as f32) };
        let square = warp(&picture, Warp::new(to_frame.then(&shift), [side, side]))?;
        let levels = square.permute((1, 2, 0))?.flatten_all()?.to_vec1::<f32>()?;
        let levels = levels.into_iter().map(|level| level.round() as u8).collect();
        Ok(Photo::from_rgb(side as u32, side as u32, levels))
    }

    /// The face in the square, whose box is as large in it as in the frame.
    pub(super) fn face(&self, nth: usize, face: &Face) -> Face {
        let to_square = self.to_crop().inverse();
        let from_frame = self.to_frame(nth).inverse();
        let b = &face.bounds;
        let middle = from_frame.apply(Point { x: b.x + b.width / 2., y: b.y + b.height / 2. });
        // What reaches beyond the square is no part of it.
        let largest = self.side() as f32;
        let [width, height] = [b.width, b.height].map(|side| (side * from_frame.scale()).min(largest));
        let bounds = Rectangle { x: middle.x - width / 2., y: middle.y - height / 2., width, height };
        Face { bounds, points: TEMPLATE.map(|p| to_square.apply(p)), score: face.score }
    }
}

/// The pixels of a picture of this size that a square of this side covers, with even edges; `None` where that is nothing.
pub(super) fn covered(to_frame: &Similarity, side: usize, size: [usize; 2]) -> Option<crate::photo::Region> {
    let end = side as f32 - 1.;
    let corners = [(0., 0.), (end, 0.), (end, end), (0., end)].map(|(x, y)| to_frame.apply(Point { x, y }));
    let axis = |of: fn(&Point) -> f32, count: usize| {
        let low = corners.iter().map(of).fold(f32::INFINITY, f32::min).floor().clamp(0., count as f32);
        let high = corners.iter().map(of).fold(f32::NEG_INFINITY, f32::max).ceil() + 1.;
        let first = low as usize / 2 * 2;
        let last = (high.clamp(0., count as f32) as usize).div_ceil(2) * 2;
        (last.min(count) > first).then(|| (first, last.min(count) - first))
    };
    let (x, width) = axis(|p| p.x, size[0])?;
    let (y, height) = axis(|p| p.y, size[1])?;
    Some(crate::photo::Region { x, y, width, height })
}

/// Each number of the transforms as a straight line through those of the frames around says, so that a face that moves evenly is
/// not left behind.
fn smoothed(raw: &[Similarity]) -> Vec<Similarity> {
    let numbers: Vec<[f32; 4]> = raw.iter().map(|t| [t.a, t.b, t.dx, t.dy]).collect();
    let line = |i: usize, of: usize| {
        let around = i.saturating_sub(REACH)..(i + REACH + 1).min(raw.len());
        let mut sums = [0f64; 5];
        for j in around {
            let t = j as f32 - i as f32;
            let weight = f64::from((-t * t / (2. * SIGMA * SIGMA)).exp());
            let (t, value) = (f64::from(t), f64::from(numbers[j][of]));
            for (sum, term) in sums.iter_mut().zip([1., t, t * t, value, t * value]) {
                *sum += weight * term;
            }
        }
        let [w, t, tt, v, tv] = sums;
        let spread = w * tt - t * t;
        if spread > 1e-9 { ((tt * v - t * tv) / spread) as f32 } else { (v / w) as f32 }
    };
    (0..raw.len())
        .map(|i| Similarity { a: line(i, 0), b: line(i, 1), dx: line(i, 2), dy: line(i, 3) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_that_moves_evenly_is_not_left_behind_and_one_that_trembles_is_held() {
        let at = |dx: f32| Similarity { a: 1., b: 0., dx, dy: 0. };
        let even: Vec<_> = (0..20).map(|i| at(3. * i as f32)).collect();
        assert!(smoothed(&even).iter().zip(&even).all(|(s, e)| (s.dx - e.dx).abs() < 1e-3));
        let trembling: Vec<_> = (0..20).map(|i| at(if i % 2 == 0 { 1. } else { -1. })).collect();
        assert!(smoothed(&trembling)[5..15].iter().all(|s| s.dx.abs() < 0.1));
    }

    #[test]
    fn the_face_in_the_square_is_aligned_as_the_crop_is() {
        let points = TEMPLATE.map(|p| Point { x: 2. * p.x + 40., y: 2. * p.y + 30. });
        let bounds = Rectangle { x: 70., y: 60., width: 150., height: 180. };
        let face = Face { bounds, points, score: 1. };
        let track = Track { first: 0, faces: vec![face; 3] };
        let places = Places::of(&track).unwrap();
        let square = places.face(1, &face);
        let alignment = Alignment::of(&square).unwrap();
        let here = alignment.to_crop.apply(places.to_frame(1).inverse().apply(points[0]));
        assert!((here.x - TEMPLATE[0].x).abs() < 0.01 && (here.y - TEMPLATE[0].y).abs() < 0.01, "{here:?}");
        assert_eq!(places.side(), 238);
        assert!((square.bounds.width - 150. * 1.75 / 2.).abs() < 0.01);
    }
}

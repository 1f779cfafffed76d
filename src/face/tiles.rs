//! The scales and the square tiles in which a photo is searched for faces.

use super::{Face, Point, Rectangle, shrink};
use crate::network::Result;
use crate::photo::Photo;

/// Sides of the square inputs that the detector is run on.
pub(super) const TILES: [usize; 2] = [320, 640];
/// Tiles overlap by this many pixels; larger faces are found at a smaller scale.
const OVERLAP: usize = 160;
/// Each scale is this much smaller than the one before.
const STEP: f32 = 2.5;
/// The last scale has this long side, so that faces that fill the photo are found.
const SMALLEST: usize = 224;

/// A photo at one scale: its size in pixels after shrinking.
#[derive(Clone, Copy)]
struct Level {
    height: usize,
    width: usize,
}

/// The scales that a photo is searched at, the largest first.
fn levels(photo: &Photo) -> Vec<Level> {
    let long = photo.width().max(photo.height());
    let mut sides = vec![long as f32];
    while sides.last().is_some_and(|&side| side > TILES[1] as f32) {
        sides.push(sides[sides.len() - 1] / STEP);
    }
    if sides.last().is_some_and(|&side| side > SMALLEST as f32) {
        sides.push(SMALLEST as f32);
    }
    let sized = |side: usize, scale: f32| ((side as f32 * scale).round() as usize).clamp(1, side);
    sides
        .into_iter()
        .map(|side| side / long as f32)
        .map(|scale| Level { height: sized(photo.height(), scale), width: sized(photo.width(), scale) })
        .collect()
}

/// Where tiles begin so that they cover `length` with overlaps.
fn starts(length: usize, side: usize) -> Vec<usize> {
    if length <= side {
        return vec![0];
    }
    let count = (length - OVERLAP).div_ceil(side - OVERLAP);
    (0..count).map(|i| i * (length - side) / (count - 1)).collect()
}

/// A part of a photo at one scale.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    /// Of the square that the detector is given, at least `height` and `width`.
    pub(super) side: usize,
    level: Level,
    top: usize,
    left: usize,
    height: usize,
    width: usize,
}

impl Tile {
    /// The tiles of all scales.
    pub(super) fn all(photo: &Photo) -> Vec<Self> {
        levels(photo).into_iter().flat_map(Self::of).collect()
    }

    fn of(level: Level) -> impl Iterator<Item = Self> {
        let side = if level.width.max(level.height) <= TILES[0] { TILES[0] } else { TILES[1] };
        let row = move |top| starts(level.width, side).into_iter().map(move |left| (top, left));
        starts(level.height, side).into_iter().flat_map(row).map(move |(top, left)| {
            let (height, width) = (side.min(level.height - top), side.min(level.width - left));
            Self { side, level, top, left, height, width }
        })
    }

    /// Whether it shows all of the photo.
    pub(super) fn is_of_a_whole_photo(&self) -> bool {
        (self.height, self.width) == (self.level.height, self.level.width)
    }

    /// Photo pixels for each pixel of the tile.
    fn scale(&self, photo: &Photo) -> f32 {
        photo.width() as f32 / self.level.width as f32
    }

    /// What lies in it, padded with black; `side * side * 3` values.
    pub(super) fn read(&self, photo: &Photo) -> Result<Vec<f32>> {
        let scale = self.scale(photo);
        let (left, top) = (self.left as f32 * scale, self.top as f32 * scale);
        let part = Rectangle {
            x: left,
            y: top,
            width: (self.width as f32 * scale).min(photo.width() as f32 - left),
            height: (self.height as f32 * scale).min(photo.height() as f32 - top),
        };
        let size = [self.height, self.width];
        Ok(padded(&shrink(photo, part, size)?, size, self.side))
    }

    /// Whether a face reaches over an edge of the tile that is not an edge of the photo.
    pub(super) fn cuts(&self, face: &Face) -> bool {
        let b = &face.bounds;
        (self.left > 0 && b.x < 1.)
            || (self.top > 0 && b.y < 1.)
            || (self.left + self.width < self.level.width && b.x + b.width > self.width as f32 - 1.)
            || (self.top + self.height < self.level.height && b.y + b.height > self.height as f32 - 1.)
    }

    /// A face of the tile in photo pixels.
    pub(super) fn in_photo(&self, face: &Face, photo: &Photo) -> Face {
        placed(face, self.top, self.left, self.scale(photo))
    }
}

/// A picture in the upper left corner of a black square.
pub(super) fn padded(rgb: &[f32], [height, width]: [usize; 2], side: usize) -> Vec<f32> {
    let mut square = vec![0f32; side * side * 3];
    for (to, from) in square.chunks_mut(side * 3).zip(rgb.chunks(width * 3)).take(height) {
        to[..width * 3].copy_from_slice(from);
    }
    square
}

/// A face whose coordinates begin at `top` and `left` of a photo `scale` times smaller, in photo pixels.
pub(super) fn placed(face: &Face, top: usize, left: usize, scale: f32) -> Face {
    // Both grids have their pixel centres at whole numbers: the edges, not the centres, coincide.
    let place = |x: f32, y: f32| Point {
        x: (x + left as f32 + 0.5) * scale - 0.5,
        y: (y + top as f32 + 0.5) * scale - 0.5,
    };
    let corner = place(face.bounds.x, face.bounds.y);
    let bounds = Rectangle {
        x: corner.x,
        y: corner.y,
        width: face.bounds.width * scale,
        height: face.bounds.height * scale,
    };
    Face { bounds, points: face.points.map(|p| place(p.x, p.y)), score: face.score }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_every_pixel_and_overlap() {
        for length in [10, 640, 641, 1000, 5773] {
            let starts = starts(length, 640);
            assert_eq!(starts[0], 0);
            assert!(starts.windows(2).all(|w| w[1] - w[0] <= 640 - OVERLAP), "{starts:?}");
            assert!(starts[starts.len() - 1] + 640 >= length);
        }
    }
}

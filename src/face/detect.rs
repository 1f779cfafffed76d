//! Face detection with YuNet over several scales.
//!
//! [Wu et al. 2023](https://doi.org/10.1007/s11633-023-1423-y): a small convolutional network that
//! gives, for each cell of three grids, two confidences, a box and five points.

use candle_core::{Device, Tensor};
use rayon::prelude::*;

use super::{Face, Point, Rectangle, shrink};
use crate::network::{Error, Network, Result};
use crate::photo::Photo;

/// Sides of the square inputs that the detector is run on.
const TILES: [usize; 2] = [320, 640];
/// Tiles overlap by this many pixels; larger faces are found at a smaller scale.
const OVERLAP: usize = 160;
/// Each scale is this much smaller than the one before.
const STEP: f32 = 2.5;
/// The last scale has this long side, so that faces that fill the photo are found.
const SMALLEST: usize = 224;
/// Cells of the three grids in pixels.
const STRIDES: [usize; 3] = [8, 16, 32];
/// Two boxes that overlap more than this are one face.
const MAX_OVERLAP: f32 = 0.3;
/// A box that lies in a better one with more than this share of its area is part of that face.
const MAX_INSIDE: f32 = 0.7;

/// In a box that somebody drew around a face, less confidence will do.
const SCORE_IN_BOX: f32 = 0.3;
/// Sides of the parts that are searched for such a face, in longer sides of the box.
const AROUND_BOX: [f32; 3] = [1.6, 1.1, 2.6];

/// What counts as a face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DetectOptions {
    /// Smallest confidence, `0.0..=1.0`. Default: 0.7.
    pub score: f32,
    /// Smallest width of a face in photo pixels. Default: 16.
    pub width: f32,
}

impl Default for DetectOptions {
    fn default() -> Self {
        Self { score: 0.7, width: 16. }
    }
}

/// Finds faces with their five points.
#[derive(Debug)]
pub struct Detector {
    network: Network,
}

/// A photo at one scale: its size in pixels after shrinking.
#[derive(Clone, Copy)]
struct Level {
    height: usize,
    width: usize,
}

impl Detector {
    /// A detector with the outputs of YuNet: `cls`, `obj`, `bbox` and `kps`, each at strides 8, 16
    /// and 32; input BGR, 0 to 255.
    pub fn new(network: Network) -> Self {
        Self { network }
    }

    /// Finds the faces of a photo, from small ones to ones that fill it, the best first.
    pub fn detect(&self, photo: &Photo, options: &DetectOptions) -> Result<Vec<Face>> {
        let mut faces = vec![];
        for level in levels(photo) {
            faces.extend(self.detect_level(photo, level, options.score)?);
        }
        faces.retain(|face| face.bounds.width >= options.width);
        Ok(without_doubles(faces))
    }

    /// Looks closely for a face in a box (in photo pixels) that somebody drew around it.
    ///
    /// The surroundings of the box are enlarged or shrunk to 320 pixels; the face whose middle lies
    /// in the box and that fills it best is taken.
    pub fn detect_in(&self, photo: &Photo, bounds: Rectangle) -> Result<Option<Face>> {
        let mut faces = vec![];
        for reach in AROUND_BOX {
            let Some(part) = around(photo, &bounds, reach) else { continue };
            let scale = part.width.max(part.height) / TILES[0] as f32;
            let [height, width] =
                [part.height, part.width].map(|side| ((side / scale).round() as usize).clamp(1, TILES[0]));
            let tile = padded(&shrink(photo, part, [height, width])?, [height, width], TILES[0]);
            let found = self.detect_square(&tile, TILES[0], SCORE_IN_BOX)?;
            faces.extend(found.iter().map(|face| shifted(placed(face, 0, 0, scale), part.x, part.y)));
        }
        faces.retain(|face| face.bounds.middle_is_in(&bounds));
        let fit = |face: &Face| face.bounds.overlap(&bounds);
        Ok(faces.into_iter().max_by(|a, b| fit(a).total_cmp(&fit(b))))
    }

    /// Finds the faces in one square picture without changing its size.
    ///
    /// # Shapes
    /// - `rgb`: `side * side * 3`, interleaved, `0.0..=255.0`; `side` a multiple of 32
    pub fn detect_square(&self, rgb: &[f32], side: usize, score: f32) -> Result<Vec<Face>> {
        let plane = |channel: usize| rgb.iter().skip(channel).step_by(3).copied();
        let bgr: Vec<f32> = plane(2).chain(plane(1)).chain(plane(0)).collect();
        let outputs = self.network.run(&Tensor::from_vec(bgr, (1, 3, side, side), &Device::Cpu)?)?;
        let rows: Vec<Vec<f32>> =
            outputs.iter().map(|o| Ok(o.flatten_all()?.to_vec1()?)).collect::<Result<_>>()?;
        if rows.len() != 12 {
            return Err(Error::Usage("the detector must have the twelve outputs of YuNet".into()));
        }
        let mut faces = vec![];
        for (i, stride) in STRIDES.into_iter().enumerate() {
            faces.extend(decode(&[&rows[i], &rows[i + 3], &rows[i + 6], &rows[i + 9]], stride, side, score));
        }
        Ok(without_doubles(faces))
    }

    /// The tiles are independent, so each is one thread's work.
    fn detect_level(&self, photo: &Photo, level: Level, score: f32) -> Result<Vec<Face>> {
        let side = if level.width.max(level.height) <= TILES[0] { TILES[0] } else { TILES[1] };
        let corners: Vec<_> = starts(level.height, side)
            .into_iter()
            .flat_map(|top| starts(level.width, side).into_iter().map(move |left| (top, left)))
            .collect();
        let found = corners.into_par_iter().map(|(top, left)| {
            let (height, width) = (side.min(level.height - top), side.min(level.width - left));
            self.detect_tile(photo, Cut { level, top, left, height, width }, side, score)
        });
        Ok(found.collect::<Result<Vec<_>>>()?.concat())
    }

    fn detect_tile(&self, photo: &Photo, cut: Cut, side: usize, score: f32) -> Result<Vec<Face>> {
        let scale = photo.width() as f32 / cut.level.width as f32;
        let (left, top) = (cut.left as f32 * scale, cut.top as f32 * scale);
        let part = Rectangle {
            x: left,
            y: top,
            width: (cut.width as f32 * scale).min(photo.width() as f32 - left),
            height: (cut.height as f32 * scale).min(photo.height() as f32 - top),
        };
        let size = [cut.height, cut.width];
        let tile = padded(&shrink(photo, part, size)?, size, side);
        let found = self.detect_square(&tile, side, score)?;
        Ok(found.iter().filter(|f| !cut.through(f)).map(|f| placed(f, cut.top, cut.left, scale)).collect())
    }
}

/// A tile's place in its level.
#[derive(Clone, Copy)]
struct Cut {
    level: Level,
    top: usize,
    left: usize,
    height: usize,
    width: usize,
}

impl Cut {
    /// Whether a face reaches over an edge of the tile that is not an edge of the photo.
    fn through(&self, face: &Face) -> bool {
        let b = &face.bounds;
        (self.left > 0 && b.x < 1.)
            || (self.top > 0 && b.y < 1.)
            || (self.left + self.width < self.level.width && b.x + b.width > self.width as f32 - 1.)
            || (self.top + self.height < self.level.height && b.y + b.height > self.height as f32 - 1.)
    }
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

fn padded(rgb: &[f32], [height, width]: [usize; 2], side: usize) -> Vec<f32> {
    let mut square = vec![0f32; side * side * 3];
    for (to, from) in square.chunks_mut(side * 3).zip(rgb.chunks(width * 3)).take(height) {
        to[..width * 3].copy_from_slice(from);
    }
    square
}

/// The part of a photo around the middle of a box, whole pixels; `None` where the box lies outside.
fn around(photo: &Photo, bounds: &Rectangle, reach: f32) -> Option<Rectangle> {
    let half = reach * bounds.width.max(bounds.height) / 2.;
    let (x, y) = (bounds.x + bounds.width / 2., bounds.y + bounds.height / 2.);
    let [left, right] = [x - half, x + half].map(|v| v.round().clamp(0., photo.width() as f32));
    let [top, bottom] = [y - half, y + half].map(|v| v.round().clamp(0., photo.height() as f32));
    let part = Rectangle { x: left, y: top, width: right - left, height: bottom - top };
    (part.width >= 1. && part.height >= 1.).then_some(part)
}

fn shifted(mut face: Face, x: f32, y: f32) -> Face {
    (face.bounds.x, face.bounds.y) = (face.bounds.x + x, face.bounds.y + y);
    face.points = face.points.map(|p| Point { x: p.x + x, y: p.y + y });
    face
}

/// A face of a tile in photo pixels.
fn placed(face: &Face, top: usize, left: usize, scale: f32) -> Face {
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

/// The faces of one grid: `class`, `object`, `boxes` (4 a cell) and `points` (10 a cell).
fn decode([class, object, boxes, points]: &[&[f32]; 4], stride: usize, side: usize, score: f32) -> Vec<Face> {
    let columns = side / stride;
    let size = stride as f32;
    let cells = class.iter().zip(*object).zip(boxes.as_chunks::<4>().0).zip(points.as_chunks::<10>().0);
    let mut faces = vec![];
    for (i, (((class, object), b), points)) in cells.enumerate() {
        let confidence = (class.clamp(0., 1.) * object.clamp(0., 1.)).sqrt();
        let (row, column) = ((i / columns) as f32, (i % columns) as f32);
        let (width, height) = (b[2].exp() * size, b[3].exp() * size);
        let finite = [width, height].iter().chain(b).chain(points).all(|v| v.is_finite());
        if confidence < score || !finite {
            continue;
        }
        let (x, y) = ((column + b[0]) * size - width / 2., (row + b[1]) * size - height / 2.);
        let point =
            |k: usize| Point { x: (points[2 * k] + column) * size, y: (points[2 * k + 1] + row) * size };
        faces.push(Face {
            bounds: Rectangle { x, y, width, height },
            points: [point(0), point(1), point(2), point(3), point(4)],
            score: confidence,
        });
    }
    faces
}

/// Non-maximum suppression: keeps the best of faces that cover each other.
fn without_doubles(mut faces: Vec<Face>) -> Vec<Face> {
    faces.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Face> = vec![];
    for face in faces {
        let same = |other: &Face| {
            let smaller = face.bounds.area().min(other.bounds.area());
            face.bounds.overlap(&other.bounds) > MAX_OVERLAP
                || face.bounds.intersection(&other.bounds) > MAX_INSIDE * smaller
        };
        if !kept.iter().any(same) {
            kept.push(face);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(x: f32, width: f32, score: f32) -> Face {
        Face { bounds: Rectangle { x, y: 0., width, height: width }, points: [Point::default(); 5], score }
    }

    #[test]
    fn of_two_boxes_on_one_face_the_better_stays() {
        let kept = without_doubles(vec![face(0., 10., 0.8), face(1., 10., 0.9), face(30., 10., 0.7)]);
        assert_eq!(kept.iter().map(|f| f.score).collect::<Vec<_>>(), [0.9, 0.7]);
    }

    #[test]
    fn a_part_of_a_better_face_is_not_a_face() {
        let kept = without_doubles(vec![face(0., 100., 0.9), face(20., 20., 0.8)]);
        assert_eq!(kept.len(), 1);
    }

    #[test]
    fn a_cell_is_decoded_to_box_and_points_in_pixels() {
        let (mut class, mut object) = (vec![0f32; 4], vec![0f32; 4]);
        let (mut boxes, mut points) = (vec![0f32; 16], vec![0f32; 40]);
        (class[3], object[3]) = (0.81, 1.);
        boxes[12..].copy_from_slice(&[0.5, 0.25, 0., 2f32.ln()]);
        points[30..32].copy_from_slice(&[0.5, -1.]);
        let faces = decode(&[&class, &object, &boxes, &points], 8, 16, 0.5);
        assert_eq!(faces.len(), 1);
        assert!((faces[0].score - 0.9).abs() < 1e-6);
        assert_eq!(faces[0].bounds, Rectangle { x: 8., y: 2., width: 8., height: 16. });
        assert_eq!(faces[0].points[0], Point { x: 12., y: 0. });
    }

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

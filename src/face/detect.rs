//! Face detection over several scales and turns.

use candle_core::{Device, Tensor};
use rayon::prelude::*;
use serde::Serialize;

use super::tiles::{TILES, Tile, padded, placed};
use super::turn::{turned, turned_back};
use super::yunet::faces_of;
use super::{Face, Point, Rectangle, shrink};
use crate::network::engine::Instructions;
use crate::network::{Network, Result};
use crate::photo::Photo;

/// Two boxes that overlap more than this are one face.
const MAX_OVERLAP: f32 = 0.3;

/// A face that does not stand upright needs this confidence: turned pictures show many things that look a little like one.
const SCORE_TURNED: f32 = 0.8;
/// In a box that somebody drew around a face, less confidence will do.
const SCORE_IN_BOX: f32 = 0.3;
/// Sides of the parts that are searched for such a face, in longer sides of the box.
const AROUND_BOX: [f32; 3] = [1.6, 1.1, 2.6];
/// The same where a face is followed from one frame of a clip to the next.
const AROUND_FACE: f32 = 2.;

/// What counts as a face.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DetectOptions {
    /// Smallest confidence, `0.0..=1.0`. Default: 0.5, for cloaks, checks and searches alike, so that what a search finds
    /// is cloaked.
    pub score: f32,
    /// Smallest width of a face in photo pixels. Default: 16.
    pub width: f32,
}

impl Default for DetectOptions {
    fn default() -> Self {
        Self { score: 0.5, width: 16. }
    }
}

/// What is less likely than a face by this much in bfloat16 is none in single precision. In 1,069 photos of people and
/// things the same 834 faces were found with the sieve and without.
const SIEVE: f32 = 0.1;
/// Of a photo that is cut into more parts than this most show no face, and it is quick to see that they need no closer look.
const FEW_PARTS: usize = 8;

/// Finds faces with their five points.
#[derive(Debug)]
pub struct Detector {
    network: Network,
}

impl Detector {
    /// A detector with the outputs of YuNet: `cls`, `obj`, `bbox` and `kps`, each at strides 8, 16
    /// and 32; input BGR, 0 to 255.
    pub fn new(network: Network) -> Self {
        Self { network }
    }

    /// Finds the faces of a photo, from small ones to ones that fill it, the best first.
    ///
    /// At scales of at most 640 pixels it is searched in all four turns. The turn in which most faces stand is taken for that of the
    /// photo, which is searched at its larger scales in that turn alone; faces that stand in another one are found where they
    /// are clear.
    pub fn detect(&self, photo: &Photo, options: &DetectOptions) -> Result<Vec<Face>> {
        let (whole, parts): (Vec<Tile>, Vec<Tile>) =
            Tile::all(photo).into_iter().partition(Tile::is_of_a_whole_photo);
        let turns: Vec<(Tile, usize)> =
            whole.into_iter().flat_map(|tile| (0..4).map(move |turn| (tile, turn))).collect();
        let found = self.detect_all(photo, turns, options.score, false)?;
        let up = turn_of_most(&found);
        let other = |(turn, face): (usize, Face)| {
            (turn == up || face.score >= options.score.max(SCORE_TURNED)).then_some(face)
        };
        let mut faces: Vec<Face> = found.into_iter().filter_map(other).collect();
        let sieve = parts.len() > FEW_PARTS && Instructions::are_rough_ones_quicker();
        let parts = parts.into_iter().map(|tile| (tile, up)).collect();
        faces.extend(self.detect_all(photo, parts, options.score, sieve)?.into_iter().map(|(_, face)| face));
        faces.retain(|face| face.bounds.width >= options.width);
        // What comes next, cloaking, needs the memory.
        self.network.rest();
        Ok(without_doubles(faces))
    }

    /// The faces of all tiles, each with the turn in which it stands. Tiles are independent, so each is one thread's work.
    /// With a sieve only those are looked at closely that may show one.
    fn detect_all(
        &self,
        photo: &Photo,
        tiles: Vec<(Tile, usize)>,
        score: f32,
        sieve: bool,
    ) -> Result<Vec<(usize, Face)>> {
        let found = tiles.into_par_iter().map(|(tile, turn)| -> Result<Vec<(usize, Face)>> {
            let square = turned(&tile.read(photo)?, tile.side, turn);
            if sieve && !self.may_show_a_face(&square, tile.side, score)? {
                return Ok(vec![]);
            }
            let found = self.detect_square(&square, tile.side, score)?;
            let found = found.iter().map(|face| turned_back(face, tile.side, turn));
            let whole = found.filter(|face| !tile.cuts(face));
            Ok(whole.map(|face| (turn, tile.in_photo(&face, photo))).collect())
        });
        Ok(found.collect::<Result<Vec<_>>>()?.concat())
    }

    /// Looks closely for a face in a box (in photo pixels) that somebody drew around it.
    ///
    /// The surroundings of the box are enlarged or shrunk to 320 pixels and searched in all four turns; of the faces whose
    /// middle lies in the box, one that fills it well and is likely is taken.
    pub fn detect_in(&self, photo: &Photo, bounds: Rectangle) -> Result<Option<Face>> {
        let mut faces = vec![];
        for reach in AROUND_BOX {
            faces.extend(self.detect_around(photo, &bounds, reach, &[0, 1, 2, 3])?);
        }
        Ok(best_in(faces, &bounds))
    }

    /// A face that was found in a photo much like this one, as the frame before in a clip, in this photo: near its place, and in
    /// its turn.
    pub fn detect_near(&self, photo: &Photo, face: &Face) -> Result<Option<Face>> {
        let faces = self.detect_around(photo, &face.bounds, AROUND_FACE, &[turn_of(face)])?;
        Ok(best_in(faces, &face.bounds))
    }

    /// The faces around a box, in some turns.
    fn detect_around(
        &self,
        photo: &Photo,
        bounds: &Rectangle,
        reach: f32,
        turns: &[usize],
    ) -> Result<Vec<Face>> {
        let Some(part) = around(photo, bounds, reach) else { return Ok(vec![]) };
        let scale = part.width.max(part.height) / TILES[0] as f32;
        let [height, width] =
            [part.height, part.width].map(|side| ((side / scale).round() as usize).clamp(1, TILES[0]));
        let tile = padded(&shrink(photo, part, [height, width])?, [height, width], TILES[0]);
        let mut faces = vec![];
        for &turn in turns {
            let found = self.detect_square(&turned(&tile, TILES[0], turn), TILES[0], SCORE_IN_BOX)?;
            let upright = found.iter().map(|face| turned_back(face, TILES[0], turn));
            faces.extend(upright.map(|face| shifted(placed(&face, 0, 0, scale), part.x, part.y)));
        }
        Ok(faces)
    }

    /// Finds the faces in one square picture without changing its size.
    ///
    /// # Shapes
    /// - `rgb`: `side * side * 3`, interleaved, `0.0..=255.0`; `side` a multiple of 32
    pub fn detect_square(&self, rgb: &[f32], side: usize, score: f32) -> Result<Vec<Face>> {
        Ok(without_doubles(faces_of(&self.network.run(&planes(rgb, side)?)?, side, score)?))
    }

    fn may_show_a_face(&self, rgb: &[f32], side: usize, score: f32) -> Result<bool> {
        let seen = faces_of(&self.network.run_rough(&planes(rgb, side)?)?, side, score - SIEVE)?;
        Ok(!seen.is_empty())
    }
}

/// What the network is given: blue, green and red, one after the other.
fn planes(rgb: &[f32], side: usize) -> Result<Tensor> {
    let plane = |channel: usize| rgb.iter().skip(channel).step_by(3).copied();
    let bgr: Vec<f32> = plane(2).chain(plane(1)).chain(plane(0)).collect();
    Ok(Tensor::from_vec(bgr, (1, 3, side, side), &Device::Cpu)?)
}

/// The turn in which most clear faces stand; the photo's own one where none is ahead.
fn turn_of_most(found: &[(usize, Face)]) -> usize {
    let clear = |turn: usize| -> f32 {
        let faces = found.iter().filter(|(own, face)| *own == turn && face.score >= SCORE_TURNED);
        faces.map(|(_, face)| face.score).sum()
    };
    (1..4).fold(0, |most, turn| if clear(turn) > clear(most) { turn } else { most })
}

/// The face that fills a box best and is likely, of those whose middle lies in it.
fn best_in(mut faces: Vec<Face>, bounds: &Rectangle) -> Option<Face> {
    faces.retain(|face| face.bounds.middle_is_in(bounds));
    let fit = |face: &Face| face.bounds.overlap(bounds) * face.score;
    faces.into_iter().max_by(|a, b| fit(a).total_cmp(&fit(b)))
}

/// The clockwise quarters by which a picture is turned so that a face in it stands upright.
fn turn_of(face: &Face) -> usize {
    let [left, right, ..] = face.points;
    let (dx, dy) = (right.x - left.x, right.y - left.y);
    match (dx.abs() >= dy.abs(), dx >= 0., dy >= 0.) {
        (true, true, _) => 0,
        (true, false, _) => 2,
        (false, _, true) => 3,
        (false, _, false) => 1,
    }
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

/// Non-maximum suppression: keeps the best of faces that cover each other.
fn without_doubles(mut faces: Vec<Face>) -> Vec<Face> {
    faces.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Face> = vec![];
    for face in faces {
        let same = |other: &Face| {
            let overlap = face.bounds.overlap(&other.bounds);
            overlap > MAX_OVERLAP || face.is_part_of(other) || other.is_part_of(&face)
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
    fn a_photo_stands_as_most_of_its_clear_faces_do() {
        let found = |faces: &[(usize, f32)]| -> Vec<(usize, Face)> {
            faces.iter().map(|(turn, score)| (*turn, face(0., 10., *score))).collect()
        };
        assert_eq!(turn_of_most(&[]), 0);
        assert_eq!(turn_of_most(&found(&[(0, 0.9), (1, 0.9)])), 0);
        assert_eq!(turn_of_most(&found(&[(0, 0.95), (3, 0.85), (3, 0.85)])), 3);
        // What only looks a little like a face says nothing.
        assert_eq!(turn_of_most(&found(&[(0, 0.9), (2, 0.7), (2, 0.7)])), 0);
    }
}

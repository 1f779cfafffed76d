//! Faces that nobody is to see: blurred, in squares, or covered, so that nothing brings them back.
//!
//! A head is reduced to a few cells, each cell gets noise, and only they are drawn: what is seen says no more than they do.
//! The noise comes from the pixels that it hides, so who does not have them cannot take it away again.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::face::{Face, Point};
use crate::photo::{Photo, Region};

/// How a face is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hiding {
    /// Its cells run into each other.
    Blur,
    /// Its cells are squares.
    Pixelate,
    /// One colour, the same for everybody.
    Cover,
}

/// Cells across a head, and down.
const CELLS: usize = 6;
/// The noise of a cell goes so far either way: that of all its channels, and that of each, of 255.
const NOISE: [f32; 2] = [24., 8.];
/// The colour of a cover, of 255.
const COVER: f32 = 72.;
/// Half of a head, in widths and heights of the box around its face: an oval through here holds the corners of the box.
const HEAD: [f32; 2] = [0.75, 0.8];
/// Half of a face that is kept: nobody else's head is drawn over it.
const KEPT: [f32; 2] = [0.5, 0.55];
/// Hair makes a head higher than its face, by so much of its height.
const HAIR: f32 = 0.08;
/// What is drawn fades so far outside of the head, as a share of it: blurred, and covered.
const RIMS: [f32; 2] = [0.15, 0.02];

/// Hides faces of a photo. The others, `kept`, stay as they are where a head reaches over them.
///
/// `seed` varies the noise of the same faces.
pub fn hide(photo: &mut Photo, hidden: &[(Face, Hiding)], kept: &[Face], seed: u64) {
    for (face, hiding) in hidden {
        if let Some(mask) = Mask::of(photo, face, *hiding, seed) {
            mask.draw(photo, face, kept);
        }
    }
}

/// What is drawn in the place of a head. One mask for all frames of a clip says no more than one for a photo.
#[derive(Clone, Debug)]
pub struct Mask {
    hiding: Hiding,
    cells: Cells,
}

impl Mask {
    /// The mask of a head; `None` where nothing of it is in the photo. `seed` varies its noise.
    pub fn of(photo: &Photo, face: &Face, hiding: Hiding, seed: u64) -> Option<Self> {
        let head = Oval::around(face, HEAD);
        let region = head.region(photo)?;
        Some(Self { hiding, cells: Cells::of(&photo.samples(region), region, &head, seed) })
    }

    /// Draws it in the place of a head, but not over the faces `kept`; where it was drawn.
    pub fn draw(&self, photo: &mut Photo, face: &Face, kept: &[Face]) -> Option<Region> {
        let kept: Vec<Oval> = kept.iter().map(|face| Oval::around(face, KEPT)).collect();
        let head = Oval::around(face, HEAD);
        let region = head.region(photo)?;
        photo.repaint(region, |samples| {
            for (i, pixel) in samples.as_chunks_mut::<3>().0.iter_mut().enumerate() {
                let at = [(region.x + i % region.width) as f32, (region.y + i / region.width) as f32];
                let (colour, share) = self.cells.drawn(self.hiding, &head, at);
                let distance = head.distance(at);
                if share > 0. && kept.iter().map(|oval| oval.distance(at)).all(|d| d > 1. || d > distance) {
                    *pixel = std::array::from_fn(|c| pixel[c] + share * (colour[c] - pixel[c]));
                }
            }
        });
        Some(region)
    }
}

/// An upright oval.
struct Oval {
    middle: [f32; 2],
    half: [f32; 2],
}

impl Oval {
    fn around(face: &Face, half: [f32; 2]) -> Self {
        let b = face.bounds;
        let [left, right, _, left_mouth, right_mouth] = face.points;
        let middle = |a: Point, b: Point| [(a.x + b.x) / 2., (a.y + b.y) / 2.];
        let (eyes, mouth) = (middle(left, right), middle(left_mouth, right_mouth));
        let up = [eyes[0] - mouth[0], eyes[1] - mouth[1]];
        let length = up[0].hypot(up[1]).max(f32::EPSILON);
        let hair = HAIR * b.height / length;
        Self {
            middle: [b.x + b.width / 2. + hair * up[0], b.y + b.height / 2. + hair * up[1]],
            half: [(half[0] * b.width).max(1.), (half[1] * b.height).max(1.)],
        }
    }

    /// 0 in the middle, 1 on the oval.
    fn distance(&self, at: [f32; 2]) -> f32 {
        let [x, y] = [0, 1].map(|i| (at[i] - self.middle[i]) / self.half[i]);
        x.hypot(y)
    }

    /// The part of the photo that is drawn on, if any is.
    fn region(&self, photo: &Photo) -> Option<Region> {
        let range = |i: usize, side: usize| {
            // Squares that touch the oval reach as far as a cell beyond it.
            let reach = self.half[i] * (1. + 2. / CELLS as f32);
            let edge = |at: f32| at.clamp(0., side as f32) as usize;
            let (start, end) =
                (edge((self.middle[i] - reach).floor()), edge((self.middle[i] + reach).ceil()));
            (end > start).then_some((start, end - start))
        };
        let ((x, width), (y, height)) = (range(0, photo.width())?, range(1, photo.height())?);
        Some(Region { x, y, width, height })
    }

    /// A place in cells, the first of which begins at 0.
    fn in_cells(&self, at: [f32; 2]) -> [f32; 2] {
        [0, 1].map(|i| ((at[i] - self.middle[i]) / self.half[i] + 1.) / 2. * CELLS as f32)
    }

    fn middle_of_cell(&self, [column, row]: [f32; 2]) -> [f32; 2] {
        let at = [column.floor() + 0.5, row.floor() + 0.5];
        [0, 1].map(|i| (at[i] * 2. / CELLS as f32 - 1.) * self.half[i] + self.middle[i])
    }
}

/// All that is left of a head.
#[derive(Clone, Debug)]
struct Cells([[f32; 3]; CELLS * CELLS]);

impl Cells {
    fn of(samples: &[f32], region: Region, head: &Oval, seed: u64) -> Self {
        let mut sums = [[0f32; 4]; CELLS * CELLS];
        for (i, pixel) in samples.as_chunks::<3>().0.iter().enumerate() {
            let at = [(region.x + i % region.width) as f32, (region.y + i / region.width) as f32];
            let sum = &mut sums[cell(head.in_cells(at))];
            *sum = [sum[0] + pixel[0], sum[1] + pixel[1], sum[2] + pixel[2], sum[3] + 1.];
        }
        // Cells outside of the photo are like the whole.
        let all = sums.iter().fold([0f32; 4], |all, sum| std::array::from_fn(|c| all[c] + sum[c]));
        let mut rng = StdRng::from_seed(secret(samples, seed));
        let mut noise = |reach: f32| rng.random_range(-reach..reach);
        Self(sums.map(|sum| {
            let [r, g, b, count] = if sum[3] > 0. { sum } else { all };
            let light = noise(NOISE[0]);
            [r, g, b].map(|channel| (channel / count + light + noise(NOISE[1])).clamp(0., 255.))
        }))
    }

    /// The colour at a place, and the share of it in what is seen there.
    fn drawn(&self, hiding: Hiding, head: &Oval, at: [f32; 2]) -> ([f32; 3], f32) {
        let place = head.in_cells(at);
        let fading = |rim: f32| ((1. + rim - head.distance(at)) / rim).clamp(0., 1.);
        match hiding {
            Hiding::Blur => (self.between(place), fading(RIMS[0])),
            Hiding::Pixelate => {
                let inside = head.distance(head.middle_of_cell(place)) < 1. || head.distance(at) < 1.;
                (self.0[cell(place)], f32::from(u8::from(inside)))
            }
            Hiding::Cover => ([COVER; 3], fading(RIMS[1])),
        }
    }

    /// The cells around a place, by the quadratic B-spline, which is smooth and goes nowhere beyond them.
    fn between(&self, place: [f32; 2]) -> [f32; 3] {
        let mut colour = [0.; 3];
        for row in -1..=1 {
            for column in -1..=1 {
                let near = [place[0].floor() + column as f32, place[1].floor() + row as f32];
                let weight = spline(place[0] - near[0] - 0.5) * spline(place[1] - near[1] - 0.5);
                let cell = self.0[cell(near)];
                colour = std::array::from_fn(|c| colour[c] + weight * cell[c]);
            }
        }
        colour
    }
}

fn spline(t: f32) -> f32 {
    if t.abs() < 0.5 { 0.75 - t * t } else { 0.5 * (1.5 - t.abs()).max(0.).powi(2) }
}

/// The cell at a place, or the nearest one.
fn cell([column, row]: [f32; 2]) -> usize {
    let whole = |at: f32| at.clamp(0., CELLS as f32 - 1.) as usize;
    whole(row) * CELLS + whole(column)
}

/// A seed that says nothing of the pixels it comes from, and that nobody has without them.
fn secret(samples: &[f32], seed: u64) -> [u8; 32] {
    let mut sum = Sha256::new_with_prefix(seed.to_le_bytes());
    samples.iter().for_each(|sample| sum.update(sample.to_le_bytes()));
    sum.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::Rectangle;

    fn face(x: f32, y: f32) -> Face {
        let at = |[dx, dy]: [f32; 2]| Point { x: x + dx, y: y + dy };
        let points = [[12., 18.], [28., 18.], [20., 26.], [14., 34.], [26., 34.]].map(at);
        Face { bounds: Rectangle { x, y, width: 40., height: 48. }, points, score: 1. }
    }

    /// 120 x 120 pixels of fine texture; `phase` moves it without changing what any cell of it is like.
    fn texture(phase: usize) -> Photo {
        let level = |i: usize| if (i % 120 + i / 120 + phase).is_multiple_of(2) { 60 } else { 180 };
        Photo::from_rgb(120, 120, (0..120 * 120).flat_map(|i| [level(i); 3]).collect()).unwrap()
    }

    fn hidden(photo: &Photo, hiding: Hiding, kept: &[Face]) -> Vec<f32> {
        let mut photo = photo.clone();
        hide(&mut photo, &[(face(40., 36.), hiding)], kept, 0);
        photo.rgb(photo.region())
    }

    fn at(rgb: &[f32], x: usize, y: usize) -> f32 {
        rgb[(y * 120 + x) * 3]
    }

    #[test]
    fn nothing_of_the_texture_is_left_in_the_box_and_all_of_it_away_from_the_head() {
        let photo = texture(0);
        let before = photo.rgb(photo.region());
        for hiding in [Hiding::Blur, Hiding::Pixelate, Hiding::Cover] {
            let after = hidden(&photo, hiding, &[]);
            for (x, y) in [(40, 36), (79, 36), (60, 60), (40, 83), (79, 83)] {
                let step = (at(&after, x, y) - at(&after, x + 1, y)).abs();
                assert!(step < 60. && (30. ..215.).contains(&at(&after, x, y)), "{hiding:?} {x} {y}: {step}");
            }
            for (x, y) in [(8, 60), (111, 60), (60, 4), (60, 112)] {
                assert_eq!(at(&after, x, y) as u8, at(&before, x, y) as u8, "{hiding:?} {x} {y}");
            }
        }
    }

    #[test]
    fn a_cover_is_the_same_for_everybody() {
        let (one, other) = (hidden(&texture(0), Hiding::Cover, &[]), hidden(&texture(1), Hiding::Cover, &[]));
        for (x, y) in [(40, 36), (60, 60), (79, 83)] {
            assert_eq!((at(&one, x, y) as u8, at(&other, x, y) as u8), (72, 72));
        }
    }

    #[test]
    fn the_noise_is_that_of_the_pixels_it_hides() {
        let middle = |phase| at(&hidden(&texture(phase), Hiding::Pixelate, &[]), 60, 60);
        assert_eq!(middle(0) as u8, middle(0) as u8, "the same photo gives the same file");
        // The cells of both are like each other; their noise is not.
        assert!((middle(0) - middle(1)).abs() > 1.);
        assert_ne!(secret(&[1.], 0), secret(&[1.], 1));
    }

    #[test]
    fn one_mask_shows_the_same_wherever_the_head_goes() {
        let (first, other) = (texture(0), Photo::from_rgb(120, 120, vec![250; 120 * 120 * 3]).unwrap());
        let mask = Mask::of(&first, &face(40., 36.), Hiding::Pixelate, 0).unwrap();
        let drawn = |photo: &Photo, x: f32| {
            let mut photo = photo.clone();
            mask.draw(&mut photo, &face(x, 36.), &[]);
            photo.rgb(photo.region())
        };
        let (here, there) = (drawn(&first, 40.), drawn(&other, 48.));
        for (x, y) in [(45, 40), (60, 60), (75, 80)] {
            assert_eq!(at(&here, x, y) as u8, at(&there, x + 8, y) as u8, "{x} {y}");
        }
    }

    #[test]
    fn a_face_beside_it_that_is_kept_is_not_drawn_over() {
        let photo = texture(0);
        let (before, neighbour) = (photo.rgb(photo.region()), face(72., 36.));
        let after = hidden(&photo, Hiding::Blur, &[neighbour]);
        assert_eq!(at(&after, 86, 60) as u8, at(&before, 86, 60) as u8, "nearer to the neighbour");
        let alone = hidden(&photo, Hiding::Blur, &[]);
        assert!(at(&alone, 86, 60) as u8 != at(&before, 86, 60) as u8);
        assert_eq!(at(&after, 60, 60) as u8, at(&alone, 60, 60) as u8);
    }

    #[test]
    fn a_head_that_reaches_over_the_edge_is_hidden_as_far_as_it_is_there() {
        let mut photo = texture(0);
        hide(&mut photo, &[(face(-30., -30.), Hiding::Cover), (face(500., 0.), Hiding::Cover)], &[], 0);
        assert_eq!(at(&photo.rgb(photo.region()), 0, 0) as u8, 72);
    }
}

//! Whether two files show the same photo: only then do places in one mean anything in the other.

use crate::face::{Face, Rectangle, shrink};
use crate::network::Result;
use crate::photo::Photo;

/// Both photos are reduced to so many squares each way, in which encoders, scaling and cloaks leave little.
const SQUARES: usize = 32;
/// Root mean square of the difference of all squares away from faces, of 255. What encoders and scaling leave is far
/// below, what turns, cuts and other photos leave far above: docs/verdict.md has the figures.
const AWAY: f32 = 6.;
/// The difference of any one square away from faces, of 255.
const ANYWHERE: f32 = 25.;
/// Root mean square of the difference of the squares of a face, of 255: cloaks change faces, and leave whose hair,
/// collar and light it is.
const IN_A_FACE: f32 = 6.;
/// A cloak reaches so far around a face, in sides of its box.
const REACH: f32 = 0.6;

/// Why the written file does not show the same photo, or `None` where it does, cloaks and hidden heads aside.
///
/// `faces` are those of the original that can be seen in both, cloaked or not; `hidden` those that cannot.
pub(super) fn difference(
    original: &Photo,
    written: &Photo,
    faces: &[Face],
    hidden: &[Face],
) -> Result<Option<String>> {
    let apart = squares(original)?.into_iter().zip(squares(written)?);
    let apart: Vec<f32> = apart.map(|(a, b)| mean_square(a, b)).collect();
    let region = |face: &Face| squares_of(&around(&face.bounds), original);
    let unseen: Vec<usize> = hidden.iter().flat_map(region).collect();
    let seen =
        |squares: Vec<usize>| -> Vec<usize> { squares.into_iter().filter(|i| !unseen.contains(i)).collect() };
    let regions: Vec<Vec<usize>> = faces.iter().map(|face| seen(region(face))).collect();
    let away = seen((0..apart.len()).filter(|i| !regions.iter().any(|r| r.contains(i))).collect());
    let away: Vec<f32> = away.into_iter().map(|i| apart[i]).collect();
    let in_faces = regions.iter().map(|region| root_mean(region.iter().map(|&i| apart[i])));
    let fits = root_mean(away.iter().copied()) <= AWAY
        && away.iter().all(|d| d.sqrt() <= ANYWHERE)
        && in_faces.fold(0., f32::max) <= IN_A_FACE;
    Ok((!fits).then(|| reason(original, written)))
}

fn reason(original: &Photo, written: &Photo) -> String {
    let size = |photo: &Photo| format!("{} x {}", photo.width(), photo.height());
    let across = written.width() as f32 / original.width() as f32;
    let down = written.height() as f32 / original.height() as f32;
    if (across / down - 1.).abs() > 0.02 {
        format!("its shape is another, {} pixels instead of {}", size(written), size(original))
    } else {
        "it does not show what the original shows".into()
    }
}

/// The colours of the squares, row after row, `0.0..=255.0`.
fn squares(photo: &Photo) -> Result<Vec<[f32; 3]>> {
    let all = Rectangle { x: 0., y: 0., width: photo.width() as f32, height: photo.height() as f32 };
    Ok(shrink(photo, all, [SQUARES, SQUARES])?.as_chunks().0.to_vec())
}

fn mean_square(a: [f32; 3], b: [f32; 3]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>() / 3.
}

fn root_mean(squares: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = squares.fold((0., 0u32), |(sum, count), square| (sum + square, count + 1));
    (sum / count.max(1) as f32).sqrt()
}

fn around(b: &Rectangle) -> Rectangle {
    let reach = REACH * b.width.max(b.height);
    Rectangle { x: b.x - reach, y: b.y - reach, width: b.width + 2. * reach, height: b.height + 2. * reach }
}

/// The squares that a rectangle of the photo touches.
fn squares_of(part: &Rectangle, photo: &Photo) -> Vec<usize> {
    let range = |start: f32, length: f32, side: usize| {
        let square =
            |at: f32| (at / side as f32 * SQUARES as f32).floor().clamp(0., SQUARES as f32 - 1.) as usize;
        square(start)..=square(start + length)
    };
    let columns = range(part.x, part.width, photo.width());
    let rows = range(part.y, part.height, photo.height());
    rows.flat_map(|row| columns.clone().map(move |column| row * SQUARES + column)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::Point;

    /// 64 x 64 pixels; `level` gives the grey of each.
    fn photo(level: impl Fn(usize, usize) -> u8) -> Photo {
        let pixels = (0..64 * 64).flat_map(|i| [level(i % 64, i / 64); 3]).collect();
        Photo::from_rgb(64, 64, pixels).unwrap()
    }

    /// Dark above, light below.
    fn slope() -> Photo {
        photo(|_, y| 4 * y as u8)
    }

    fn face(x: f32, y: f32, width: f32) -> Face {
        Face { bounds: Rectangle { x, y, width, height: width }, points: [Point::default(); 5], score: 0.9 }
    }

    #[test]
    fn a_photo_at_another_size_or_with_a_little_noise_is_the_same() {
        let smaller =
            Photo::from_rgb(32, 16, (0..32 * 16).flat_map(|i| [(16 * (i / 32) + 6) as u8; 3]).collect());
        assert_eq!(difference(&slope(), &smaller.unwrap(), &[], &[]).unwrap(), None);
        let noisy = photo(|x, y| (4 * y + (x + y) % 2 * 3) as u8);
        assert_eq!(difference(&slope(), &noisy, &[], &[]).unwrap(), None);
    }

    #[test]
    fn a_photo_that_is_turned_or_mirrored_is_another() {
        for turned in [photo(|x, _| 4 * x as u8), photo(|_, y| 4 * (63 - y) as u8)] {
            let reason = difference(&slope(), &turned, &[], &[]).unwrap().unwrap();
            assert!(reason.contains("does not show"), "{reason}");
        }
    }

    #[test]
    fn a_canvas_of_another_shape_is_told_by_its_size() {
        let wide = Photo::from_rgb(
            128,
            64,
            (0..128 * 64).flat_map(|i| [if i % 128 < 64 { 4 * (i / 128) as u8 } else { 255 }; 3]).collect(),
        );
        let reason = difference(&slope(), &wide.unwrap(), &[], &[]).unwrap().unwrap();
        assert!(reason.contains("128 x 64 pixels instead of 64 x 64"), "{reason}");
    }

    #[test]
    fn a_change_is_seen_away_from_faces_and_a_small_one_is_allowed_in_a_face() {
        let with = |part: std::ops::Range<usize>| {
            photo(move |x, y| 2 * y as u8 + if part.contains(&x) && part.contains(&y) { 28 } else { 0 })
        };
        let (before, little, much) = (with(0..0), with(20..28), with(8..48));
        assert!(difference(&before, &little, &[], &[]).unwrap().is_some());
        let face = face(12., 12., 24.);
        assert_eq!(difference(&before, &little, &[face], &[]).unwrap(), None);
        assert!(difference(&before, &much, &[face], &[]).unwrap().is_some(), "it is another face");
    }

    #[test]
    fn a_hidden_head_says_nothing_and_all_else_still_does() {
        let with = |part: std::ops::Range<usize>| {
            photo(move |x, y| if part.contains(&x) && part.contains(&y) { 200 } else { 2 * y as u8 })
        };
        let (before, head, more) = (with(0..0), with(20..36), with(4..60));
        let hidden = [face(20., 20., 16.)];
        assert!(difference(&before, &head, &hidden, &[]).unwrap().is_some());
        assert_eq!(difference(&before, &head, &[], &hidden).unwrap(), None);
        assert!(difference(&before, &more, &[], &hidden).unwrap().is_some());
    }
}

//! Faces as `YuNet` in OpenCV finds them, on the photos of `../shared/data/family`, and what
//! detection rests on.
//!
//! Golden numbers were made by `tests/golden/make_faces.py`.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use visard::face::{DetectOptions, Detector, Face, Rectangle, shrink};
use visard::network::{Executor, Network};
use visard::photo::{Limits, Photo, decode};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Deserialize)]
struct Golden {
    photo: String,
    width: usize,
    height: usize,
    /// At the photo's own size.
    faces: Vec<GoldenFace>,
    /// In a black square.
    square: Vec<GoldenFace>,
}

#[derive(Deserialize)]
struct GoldenFace {
    #[serde(rename = "box")]
    bounds: [f32; 4],
    points: [[f32; 2]; 5],
    score: f32,
}

impl GoldenFace {
    fn bounds(&self) -> Rectangle {
        let [x, y, width, height] = self.bounds;
        Rectangle { x, y, width, height }
    }

    /// The face that lies on this one.
    fn among<'a>(&self, faces: &'a [Face]) -> Option<&'a Face> {
        let overlap = |face: &Face| face.bounds.overlap(&self.bounds());
        faces.iter().max_by(|a, b| overlap(a).total_cmp(&overlap(b))).filter(|face| overlap(face) > 0.5)
    }

    /// How far the farthest of the five points is from the golden one.
    fn distance(&self, face: &Face) -> f32 {
        let each = face.points.iter().zip(&self.points).map(|(p, q)| (p.x - q[0]).hypot(p.y - q[1]));
        each.fold(0., f32::max)
    }
}

/// The shared folder. Tests that need it are ignored unless asked for, as `.ci/run` does where it is there.
fn shared() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared")
}

fn detector(shared: &Path) -> Result<Detector> {
    let file = std::fs::read(shared.join("models/yunet-2023mar.onnx"))?;
    Ok(Detector::new(Network::from_onnx(&file, Executor::Engine)?))
}

fn golden() -> Result<Vec<Golden>> {
    Ok(serde_json::from_str(include_str!("golden/faces.json"))?)
}

fn open(shared: &Path, golden: &Golden) -> Result<Photo> {
    let photo = decode(&std::fs::read(shared.join("data/family").join(&golden.photo))?, &Limits::default())?;
    assert_eq!((photo.width(), photo.height()), (golden.width, golden.height), "{}", golden.photo);
    Ok(photo)
}

/// The photo in the upper left of a black square, whose side is a multiple of 32.
fn square(photo: &Photo) -> (Vec<f32>, usize) {
    let side = photo.width().max(photo.height()).next_multiple_of(32);
    let mut square = vec![0.; side * side * 3];
    let rgb = photo.rgb(photo.region());
    for (to, from) in square.chunks_mut(side * 3).zip(rgb.chunks(photo.width() * 3)) {
        to[..from.len()].copy_from_slice(from);
    }
    (square, side)
}

#[test]
#[ignore = "needs ../shared"]
fn the_same_faces_are_found_at_the_same_size_with_points_within_a_pixel() -> Result<()> {
    let shared = shared();
    let detector = detector(&shared)?;
    let (mut faces, mut worst) = (0, 0f32);
    for golden in golden()? {
        let (rgb, side) = square(&open(&shared, &golden)?);
        let found = detector.detect_square(&rgb, side, 0.6)?;
        for face in &golden.square {
            let same = face.among(&found).ok_or_else(|| format!("{}: {:?}", golden.photo, face.bounds))?;
            let distance = face.distance(same);
            assert!(distance < 1., "{}: {:?} is off by {distance}", golden.photo, face.bounds);
            assert!(
                (same.score - face.score).abs() < 0.02,
                "{}: {} {}",
                golden.photo,
                same.score,
                face.score
            );
            faces += 1;
            worst = worst.max(distance);
        }
    }
    println!("{faces} faces, points within {worst:.3} pixels");
    Ok(())
}

#[test]
#[ignore = "needs ../shared"]
fn no_face_is_missed_by_the_search_over_several_scales() -> Result<()> {
    let shared = shared();
    let detector = detector(&shared)?;
    let mut faces = 0;
    for golden in golden()? {
        let found = detector.detect(&open(&shared, &golden)?, &DetectOptions::default())?;
        for face in &golden.faces {
            let same = face.among(&found).ok_or_else(|| format!("{}: {:?}", golden.photo, face.bounds))?;
            // Another scale sees the face a little differently: a seventh of its width is the most.
            let distance = face.distance(same) / face.bounds[2];
            assert!(distance < 0.15, "{}: {:?} is off by {distance}", golden.photo, face.bounds);
            faces += 1;
        }
    }
    println!("{faces} faces");
    Ok(())
}

#[test]
fn a_white_photo_is_white_at_every_size_and_in_every_part() {
    let (width, height) = (331, 207);
    let photo = Photo::from_rgb(width, height, vec![255; (width * height * 3) as usize]).unwrap();
    let mut state = 1u32;
    let mut below = |limit: f32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32 * limit
    };
    for _ in 0..2000 {
        // As faces ask for it: from a whole pixel, so many cells of a pitch, as far as the photo reaches.
        let (x, y) = (below(300.).floor(), below(180.).floor());
        let pitch = 1. + below(3.);
        let cells = [height as f32 - y, width as f32 - x].map(|rest| (below(rest) / pitch).max(1.) as usize);
        let part = Rectangle { x, y, width: cells[1] as f32 * pitch, height: cells[0] as f32 * pitch };
        let shrunk = shrink(&photo, part, cells).unwrap();
        assert!(shrunk.iter().all(|v| (v - 255.).abs() < 0.01), "{part:?} to {cells:?}");
    }
    for side in 1..=207 {
        let whole = Rectangle { x: 0., y: 0., width: width as f32, height: height as f32 };
        let shrunk = shrink(&photo, whole, [side, side]).unwrap();
        assert!(shrunk.iter().all(|v| (v - 255.).abs() < 0.01), "to {side} x {side}");
    }
}

//! What a frame, or a face in it, looks like at a glance: to see cuts, and to see when a face has changed.

use super::frame::Frame;
use crate::face::{CROP, Point, Similarity};

/// Cells across and down.
const CELLS: usize = 16;

/// Mean brightness of a few cells.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Look(Vec<f32>);

impl Look {
    /// A whole frame.
    pub(super) fn of_frame(frame: &Frame) -> Self {
        let [width, height] = frame.size().map(|side| side as f32 / CELLS as f32);
        Self::made(|x, y| frame.luma(Point { x: x * width, y: y * height }))
    }

    /// The aligned crop of a face.
    pub(super) fn of_face(frame: &Frame, crop_to_frame: &Similarity) -> Self {
        let scale = CROP as f32 / CELLS as f32;
        Self::made(|x, y| frame.luma(crop_to_frame.apply(Point { x: x * scale, y: y * scale })))
    }

    fn made(level: impl Fn(f32, f32) -> f32) -> Self {
        const SAMPLES: usize = 4;
        let cell = |i: usize| {
            let at = |k: usize, first: usize| first as f32 + (k as f32 + 0.5) / SAMPLES as f32;
            let samples =
                (0..SAMPLES * SAMPLES).map(|k| level(at(k % SAMPLES, i % CELLS), at(k / SAMPLES, i / CELLS)));
            samples.sum::<f32>() / (SAMPLES * SAMPLES) as f32
        };
        Self((0..CELLS * CELLS).map(cell).collect())
    }

    /// Mean difference of the cells, `0.0..=255.0`.
    pub(super) fn distance(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| (a - b).abs()).sum::<f32>() / self.0.len() as f32
    }
}

/// Tells where a clip is cut: where a frame differs from the one before far more than those before it did.
#[derive(Debug, Default)]
pub(super) struct Cuts {
    last: Option<Look>,
    /// About how much frames have differed lately.
    usual: f32,
}

/// Frames that differ by less are of one shot.
const LEAST: f32 = 10.;
/// Frames that differ by so many times what is usual are not.
const TIMES: f32 = 4.;

impl Cuts {
    /// Whether a new shot begins with this frame.
    pub(super) fn begins(&mut self, frame: &Frame) -> bool {
        let look = Look::of_frame(frame);
        let distance = self.last.as_ref().map_or(0., |last| last.distance(&look));
        let cut = distance > LEAST && distance > TIMES * self.usual;
        if !cut {
            self.usual = 0.7 * self.usual + 0.3 * distance;
        }
        self.last = Some(look);
        cut
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(level: impl Fn(usize, usize) -> u8) -> Frame {
        let mut levels: Vec<u8> = (0..64 * 64).map(|i| level(i % 64, i / 64)).collect();
        levels.resize(Frame::bytes(64, 64), 128);
        Frame::new(64, 64, levels)
    }

    #[test]
    fn a_cut_is_seen_and_a_pan_is_not() {
        let mut cuts = Cuts::default();
        let pan = |shift: usize| frame(move |x, _| (((x + shift) as f32 / 9.).sin() * 90. + 120.) as u8);
        assert!((0..8).all(|shift| !cuts.begins(&pan(shift))));
        assert!(cuts.begins(&frame(|_, y| (y * 4) as u8)));
        assert!(!cuts.begins(&frame(|_, y| (y * 4) as u8)));
    }
}

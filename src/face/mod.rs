//! Faces: where they are, and how they are brought into the upright crop that embedders expect.

mod align;
mod detect;
mod geometry;
mod grid;
mod resample;
mod tiles;
mod turn;
mod warp;
mod yunet;

use serde::{Deserialize, Serialize};

pub use align::{Alignment, CROP, TEMPLATE};
pub use detect::{DetectOptions, Detector};
pub use geometry::{Point, Rectangle, Similarity};
pub use grid::Grid;
pub use resample::shrink;
pub(crate) use warp::Sampler;
pub use warp::{Warp, warp};

/// Boxes that overlap more, as a share of their union, are of one face.
const SAME_FACE: f32 = 0.3;
/// A box that lies in another one with more than this share of its area is part of that face.
const MAX_INSIDE: f32 = 0.7;

/// A face that was found in a photo.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Face {
    /// The face from forehead to chin, in photo pixels; may reach over the photo's edge.
    #[serde(rename = "box")]
    pub bounds: Rectangle,
    /// Left eye, right eye, tip of the nose, left and right corner of the mouth, as seen in the
    /// picture, in photo pixels.
    pub points: [Point; 5],
    /// The detector's confidence, `0.0..=1.0`.
    pub score: f32,
}

impl Face {
    /// Whether another face lies at the same place of the photo.
    pub fn is_at(&self, other: &Self) -> bool {
        self.bounds.overlap(&other.bounds) > SAME_FACE
    }

    /// Whether this face lies in another one: then it is a part that looks like one.
    pub(crate) fn is_part_of(&self, other: &Self) -> bool {
        self.bounds.intersection(&other.bounds) > MAX_INSIDE * self.bounds.area()
    }

    /// The face in the same photo at another size: so many times as wide, and as high.
    pub(crate) fn scaled(&self, scale: [f32; 2]) -> Self {
        // Pixel centres are at whole numbers: the edges, not the centres, of the two photos coincide.
        let place = |x: f32, y: f32| Point { x: (x + 0.5) * scale[0] - 0.5, y: (y + 0.5) * scale[1] - 0.5 };
        Self {
            points: self.points.map(|p| place(p.x, p.y)),
            bounds: self.bounds.scaled(scale),
            score: self.score,
        }
    }
}

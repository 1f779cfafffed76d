//! Alignment: the similarity transform that brings a face's five points to the places where
//! embedders expect them.

use super::{Face, Point, Similarity};

/// Width and height of the aligned crop in pixels.
pub const CROP: usize = 112;

/// The five points in the aligned crop, as used since
/// [ArcFace, Deng et al. 2019](https://arxiv.org/abs/1801.07698).
const TEMPLATE: [Point; 5] = [
    Point { x: 38.2946, y: 51.6963 },
    Point { x: 73.5318, y: 51.5014 },
    Point { x: 56.0252, y: 71.7366 },
    Point { x: 41.5493, y: 92.3655 },
    Point { x: 70.7299, y: 92.2041 },
];

/// How a face lies in its photo: the transform from photo pixels to pixels of the aligned crop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alignment {
    /// Photo pixels to crop pixels.
    pub to_crop: Similarity,
}

impl Alignment {
    /// The least-squares alignment of a face, or `None` where its points do not span a face.
    pub fn of(face: &Face) -> Option<Self> {
        let to_crop = Similarity::between(&face.points, &TEMPLATE)?;
        (to_crop.scale().is_finite() && to_crop.scale() > 1e-4).then_some(Self { to_crop })
    }

    /// Width of the aligned crop in photo pixels.
    pub fn extent(&self) -> f32 {
        CROP as f32 / self.to_crop.scale()
    }

    /// The corners of the aligned crop in photo pixels.
    pub fn corners(&self) -> [Point; 4] {
        let back = self.to_crop.inverse();
        let end = CROP as f32 - 1.;
        [(0., 0.), (end, 0.), (end, end), (0., end)].map(|(x, y)| back.apply(Point { x, y }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::Rectangle;

    #[test]
    fn a_face_that_lies_as_the_template_needs_no_change() {
        let bounds = Rectangle { x: 0., y: 0., width: 112., height: 112. };
        let alignment = Alignment::of(&Face { bounds, points: TEMPLATE, score: 1. }).unwrap();
        let p = alignment.to_crop.apply(Point { x: 10., y: 20. });
        assert!((p.x - 10.).abs() < 1e-3 && (p.y - 20.).abs() < 1e-3);
        assert!((alignment.extent() - 112.).abs() < 1e-3);
    }
}

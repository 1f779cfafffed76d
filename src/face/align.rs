//! Alignment: the similarity transform that brings a face's five points to the places where
//! embedders expect them.

use super::{Face, Point, Similarity};

/// Width and height of the aligned crop in pixels.
pub const CROP: usize = 112;

/// Largest extent of an aligned crop, in sides of the face's box; faces have less than 2.
const LARGEST: f32 = 8.;

/// The five points in the aligned crop, as used since
/// [ArcFace, Deng et al. 2019](https://arxiv.org/abs/1801.07698).
pub const TEMPLATE: [Point; 5] = [
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
        let alignment = Self { to_crop: Similarity::between(&face.points, &TEMPLATE)? };
        // Points that lie far outside the box would make a crop of any size.
        let limit = LARGEST * face.bounds.width.max(face.bounds.height);
        let scale = alignment.to_crop.scale();
        (scale.is_finite() && scale > 1e-4 && alignment.extent() <= limit).then_some(alignment)
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

    #[test]
    fn points_that_do_not_fit_the_box_are_no_face() {
        let of = |width: f32, points: [Point; 5]| {
            Alignment::of(&Face {
                bounds: Rectangle { x: 0., y: 0., width, height: width },
                points,
                score: 1.,
            })
        };
        assert!(of(15., TEMPLATE).is_some());
        assert_eq!(of(13., TEMPLATE), None);
        assert_eq!(of(f32::NAN, TEMPLATE), None);
        assert_eq!(of(100., [Point { x: 7., y: 7. }; 5]), None);
        assert_eq!(of(100., [Point { x: f32::NAN, y: 7. }; 5]), None);
    }
}

//! Points, boxes and similarity transforms in photo pixels.

use serde::{Deserialize, Serialize};

use crate::numbers;

/// A place in a picture, in pixels; `(0, 0)` is the *centre* of the upper left pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// To the right.
    #[serde(deserialize_with = "numbers::finite")]
    pub x: f32,
    /// Down.
    #[serde(deserialize_with = "numbers::finite")]
    pub y: f32,
}

/// An upright rectangle in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rectangle {
    /// Left edge.
    #[serde(deserialize_with = "numbers::finite")]
    pub x: f32,
    /// Upper edge.
    #[serde(deserialize_with = "numbers::finite")]
    pub y: f32,
    /// Extent to the right.
    #[serde(deserialize_with = "numbers::finite")]
    pub width: f32,
    /// Extent down.
    #[serde(deserialize_with = "numbers::finite")]
    pub height: f32,
}

impl Rectangle {
    /// The rectangle in the same photo at another size: so many times as wide, and as high.
    pub(crate) fn scaled(&self, [across, down]: [f32; 2]) -> Self {
        // Pixel centres are at whole numbers.
        let corner = |at: f32, scale: f32| (at + 0.5) * scale - 0.5;
        Self {
            x: corner(self.x, across),
            y: corner(self.y, down),
            width: self.width * across,
            height: self.height * down,
        }
    }

    /// Area in pixels.
    pub fn area(&self) -> f32 {
        self.width * self.height
    }

    /// Area that two rectangles share.
    pub fn intersection(&self, other: &Self) -> f32 {
        let width = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let height = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        width.max(0.) * height.max(0.)
    }

    /// Whether the middle of this rectangle lies in another one.
    pub fn middle_is_in(&self, other: &Self) -> bool {
        let (x, y) = (self.x + self.width / 2., self.y + self.height / 2.);
        (other.x..=other.x + other.width).contains(&x) && (other.y..=other.y + other.height).contains(&y)
    }

    /// Shared area divided by the area of the union, `0.0..=1.0`.
    pub fn overlap(&self, other: &Self) -> f32 {
        let shared = self.intersection(other);
        shared / (self.area() + other.area() - shared)
    }
}

/// A similarity transform `(x, y) -> (a x - b y + dx, b x + a y + dy)`: rotation, uniform scale, shift.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    /// Scale times cosine.
    pub a: f32,
    /// Scale times sine.
    pub b: f32,
    /// Shift to the right.
    pub dx: f32,
    /// Shift down.
    pub dy: f32,
}

impl Similarity {
    /// The transform that maps `from` nearest to `to` in the sense of least squares, or `None`
    /// where the points of `from` are all one.
    ///
    /// [Umeyama 1991](https://doi.org/10.1109/34.88573), in two dimensions and without reflection.
    pub fn between(from: &[Point], to: &[Point]) -> Option<Self> {
        let count = from.len().min(to.len()) as f64;
        let mean = |points: &[Point]| {
            let (x, y) = points.iter().fold((0., 0.), |(x, y), p| (x + f64::from(p.x), y + f64::from(p.y)));
            (x / count, y / count)
        };
        let ((fx, fy), (tx, ty)) = (mean(from), mean(to));
        let (mut cosine, mut sine, mut spread) = (0., 0., 0.);
        for (p, q) in from.iter().zip(to) {
            let (px, py) = (f64::from(p.x) - fx, f64::from(p.y) - fy);
            let (qx, qy) = (f64::from(q.x) - tx, f64::from(q.y) - ty);
            cosine += px * qx + py * qy;
            sine += px * qy - py * qx;
            spread += px * px + py * py;
        }
        if spread.is_nan() || spread <= 0. || (cosine == 0. && sine == 0.) {
            return None;
        }
        let (a, b) = (cosine / spread, sine / spread);
        let (dx, dy) = (tx - a * fx + b * fy, ty - b * fx - a * fy);
        Some(Self { a: a as f32, b: b as f32, dx: dx as f32, dy: dy as f32 })
    }

    /// The scale: length in the target of a length of 1.
    pub fn scale(&self) -> f32 {
        self.a.hypot(self.b)
    }

    /// Where a point goes.
    pub fn apply(&self, p: Point) -> Point {
        Point { x: self.a * p.x - self.b * p.y + self.dx, y: self.b * p.x + self.a * p.y + self.dy }
    }

    /// The transform back.
    pub fn inverse(&self) -> Self {
        let square = self.a * self.a + self.b * self.b;
        let (a, b) = (self.a / square, -self.b / square);
        Self { a, b, dx: -(a * self.dx - b * self.dy), dy: -(b * self.dx + a * self.dy) }
    }

    /// This transform, and then `next`.
    pub fn then(&self, next: &Self) -> Self {
        let shift = next.apply(Point { x: self.dx, y: self.dy });
        Self {
            a: next.a * self.a - next.b * self.b,
            b: next.b * self.a + next.a * self.b,
            dx: shift.x,
            dy: shift.y,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(x: f32, y: f32) -> Point {
        Point { x, y }
    }

    #[test]
    fn a_quarter_turn_with_doubling_is_found_exactly() {
        let from = [p(0., 0.), p(1., 0.), p(0., 1.)];
        let to = [p(5., 7.), p(5., 9.), p(3., 7.)];
        let found = Similarity::between(&from, &to).unwrap();
        for (f, t) in from.iter().zip(&to) {
            let q = found.apply(*f);
            assert!((q.x - t.x).abs() < 1e-6 && (q.y - t.y).abs() < 1e-6, "{q:?} for {t:?}");
        }
        assert!((found.scale() - 2.).abs() < 1e-6);
    }

    #[test]
    fn errors_of_single_points_are_shared_out_by_least_squares() {
        // The best shift of two points pulled apart by 2 and of which the scale absorbs the rest.
        let found = Similarity::between(&[p(-1., 0.), p(1., 0.)], &[p(-2., 1.), p(2., 1.)]).unwrap();
        assert_eq!(found, Similarity { a: 2., b: 0., dx: 0., dy: 1. });
    }

    #[test]
    fn equal_points_have_no_transform() {
        assert_eq!(Similarity::between(&[p(3., 3.); 5], &[p(0., 0.); 5]), None);
    }

    #[test]
    fn the_inverse_undoes_and_composition_chains() {
        let t = Similarity { a: 1.5, b: -0.5, dx: 3., dy: -2. };
        let back = t.then(&t.inverse()).apply(p(7., 11.));
        assert!((back.x - 7.).abs() < 1e-5 && (back.y - 11.).abs() < 1e-5);
    }

    #[test]
    fn overlap_of_half_covered_squares_is_a_third() {
        let a = Rectangle { x: 0., y: 0., width: 2., height: 2. };
        let b = Rectangle { x: 1., y: 0., width: 2., height: 2. };
        assert!((a.overlap(&b) - 1. / 3.).abs() < 1e-6);
        assert!(a.intersection(&Rectangle { x: 5., ..b }) < f32::MIN_POSITIVE);
    }
}

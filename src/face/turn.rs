//! Pictures turned by quarters, and faces that were found in them.

use super::{Face, Point, Rectangle};

/// A square picture turned clockwise by `quarters` of a full turn.
///
/// # Shapes
/// - `rgb` and what is returned: `side * side * 3`, interleaved
pub(super) fn turned(rgb: &[f32], side: usize, quarters: usize) -> Vec<f32> {
    let pixels = rgb.as_chunks::<3>().0;
    let from = |i: usize| {
        let (x, y, last) = (i % side, i / side, side - 1);
        let (x, y) = match quarters % 4 {
            0 => (x, y),
            1 => (y, last - x),
            2 => (last - x, last - y),
            _ => (last - y, x),
        };
        pixels[y * side + x]
    };
    (0..pixels.len()).flat_map(from).collect()
}

/// A face that was found in the turned picture, where it lies in the picture itself.
pub(super) fn turned_back(face: &Face, side: usize, quarters: usize) -> Face {
    let last = side as f32 - 1.;
    let place = |x: f32, y: f32| match quarters % 4 {
        0 => Point { x, y },
        1 => Point { x: y, y: last - x },
        2 => Point { x: last - x, y: last - y },
        _ => Point { x: last - y, y: x },
    };
    let b = &face.bounds;
    let (one, other) = (place(b.x, b.y), place(b.x + b.width, b.y + b.height));
    let bounds = Rectangle {
        x: one.x.min(other.x),
        y: one.y.min(other.y),
        width: (one.x - other.x).abs(),
        height: (one.y - other.y).abs(),
    };
    Face { bounds, points: face.points.map(|p| place(p.x, p.y)), score: face.score }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_quarters_are_a_whole_turn_and_one_goes_clockwise() {
        let grey = |levels: [f32; 4]| levels.map(|v| [v; 3]).concat();
        let picture = grey([1., 2., 3., 4.]);
        assert_eq!(turned(&picture, 2, 1), grey([3., 1., 4., 2.]));
        assert_eq!(turned(&picture, 2, 2), grey([4., 3., 2., 1.]));
        assert_eq!(turned(&picture, 2, 3), grey([2., 4., 1., 3.]));
        assert_eq!(turned(&picture, 2, 4), picture);
    }

    #[test]
    fn a_face_is_led_back_to_the_pixels_that_it_was_found_on() {
        // One white pixel at (3, 1) of 5 x 5, found as a face of its size in every turn.
        let mut picture = vec![0f32; 75];
        picture[(5 + 3) * 3..(5 + 4) * 3].fill(9.);
        for quarters in 0..4 {
            let turned = turned(&picture, 5, quarters);
            let i = turned.iter().position(|&v| v > 8.).unwrap() / 3;
            let (x, y) = ((i % 5) as f32, (i / 5) as f32);
            let bounds = Rectangle { x: x - 0.5, y: y - 0.5, width: 1., height: 1. };
            let found = Face { bounds, points: [Point { x, y }; 5], score: 0.9 };
            let back = turned_back(&found, 5, quarters);
            assert_eq!(back.points[0], Point { x: 3., y: 1. });
            assert_eq!(back.bounds, Rectangle { x: 2.5, y: 0.5, width: 1., height: 1. });
        }
    }
}

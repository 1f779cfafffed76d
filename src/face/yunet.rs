//! What YuNet says of a picture.
//!
//! [Wu et al. 2023](https://doi.org/10.1007/s11633-023-1423-y): a small convolutional network that
//! gives, for each cell of three grids, two confidences, a box and five points.

use candle_core::Tensor;

use super::{Face, Point, Rectangle};
use crate::network::{Error, Result};

/// Cells of the three grids in pixels.
const STRIDES: [usize; 3] = [8, 16, 32];

/// All that is taken for a face in a square picture, by the network's outputs.
pub(super) fn faces_of(outputs: &[Tensor], side: usize, score: f32) -> Result<Vec<Face>> {
    let rows: Vec<Vec<f32>> =
        outputs.iter().map(|o| Ok(o.flatten_all()?.to_vec1()?)).collect::<Result<_>>()?;
    if rows.len() != 12 {
        return Err(Error::Usage("the detector must have the twelve outputs of YuNet".into()));
    }
    let mut faces = vec![];
    for (i, stride) in STRIDES.into_iter().enumerate() {
        faces.extend(decode(&[&rows[i], &rows[i + 3], &rows[i + 6], &rows[i + 9]], stride, side, score));
    }
    Ok(faces)
}

/// The faces of one grid: `class`, `object`, `boxes` (4 a cell) and `points` (10 a cell).
fn decode([class, object, boxes, points]: &[&[f32]; 4], stride: usize, side: usize, score: f32) -> Vec<Face> {
    let columns = side / stride;
    let size = stride as f32;
    let cells = class.iter().zip(*object).zip(boxes.as_chunks::<4>().0).zip(points.as_chunks::<10>().0);
    let mut faces = vec![];
    for (i, (((class, object), b), points)) in cells.enumerate() {
        let confidence = (class.clamp(0., 1.) * object.clamp(0., 1.)).sqrt();
        let (row, column) = ((i / columns) as f32, (i % columns) as f32);
        let (width, height) = (b[2].exp() * size, b[3].exp() * size);
        let finite = [width, height].iter().chain(b).chain(points).all(|v| v.is_finite());
        if confidence < score || !finite {
            continue;
        }
        let (x, y) = ((column + b[0]) * size - width / 2., (row + b[1]) * size - height / 2.);
        let point =
            |k: usize| Point { x: (points[2 * k] + column) * size, y: (points[2 * k + 1] + row) * size };
        faces.push(Face {
            bounds: Rectangle { x, y, width, height },
            points: [point(0), point(1), point(2), point(3), point(4)],
            score: confidence,
        });
    }
    faces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_decoded_to_box_and_points_in_pixels() {
        let (mut class, mut object) = (vec![0f32; 4], vec![0f32; 4]);
        let (mut boxes, mut points) = (vec![0f32; 16], vec![0f32; 40]);
        (class[3], object[3]) = (0.81, 1.);
        boxes[12..].copy_from_slice(&[0.5, 0.25, 0., 2f32.ln()]);
        points[30..32].copy_from_slice(&[0.5, -1.]);
        let faces = decode(&[&class, &object, &boxes, &points], 8, 16, 0.5);
        assert_eq!(faces.len(), 1);
        assert!((faces[0].score - 0.9).abs() < 1e-6);
        assert_eq!(faces[0].bounds, Rectangle { x: 8., y: 2., width: 8., height: 16. });
        assert_eq!(faces[0].points[0], Point { x: 12., y: 0. });
    }
}

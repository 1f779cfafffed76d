//! A grid in photo coordinates around a face: the face at a resolution that does not grow with the photo.

use candle_core::{Device, Tensor};

use super::{Alignment, Point, Rectangle, Similarity, shrink};
use crate::photo::Photo;

/// An upright grid of square cells over part of a photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// First photo column that is covered.
    pub x: usize,
    /// First photo row that is covered.
    pub y: usize,
    /// Side of a cell in photo pixels, at least 1.
    pub pitch: f32,
    /// Cells across.
    pub width: usize,
    /// Cells down.
    pub height: usize,
}

impl Grid {
    /// The grid that covers the aligned crop of a face and a `margin` (share of the crop's extent)
    /// around it, as far as the photo reaches; `None` where that is nothing.
    pub fn around(alignment: &Alignment, photo: &Photo, margin: f32, pitch: f32) -> Option<Self> {
        let pitch = pitch.max(1.);
        let corners = alignment.corners();
        let margin = margin * alignment.extent();
        let low = |of: fn(&Point) -> f32| corners.iter().map(of).fold(f32::INFINITY, f32::min) - margin;
        let high = |of: fn(&Point) -> f32| corners.iter().map(of).fold(f32::NEG_INFINITY, f32::max) + margin;
        let axis = |low: f32, high: f32, limit: usize| {
            let start = low.floor().clamp(0., limit as f32) as usize;
            let cells = ((high.ceil().clamp(0., limit as f32) - start as f32) / pitch).floor();
            (start, cells.max(0.) as usize)
        };
        let (x, width) = axis(low(|p| p.x), high(|p| p.x), photo.width());
        let (y, height) = axis(low(|p| p.y), high(|p| p.y), photo.height());
        (width >= 8 && height >= 8).then_some(Self { x, y, pitch, width, height })
    }

    /// Photo pixels to cells; cell centres are at whole numbers, as pixel centres are.
    pub fn from_photo(&self) -> Similarity {
        let a = 1. / self.pitch;
        let shift = |start: usize| (0.5 - start as f32) * a - 0.5;
        Similarity { a, b: 0., dx: shift(self.x), dy: shift(self.y) }
    }

    /// The part of the photo that the grid covers.
    pub fn part(&self) -> Rectangle {
        Rectangle {
            x: self.x as f32,
            y: self.y as f32,
            width: self.width as f32 * self.pitch,
            height: self.height as f32 * self.pitch,
        }
    }

    /// The photo on the grid, low-passed.
    ///
    /// # Shapes
    /// - returns: `(3, height, width)`, `f32`, RGB in `0.0..=1.0`
    pub fn read(&self, photo: &Photo) -> candle_core::Result<Tensor> {
        let pixels = shrink(photo, self.part(), [self.height, self.width]);
        let picture = Tensor::from_vec(pixels, (self.height, self.width, 3), &Device::Cpu)?;
        picture.permute((2, 0, 1))?.contiguous()?.affine(1. / 255., 0.)?.clamp(0., 1.)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cell_centres_lie_in_the_middle_of_their_pixels() {
        let grid = Grid { x: 10, y: 20, pitch: 4., width: 5, height: 5 };
        // The first cell covers columns 10 to 13, whose middle is 11.5.
        let p = grid.from_photo().apply(Point { x: 11.5, y: 21.5 });
        assert!(p.x.abs() < 1e-6 && p.y.abs() < 1e-6, "{p:?}");
    }

    #[test]
    fn the_grid_stops_at_the_edge_of_the_photo() {
        let photo = Photo::from_rgb(50, 40, vec![0; 50 * 40 * 3]).unwrap();
        let to_crop = Similarity { a: 2., b: 0., dx: 0., dy: 0. };
        let grid = Grid::around(&Alignment { to_crop }, &photo, 0.1, 1.).unwrap();
        assert_eq!((grid.x, grid.y, grid.width, grid.height), (0, 0, 50, 40));
        let far = Alignment { to_crop: Similarity { dx: -500., ..to_crop } };
        assert_eq!(Grid::around(&far, &photo, 0.1, 1.), None);
    }
}

//! A frame of a clip, in the levels that codecs have: what is not changed reaches the encoder bit for bit.

use rayon::prelude::*;

use super::colour::Colour;
use crate::error::{Error, Result};
use crate::face::Point;
use crate::photo::{Photo, Region};

/// Luma for every pixel, and two differences of colour for every square of four.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    width: usize,
    height: usize,
    /// All luma, then all differences of blue, then of red, row by row.
    levels: Vec<u8>,
}

impl Frame {
    /// Bytes of a frame of this size.
    pub(super) fn bytes(width: usize, height: usize) -> usize {
        width * height + 2 * width.div_ceil(2) * height.div_ceil(2)
    }

    /// A frame of its levels, of which there must be [`Self::bytes`].
    pub(super) fn new(width: usize, height: usize, levels: Vec<u8>) -> Self {
        debug_assert_eq!(levels.len(), Self::bytes(width, height));
        Self { width, height, levels }
    }

    /// A frame of the upper left part of a photo, whose sides are even.
    pub(super) fn of(photo: &Photo, [width, height]: [usize; 2], colour: &Colour) -> Self {
        let [luma, blue, red] = colour.levels([0.; 3]).map(|level| level as u8);
        debug_assert_eq!(blue, red);
        let mut levels = vec![blue; Self::bytes(width, height)];
        levels[..width * height].fill(luma);
        let mut frame = Self::new(width, height, levels);
        frame.paint(Region { x: 0, y: 0, width, height }, photo, colour);
        frame
    }

    /// Luma, and the differences of blue and of red.
    pub(super) fn levels(&self) -> &[u8] {
        &self.levels
    }

    /// The whole frame as a photo.
    ///
    /// # Errors
    /// Where it has no pixels.
    pub(super) fn photo(&self, colour: &Colour) -> Result<Photo> {
        let mut rgb = vec![0; self.width * self.height * 3];
        let (luma, blue, red) = self.planes();
        let half = self.width.div_ceil(2);
        rgb.par_chunks_mut(self.width * 3).enumerate().for_each(|(y, row)| {
            for (x, pixel) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
                let at = y / 2 * half + x / 2;
                let levels = [luma[y * self.width + x], blue[at], red[at]];
                *pixel = colour.rgb(levels).map(|v| v.round() as u8);
            }
        });
        let photo = Photo::from_rgb(self.width as u32, self.height as u32, rgb);
        photo.ok_or_else(|| Error::Usage("a frame is empty".into()))
    }

    /// Adds a change of a region whose edges are even.
    ///
    /// # Shapes
    /// - `change`: three planes, red, green and blue, of the region's size, in 0..=255 units
    pub(super) fn add(&mut self, region: Region, change: &[f32], colour: &Colour) {
        let cells = region.width * region.height;
        let at = |i: usize| colour.change([change[i], change[cells + i], change[2 * cells + i]]);
        let half = self.width.div_ceil(2);
        let (luma, colours) = self.levels.split_at_mut(self.width * self.height);
        let (blue, red) = colours.split_at_mut(colours.len() / 2);
        for y in (0..region.height).step_by(2) {
            for x in (0..region.width).step_by(2) {
                let mut sum = [0.; 2];
                let corners = [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)];
                let inside =
                    corners.iter().filter(|(x, y)| region.x + x < self.width && region.y + y < self.height);
                let mut count = 0.;
                for (x, y) in inside.filter(|(x, y)| *x < region.width && *y < region.height) {
                    let [by, cb, cr] = at(y * region.width + x);
                    let level = &mut luma[(region.y + y) * self.width + region.x + x];
                    *level = plus(*level, by);
                    (sum[0], sum[1], count) = (sum[0] + cb, sum[1] + cr, count + 1.);
                }
                let cell = (region.y + y) / 2 * half + (region.x + x) / 2;
                blue[cell] = plus(blue[cell], sum[0] / count);
                red[cell] = plus(red[cell], sum[1] / count);
            }
        }
    }

    /// Takes over what a photo of the frame shows otherwise in a region. The levels are set anew: nothing of the old ones shines through.
    pub(super) fn paint(&mut self, region: Region, photo: &Photo, colour: &Colour) {
        let half = self.width.div_ceil(2);
        let (luma, colours) = self.levels.split_at_mut(self.width * self.height);
        let (blue, red) = colours.split_at_mut(colours.len() / 2);
        // Whole squares of four, since they share their differences of colour.
        let [left, top] = [region.x / 2 * 2, region.y / 2 * 2];
        for y in (top..region.y + region.height).step_by(2) {
            for x in (left..region.x + region.width).step_by(2) {
                let [width, height] = [(self.width - x).min(2), (self.height - y).min(2)];
                let rgb = photo.rgb(Region { x, y, width, height });
                let cell = y / 2 * half + x / 2;
                let (mut sum, mut any) = ([0.; 2], false);
                for (i, pixel) in rgb.as_chunks::<3>().0.iter().enumerate() {
                    let level = &mut luma[(y + i / width) * self.width + x + i % width];
                    let before = colour.rgb([*level, blue[cell], red[cell]]).map(f32::round);
                    let [by, cb, cr] = colour.levels(*pixel);
                    sum = [sum[0] + cb, sum[1] + cr];
                    if before.iter().zip(pixel).any(|(a, b)| (a - b).abs() > 0.5) {
                        (*level, any) = (by.round() as u8, true);
                    }
                }
                if any {
                    let count = (width * height) as f32;
                    (blue[cell], red[cell]) = (plus(0, sum[0] / count), plus(0, sum[1] / count));
                }
            }
        }
    }

    /// The luma at a place, `0.0..=255.0`; beyond the edges that of the nearest pixel.
    pub(super) fn luma(&self, p: Point) -> f32 {
        let axis = |at: f32, count: usize| (at.round().max(0.) as usize).min(count - 1);
        f32::from(self.levels[axis(p.y, self.height) * self.width + axis(p.x, self.width)])
    }

    /// Pixels across and down.
    pub(super) fn size(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    fn planes(&self) -> (&[u8], &[u8], &[u8]) {
        let (luma, colours) = self.levels.split_at(self.width * self.height);
        let (blue, red) = colours.split_at(colours.len() / 2);
        (luma, blue, red)
    }
}

fn plus(level: u8, change: f32) -> u8 {
    (f32::from(level) + change).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: usize, height: usize) -> Frame {
        let mut levels = vec![128; Frame::bytes(width, height)];
        levels[..width * height].fill(100);
        Frame::new(width, height, levels)
    }

    #[test]
    fn nothing_outside_a_change_is_touched_and_what_is_inside_is_as_asked() {
        let colour = Colour::of(Some("bt709"), true, 0).unwrap();
        let mut frame = grey(11, 9);
        let region = Region { x: 2, y: 4, width: 4, height: 4 };
        frame.add(region, &[7.; 48], &colour);
        let photo = frame.photo(&colour).unwrap();
        for (i, pixel) in photo.rgb(photo.region()).as_chunks::<3>().0.iter().enumerate() {
            let inside = (2..6).contains(&(i % 11)) && (4..8).contains(&(i / 11));
            assert_eq!(pixel.map(|v| v as u8), if inside { [107; 3] } else { [100; 3] }, "{i}");
        }
    }

    #[test]
    fn what_is_painted_has_the_levels_of_the_photo_and_the_rest_its_own() {
        let colour = Colour::of(Some("bt709"), false, 0).unwrap();
        let mut frame = grey(7, 5);
        let mut photo = frame.photo(&colour).unwrap();
        let region = Region { x: 1, y: 0, width: 6, height: 5 };
        photo.repaint(Region { x: 3, y: 2, width: 2, height: 3 }, |samples| samples.fill(235.));
        frame.paint(region, &photo, &colour);
        let painted = frame.photo(&colour).unwrap();
        for (i, pixel) in painted.rgb(photo.region()).as_chunks::<3>().0.iter().enumerate() {
            let inside = (3..5).contains(&(i % 7)) && (2..5).contains(&(i / 7));
            let expected = if inside { 235. } else { 98. };
            assert!(pixel.iter().all(|v| (v - expected).abs() < 1.5), "{i}: {pixel:?}");
        }
    }

    #[test]
    fn a_frame_of_a_photo_shows_its_colours_and_leaves_odd_edges_out() {
        let colours = [[255, 0, 0], [0, 0, 0], [40, 90, 200]];
        for colour in colours {
            let photo = Photo::from_rgb(5, 3, colour.repeat(15)).unwrap();
            let frame = Frame::of(&photo, [4, 2], &Colour::HD);
            let shown = frame.photo(&Colour::HD).unwrap();
            assert_eq!(frame.size(), [4, 2]);
            for pixel in shown.rgb(shown.region()).as_chunks::<3>().0 {
                assert!(pixel.iter().zip(colour).all(|(a, b)| (a - f32::from(b)).abs() < 2.5), "{pixel:?}");
            }
        }
    }

    #[test]
    fn a_region_at_an_odd_edge_is_no_reason_to_panic() {
        let colour = Colour::of(None, false, 0).unwrap();
        let mut frame = grey(5, 3);
        frame.add(Region { x: 0, y: 0, width: 5, height: 3 }, &[-300.; 45], &colour);
        assert!(frame.levels()[..15].iter().all(|level| *level == 0));
    }
}

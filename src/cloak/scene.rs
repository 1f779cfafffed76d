//! The face that is to be cloaked, on its grid.

use candle_core::{Device, Tensor};

use super::budget::Structure;
use super::clamp::clamp;
use super::perception::Perception;
use super::planes::numbers_of;
use super::pyramid::Part;
use crate::face::{Alignment, CROP, Face, Grid, Point, Rectangle, Similarity, Warp, warp};
use crate::network::Result;
use crate::photo::Photo;

/// How far the grid reaches beyond the aligned crop, as a share of the crop's extent.
const MARGIN: f32 = 0.06;
/// A face is seen as if its box were no larger than this, in pixels: screens are no larger, and the measure takes 200 bytes
/// a pixel.
pub(super) const LARGEST: usize = 768;

/// Cells across a large face.
const CELLS: f32 = 256.;
/// The cloak is whole up to this share of the half of the aligned crop, and gone at the crop's edge.
const INNER: f32 = 0.8;
/// Less than this share of a change tells too little of the whole.
const LEAST: f64 = 0.05;
/// Fewer cells of a face's box are not looked at by themselves.
const FEWEST: usize = 16;
/// Cells over which the cloak fades at the border of the grid.
const FADE: f32 = 6.;

/// A face on its grid, with all that does not change while it is cloaked.
pub struct Scene {
    /// Where the grid lies in the photo.
    pub grid: Grid,
    /// The face as it is: `(3, height, width)` of the grid, `0.0..=1.0`.
    pub picture: Tensor,
    /// Crop pixels to cells.
    pub(crate) to_grid: Similarity,
    pub(crate) structure: Structure,
    /// `(1, height, width)`: 1 on the face, 0 away from it.
    mask: Tensor,
    /// Channels that can change: 1 for grey photos, else 3.
    channels: usize,
}

/// The face with a change: three planes of the grid of each.
pub struct Shown {
    picture: Vec<f32>,
    change: Vec<f32>,
}

impl Shown {
    /// The changed face, `0.0..=1.0`.
    pub fn picture(&self) -> &[f32] {
        &self.picture
    }

    /// The change, in units of full scale, before the picture was held within its range.
    pub fn change(&self) -> &[f32] {
        &self.change
    }
}

impl Scene {
    /// The face on its grid, or `None` where its points do not span a face inside the photo.
    ///
    /// # Errors
    /// Those of candle.
    pub fn of(photo: &Photo, face: &Face) -> Result<Option<Self>> {
        let Some(alignment) = Alignment::of(face) else { return Ok(None) };
        let pitch = face.bounds.width / CELLS;
        let Some(grid) = Grid::around(&alignment, photo, MARGIN, pitch) else { return Ok(None) };
        let picture = grid.read(photo)?;
        let to_grid = alignment.to_crop.inverse().then(&grid.from_photo());
        let places = places(&grid, &to_grid);
        let shape = (grid.height, grid.width);
        let mask = Tensor::from_vec(mask(&places, &grid), shape, &Device::Cpu)?.unsqueeze(0)?;
        let weights = weights(&places);
        let perception =
            Perception::new(&picture, part(&grid, &face.bounds), seen_pitch(&grid, &face.bounds))?;
        let structure = Structure::new(&picture, weights, Warp::new(to_grid, [CROP, CROP]), perception)?;
        let channels = if photo.is_grey() { 1 } else { 3 };
        Ok(Some(Self { grid, picture, to_grid, structure, mask, channels }))
    }

    /// Shape of a raw change, which is what is optimised: `(channels, height, width)`, of one channel for a grey photo.
    pub fn shape(&self) -> (usize, usize, usize) {
        (self.channels, self.grid.height, self.grid.width)
    }

    /// The change of the picture that a raw change makes: faded at the border, the same in each
    /// channel of a grey photo.
    ///
    /// # Shapes
    /// - returns: `(3, height, width)`
    ///
    /// # Errors
    /// Where `raw` has another shape than [`Self::shape`].
    pub fn fade(&self, raw: &Tensor) -> candle_core::Result<Tensor> {
        let (height, width) = (self.grid.height, self.grid.width);
        raw.broadcast_mul(&self.mask)?.broadcast_as((3, height, width))
    }

    /// The raw change that [`Scene::fade`] makes this change of.
    pub(super) fn unfade(&self, change: &Tensor) -> candle_core::Result<Tensor> {
        change.narrow(0, 0, self.channels)?.broadcast_div(&self.mask.maximum(LEAST)?)
    }

    /// The raw change that is this one in the aligned crop: `(3, 112, 112)`.
    pub(super) fn spread(&self, crop: &Tensor) -> candle_core::Result<Tensor> {
        let size = [self.grid.height, self.grid.width];
        warp(&crop.narrow(0, 0, self.channels)?, Warp::new(self.to_grid.inverse(), size))
    }

    /// The picture with a change, `(3, height, width)`, held within `0.0..=1.0`.
    ///
    /// # Errors
    /// Where `change` has another shape.
    pub fn show(&self, change: &Tensor) -> candle_core::Result<Tensor> {
        clamp(&(&self.picture + change)?, 0., 1.)
    }

    /// Height and width of the grid.
    pub(super) fn size(&self) -> [usize; 2] {
        [self.grid.height, self.grid.width]
    }

    /// The picture with a raw change, and that change.
    pub(crate) fn shown(&self, raw: &Tensor) -> candle_core::Result<Shown> {
        let change = self.fade(raw)?;
        Ok(Shown { picture: numbers_of(&self.show(&change)?)?, change: numbers_of(&change)? })
    }

    /// The slope in a raw change, of one in the picture that it is shown in.
    pub(crate) fn slope(&self, shown: &Shown, by: &[f32]) -> candle_core::Result<Tensor> {
        let (picture, mask) = (numbers_of(&self.picture)?, numbers_of(&self.mask)?);
        let mut slopes = vec![0.; self.channels * mask.len()];
        for plane in 0..3 {
            let first = plane * mask.len();
            let own = &mut slopes[plane % self.channels * mask.len()..];
            for (at, (own, mask)) in own.iter_mut().zip(&mask).enumerate() {
                let at = first + at;
                if (0. ..=1.).contains(&(picture[at] + shown.change[at])) {
                    *own += mask * by[at];
                }
            }
        }
        Tensor::from_vec(slopes, self.shape(), &Device::Cpu)
    }
}

/// The pitch of the grid in the picture of the face that people see.
fn seen_pitch(grid: &Grid, bounds: &Rectangle) -> f32 {
    grid.pitch * (LARGEST as f32 / bounds.width.max(bounds.height)).min(1.)
}

/// The cells of a face's box; all of them where the box is too small to be looked at.
fn part(grid: &Grid, bounds: &Rectangle) -> Part {
    let axis = |start: f32, extent: f32, first: usize, count: usize| {
        let cell = |at: f32| ((at - first as f32) / grid.pitch).clamp(0., count as f32) as usize;
        let (first, last) = (cell(start), cell(start + extent));
        if last >= first + FEWEST { (first, last - first) } else { (0, count) }
    };
    let (left, width) = axis(bounds.x, bounds.width, grid.x, grid.width);
    let (top, height) = axis(bounds.y, bounds.height, grid.y, grid.height);
    Part { top, height, left, width }
}

/// Where each cell lies in the aligned crop, which reaches from -1 to 1 across and down.
fn places(grid: &Grid, to_grid: &Similarity) -> Vec<(f32, f32)> {
    let to_crop = to_grid.inverse();
    let place = |x: usize, y: usize| {
        let p = to_crop.apply(Point { x: x as f32, y: y as f32 });
        let half = CROP as f32 / 2.;
        ((p.x + 0.5) / half - 1., (p.y + 0.5) / half - 1.)
    };
    (0..grid.height).flat_map(|y| (0..grid.width).map(move |x| (x, y))).map(|(x, y)| place(x, y)).collect()
}

/// 1 on the face, 0 away from it, with a smooth edge: a superellipse in the aligned crop.
fn mask(places: &[(f32, f32)], grid: &Grid) -> Vec<f32> {
    let at = |(i, (u, v)): (usize, &(f32, f32))| {
        let radius = (u.powi(4) + v.powi(4)).powf(0.25);
        let t = ((1. - radius) / (1. - INNER)).clamp(0., 1.);
        let (x, y) = (i % grid.width, i / grid.width);
        t * t * (3. - 2. * t) * at_edge(x, grid.width) * at_edge(y, grid.height)
    };
    places.iter().enumerate().map(at).collect()
}

/// Fades the last cells of the grid, so that it has no visible border where it cuts a face.
fn at_edge(i: usize, count: usize) -> f32 {
    ((i.min(count - 1 - i) as f32 + 0.5) / FADE).min(1.)
}

/// Equal weights, which sum to 1, on the cells of the aligned crop: the region over which visibility is measured.
fn weights(places: &[(f32, f32)]) -> Vec<f32> {
    let inside = |&&(u, v): &&(f32, f32)| u.abs() <= 1. && v.abs() <= 1.;
    let each = 1. / places.iter().filter(inside).count().max(1) as f32;
    places.iter().map(|place| if inside(&place) { each } else { 0. }).collect()
}

/// An even grey photo, and a face in its middle.
#[cfg(test)]
pub(super) fn grey_face() -> Result<(Photo, Face)> {
    use crate::network::Error;
    let photo = Photo::from_rgb(200, 200, vec![102; 200 * 200 * 3]).ok_or(Error::Usage("photo".into()))?;
    let points =
        [[80., 85.], [120., 85.], [100., 105.], [84., 125.], [116., 125.]].map(|[x, y]| Point { x, y });
    let bounds = crate::face::Rectangle { x: 60., y: 50., width: 80., height: 100. };
    Ok((photo, Face { bounds, points, score: 1. }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Error;

    /// A grid of 112 x 112 cells that is the aligned crop itself.
    const CROP_GRID: Grid = Grid { x: 0, y: 0, pitch: 1., width: CROP, height: CROP };
    const STAY: Similarity = Similarity { a: 1., b: 0., dx: 0., dy: 0. };

    #[test]
    fn the_cloak_is_whole_in_the_middle_of_the_crop_and_gone_at_its_edge_and_beyond() {
        let mask = mask(&places(&CROP_GRID, &STAY), &CROP_GRID);
        let at = |x: usize, y: usize| (mask[y * CROP + x] * 1000.).round() as i32;
        assert_eq!([at(56, 56), at(95, 56), at(56, 12)], [1000; 3]);
        assert_eq!([at(111, 56), at(111, 111), at(2, 2)], [0; 3]);
        // The crop of half the size in the middle of the same grid.
        let small = Similarity { a: 0.5, dx: 28., dy: 28., ..STAY };
        let mask = super::mask(&places(&CROP_GRID, &small), &CROP_GRID);
        assert!(mask[56 * CROP + 20] < 1e-6 && mask[56 * CROP + 56] > 1. - 1e-6);
    }

    #[test]
    fn visibility_is_a_mean_over_the_aligned_crop() {
        let small = Similarity { a: 0.5, dx: 28., dy: 28., ..STAY };
        let weights = weights(&places(&CROP_GRID, &small));
        assert_eq!(weights.iter().filter(|w| **w > 0.).count(), 56 * 56);
        assert!((weights.iter().sum::<f32>() - 1.).abs() < 1e-4);
    }

    #[test]
    fn slopes_come_back_as_the_face_fades_and_not_through_what_is_cut_off() -> Result<()> {
        let (photo, face) = grey_face()?;
        let scene = Scene::of(&photo, &face)?.ok_or(Error::Usage("face".into()))?;
        let mask = numbers_of(&scene.mask)?;
        // The picture is .4 everywhere.
        for level in [0.3f32, 0.7] {
            let shown = scene.shown(&Tensor::full(level, scene.shape(), &Device::Cpu)?)?;
            let count = shown.picture.len();
            let slope = numbers_of(&scene.slope(&shown, &vec![1.; count])?)?;
            for (at, mask) in (0..count).zip(mask.iter().cycle()) {
                let cut = if 0.4 + mask * level > 1. { 0. } else { 1. };
                assert!((slope[at] - mask * cut).abs() < 1e-6, "{level} {at}: {}", slope[at]);
            }
        }
        Ok(())
    }

    #[test]
    fn fading_again_what_was_unfaded_changes_nothing_but_the_faintest_edge() -> Result<()> {
        let (photo, face) = grey_face()?;
        let scene = Scene::of(&photo, &face)?.ok_or(Error::Usage("face".into()))?;
        let raw = Tensor::full(0.5f32, scene.shape(), &Device::Cpu)?;
        let once = scene.fade(&raw)?;
        let twice = scene.fade(&scene.unfade(&once)?)?;
        let lost = (once - twice)?.abs()?.max_all()?.to_scalar::<f32>()?;
        assert!(lost < 0.5 * 0.05 * 0.25 + 1e-6, "{lost}");
        Ok(())
    }
}

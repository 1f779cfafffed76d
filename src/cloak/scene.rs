//! The face that is to be cloaked, on its grid.

use candle_core::{DType, Device, Tensor};

use super::budget::Structure;
use super::clamp::clamp;
use crate::face::{Alignment, Face, Grid, Point, Similarity};
use crate::network::{Error, Result};
use crate::photo::Photo;

/// How far the grid reaches beyond the aligned crop, as a share of the crop's extent.
const MARGIN: f32 = 0.06;
/// Cells across a large face.
const CELLS: f32 = 256.;
/// The cloak is whole up to `INNER` times the half of the face's box and gone at `OUTER` times.
const INNER: f32 = 0.85;
const OUTER: f32 = 1.12;
/// Less than this share of a change tells too little of the whole.
const LEAST: f64 = 0.05;
/// Cells over which the cloak fades at the border of the grid.
const FADE: f32 = 6.;

/// A face on its grid, with all that does not change while it is cloaked.
pub(crate) struct Scene {
    pub(crate) grid: Grid,
    /// `(3, height, width)`, `0.0..=1.0`
    pub(crate) picture: Tensor,
    /// Crop pixels to cells.
    pub(crate) to_grid: Similarity,
    pub(crate) structure: Structure,
    /// `(1, height, width)`: 1 on the face, 0 away from it.
    mask: Tensor,
    /// Channels that can change: 1 for grey photos, else 3.
    channels: usize,
}

impl Scene {
    /// The face on its grid, or `None` where its points do not span a face inside the photo.
    pub(crate) fn of(photo: &Photo, face: &Face) -> Result<Option<Self>> {
        let Some(alignment) = Alignment::of(face) else { return Ok(None) };
        let pitch = face.bounds.width / CELLS;
        let Some(grid) = Grid::around(&alignment, photo, MARGIN, pitch) else { return Ok(None) };
        let picture = grid.read(photo)?;
        let mask = mask(&grid, face)?;
        let structure = Structure::new(&picture, weights(&mask)?)?;
        let to_grid = alignment.to_crop.inverse().then(&grid.from_photo());
        let channels = if photo.is_grey() { 1 } else { 3 };
        Ok(Some(Self { grid, picture, to_grid, structure, mask, channels }))
    }

    /// Shape of what is optimised: `(channels, height, width)`.
    pub(crate) fn shape(&self) -> (usize, usize, usize) {
        (self.channels, self.grid.height, self.grid.width)
    }

    /// The change of the picture that a raw change makes: faded at the border, the same in each
    /// channel of a grey photo.
    ///
    /// # Shapes
    /// - returns: `(3, height, width)`
    pub(crate) fn fade(&self, raw: &Tensor) -> candle_core::Result<Tensor> {
        let (height, width) = (self.grid.height, self.grid.width);
        raw.broadcast_mul(&self.mask)?.broadcast_as((3, height, width))
    }

    /// The raw change that [`Scene::fade`] makes this change of.
    pub(super) fn unfade(&self, change: &Tensor) -> candle_core::Result<Tensor> {
        change.narrow(0, 0, self.channels)?.broadcast_div(&self.mask.maximum(LEAST)?)
    }

    /// The picture with a change, `0.0..=1.0`.
    pub(crate) fn show(&self, change: &Tensor) -> candle_core::Result<Tensor> {
        clamp(&(&self.picture + change)?, 0., 1.)
    }

    /// The largest scale, `0.0..=most`, at which a change that grows with it has at most this DSSIM.
    pub(crate) fn largest_scale(
        &self,
        dssim: f32,
        most: f64,
        change: impl Fn(f64) -> candle_core::Result<Tensor>,
    ) -> candle_core::Result<f64> {
        let (mut low, mut high) = (0., most);
        for _ in 0..12 {
            let middle = (low + high) / 2.;
            let found = self.structure.dssim(&self.show(&change(middle)?)?)?.to_scalar::<f32>()?;
            if found <= dssim { low = middle } else { high = middle }
        }
        Ok(low)
    }
}

/// What can be seen at a face of the difference between a photo and a changed photo, on the grid
/// that the face was cloaked on.
///
/// # Errors
/// Where the photos differ in size.
pub fn measure(original: &Photo, changed: &Photo, face: &Face) -> Result<Seen> {
    if (original.width(), original.height()) != (changed.width(), changed.height()) {
        return Err(Error::Usage("photos of different sizes cannot be compared".into()));
    }
    let Some(scene) = Scene::of(original, face)? else { return Ok(Seen::default()) };
    let change = (scene.grid.read(changed)? - &scene.picture)?;
    let visibility = scene.structure.visibility(&scene.picture, &change)?;
    let error = change.sqr()?.mean_all()?.to_scalar::<f32>()?;
    Ok(Seen {
        dssim: visibility.dssim,
        largest_change: visibility.largest_change,
        chroma: visibility.chroma,
        psnr: (error > 0.).then(|| -10. * error.log10()),
    })
}

/// What can be seen of a cloak in a photo; units as in [`super::Visibility`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    /// Mean structural dissimilarity of the face.
    pub dssim: f32,
    /// Largest change of a sample.
    pub largest_change: f32,
    /// Root mean square of the change of colour.
    pub chroma: f32,
    /// Peak signal-to-noise ratio over the grid in dB; none without a change.
    pub psnr: Option<f32>,
}

/// 1 on the face, 0 away from it, with a smooth edge: a superellipse around the face's box.
fn mask(grid: &Grid, face: &Face) -> candle_core::Result<Tensor> {
    let from_photo = grid.from_photo();
    let b = &face.bounds;
    let middle = from_photo.apply(Point { x: b.x + b.width / 2., y: b.y + b.height / 2. });
    let (across, down) = (b.width / 2. * from_photo.a, b.height / 2. * from_photo.a);
    let mut weights = Vec::with_capacity(grid.width * grid.height);
    for y in 0..grid.height {
        for x in 0..grid.width {
            let (u, v) = ((x as f32 - middle.x) / across, (y as f32 - middle.y) / down);
            let radius = (u.powi(4) + v.powi(4)).powf(0.25);
            let t = ((OUTER - radius) / (OUTER - INNER)).clamp(0., 1.);
            weights.push(t * t * (3. - 2. * t) * at_edge(x, grid.width) * at_edge(y, grid.height));
        }
    }
    Tensor::from_vec(weights, (1, grid.height, grid.width), &Device::Cpu)
}

/// Fades the last cells of the grid, so that it has no visible border where it cuts a face.
fn at_edge(i: usize, count: usize) -> f32 {
    ((i.min(count - 1 - i) as f32 + 0.5) / FADE).min(1.)
}

/// Equal weights, which sum to 1, on the cells that can change.
fn weights(mask: &Tensor) -> candle_core::Result<Tensor> {
    let open = mask.squeeze(0)?.gt(0f32)?.to_dtype(DType::F32)?;
    let count = open.sum_all()?.to_scalar::<f32>()?.max(1.);
    open / f64::from(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::Rectangle;

    #[test]
    fn fading_again_what_was_unfaded_changes_nothing_but_the_faintest_edge() -> Result<()> {
        let photo =
            Photo::from_rgb(200, 200, vec![100; 200 * 200 * 3]).ok_or(Error::Usage("photo".into()))?;
        let points =
            [[80., 85.], [120., 85.], [100., 105.], [84., 125.], [116., 125.]].map(|[x, y]| Point { x, y });
        let bounds = Rectangle { x: 60., y: 50., width: 80., height: 100. };
        let scene =
            Scene::of(&photo, &Face { bounds, points, score: 1. })?.ok_or(Error::Usage("face".into()))?;
        let raw = Tensor::full(0.5f32, scene.shape(), &Device::Cpu)?;
        let once = scene.fade(&raw)?;
        let twice = scene.fade(&scene.unfade(&once)?)?;
        let lost = (once - twice)?.abs()?.max_all()?.to_scalar::<f32>()?;
        assert!(lost < 0.5 * 0.05 * 0.25 + 1e-6, "{lost}");
        Ok(())
    }
}

//! The face that is to be cloaked, on its grid.

use candle_core::{Device, Tensor};

use super::budget::Structure;
use crate::face::{Alignment, Face, Grid, Similarity};
use crate::network::{Error, Result};
use crate::photo::Photo;

/// How far the grid reaches beyond the aligned crop, as a share of the crop's extent.
const MARGIN: f32 = 0.06;
/// Cells across a large face.
const CELLS: f32 = 256.;
/// Over this share of the grid's side the cloak fades to nothing at the border.
const FEATHER: f32 = 0.08;

/// A face on its grid, with all that does not change while it is cloaked.
pub(super) struct Scene {
    pub(super) grid: Grid,
    /// `(3, height, width)`, `0.0..=1.0`
    pub(super) picture: Tensor,
    /// Crop pixels to cells.
    pub(super) to_grid: Similarity,
    pub(super) structure: Structure,
    /// `(1, height, width)`: 1 inside, falling to 0 at the border.
    mask: Tensor,
    /// Channels that can change: 1 for grey photos, else 3.
    channels: usize,
}

impl Scene {
    /// The face on its grid, or `None` where its points do not span a face inside the photo.
    pub(super) fn of(photo: &Photo, face: &Face) -> Result<Option<Self>> {
        let Some(alignment) = Alignment::of(face) else { return Ok(None) };
        let pitch = face.bounds.width / CELLS;
        let Some(grid) = Grid::around(&alignment, photo, MARGIN, pitch) else { return Ok(None) };
        let picture = grid.read(photo)?;
        let structure = Structure::new(&picture, face_weights(&grid, face)?)?;
        let to_grid = alignment.to_crop.inverse().then(&grid.from_photo());
        let channels = if photo.is_grey() { 1 } else { 3 };
        Ok(Some(Self { grid, picture, to_grid, structure, mask: mask(&grid)?, channels }))
    }

    /// Shape of what is optimised: `(channels, height, width)`.
    pub(super) fn shape(&self) -> (usize, usize, usize) {
        (self.channels, self.grid.height, self.grid.width)
    }

    /// The change of the picture that a raw change makes: faded at the border, the same in each
    /// channel of a grey photo.
    ///
    /// # Shapes
    /// - returns: `(3, height, width)`
    pub(super) fn fade(&self, raw: &Tensor) -> candle_core::Result<Tensor> {
        let (height, width) = (self.grid.height, self.grid.width);
        raw.broadcast_mul(&self.mask)?.broadcast_as((3, height, width))
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

/// Equal weights on the cells of the face's box, which sum to 1.
fn face_weights(grid: &Grid, face: &Face) -> candle_core::Result<Tensor> {
    let from_photo = grid.from_photo();
    let b = &face.bounds;
    let cells = |start: f32, length: f32, shift: f32, count: usize| {
        let first = (start * from_photo.a + shift).round().clamp(0., count as f32 - 1.);
        let last = ((start + length) * from_photo.a + shift).round().clamp(first + 1., count as f32);
        first as usize..last as usize
    };
    let columns = cells(b.x, b.width, from_photo.dx, grid.width);
    let rows = cells(b.y, b.height, from_photo.dy, grid.height);
    let weight = 1. / (columns.len() * rows.len()) as f32;
    let mut weights = vec![0f32; grid.width * grid.height];
    for row in rows {
        weights[row * grid.width..][columns.clone()].fill(weight);
    }
    Tensor::from_vec(weights, (grid.height, grid.width), &Device::Cpu)
}

fn mask(grid: &Grid) -> candle_core::Result<Tensor> {
    let ramp = |i: usize, count: usize| {
        let distance = (i.min(count - 1 - i) as f32 + 0.5) / (FEATHER * count as f32);
        let t = distance.min(1.);
        t * t * (3. - 2. * t)
    };
    let mut weights = Vec::with_capacity(grid.width * grid.height);
    for y in 0..grid.height {
        weights.extend((0..grid.width).map(|x| ramp(y, grid.height) * ramp(x, grid.width)));
    }
    Tensor::from_vec(weights, (1, grid.height, grid.width), &Device::Cpu)
}

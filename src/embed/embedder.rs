//! One face-embedding network with everything that belongs to it.

use candle_core::{D, Tensor};

use crate::face::{Alignment, CROP, Grid, Warp, warp};
use crate::network::{Features, Network, Result};
use crate::photo::Photo;

use super::input::{Crop, Input};

/// Anything that embeds aligned faces.
pub trait Embed: Sync {
    /// Embeds a batch of aligned faces; differentiable in `crops`.
    ///
    /// # Shapes
    /// - `crops`: `(batch, 3, 112, 112)`, `f32`, RGB in `0.0..=1.0`
    /// - returns: `(batch, dimension)`, `f32`, rows of L2 norm 1
    fn embed(&self, crops: &Tensor) -> Result<Tensor>;

    /// How much it counts beside other surrogates when a cloak is made, more than 0.
    fn weight(&self) -> f64 {
        1.
    }

    /// The embeddings, and what the network makes of the faces inside, where it can be seen; differentiable in `crops`.
    /// They and their gradients show a direction and decide nothing, so they may be rounded ([`Network::features_rough`]).
    ///
    /// # Shapes
    /// - `crops`: `(batch, 3, 112, 112)`, `f32`, RGB in `0.0..=1.0`
    /// - returns: [`Features::output`] as of [`Embed::embed`], but for rounding
    fn features(&self, crops: &Tensor) -> Result<Features> {
        Ok(Features { output: self.embed(crops)?, map: None })
    }
}

/// A face-embedding network that takes aligned faces.
#[derive(Debug)]
pub struct Embedder {
    network: Network,
    crop: Crop,
    input: Input,
    weight: f32,
}

impl Embedder {
    /// An embedder from its network, crop and input values.
    pub fn new(network: Network, crop: Crop, input: Input) -> Self {
        Self { network, crop, input, weight: 1. }
    }

    /// The same network with another weight beside other surrogates.
    #[must_use]
    pub fn weighted(self, weight: f32) -> Self {
        Self { weight, ..self }
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The same network with another crop and other input values.
    #[must_use]
    pub fn given(self, crop: Crop, input: Input) -> Self {
        Self { crop, input, ..self }
    }

    /// The input shape for a batch: `(batch, channels, height, width)`, with the channels last where it takes them so.
    pub fn input_shape(&self, batch: usize) -> [usize; 4] {
        self.input.shape(batch, self.crop.size())
    }

    /// What the network itself is given for aligned faces.
    ///
    /// # Shapes
    /// - `crops`: `(batch, 3, 112, 112)`, RGB in `0.0..=1.0`
    /// - returns: [`Self::input_shape`]
    pub fn prepare(&self, crops: &Tensor) -> Result<Tensor> {
        self.input.values(&self.crop.cut(crops)?)
    }
}

impl Embedder {
    /// Rows of L2 norm 1 of the crops as they are, and the map inside.
    fn rows(&self, crops: &Tensor, rough: bool) -> Result<Features> {
        let input = self.prepare(crops)?;
        let features =
            if rough { self.network.features_rough(&input) } else { self.network.features(&input) }?;
        Ok(Features { output: unit(&features.output)?, ..features })
    }

    /// The same of each face and its mirrored picture together, where the network wants both.
    fn faces(&self, crops: &Tensor, rough: bool) -> Result<Features> {
        if !self.input.mirror {
            return self.rows(crops, rough);
        }
        let columns: Vec<u32> = (0..CROP as u32).rev().collect();
        let mirrored = crops.index_select(&Tensor::from_vec(columns, CROP, crops.device())?, 3)?;
        let both = self.rows(&Tensor::cat(&[crops, &mirrored], 0)?, rough)?;
        let count = crops.dim(0)?;
        let output = unit(&(both.output.narrow(0, 0, count)? + both.output.narrow(0, count, count)?)?)?;
        let map = both.map.map(|map| map.narrow(0, 0, count)).transpose()?;
        Ok(Features { output, map })
    }
}

impl Embed for Embedder {
    fn weight(&self) -> f64 {
        f64::from(self.weight)
    }

    fn embed(&self, crops: &Tensor) -> Result<Tensor> {
        Ok(self.faces(crops, false)?.output)
    }

    fn features(&self, crops: &Tensor) -> Result<Features> {
        self.faces(crops, true)
    }
}

/// Rows divided by their L2 norm.
fn unit(rows: &Tensor) -> Result<Tensor> {
    let norm = (rows.sqr()?.sum_keepdim(D::Minus1)? + 1e-12)?.sqrt()?;
    Ok(rows.broadcast_div(&norm)?)
}

/// The aligned crop of a face of a photo, low-passed, or `None` where the face lies outside.
///
/// # Shapes
/// - returns: `(1, 3, 112, 112)`, `f32`, RGB in `0.0..=1.0`; 0 where the crop reaches over the edge
pub fn aligned_crop(photo: &Photo, alignment: &Alignment) -> Result<Option<Tensor>> {
    // Two cells for each crop pixel: enough for the warp to sample from.
    let pitch = alignment.extent() / (2 * CROP) as f32;
    let Some(grid) = Grid::around(alignment, photo, 0.05, pitch) else { return Ok(None) };
    let to_grid = alignment.to_crop.inverse().then(&grid.from_photo());
    Ok(Some(warp(&grid.read(photo)?, Warp::new(to_grid, [CROP, CROP]))?.unsqueeze(0)?))
}

/// Cosine of two embeddings, `-1.0..=1.0`.
pub fn similarity(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
    (dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()) as f32
}

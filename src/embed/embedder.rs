//! One face-embedding network with everything that belongs to it.

use candle_core::{D, Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::face::{Alignment, CROP, Grid, Warp, warp};
use crate::network::{Features, Network, Result};
use crate::photo::Photo;

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
    ///
    /// # Shapes
    /// - `crops`: `(batch, 3, 112, 112)`, `f32`, RGB in `0.0..=1.0`
    /// - returns: [`Features::output`] as of [`Embed::embed`]
    fn features(&self, crops: &Tensor) -> Result<Features> {
        Ok(Features { output: self.embed(crops)?, map: None })
    }
}

/// Which part of the aligned face a network takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Crop {
    /// All of the 112 x 112 aligned face.
    #[serde(rename = "arcface-112")]
    Arcface112,
    /// Columns 8 to 103 of it: 112 rows, 96 columns.
    #[serde(rename = "sphereface-112x96")]
    Sphereface112x96,
}

/// The order of colour channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Red first.
    #[default]
    Rgb,
    /// Blue first.
    Bgr,
}

/// What a network wants of its input values: `(x - mean) / std` for `x` in 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Of red, green and blue.
    pub mean: [f32; 3],
    /// Of red, green and blue.
    pub std: [f32; 3],
    /// The order in which the network takes the channels.
    #[serde(default)]
    pub order: Order,
    /// Whether it is given the mirrored face too, and both embeddings count (the flip test of face recognition).
    #[serde(default)]
    pub mirror: bool,
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

    /// The input shape for a batch: `(batch, 3, height, width)`.
    pub fn input_shape(&self, batch: usize) -> [usize; 4] {
        match self.crop {
            Crop::Arcface112 => [batch, 3, 112, 112],
            Crop::Sphereface112x96 => [batch, 3, 112, 96],
        }
    }

    /// What the network itself is given for aligned faces.
    ///
    /// # Shapes
    /// - `crops`: `(batch, 3, 112, 112)`, RGB in `0.0..=1.0`
    /// - returns: [`Self::input_shape`]
    pub fn prepare(&self, crops: &Tensor) -> Result<Tensor> {
        let crops = match self.crop {
            Crop::Arcface112 => crops.clone(),
            Crop::Sphereface112x96 => crops.narrow(3, 8, 96)?,
        };
        let row = |values: [f32; 3]| Tensor::from_slice(&values, (1, 3, 1, 1), &Device::Cpu);
        let factor = row(self.input.std.map(|s| 255. / s))?;
        let shift = row([0, 1, 2].map(|i| self.input.mean[i] / self.input.std[i]))?;
        let scaled = crops.broadcast_mul(&factor)?.broadcast_sub(&shift)?;
        match self.input.order {
            Order::Rgb => Ok(scaled),
            Order::Bgr => Ok(scaled.index_select(&Tensor::from_slice(&[2u32, 1, 0], 3, &Device::Cpu)?, 1)?),
        }
    }
}

impl Embedder {
    /// Rows of L2 norm 1 of the crops as they are, and the map inside.
    fn rows(&self, crops: &Tensor) -> Result<Features> {
        let features = self.network.features(&self.prepare(crops)?)?;
        Ok(Features { output: unit(&features.output)?, ..features })
    }
}

impl Embed for Embedder {
    fn weight(&self) -> f64 {
        f64::from(self.weight)
    }

    fn embed(&self, crops: &Tensor) -> Result<Tensor> {
        Ok(self.features(crops)?.output)
    }

    fn features(&self, crops: &Tensor) -> Result<Features> {
        if !self.input.mirror {
            return self.rows(crops);
        }
        let columns: Vec<u32> = (0..CROP as u32).rev().collect();
        let mirrored = crops.index_select(&Tensor::from_vec(columns, CROP, crops.device())?, 3)?;
        let both = self.rows(&Tensor::cat(&[crops, &mirrored], 0)?)?;
        let count = crops.dim(0)?;
        let output = unit(&(both.output.narrow(0, 0, count)? + both.output.narrow(0, count, count)?)?)?;
        let map = both.map.map(|map| map.narrow(0, 0, count)).transpose()?;
        Ok(Features { output, map })
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

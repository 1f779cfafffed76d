//! What a network is given of an aligned face: which part, in which size, as which numbers.

use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::face::{CROP, Point, Similarity, TEMPLATE, Warp, warp};
use crate::network::{Error, Result};

/// Which part of the aligned face a network takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Crop {
    /// All of the 112 x 112 aligned face.
    #[serde(rename = "arcface-112")]
    Arcface112,
    /// Columns 8 to 103 of it: 112 rows, 96 columns.
    #[serde(rename = "sphereface-112x96")]
    Sphereface112x96,
    /// Another size, or other places of the five points.
    #[serde(rename = "template")]
    Template(Template),
}

/// A picture of a face of any size. What it shows beyond the aligned face is black.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Its height in pixels.
    pub rows: usize,
    /// Its width in pixels.
    pub columns: usize,
    /// Where it has the left and the right eye, the nose and the corners of the mouth: column and row each. Without
    /// them they are where the aligned face has them, enlarged.
    pub points: Option<[[f32; 2]; 5]>,
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
    /// One channel: the luma. The mean and standard deviation of red count.
    Grey,
}

/// Where the channels are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// `(batch, channels, height, width)`
    #[default]
    Nchw,
    /// `(batch, height, width, channels)`
    Nhwc,
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
    /// Where it takes them.
    #[serde(default)]
    pub layout: Layout,
    /// Whether it is given the mirrored face too, and both embeddings count (the flip test of face recognition).
    #[serde(default)]
    pub mirror: bool,
}

impl Default for Input {
    /// Values of -1 to 1, red first.
    fn default() -> Self {
        let (order, layout) = (Order::default(), Layout::default());
        Self { mean: [127.5; 3], std: [127.5; 3], order, layout, mirror: false }
    }
}

impl Crop {
    /// Height and width.
    pub fn size(&self) -> [usize; 2] {
        match self {
            Self::Arcface112 => [112, 112],
            Self::Sphereface112x96 => [112, 96],
            Self::Template(template) => [template.rows, template.columns],
        }
    }

    /// The crop that shows all of the aligned face in a size.
    pub fn of_size([rows, columns]: [usize; 2]) -> Self {
        match [rows, columns] {
            [112, 112] => Self::Arcface112,
            [112, 96] => Self::Sphereface112x96,
            _ => Self::Template(Template { rows, columns, points: None }),
        }
    }

    /// The crops of aligned faces; differentiable.
    pub(super) fn cut(&self, faces: &Tensor) -> Result<Tensor> {
        match self {
            Self::Arcface112 => Ok(faces.clone()),
            Self::Sphereface112x96 => Ok(faces.narrow(3, 8, 96)?),
            Self::Template(template) => template.cut(faces),
        }
    }
}

impl Template {
    fn cut(&self, faces: &Tensor) -> Result<Tensor> {
        let to_face = Similarity::between(&self.targets(), &TEMPLATE)
            .ok_or_else(|| Error::Usage("the points of the crop do not span a face".into()))?;
        let sampled = Warp::new(to_face, [self.rows, self.columns]);
        let crop = |index| -> Result<Tensor> { Ok(warp(&faces.get(index)?, sampled)?) };
        let crops = (0..faces.dim(0)?).map(crop).collect::<Result<Vec<_>>>()?;
        Ok(Tensor::stack(&crops, 0)?)
    }

    fn targets(&self) -> [Point; 5] {
        if let Some(points) = self.points {
            return points.map(|[x, y]| Point { x, y });
        }
        // Pixel 0 covers -0.5 to 0.5, in either size.
        let by = |at: f32, size: usize| (at + 0.5) * size as f32 / CROP as f32 - 0.5;
        TEMPLATE.map(|Point { x, y }| Point { x: by(x, self.columns), y: by(y, self.rows) })
    }
}

impl Input {
    pub(super) fn shape(&self, batch: usize, [rows, columns]: [usize; 2]) -> [usize; 4] {
        let channels = if self.order == Order::Grey { 1 } else { 3 };
        match self.layout {
            Layout::Nchw => [batch, channels, rows, columns],
            Layout::Nhwc => [batch, rows, columns, channels],
        }
    }

    /// The numbers of RGB crops in `0.0..=1.0`.
    pub(super) fn values(&self, crops: &Tensor) -> Result<Tensor> {
        let row = |values: [f32; 3]| Tensor::from_slice(&values, (1, 3, 1, 1), &Device::Cpu);
        let crops = match self.order {
            Order::Grey => crops.broadcast_mul(&row([0.299, 0.587, 0.114])?)?.sum_keepdim(1)?,
            Order::Rgb | Order::Bgr => crops.clone(),
        };
        let factor = row(self.std.map(|s| 255. / s))?;
        let shift = row([0, 1, 2].map(|i| self.mean[i] / self.std[i]))?;
        let scaled = match self.order {
            Order::Grey => {
                crops.broadcast_mul(&factor.narrow(1, 0, 1)?)?.broadcast_sub(&shift.narrow(1, 0, 1)?)?
            }
            Order::Rgb | Order::Bgr => crops.broadcast_mul(&factor)?.broadcast_sub(&shift)?,
        };
        let ordered = match self.order {
            Order::Rgb | Order::Grey => scaled,
            Order::Bgr => scaled.index_select(&Tensor::from_slice(&[2u32, 1, 0], 3, &Device::Cpu)?, 1)?,
        };
        match self.layout {
            Layout::Nchw => Ok(ordered),
            Layout::Nhwc => Ok(ordered.permute((0, 2, 3, 1))?.contiguous()?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Faces whose red is their column, whose green is their row and whose blue is 1, in parts of 255.
    fn faces() -> Tensor {
        let value = |i: usize| match i / (CROP * CROP) % 3 {
            0 => (i % CROP) as f32 / 255.,
            1 => (i / CROP % CROP) as f32 / 255.,
            _ => 1. / 255.,
        };
        let values: Vec<f32> = (0..2 * 3 * CROP * CROP).map(value).collect();
        Tensor::from_vec(values, (2, 3, CROP, CROP), &Device::Cpu).unwrap()
    }

    fn input(order: Order, layout: Layout) -> Input {
        Input { mean: [0.; 3], std: [1.; 3], order, layout, mirror: false }
    }

    fn pixel(x: &Tensor, at: [usize; 4]) -> f32 {
        at.into_iter().fold(x.clone(), |x, i| x.get(i).unwrap()).to_scalar().unwrap()
    }

    #[test]
    fn a_template_without_points_is_the_aligned_face_in_another_size() {
        let crop = Crop::of_size([224, 224]);
        let x = input(Order::Rgb, Layout::Nchw).values(&crop.cut(&faces()).unwrap()).unwrap();
        assert_eq!(x.dims(), [2, 3, 224, 224]);
        // Pixels 100 and 101 of the larger picture share pixel 50 of the face, a quarter to each side.
        assert!((pixel(&x, [1, 0, 60, 100]) - 49.75).abs() < 1e-2);
        assert!((pixel(&x, [1, 1, 101, 7]) - 50.25).abs() < 1e-2);
    }

    #[test]
    fn points_move_the_face() {
        let points = TEMPLATE.map(|Point { x, y }| [x + 10., y - 5.]);
        let crop = Crop::Template(Template { rows: 112, columns: 112, points: Some(points) });
        let x = input(Order::Rgb, Layout::Nchw).values(&crop.cut(&faces()).unwrap()).unwrap();
        assert!(
            (pixel(&x, [0, 0, 50, 70]) - 60.).abs() < 1e-2 && (pixel(&x, [0, 1, 50, 70]) - 55.).abs() < 1e-2
        );
        // What lies beyond the aligned face is black.
        assert!(pixel(&x, [0, 2, 50, 2]).abs() < 1e-6);
    }

    #[test]
    fn channels_may_come_last_reversed_or_as_one() {
        let crops = faces();
        let last = input(Order::Bgr, Layout::Nhwc).values(&crops).unwrap();
        assert_eq!(last.dims(), [2, 112, 112, 3]);
        let bgr = [0, 1, 2].map(|channel| pixel(&last, [0, 9, 30, channel]));
        assert!(bgr.iter().zip([1., 9., 30.]).all(|(a, b)| (a - b).abs() < 1e-4), "{bgr:?}");
        let grey = input(Order::Grey, Layout::Nchw).values(&crops).unwrap();
        assert_eq!(grey.dims(), [2, 1, 112, 112]);
        assert!((pixel(&grey, [0, 0, 9, 30]) - (0.299 * 30. + 0.587 * 9. + 0.114)).abs() < 1e-3);
    }
}

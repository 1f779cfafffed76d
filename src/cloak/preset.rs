//! Presets: how visible a cloak may be and how much work goes into it.

use serde::{Deserialize, Serialize};

/// Limits on what may be seen of a cloak.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// Least [SSIMULACRA 2](https://github.com/cloudinary/ssimulacra2) of the face's box at the photo's size, if that is
    /// limited. It binds large faces; small ones reach the limit on DSSIM first.
    pub ssimulacra2: Option<f32>,
    /// Largest mean structural dissimilarity over the aligned crop, `(1 - SSIM) / 2` of luma: at the size at which
    /// the face is cloaked, and at the 112 x 112 pixels that embedders see.
    pub dssim: f32,
    /// Largest change of a sample, in units of 1/255.
    pub largest_change: f32,
    /// Largest root mean square of the change of colour (Cb and Cr) over the aligned crop, in units of 1/255.
    pub chroma: f32,
}

/// One try at a face; a later one is made only where the judges still know the face, but narrowly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// How visible the cloak may be.
    pub budget: Budget,
    /// Gradient steps; four fifths of them for a further photo of a person.
    pub steps: usize,
    /// Random views of the face in each step; half as many for a further photo of a person.
    pub views: usize,
}

/// A named strength. A released preset never changes its meaning: a better one gets a new version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Looks natural; seen beside the original; protects less.
    Subtle,
    /// May be seen on smooth skin.
    #[default]
    Standard,
    /// Seen on smooth skin; protects most.
    Strong,
}

impl Preset {
    /// Version of the presets' meaning, for reports.
    pub const VERSION: u32 = 11;

    /// The tries that are made one after the other until the judges do not know the face any more, or know it well.
    pub fn attempts(self) -> [Attempt; 2] {
        let (ssimulacra2, dssim, largest_change, chroma) = match self {
            Self::Subtle => (50., 0.006, 14., 1.2),
            Self::Standard => (21., 0.012, 20., 1.8),
            Self::Strong => (11., 0.020, 28., 2.4),
        };
        let budget = Budget { ssimulacra2: Some(ssimulacra2), dssim, largest_change, chroma };
        let first = Attempt { budget, steps: 50, views: 2 };
        [first, Attempt { steps: 100, ..first }]
    }

    /// The name, as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Subtle => "subtle",
            Self::Standard => "standard",
            Self::Strong => "strong",
        }
    }
}

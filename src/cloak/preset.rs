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
    /// The same of its broad part: patches are seen where fine colour is not.
    pub broad_chroma: f32,
}

/// What encoding at the usual quality costs in SSIMULACRA 2, at most.
const ENCODING: f32 = 0.8;

impl Budget {
    /// What may be seen before the photo is encoded, so that the written file is within the limits.
    pub(crate) fn before_encoding(&self) -> Self {
        Self { ssimulacra2: self.ssimulacra2.map(|least| least + ENCODING), ..*self }
    }
}

/// One try at a face; a later one is made only where the judges still know the face, but narrowly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// How visible the cloak may be.
    pub budget: Budget,
    /// How much work goes into it.
    pub effort: Effort,
}

/// How much work goes into a cloak. The usual one is that of every preset's first try.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effort {
    /// Gradient steps; four fifths of them for a further photo of a person.
    pub steps: usize,
    /// Random views of the face in each step; half as many for a further photo of a person.
    pub views: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self { steps: 45, views: 2 }
    }
}

/// A named strength. A released preset never changes its meaning: a better one gets a new version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// For each face the weakest cloak that the judges accept with a margin.
    Auto,
    /// Looks natural; seen beside the original; protects less.
    Subtle,
    /// May be seen on smooth skin.
    #[default]
    Standard,
    /// Seen on smooth skin; protects most.
    Strong,
}

const SUBTLE: Budget =
    Budget { ssimulacra2: Some(50.), dssim: 0.006, largest_change: 14., chroma: 1.2, broad_chroma: 0.35 };
const STANDARD: Budget =
    Budget { ssimulacra2: Some(18.7), dssim: 0.015, largest_change: 20., chroma: 1.5, broad_chroma: 0.45 };
const STRONG: Budget =
    Budget { ssimulacra2: Some(7.), dssim: 0.020, largest_change: 28., chroma: 1.9, broad_chroma: 0.6 };

/// The budgets of [`Preset::Auto`], one after the other.
const RUNGS: [Budget; 5] = [
    SUBTLE,
    Budget { ssimulacra2: Some(35.), dssim: 0.009, largest_change: 17., chroma: 1.35, broad_chroma: 0.4 },
    STANDARD,
    Budget { ssimulacra2: Some(13.), dssim: 0.0175, largest_change: 24., chroma: 1.7, broad_chroma: 0.5 },
    STRONG,
];

impl Preset {
    /// Version of the presets' meaning, for reports.
    pub const VERSION: u32 = 16;

    /// [`Preset::Auto`] is content with a face that every judge finds less similar than its verdict by this much.
    pub const MARGIN: f32 = 0.1;

    /// The fixed strengths, from the least visible on.
    pub const FIXED: [Self; 3] = [Self::Subtle, Self::Standard, Self::Strong];

    /// The first try.
    pub fn first(self) -> Attempt {
        let budget = match self {
            Self::Auto | Self::Subtle => SUBTLE,
            Self::Standard => STANDARD,
            Self::Strong => STRONG,
        };
        Attempt { budget, effort: Effort::default() }
    }

    /// The tries that are made one after the other until the judges do not know the face any more; of a fixed strength, as long
    /// as little is missing.
    pub fn attempts(self) -> Vec<Attempt> {
        let first = self.first();
        match self {
            Self::Auto => {
                let effort = Effort { steps: 25, ..first.effort };
                let further = RUNGS[1..].iter().map(|&budget| Attempt { budget, effort });
                std::iter::once(first).chain(further).collect()
            }
            _ => vec![first, Attempt { effort: Effort { steps: 90, ..first.effort }, ..first }],
        }
    }

    /// The name, as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Subtle => "subtle",
            Self::Standard => "standard",
            Self::Strong => "strong",
        }
    }
}

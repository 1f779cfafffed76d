//! What the caller wants.

use serde::{Deserialize, Serialize};

use super::Whose;
use crate::cloak::Preset;
use crate::face::{DetectOptions, Face, Rectangle};
use crate::hide::Hiding;
use crate::photo::{Destination, EncodeOptions, Limits};

/// Which faces are protected.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Faces {
    /// All that are found.
    #[default]
    All,
    /// Only the one with the largest box.
    Largest,
    /// Exactly these, whether the detector finds them or not.
    These(Vec<Face>),
}

impl Faces {
    /// Whether a face that is only found in the written file is to be protected as well.
    pub(super) fn takes_late_ones(&self) -> bool {
        *self == Self::All
    }

    /// All faces, the most confident first, and whether each is to be protected.
    pub(super) fn choose(&self, found: Vec<Face>) -> Vec<(Face, bool)> {
        match self {
            Self::All => found.into_iter().map(|face| (face, true)).collect(),
            Self::Largest => {
                let largest =
                    found.iter().copied().max_by(|a, b| a.bounds.area().total_cmp(&b.bounds.area()));
                found.into_iter().map(|face| (face, Some(face) == largest)).collect()
            }
            Self::These(given) => {
                let others = found.iter().filter(|face| !given.iter().any(|g| g.is_at(face)));
                let mut all: Vec<_> = given.iter().map(|face| (*face, true)).collect();
                all.extend(others.map(|face| (*face, false)));
                all.sort_by(|(a, _), (b, _)| b.score.total_cmp(&a.score));
                all
            }
        }
    }
}

/// What becomes of all faces that are not to be protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Others {
    /// They stay as they are.
    #[default]
    Leave,
    /// They are protected, too.
    Cloak,
    /// They are blurred, beyond what anybody brings back.
    Blur,
    /// They become a few squares.
    Pixelate,
    /// They become an area of one colour.
    Cover,
}

impl Others {
    /// How the others are hidden, if they are.
    pub fn hiding(self) -> Option<Hiding> {
        match self {
            Self::Leave | Self::Cloak => None,
            Self::Blur => Some(Hiding::Blur),
            Self::Pixelate => Some(Hiding::Pixelate),
            Self::Cover => Some(Hiding::Cover),
        }
    }
}

/// Where a photo is written that is not protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unprotected {
    /// In the place that a protected one would have.
    #[default]
    Beside,
    /// In a folder of their own, [`NOT_PROTECTED`](super::NOT_PROTECTED), so that nobody takes it for a protected one.
    Apart,
    /// Nowhere.
    Nowhere,
}

/// What the caller wants.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Settings {
    /// How strong and how visible. Default: `standard`.
    pub preset: Preset,
    /// Which faces are protected. Default: all.
    pub faces: Faces,
    /// Whose faces of these are protected. Default: everybody's.
    pub whose: Whose,
    /// What becomes of all other faces. Default: they stay as they are.
    pub others: Others,
    /// Boxes in the upright photo, each around a face that is protected besides these, whether the detector finds it by
    /// itself or not. Default: none.
    pub boxes: Vec<Rectangle>,
    /// Where the photo is to be shown: it is reduced for that place, and judged as it arrives there. Default: as it is.
    pub destination: Destination,
    /// The longest side that the photo is written with, in pixels, if that is limited.
    pub max_side: Option<u32>,
    /// Format, quality and metadata of the output.
    pub encode: EncodeOptions,
    /// What counts as a face.
    pub detect: DetectOptions,
    /// Limits on the size of photos; they change no output.
    #[serde(skip)]
    pub limits: Limits,
    /// Seed of all random choices. Default: 0.
    pub seed: u64,
    /// Whether a photo without a face to protect is written too, without its traces: with its picture bit for bit as it was where
    /// that can be. Default: no.
    pub keep_faceless: bool,
    /// Where batches write photos that are not protected; it changes no photo. Default: where the others are.
    #[serde(skip)]
    pub unprotected: Unprotected,
}

impl Settings {
    /// The longest side of the output, by the place where it is shown and by what is asked for.
    pub(super) fn longest_side(&self) -> Option<u32> {
        let shown = self.destination.treatment().map(|treatment| treatment.max_side);
        shown.into_iter().chain(self.max_side).min()
    }

    /// How the photo is written: the place decides on the format where none is asked for.
    pub fn encoding(&self) -> EncodeOptions {
        EncodeOptions { format: self.destination.format(self.encode.format), ..self.encode }
    }
}

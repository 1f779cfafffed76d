//! What is wanted of a clip.

use serde::Serialize;

use super::times::Part;
use super::writer::Codec;
use crate::cloak::Preset;
use crate::photo::Limits;
use crate::pipeline::{Faces, Others, Settings, Unprotected, Whose};

/// What is wanted of a clip.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ClipSettings {
    /// How strong and how visible. Default: `standard`.
    pub preset: Preset,
    /// Which faces are protected: all, or those that are the largest of a frame. Single faces cannot be given. Default: all.
    pub faces: Faces,
    /// Whose faces of these are protected. Default: everybody's.
    pub whose: Whose,
    /// What becomes of all other faces. Default: they stay as they are.
    pub others: Others,
    /// The part that is worked on and written. Default: all, up to five minutes.
    pub part: Part,
    /// How the pictures are compressed. Default: H.264.
    pub codec: Codec,
    /// Quality as the encoder counts (CRF). Default: that of the codec.
    pub quality: Option<u8>,
    /// Limits on the size of frames; they change no output.
    #[serde(skip)]
    pub limits: Limits,
    /// Seed of all random choices. Default: 0.
    pub seed: u64,
    /// Where clips are written that are not protected; it changes no clip. Default: where the others are.
    #[serde(skip)]
    pub unprotected: Unprotected,
}

impl ClipSettings {
    /// What is wanted of photos, as far as clips have it.
    pub fn of(settings: &Settings) -> Self {
        let Settings { preset, faces, whose, others, limits, seed, unprotected, .. } = settings;
        Self {
            preset: *preset,
            faces: faces.clone(),
            whose: whose.clone(),
            others: *others,
            limits: *limits,
            seed: *seed,
            unprotected: *unprotected,
            ..Self::default()
        }
    }

    /// The quality that is asked for, or the usual one.
    pub(super) fn crf(&self) -> u8 {
        self.quality.unwrap_or(self.codec.usual_quality())
    }
}

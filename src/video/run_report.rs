//! The report of a run: plain data. Documented for readers in `docs/videos.md`.

use serde::{Deserialize, Serialize};

use super::report::ClipReport;
use crate::cloak::Preset;
use crate::listing::LeftOut;
use crate::models::{Ensemble, Warning};
use crate::pipeline::{NetworkReport, Report, Status};

/// What a run did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClipsReport {
    /// Version of this schema: 1.
    pub schema: u32,
    /// Version of visard.
    pub visard: String,
    /// The strength that was asked for.
    pub preset: Preset,
    /// Version of the presets' meaning.
    pub preset_version: u32,
    /// The seed of all random choices.
    pub seed: u64,
    /// All networks of the run.
    pub networks: Vec<NetworkReport>,
    /// Where judges are tied to surrogates.
    #[serde(default)]
    pub warnings: Vec<Warning>,
    /// Whether the run was broken off, or is not at its end yet.
    pub cancelled: bool,
    /// What of the folders that were given is left out.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
    /// One entry for each clip, in the order of the run.
    pub clips: Vec<ClipReport>,
}

impl ClipsReport {
    /// An empty report of a run.
    pub fn new(ensemble: &Ensemble, preset: Preset, seed: u64) -> Self {
        Self::of(Report::new(ensemble, preset, seed))
    }

    /// An empty report of a run, of whose photos there is a report.
    pub fn of(photos: Report) -> Self {
        let Report { schema, visard, preset, preset_version, seed, networks, warnings, .. } = photos;
        Self {
            schema,
            visard,
            preset,
            preset_version,
            seed,
            networks,
            warnings,
            cancelled: true,
            left_out: vec![],
            clips: vec![],
        }
    }

    /// Whether every clip is protected or hidden, nothing that looks like a picture was left out, and the run went to its end.
    pub fn all_protected(&self) -> bool {
        let all = self.clips.iter().all(|clip| matches!(clip.status, Status::Protected | Status::Hidden));
        !self.cancelled && all && !self.left_out.iter().any(|left| left.picture)
    }
}

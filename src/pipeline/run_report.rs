//! The report of a run: plain data, one JSON schema. Documented for readers in `docs/report.md`.

use serde::{Deserialize, Serialize};

use super::{PhotoReport, Status};
use crate::cloak::Preset;
use crate::listing::LeftOut;
use crate::models::{Ensemble, Entry, Role, Warning};

/// What a run did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
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
    /// Where judges are tied to surrogates, so that the verdict says less of other networks.
    #[serde(default)]
    pub warnings: Vec<Warning>,
    /// Whether the run was broken off, or is not at its end yet; photos that were not reached are not listed.
    pub cancelled: bool,
    /// What of the folders that were given is left out.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
    /// One entry for each photo, in the order of the run.
    pub photos: Vec<PhotoReport>,
}

/// A network of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkReport {
    /// Its name in the catalogue.
    pub name: String,
    /// What it was in this run; none for the detector.
    pub role: Option<Role>,
    /// SHA-256 of its file.
    pub sha256: String,
    /// The threshold that was used: at a false accept rate of 1e-3.
    pub threshold: Option<f32>,
}

impl Report {
    /// An empty report of a run.
    pub fn new(ensemble: &Ensemble, preset: Preset, seed: u64) -> Self {
        let network = |entry: &Entry, role| NetworkReport {
            name: entry.name.clone(),
            role,
            sha256: entry.sha256.clone(),
            threshold: entry.threshold(),
        };
        let surrogates = ensemble.surrogates.iter().map(|r| (r, Role::Surrogate));
        let judges = ensemble.judges.iter().map(|r| (r, Role::Judge));
        let embedders = surrogates.chain(judges).map(|(r, role)| network(&r.entry, Some(role)));
        Self {
            schema: 1,
            visard: env!("CARGO_PKG_VERSION").into(),
            preset,
            preset_version: Preset::VERSION,
            seed,
            networks: std::iter::once(network(&ensemble.detector_entry, None)).chain(embedders).collect(),
            warnings: ensemble.warnings(),
            cancelled: false,
            left_out: vec![],
            photos: vec![],
        }
    }

    /// Number of photos with a status.
    pub fn count(&self, status: Status) -> usize {
        self.photos.iter().filter(|p| p.status == status).count()
    }

    /// What was left out that looks like a picture.
    pub fn pictures_left_out(&self) -> impl Iterator<Item = &LeftOut> {
        self.left_out.iter().filter(|left| left.picture)
    }

    /// Whether every photo is protected or hidden, none was left out, and the run went to its end.
    pub fn all_protected(&self) -> bool {
        let all = self.count(Status::Protected) + self.count(Status::Hidden) == self.photos.len();
        !self.cancelled && all && self.pictures_left_out().next().is_none()
    }
}

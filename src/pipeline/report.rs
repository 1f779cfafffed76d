//! The report: plain data, one JSON schema. Documented for readers in `docs/report.md`.

use serde::{Deserialize, Serialize, Serializer};

use super::FaceReport;
use crate::cloak::Preset;
use crate::face::Rectangle;
use crate::listing::LeftOut;
use crate::models::{Ensemble, Entry, Role, Warning, sha256};

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

/// What became of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Every face that was to be protected or hidden is below the threshold of every judge, in the written file.
    Protected,
    /// No face was to be protected, and every one that was to be hidden is below the threshold of every judge, in the
    /// written file.
    Hidden,
    /// Faces were found, and none of them was to be protected or hidden.
    NobodyChosen,
    /// No face was found: there was nothing to protect, or the detector missed it.
    NoFace,
    /// At least one judge still recognises at least one face.
    StillRecognisable,
    /// The written file does not show the photo that it was compared with, so nothing can be said of its faces.
    NotTheSamePhoto,
    /// The photo could not be processed.
    Failed,
}

/// What a run did with one photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhotoReport {
    /// The file that was read.
    pub input: String,
    /// The file that was written, if one was.
    pub output: Option<String>,
    /// SHA-256 of the input.
    pub input_sha256: Option<String>,
    /// SHA-256 of the output.
    pub output_sha256: Option<String>,
    /// Bytes of the input.
    pub input_bytes: Option<u64>,
    /// Bytes of the output.
    pub output_bytes: Option<u64>,
    /// What became of it.
    pub status: Status,
    /// Whether a file was written with nothing protected in it, its picture bit for bit as it was and its traces removed.
    #[serde(default)]
    pub cleaned: bool,
    /// Why, where that is not plain from the faces.
    pub reason: Option<String>,
    /// What else there is to say of the file.
    #[serde(default)]
    pub notes: Vec<String>,
    /// JPEG quality of the output.
    pub quality: Option<u8>,
    /// What was removed from the file besides pixels.
    pub removed: Vec<String>,
    /// What was kept of the file besides pixels.
    pub kept: Vec<String>,
    /// The faces, in the order of the detector's confidence.
    pub faces: Vec<FaceReport>,
    /// Time for the whole photo.
    #[serde(serialize_with = "to_microseconds")]
    pub seconds: f64,
}

/// Seconds without the digits that nobody measured: so few are read back exactly as they were written.
pub(super) fn to_microseconds<S: Serializer>(seconds: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((seconds * 1e6).round() / 1e6)
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

impl PhotoReport {
    /// A report of a photo of which nothing is known yet.
    pub fn failed(input: String, reason: String) -> Self {
        Self {
            input,
            output: None,
            input_sha256: None,
            output_sha256: None,
            input_bytes: None,
            output_bytes: None,
            status: Status::Failed,
            cleaned: false,
            reason: Some(reason),
            notes: vec![],
            quality: None,
            removed: vec![],
            kept: vec![],
            faces: vec![],
            seconds: 0.,
        }
    }

    /// Takes in what the written file holds besides its picture, which may show the original: then nothing is protected.
    pub(super) fn holds(&mut self, traces: &[String]) {
        self.notes.extend(traces.iter().map(|trace| format!("the file holds: {trace}")));
        if !traces.is_empty() && [Status::Protected, Status::Hidden].contains(&self.status) {
            self.status = Status::StillRecognisable;
            self.reason = Some("what the file holds besides its picture may show the original".into());
        }
    }

    /// Names the faces that may or may not be of the people that were given.
    pub(super) fn name_unsure(&mut self) {
        let name = |face: &FaceReport| {
            let Rectangle { x, y, width, height } = face.bounds;
            format!(
                "not sure whose face is at {x:.0},{y:.0},{width:.0},{height:.0}: it was taken for one to protect"
            )
        };
        self.notes.extend(self.faces.iter().filter(|face| face.unsure).map(name));
    }

    /// Says what was read.
    pub fn read_from(&mut self, input: String, bytes: &[u8]) {
        self.input = input;
        self.input_bytes = Some(bytes.len() as u64);
        self.input_sha256 = Some(sha256(bytes));
    }

    /// A report of a photo whose faces were judged. `other_photo`: why the written file does not show it.
    pub(super) fn of(mut faces: Vec<FaceReport>, other_photo: Option<String>) -> Self {
        if other_photo.is_some() {
            faces.iter_mut().for_each(|face| (face.protected, face.hidden) = (false, false));
        }
        let chosen = faces.iter().filter(|face| face.chosen).count();
        let asked = chosen + faces.iter().filter(|face| face.hiding.is_some()).count();
        let open = faces.iter().filter(|face| face.is_open()).count();
        let (status, reason) = match (other_photo, asked, open) {
            (Some(reason), ..) => (Status::NotTheSamePhoto, Some(reason)),
            (_, 0, _) if faces.is_empty() => (Status::NoFace, Some("no face was found".into())),
            (_, 0, _) => (Status::NobodyChosen, Some("no face was to be protected".into())),
            (_, _, 0) if chosen == 0 => (Status::Hidden, None),
            (_, _, 0) => (Status::Protected, None),
            (_, all, n) => (Status::StillRecognisable, Some(format!("{n} of {all} faces still recognised"))),
        };
        Self { status, reason, faces, ..Self::failed(String::new(), String::new()) }
    }
}

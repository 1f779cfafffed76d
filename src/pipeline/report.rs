//! What a report says of one photo.

use serde::{Deserialize, Serialize, Serializer};

use super::FaceReport;
use crate::face::Rectangle;
use crate::models::sha256;

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

//! One photo of the window: where it lies, how far it is, and what became of it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use visard::cloak::Preset;
use visard::face::Face;
use visard::pipeline::{FaceReport, Status};

use super::{Mark, Outcome};

/// Tells photos apart for as long as the window is open.
pub(crate) type Id = u64;

/// A photo that was found where the user pointed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Source {
    /// The file.
    #[serde(with = "visard::names")]
    pub(crate) input: PathBuf,
    /// The folder that was dropped, or the one that the file lies in.
    #[serde(with = "visard::names")]
    pub(crate) root: PathBuf,
    /// Whether a folder was dropped, not the file itself.
    pub(crate) in_folder: bool,
    /// Whether it is a clip.
    #[serde(default)]
    pub(crate) clip: bool,
}

/// How far a photo is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) enum Progress {
    /// Nobody has asked for it.
    #[default]
    Waiting,
    /// The worker has it in its queue.
    Ordered,
    /// The share that is done, `0.0..=1.0`.
    Working(f32),
    /// There is a report.
    Done,
}

/// A file that an earlier session wrote, and the sum that it had.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) id: Id,
    pub(crate) path: PathBuf,
    pub(crate) sha256: String,
}

/// What the user is told of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Waiting,
    Working,
    Protected,
    NoFace,
    StillRecognisable,
    Failed,
}

/// One photo.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: Id,
    pub(crate) source: Source,
    pub(crate) progress: Progress,
    /// The faces that were found before the start; none while nobody has looked.
    pub(crate) marks: Option<Vec<Mark>>,
    /// What was done, and at which strength.
    pub(crate) report: Option<Outcome>,
    pub(crate) preset: Option<Preset>,
    /// The strength for this photo alone; none: that of all.
    #[serde(default)]
    pub(crate) strength: Option<Preset>,
    /// Whether the faces were chosen anew since it was done.
    #[serde(default)]
    pub(crate) rechosen: bool,
    /// Why it cannot be read, if somebody has tried.
    #[serde(skip)]
    pub(crate) unreadable: Option<String>,
}

impl Row {
    pub(crate) fn name(&self) -> String {
        self.source.input.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Whether it is a clip, not a photo.
    pub(crate) fn is_clip(&self) -> bool {
        self.source.clip
    }

    /// The folder that it lies in, as the user knows it: from the one that was dropped on.
    pub(crate) fn folder(&self) -> String {
        let top = self.source.root.file_name().unwrap_or_default();
        let below = self.source.input.parent().and_then(|folder| folder.strip_prefix(&self.source.root).ok());
        let below = below.filter(|below| !below.as_os_str().is_empty());
        below.map_or_else(|| top.into(), |below| Path::new(top).join(below)).display().to_string()
    }

    pub(crate) fn state(&self) -> State {
        match (&self.progress, &self.report) {
            (Progress::Working(_), _) => State::Working,
            (Progress::Done, Some(report)) => match report.status() {
                Status::Protected | Status::Hidden => State::Protected,
                Status::NoFace | Status::NobodyChosen => State::NoFace,
                Status::StillRecognisable | Status::NotTheSamePhoto => State::StillRecognisable,
                Status::Failed => State::Failed,
            },
            _ => State::Waiting,
        }
    }

    /// Number of faces, if somebody has looked.
    pub(crate) fn faces(&self) -> Option<usize> {
        let reported = self.report.as_ref().map(Outcome::sum).filter(|sum| sum.status != Status::Failed);
        let reported = reported.map(|sum| sum.faces);
        reported.or(self.marks.as_ref().map(Vec::len))
    }

    /// Whether nobody has looked for its faces yet; those of clips are followed when they are protected.
    pub(crate) fn lacks_faces(&self) -> bool {
        !self.is_clip() && self.marks.is_none() && self.report.is_none() && self.unreadable.is_none()
    }

    /// The strength at which another try may bring something; none where it cannot, or nothing is to be gained.
    pub(crate) fn again(&self) -> Option<Preset> {
        let (report, preset) = (self.report.as_ref()?, self.preset?);
        match self.state() {
            State::Waiting | State::Working => None,
            _ if self.rechosen => Some(preset),
            State::StillRecognisable => stronger(preset),
            State::Failed => report.may_be_tried_again().then_some(preset),
            State::Protected | State::NoFace => None,
        }
    }

    /// Whether the user wants none of its faces protected.
    pub(crate) fn is_left(&self) -> bool {
        self.marks.as_ref().is_some_and(|marks| !marks.is_empty() && marks.iter().all(|mark| !mark.chosen))
    }

    /// Whether strengths can be compared on it: it is a photo with faces.
    pub(crate) fn has_strengths(&self) -> bool {
        !self.is_clip() && self.faces().is_some_and(|faces| faces > 0)
    }

    /// The written file, if there is one.
    pub(crate) fn output(&self) -> Option<&Path> {
        self.report.as_ref()?.output().map(Path::new)
    }

    /// The faces that are to be protected, where that is not simply all that are found.
    pub(crate) fn chosen_faces(&self) -> Option<Vec<Face>> {
        let marks = self.marks.as_ref()?;
        let usual = marks.iter().all(|m| m.chosen && !m.drawn);
        (!usual).then(|| marks.iter().filter(|m| m.chosen).map(|m| m.face).collect())
    }

    /// The faces as the user sees them: as chosen, or else as the report has them.
    pub(crate) fn all_marks(&self) -> Vec<Mark> {
        let reported = || {
            let faces = self.report.iter().filter_map(Outcome::photo).flat_map(|photo| &photo.faces);
            let face = |f: &FaceReport| Face { bounds: f.bounds, points: f.points, score: f.score };
            faces
                .map(|f| Mark { face: face(f), chosen: f.chosen, drawn: false, instead_of: vec![] })
                .collect()
        };
        self.marks.clone().unwrap_or_else(reported)
    }
}

fn stronger(preset: Preset) -> Option<Preset> {
    match preset {
        Preset::Subtle => Some(Preset::Standard),
        Preset::Standard => Some(Preset::Strong),
        // It has gone as far as the strongest.
        Preset::Auto | Preset::Strong => None,
    }
}

impl State {
    /// Whether the user must not overlook it.
    pub(crate) fn needs_attention(self) -> bool {
        matches!(self, Self::NoFace | Self::StillRecognisable | Self::Failed)
    }
}

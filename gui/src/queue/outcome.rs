//! What became of a photo or of a clip.

use serde::{Deserialize, Serialize};
use visard::models::Role;
use visard::pipeline::{FaceReport, PhotoReport, Status};
use visard::verify::Opinion;
use visard::video::{ClipReport, TrackReport};

/// The report on a photo or a clip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Outcome {
    Photo(PhotoReport),
    Clip(ClipReport),
}

/// What there is to say of either, so that it is said in the same words.
#[derive(Clone, Debug)]
pub(crate) struct Sum<'a> {
    /// What it is: a photo or a clip.
    pub(crate) what: &'static str,
    pub(crate) status: Status,
    pub(crate) reason: &'a str,
    /// Whether a file was written.
    pub(crate) saved: bool,
    /// Faces that were found; in a clip each counts for as long as it was followed.
    pub(crate) faces: usize,
    /// Those that were to be protected, and those of them that a check still recognises.
    pub(crate) chosen: usize,
    pub(crate) known: usize,
    /// Independent checks that were asked.
    pub(crate) checks: usize,
}

impl Outcome {
    pub(crate) fn photo(&self) -> Option<&PhotoReport> {
        match self {
            Self::Photo(photo) => Some(photo),
            Self::Clip(_) => None,
        }
    }

    pub(crate) fn clip(&self) -> Option<&ClipReport> {
        match self {
            Self::Photo(_) => None,
            Self::Clip(clip) => Some(clip),
        }
    }

    pub(crate) fn status(&self) -> Status {
        match self {
            Self::Photo(photo) => photo.status,
            Self::Clip(clip) => clip.status,
        }
    }

    /// The written file, if there is one.
    pub(crate) fn output(&self) -> Option<&str> {
        match self {
            Self::Photo(photo) => photo.output.as_deref(),
            Self::Clip(clip) => clip.output.as_deref(),
        }
    }

    /// The sum of the written file.
    pub(crate) fn output_sha256(&self) -> Option<&str> {
        match self {
            Self::Photo(photo) => photo.output_sha256.as_deref(),
            Self::Clip(clip) => clip.output_sha256.as_deref(),
        }
    }

    /// Whether another try may bring something where it failed: a photo that could be read, of which the saved file was lost; a clip
    /// always, as ffmpeg may have been missing.
    pub(crate) fn may_be_tried_again(&self) -> bool {
        self.photo().is_none_or(|photo| photo.input_sha256.is_some())
    }

    /// Says that it failed after all: its file is gone.
    pub(crate) fn lose(&mut self, why: &str) {
        let (status, output, reason) = match self {
            Self::Photo(photo) => (&mut photo.status, &mut photo.output, &mut photo.reason),
            Self::Clip(clip) => (&mut clip.status, &mut clip.output, &mut clip.reason),
        };
        (*status, *output, *reason) = (Status::Failed, None, Some(why.into()));
    }

    pub(crate) fn sum(&self) -> Sum<'_> {
        match self {
            Self::Photo(photo) => Sum::of(photo),
            Self::Clip(clip) => Sum::of_clip(clip),
        }
    }
}

impl<'a> Sum<'a> {
    pub(crate) fn of(photo: &'a PhotoReport) -> Self {
        let count = |which: fn(&FaceReport) -> bool| photo.faces.iter().filter(|face| which(face)).count();
        let checks = |face: &FaceReport| judges(&face.similarities);
        Self {
            what: "photo",
            status: photo.status,
            reason: photo.reason.as_deref().unwrap_or_default(),
            saved: photo.output.is_some(),
            faces: photo.faces.len(),
            chosen: count(|face| face.chosen),
            known: count(|face| face.chosen && !face.protected),
            checks: photo.faces.iter().map(checks).max().unwrap_or(0),
        }
    }

    fn of_clip(clip: &'a ClipReport) -> Self {
        let count = |which: fn(&TrackReport) -> bool| clip.tracks.iter().filter(|track| which(track)).count();
        // What only the check found was not protected.
        let missed = clip.missed.len();
        Self {
            what: "clip",
            status: clip.status,
            reason: clip.reason.as_deref().unwrap_or_default(),
            saved: clip.output.is_some(),
            faces: clip.tracks.len() + missed,
            chosen: count(|track| track.chosen) + missed,
            known: count(|track| track.chosen && !track.protected) + missed,
            checks: clip.tracks.iter().map(|track| judges(&track.worst_frame)).max().unwrap_or(0),
        }
    }
}

fn judges(opinions: &[Opinion]) -> usize {
    opinions.iter().filter(|opinion| opinion.role == Role::Judge).count()
}

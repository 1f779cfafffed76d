//! The report on a clip: plain data. Documented for readers in `docs/videos.md`.

use serde::{Deserialize, Serialize};

use super::check::{Findings, Judged};
use super::clip::Clip;
use super::followed::Followed;
use super::keys::Keyed;
use super::settings::ClipSettings;
use super::writer::Codec;
use crate::face::Rectangle;
use crate::hide::Hiding;
use crate::models::{Ensemble, Recogniser};
use crate::pipeline::Status;
use crate::verify::Opinion;

/// What a run did with one clip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClipReport {
    /// The file that was read.
    pub input: String,
    /// The file that was written, if one was.
    pub output: Option<String>,
    /// SHA-256 of the input.
    pub input_sha256: Option<String>,
    /// SHA-256 of the output.
    pub output_sha256: Option<String>,
    /// Bytes of the output.
    pub output_bytes: Option<u64>,
    /// What became of it.
    pub status: Status,
    /// Why, where that is not plain from the tracks.
    pub reason: Option<String>,
    /// What else there is to say.
    pub notes: Vec<String>,
    /// How the pictures are compressed.
    pub codec: Codec,
    /// With which quality, as the encoder counts (CRF).
    pub quality: u8,
    /// What was in the file besides picture and sound, and is not carried over.
    pub removed: Vec<String>,
    /// Width and height in pixels, upright.
    pub size: [usize; 2],
    /// Frames that were worked on.
    pub frames: usize,
    /// How long they are, in seconds.
    pub length: f64,
    /// Frames of the written file in which judges were asked.
    pub judged: usize,
    /// Frames of the written file in which faces were sought.
    pub searched: usize,
    /// Faces in single frames that only the check of the written file found.
    pub missed: Vec<Missed>,
    /// The faces, each as long as it was followed.
    pub tracks: Vec<TrackReport>,
    /// How often the clip was written and judged.
    pub rounds: usize,
    /// Time for the whole clip.
    pub seconds: f64,
}

/// A face that only the check of the written file found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Missed {
    /// The frame, counted from 0 in the part that was worked on.
    pub frame: usize,
    /// Where it is.
    #[serde(rename = "box")]
    pub bounds: Rectangle,
}

/// A face that was followed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrackReport {
    /// Its first frame, counted from 0 in the part that was worked on.
    pub first: usize,
    /// Its last frame.
    pub last: usize,
    /// When it is seen first, in seconds from the beginning of the original.
    pub from: f64,
    /// When it is seen last.
    pub to: f64,
    /// Where it is in its first frame.
    #[serde(rename = "box")]
    pub bounds: Rectangle,
    /// Whether it was to be protected.
    pub chosen: bool,
    /// Whether the networks are not sure that it is, or is not, one of the people that were given. Then it is protected.
    pub unsure: bool,
    /// How it was to be hidden, if it was.
    pub hiding: Option<Hiding>,
    /// Frames that a cloak was made for; between them one passes into the next.
    pub keys: usize,
    /// Whether it was to be protected, and no judge recognises it in any frame that was judged, nor by the mean of all of them.
    pub protected: bool,
    /// Whether it was to be hidden, and no judge recognises it in the same way.
    pub hidden: bool,
    /// Frames in which judges were asked.
    pub judged: usize,
    /// Frames of those in which a judge recognises the face.
    pub recognised: usize,
    /// What judges say of the first frame that was judged.
    pub first_frame: Vec<Opinion>,
    /// The frame in which a judge comes nearest to recognising the face.
    pub worst: Option<usize>,
    /// What judges say of that.
    pub worst_frame: Vec<Opinion>,
    /// What judges say of the mean of all frames, as a search that averages sees it.
    pub mean: Vec<Opinion>,
}

impl TrackReport {
    pub(super) fn of(face: &Followed, judged: &Judged, clip: &Clip, judges: &[Recogniser]) -> Self {
        let (track, safe) = (face.track(), judged.is_protected(judges));
        let last = track.end() - 1;
        let first_frame = judged.frames.iter().min_by_key(|(frame, _)| *frame);
        let worst = judged.worst();
        let mut frames: Vec<usize> = judged.frames.iter().map(|(frame, _)| *frame).collect();
        let mut recognised = judged.recognised();
        recognised.sort_unstable();
        recognised.dedup();
        frames.sort_unstable();
        frames.dedup();
        Self {
            first: track.first,
            last,
            from: clip.at(track.first),
            to: clip.at(last),
            bounds: track.faces[0].bounds,
            chosen: face.keyed().is_some(),
            unsure: matches!(face, Followed::Cloaked { unsure: true, .. }),
            hiding: face.hiding(),
            keys: face.keyed().map_or(0, Keyed::count),
            protected: face.keyed().is_some() && safe,
            hidden: face.hiding().is_some() && safe,
            judged: frames.len(),
            recognised: recognised.len(),
            first_frame: first_frame.map(|(_, opinions)| opinions.clone()).unwrap_or_default(),
            worst: worst.map(|(frame, _)| *frame),
            worst_frame: worst.map(|(_, opinions)| opinions.clone()).unwrap_or_default(),
            mean: judged.mean(judges),
        }
    }

    /// Whether it was to be protected or hidden.
    fn is_asked(&self) -> bool {
        self.chosen || self.hiding.is_some()
    }
}

impl ClipReport {
    /// Whether every face that was to be protected is, by every judge that was asked about the written file.
    pub fn is_protected(&self) -> bool {
        self.status == Status::Protected
    }

    /// A report of a clip that could not be worked on.
    pub fn failed(input: String, reason: String) -> Self {
        Self {
            input,
            output: None,
            input_sha256: None,
            output_sha256: None,
            output_bytes: None,
            status: Status::Failed,
            reason: Some(reason),
            notes: vec![],
            codec: Codec::default(),
            quality: 0,
            removed: vec![],
            size: [0; 2],
            frames: 0,
            length: 0.,
            judged: 0,
            searched: 0,
            missed: vec![],
            tracks: vec![],
            rounds: 0,
            seconds: 0.,
        }
    }

    /// A report of a clip that was read, of whose faces nothing is known yet.
    pub(super) fn of(clip: &Clip, settings: &ClipSettings) -> Self {
        Self {
            codec: settings.codec,
            quality: settings.crf(),
            status: Status::NoFace,
            reason: Some("no face was found".into()),
            notes: clip.notes.clone(),
            removed: clip.removed.clone(),
            size: clip.size,
            frames: clip.times.len(),
            length: clip.seconds(),
            ..Self::failed(String::new(), String::new())
        }
    }

    /// Says that none of the faces that were followed, if there are any, is to be protected or hidden.
    pub(super) fn nobody(&mut self, faces: &[Followed], clip: &Clip) {
        if !faces.is_empty() {
            (self.status, self.reason) = (Status::NobodyChosen, Some("no face was to be protected".into()));
        }
        let nothing = Judged::default();
        self.tracks = faces.iter().map(|face| TrackReport::of(face, &nothing, clip, &[])).collect();
    }

    /// Takes in what was found out about the written file.
    pub(super) fn judged(
        &mut self,
        findings: &Findings,
        faces: &[Followed],
        clip: &Clip,
        ensemble: &Ensemble,
    ) {
        let tracks = faces.iter().zip(&findings.tracks);
        self.tracks = tracks.map(|(f, judged)| TrackReport::of(f, judged, clip, &ensemble.judges)).collect();
        (self.judged, self.searched) = (findings.judged, findings.searched);
        let missed =
            findings.late.iter().flat_map(|(frame, faces)| faces.iter().map(move |face| (*frame, face)));
        self.missed = missed.map(|(frame, face)| Missed { frame, bounds: face.bounds }).collect();
        self.missed.sort_by_key(|missed| missed.frame);
        let all = self.tracks.iter().filter(|track| track.is_asked()).count();
        let open = self.tracks.iter().filter(|track| track.is_asked() && !(track.protected || track.hidden));
        let chosen = self.tracks.iter().any(|track| track.chosen);
        let still = |reason| (Status::StillRecognisable, Some(reason));
        (self.status, self.reason) = match (&findings.other_clip, open.count(), self.missed.len()) {
            (Some(why), ..) => (Status::NotTheSamePhoto, Some(why.clone())),
            (None, 0, 0) if chosen => (Status::Protected, None),
            (None, 0, 0) => (Status::Hidden, None),
            (None, 0, n) => still(format!("{n} faces were found by the check alone")),
            (None, n, _) => still(format!("{n} of {all} tracks still recognised")),
        };
    }

    /// Names the faces that may or may not be of the people that were given.
    pub(super) fn name_unsure(&mut self) {
        let name = |track: &TrackReport| {
            let Rectangle { x, y, width, height } = track.bounds;
            format!(
                "not sure whose face is at {x:.0},{y:.0},{width:.0},{height:.0} from {:.1} s on: it was taken for one to protect",
                track.from
            )
        };
        self.notes.extend(self.tracks.iter().filter(|track| track.unsure).map(name));
    }
}

//! The report on a clip: plain data. Documented for readers in `docs/videos.md`.

use serde::{Deserialize, Serialize};

use super::check::{Findings, Judged};
use super::clip::Clip;
use super::keys::Keyed;
use super::writer::Codec;
use crate::cloak::Preset;
use crate::face::Rectangle;
use crate::models::{Ensemble, Recogniser, Warning};
use crate::pipeline::{NetworkReport, Report, Status};
use crate::verify::Opinion;

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
    /// One entry for each clip, in the order of the run.
    pub clips: Vec<ClipReport>,
}

impl ClipsReport {
    /// An empty report of a run.
    pub fn new(ensemble: &Ensemble, preset: Preset, seed: u64) -> Self {
        let Report { schema, visard, preset_version, networks, warnings, .. } =
            Report::new(ensemble, preset, seed);
        Self {
            schema,
            visard,
            preset,
            preset_version,
            seed,
            networks,
            warnings,
            cancelled: true,
            clips: vec![],
        }
    }

    /// Whether every clip is protected, and the run went to its end.
    pub fn all_protected(&self) -> bool {
        !self.cancelled && self.clips.iter().all(|clip| clip.status == Status::Protected)
    }
}

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
    /// Frames that a cloak was made for; between them one passes into the next.
    pub keys: usize,
    /// Whether no judge recognises it in any frame that was judged, nor by the mean of all of them.
    pub protected: bool,
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
    pub(super) fn of(keyed: &Keyed, judged: &Judged, clip: &Clip, judges: &[Recogniser]) -> Self {
        let track = &keyed.track;
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
            keys: keyed.count(),
            protected: judged.is_protected(judges),
            judged: frames.len(),
            recognised: recognised.len(),
            first_frame: first_frame.map(|(_, opinions)| opinions.clone()).unwrap_or_default(),
            worst: worst.map(|(frame, _)| *frame),
            worst_frame: worst.map(|(_, opinions)| opinions.clone()).unwrap_or_default(),
            mean: judged.mean(judges),
        }
    }
}

impl ClipReport {
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
    pub(super) fn of(clip: &Clip) -> Self {
        Self {
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

    /// Takes in what was found out about the written file.
    pub(super) fn judged(&mut self, findings: &Findings, keyed: &[Keyed], clip: &Clip, ensemble: &Ensemble) {
        let tracks = keyed.iter().zip(&findings.tracks);
        self.tracks = tracks.map(|(k, judged)| TrackReport::of(k, judged, clip, &ensemble.judges)).collect();
        (self.judged, self.searched) = (findings.judged, findings.searched);
        let missed =
            findings.late.iter().flat_map(|(frame, faces)| faces.iter().map(move |face| (*frame, face)));
        self.missed = missed.map(|(frame, face)| Missed { frame, bounds: face.bounds }).collect();
        self.missed.sort_by_key(|missed| missed.frame);
        let open = self.tracks.iter().filter(|track| !track.protected).count();
        (self.status, self.reason) = match (&findings.other_clip, open, self.missed.len()) {
            (Some(why), ..) => (Status::NotTheSamePhoto, Some(why.clone())),
            (None, 0, 0) => (Status::Protected, None),
            (None, 0, n) => {
                (Status::StillRecognisable, Some(format!("{n} faces were found by the check alone")))
            }
            (None, n, _) => {
                let all = self.tracks.len();
                (Status::StillRecognisable, Some(format!("{n} of {all} tracks still recognised")))
            }
        };
    }
}

//! One clip: follow its faces, cloak them, write it, judge what was written, and again where that was not enough.

use std::ops::ControlFlow;
use std::path::Path;

use serde::Serialize;

use super::check::{Findings, check};
use super::clip::{Clip, Part};
use super::keys::{Keyed, Making};
use super::reader::Reader;
use super::report::ClipReport;
use super::track::{Late, Track, follow};
use super::writer::{Codec, Writer, is_taken};
use crate::cloak::{Attempt, OtherPhoto, Preset};
use crate::error::{Error, Result};
use crate::models::Ensemble;
use crate::photo::Limits;
use crate::pipeline::Status;

/// So many frames of a track that were still recognised become keys before the clip is written again.
const REOPENED: usize = 6;

/// What is wanted of a clip.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ClipSettings {
    /// How strong and how visible. Default: `standard`.
    pub preset: Preset,
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
}

/// What is being done with a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Faces are followed.
    Following,
    /// Cloaks are made.
    Cloaking,
    /// The file is written.
    Writing,
    /// The written file is judged.
    Checking,
}

impl Stage {
    /// The share of the work that is done where this stage begins, and where it ends.
    fn span(self) -> [f32; 2] {
        match self {
            Self::Following => [0., 0.4],
            Self::Cloaking => [0.4, 0.65],
            Self::Writing => [0.65, 0.72],
            Self::Checking => [0.72, 1.],
        }
    }
}

/// How far a clip is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClipProgress {
    /// What is being done.
    pub stage: Stage,
    /// The try, counted from 0.
    pub round: usize,
    /// About which share of a try is done, `0.0..=1.0`.
    pub done: f32,
}

/// Protects the faces of a clip: reads `input`, and writes the file `output`, which is there and is replaced.
/// Nothing is written where no face was found. `hook` is called after every frame and gradient step and may break off.
///
/// # Errors
/// Where ffmpeg is missing, the file is no clip that can be protected, it cannot be written, a network fails, or `hook`
/// broke off.
pub(super) fn protect(
    input: &Path,
    output: &Path,
    ensemble: &Ensemble,
    settings: &ClipSettings,
    hook: &mut dyn FnMut(ClipProgress) -> ControlFlow<()>,
) -> Result<ClipReport> {
    let clip = Clip::open(input, &settings.part, &settings.limits)?;
    let mut report = ClipReport::of(&clip);
    (report.codec, report.quality) =
        (settings.codec, settings.quality.unwrap_or(settings.codec.usual_quality()));
    if !is_taken(&clip) {
        report.notes.push("its sound is written as AAC".into());
    }
    let mut work =
        Work { clip, ensemble, settings, output, keyed: vec![], late: Late::new(), round: 0, hook };
    work.follow()?;
    let attempts = settings.preset.attempts();
    for (round, attempt) in attempts.iter().enumerate() {
        work.round = round;
        if work.keyed.is_empty() {
            return Ok(report);
        }
        work.cloak(attempt)?;
        work.write(report.quality)?;
        let findings = work.check()?;
        report.judged(&findings, &work.keyed, &work.clip, ensemble);
        report.rounds = round + 1;
        let again = report.status == Status::StillRecognisable && report.rounds < attempts.len();
        if !again || !work.open_again(findings)? {
            break;
        }
    }
    Ok(report)
}

/// A clip on its way.
struct Work<'a> {
    clip: Clip,
    ensemble: &'a Ensemble,
    settings: &'a ClipSettings,
    output: &'a Path,
    keyed: Vec<Keyed>,
    /// Faces that only checks have found.
    late: Late,
    round: usize,
    hook: &'a mut dyn FnMut(ClipProgress) -> ControlFlow<()>,
}

impl Work<'_> {
    /// Tells how far a stage is.
    fn tell(&mut self, stage: Stage, share: f32) -> ControlFlow<()> {
        let [from, to] = stage.span();
        (self.hook)(ClipProgress { stage, round: self.round, done: from + (to - from) * share.clamp(0., 1.) })
    }

    fn share(&self, frame: usize) -> f32 {
        frame as f32 / self.clip.times.len() as f32
    }

    fn follow(&mut self) -> Result<()> {
        let (clip, late) = (self.clip.clone(), std::mem::take(&mut self.late));
        let detector = &self.ensemble.detector;
        let tracks = follow(&clip, detector, &late, &mut |frame| {
            let share = self.share(frame);
            self.tell(Stage::Following, share)
        })?;
        self.late = late;
        self.keyed = tracks.into_iter().filter_map(Keyed::of).collect();
        Ok(())
    }

    /// Makes all cloaks that are open.
    fn cloak(&mut self, attempt: &Attempt) -> Result<()> {
        self.read_keys()?;
        let others: Vec<OtherPhoto> = self.keyed.iter().flat_map(Keyed::known).cloned().collect();
        let open: usize = self.keyed.iter().map(Keyed::open).sum();
        let mut done = 0;
        let mut all = std::mem::take(&mut self.keyed);
        for (i, keyed) in all.iter_mut().enumerate() {
            let here = keyed.open();
            let seed =
                self.settings.seed.wrapping_add((i as u64) << 32).wrapping_add((self.round as u64) << 16);
            let making = Making { ensemble: self.ensemble, attempt, others: &others, seed };
            let finished = keyed.cloak(&making, &mut |share| {
                self.tell(Stage::Cloaking, (done as f32 + share) / open as f32)
            })?;
            if !finished {
                return Err(Error::Cancelled);
            }
            done += here;
        }
        self.keyed = all;
        Ok(())
    }

    /// Chooses the keys, if that was not done yet, and reads those that were not read yet.
    fn read_keys(&mut self) -> Result<()> {
        let choose = self.keyed.iter().all(|keyed| keyed.count() == 0);
        let mut reader = Reader::of(&self.clip)?;
        let mut number = 0;
        while let Some(frame) = reader.next()? {
            if choose {
                self.keyed.iter_mut().for_each(|keyed| keyed.choose(number, &frame, &self.clip));
            }
            if self.keyed.iter().any(|keyed| keyed.waits_for(number)) {
                let photo = frame.photo(&self.clip.colour)?;
                for keyed in &mut self.keyed {
                    keyed.read(number, &photo, self.ensemble)?;
                }
            }
            number += 1;
            if self.tell(Stage::Cloaking, 0.).is_break() {
                return Err(Error::Cancelled);
            }
        }
        Ok(())
    }

    fn write(&mut self, quality: u8) -> Result<()> {
        let clip = self.clip.clone();
        let mut reader = Reader::of(&clip)?;
        let mut writer = Writer::begin(&clip, self.output, self.settings.codec, quality)?;
        let mut number = 0;
        while let Some(mut frame) = reader.next()? {
            for keyed in &self.keyed {
                keyed.put(number, &mut frame, &clip.colour);
            }
            writer.add(&frame)?;
            number += 1;
            let share = self.share(number);
            if self.tell(Stage::Writing, share).is_break() {
                return Err(Error::Cancelled);
            }
        }
        writer.end()
    }

    fn check(&mut self) -> Result<Findings> {
        let part = Part { longest: f64::INFINITY, ..Part::default() };
        let written = Clip::open(self.output, &part, &self.settings.limits)?;
        let keyed = std::mem::take(&mut self.keyed);
        let tracks: Vec<&Track> = keyed.iter().map(|keyed| &keyed.track).collect();
        let clip = self.clip.clone();
        let findings = check(&clip, &written, &tracks, self.ensemble, &mut |frame| {
            let share = self.share(frame);
            self.tell(Stage::Checking, share)
        });
        self.keyed = keyed;
        findings
    }

    /// Has the cloaks made anew where a judge still recognises somebody, or where a face was missed; whether there is one.
    fn open_again(&mut self, findings: Findings) -> Result<bool> {
        if !findings.late.is_empty() {
            for (frame, faces) in findings.late {
                self.late.entry(frame).or_default().extend(faces);
            }
            self.follow()?;
            return Ok(true);
        }
        let judges = &self.ensemble.judges;
        for (keyed, judged) in self.keyed.iter_mut().zip(&findings.tracks) {
            let mut frames = judged.recognised();
            if frames.is_empty() && !judged.is_protected(judges) {
                frames.extend(judged.worst().map(|(frame, _)| *frame));
            }
            frames.iter().take(REOPENED).for_each(|frame| keyed.reopen(*frame));
        }
        Ok(self.keyed.iter().any(|keyed| keyed.open() > 0))
    }
}

//! One clip: follow its faces, cloak them, write it, judge what was written, and again where that was not enough.

use std::ops::ControlFlow;
use std::path::Path;

use super::check::{Findings, check};
use super::choice::fates;
use super::clip::Clip;
use super::followed::{Followed, draw};
use super::keys::Making;
use super::progress::{ClipProgress, Stage};
use super::reader::Reader;
use super::report::ClipReport;
use super::settings::ClipSettings;
use super::times::Part;
use super::track::{Late, follow};
use super::writer::{Writer, is_taken};
use crate::cloak::{Attempt, OtherPhoto};
use crate::error::{Error, Result};
use crate::models::Ensemble;
use crate::pipeline::{Faces, People, Status};

/// So many frames of a track that were still recognised become keys before the clip is written again.
const REOPENED: usize = 6;
/// The check of a written file may find faces that were not known before; so often they are followed too.
const LATE_ROUNDS: usize = 2;

/// Protects the faces of a clip: reads `input`, and writes the file `output`, which is there and is replaced.
/// Nothing is written where no face was found, or none is to be protected or hidden. The cloaks lead away from what is known of the
/// `people` in photos, too. `hook` is called after every frame and gradient step and may break off.
///
/// # Errors
/// Where ffmpeg is missing, the file is no clip that can be protected, it cannot be written, a network fails, or `hook`
/// broke off.
pub(super) fn protect(
    input: &Path,
    output: &Path,
    ensemble: &Ensemble,
    (settings, people): (&ClipSettings, &People),
    hook: &mut dyn FnMut(ClipProgress) -> ControlFlow<()>,
) -> Result<ClipReport> {
    if matches!(settings.faces, Faces::These(_)) {
        return Err(Error::Usage("single faces of a clip cannot be chosen: all are, or the largest".into()));
    }
    let clip = Clip::open(input, &settings.part, &settings.limits)?;
    let mut report = ClipReport::of(&clip, settings);
    if !is_taken(&clip) {
        report.notes.push("its sound is written as AAC".into());
    }
    let mut work =
        Work { clip, ensemble, settings, people, output, faces: vec![], late: Late::new(), round: 0, hook };
    work.follow()?;
    if work.faces.iter().all(Followed::is_left) {
        report.nobody(&work.faces, &work.clip);
        return Ok(report);
    }
    work.rounds(&mut report)?;
    report.name_unsure();
    Ok(report)
}

/// A clip on its way.
struct Work<'a> {
    clip: Clip,
    ensemble: &'a Ensemble,
    settings: &'a ClipSettings,
    people: &'a People,
    output: &'a Path,
    faces: Vec<Followed>,
    /// Faces that only checks have found.
    late: Late,
    round: usize,
    hook: &'a mut dyn FnMut(ClipProgress) -> ControlFlow<()>,
}

impl Work<'_> {
    /// Cloaks, writes and judges until nobody is recognised, or nothing more can be done about it.
    fn rounds(&mut self, report: &mut ClipReport) -> Result<()> {
        let attempts = self.settings.preset.attempts();
        let (mut attempt, mut late) = (0, 0);
        loop {
            self.cloak(&attempts[attempt])?;
            self.write()?;
            let findings = self.check()?;
            report.judged(&findings, &self.faces, &self.clip, self.ensemble);
            self.round += 1;
            report.rounds = self.round;
            if report.status != Status::StillRecognisable {
                return Ok(());
            }
            let stronger = attempt + 1 < attempts.len() && self.open_again(&findings);
            let more = late < LATE_ROUNDS && self.take_in(findings.late)?;
            if !stronger && !more {
                return Ok(());
            }
            (attempt, late) = (attempt + usize::from(stronger), late + usize::from(more));
        }
    }

    /// Tells how far a stage is.
    fn tell(&mut self, stage: Stage, share: f32) -> ControlFlow<()> {
        let [from, to] = stage.span();
        (self.hook)(ClipProgress { stage, round: self.round, done: from + (to - from) * share.clamp(0., 1.) })
    }

    /// Tells that so many frames are done in a stage.
    fn tell_frame(&mut self, stage: Stage, frame: usize) -> ControlFlow<()> {
        self.tell(stage, frame as f32 / self.clip.times.len() as f32)
    }

    /// Follows all faces; those that were followed in the same way before keep what was made for them.
    fn follow(&mut self) -> Result<()> {
        let (clip, late) = (self.clip.clone(), std::mem::take(&mut self.late));
        let (ensemble, settings) = (self.ensemble, self.settings);
        let tell = &mut |frame| self.tell_frame(Stage::Following, frame);
        let tracks = follow(&clip, &ensemble.detector, &late, tell)?;
        let fates = fates(&clip, &tracks, ensemble, settings, tell)?;
        self.late = late;
        let mut before = std::mem::take(&mut self.faces);
        for (track, fate) in tracks.into_iter().zip(fates) {
            let same = before.iter().position(|face| *face.track() == track);
            self.faces.extend(match same {
                Some(at) => Some(before.swap_remove(at)),
                None => Followed::of(track, fate),
            });
        }
        Ok(())
    }

    /// Makes all cloaks that are open.
    fn cloak(&mut self, attempt: &Attempt) -> Result<()> {
        self.read_keys()?;
        let mut faces = std::mem::take(&mut self.faces);
        let keyed = || faces.iter().filter_map(Followed::keyed);
        let others = keyed().flat_map(|keyed| keyed.known()).chain(self.people.everybody());
        let others: Vec<OtherPhoto> = others.cloned().collect();
        let open: usize = keyed().map(|keyed| keyed.open()).sum();
        let mut done = 0;
        for (i, keyed) in faces.iter_mut().filter_map(Followed::keyed_mut).enumerate() {
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
        self.faces = faces;
        Ok(())
    }

    /// Chooses the keys of faces that have none, and reads those that were not read yet.
    fn read_keys(&mut self) -> Result<()> {
        let mut faces = std::mem::take(&mut self.faces);
        let mut keyed: Vec<_> = faces
            .iter_mut()
            .filter_map(Followed::keyed_mut)
            .map(|keyed| (keyed.count() == 0, keyed))
            .collect();
        let mut reader = Reader::of(&self.clip)?;
        let mut number = 0;
        while let Some(frame) = reader.next()? {
            let fresh = keyed.iter_mut().filter(|(fresh, _)| *fresh);
            fresh.for_each(|(_, keyed)| keyed.choose(number, &frame, &self.clip));
            if keyed.iter().any(|(_, keyed)| keyed.waits_for(number)) {
                let photo = frame.photo(&self.clip.colour)?;
                for (_, keyed) in &mut keyed {
                    keyed.read(number, &photo, self.ensemble)?;
                }
            }
            number += 1;
            if self.tell(Stage::Cloaking, 0.).is_break() {
                return Err(Error::Cancelled);
            }
        }
        self.faces = faces;
        Ok(())
    }

    fn write(&mut self) -> Result<()> {
        let clip = self.clip.clone();
        let mut reader = Reader::of(&clip)?;
        let mut writer = Writer::begin(&clip, self.output, self.settings.codec, self.settings.crf())?;
        let mut number = 0;
        while let Some(mut frame) = reader.next()? {
            draw(&mut self.faces, number, &mut frame, &clip.colour, self.settings.seed)?;
            writer.add(&frame)?;
            number += 1;
            if self.tell_frame(Stage::Writing, number).is_break() {
                return Err(Error::Cancelled);
            }
        }
        writer.end()
    }

    fn check(&mut self) -> Result<Findings> {
        let part = Part { longest: f64::INFINITY, ..Part::default() };
        let written = Clip::open(self.output, &part, &self.settings.limits)?;
        let (clip, ensemble, faces) = (self.clip.clone(), self.ensemble, std::mem::take(&mut self.faces));
        let tell = &mut |frame| self.tell_frame(Stage::Checking, frame);
        let findings = check(&clip, &written, &faces, ensemble, tell);
        self.faces = faces;
        findings
    }

    /// Has the cloaks made anew where a judge still recognises somebody; whether there is one.
    fn open_again(&mut self, findings: &Findings) -> bool {
        let judges = &self.ensemble.judges;
        let mut any = false;
        for (face, judged) in self.faces.iter_mut().zip(&findings.tracks) {
            let Some(keyed) = face.keyed_mut() else { continue };
            let mut frames = judged.recognised();
            if frames.is_empty() && !judged.is_protected(judges) {
                frames.extend(judged.worst().map(|(frame, _)| *frame));
            }
            frames.iter().take(REOPENED).for_each(|frame| keyed.reopen(*frame));
            any |= keyed.open() > 0;
        }
        any
    }

    /// Follows faces that only the check has found; whether there are any.
    fn take_in(&mut self, found: Late) -> Result<bool> {
        if found.is_empty() {
            return Ok(false);
        }
        for (frame, faces) in found {
            self.late.entry(frame).or_default().extend(faces);
        }
        self.follow()?;
        Ok(true)
    }
}

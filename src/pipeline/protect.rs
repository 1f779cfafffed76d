//! One photo: decode, find faces, cloak, compose, encode, judge, and again where it was not enough.

use std::ops::ControlFlow;

use web_time::Instant;

use super::boxes::add_boxed;
use super::choice::{chosen, find, reports_of, reports_of_late, tell};
use super::opened::Opened;
use super::people::{Likeness, People, likenesses, likenesses_after};
use super::settings::Settings;
use super::{FaceReport, PhotoReport, Status};
use crate::cloak::{Attempt, Budget, Cloak, Difference, Subject, cloak};
use crate::compose::compose_within;
use crate::embed::Embed;
use crate::error::{Error, Result};
use crate::face::Face;
use crate::hide::hide;
use crate::models::{Ensemble, Recogniser, Role};
use crate::photo::{Encoded, Photo, Treatment, clean, decode, encode};
use crate::verify::{Findings, KnownFaces, Verdict, verify};

/// The check of a written file may find faces that were not known before; so often they are cloaked too.
const LATE_ROUNDS: usize = 2;

/// A photo that was worked on.
#[derive(Debug)]
#[non_exhaustive]
pub struct Protected {
    /// What was done; file names and sums are filled in by the caller.
    pub report: PhotoReport,
    /// The file to write, if there is one.
    pub encoded: Option<Encoded>,
}

impl Protected {
    /// Whether every face that was to be protected is, by every judge that was asked about the finished file.
    pub fn is_protected(&self) -> bool {
        self.report.status == Status::Protected
    }

    /// The finished file, if there is one: there is none where no face was found, unless
    /// [`Settings::keep_faceless`] wants it.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.encoded.as_ref().map(|encoded| encoded.bytes.as_slice())
    }
}

/// How far a photo is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Share of the work that is done if no further try is needed, `0.0..=1.0`.
    pub done: f32,
    /// The face that is being cloaked, counted from 0.
    pub face: usize,
    /// Faces that are to be cloaked.
    pub faces: usize,
    /// The try, counted from 0.
    pub attempt: usize,
}

/// The faces of one photo on their way.
struct Work<'a> {
    photo: &'a Photo,
    ensemble: &'a Ensemble,
    settings: &'a Settings,
    people: &'a People,
    faces: Vec<Face>,
    /// The faces as they were, as the surrogates see them; none where one cannot be aligned.
    clean: Vec<Option<Likeness>>,
    /// The faces in the photo that was written last.
    cloaked: Vec<Option<Likeness>>,
    cloaks: Vec<Option<Cloak>>,
    reports: Vec<FaceReport>,
}

/// Protects the faces of a photo.
///
/// `people` are those of other photos, protected before or later, with the same networks; the faces of this one join them.
/// `hook` is called after every gradient step and may break off.
///
/// # Errors
/// Where the bytes are no photo, the output cannot be encoded, a network fails, or `hook` broke off.
pub fn protect(
    bytes: &[u8],
    ensemble: &Ensemble,
    settings: &Settings,
    people: &mut People,
    hook: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Protected> {
    let opened = Opened::of(bytes, settings)?;
    let Opened { photo, settings, .. } = &opened;
    let look = people.look_at(bytes);
    let mut reports = match look.as_ref().and_then(|look| look.faces(&settings.detect)) {
        Some(found) => reports_of(photo, ensemble, found, settings)?,
        None => find(photo, ensemble, settings)?,
    };
    settings.boxes.iter().try_for_each(|bounds| add_boxed(photo, ensemble, *bounds, &mut reports))?;
    let faces: Vec<Face> = chosen(&mut reports).map(|report| report.face()).collect();
    if reports.iter().all(|report| !report.chosen && report.hiding.is_none()) {
        return untouched(bytes, &opened, reports);
    }
    let clean = likenesses_after(look.as_ref(), ensemble, photo, &faces)?;
    let (cloaks, cloaked) = (vec![None; faces.len()], vec![]);
    let mut work = Work { photo, ensemble, settings, people, faces, clean, cloaked, cloaks, reports };
    let (mut encoded, mut other_photo) = (None, None);
    for (number, attempt) in settings.preset.attempts().iter().enumerate() {
        let worth_it = |face: &FaceReport| face.is_worth_a_try(settings.preset);
        if !work.cloak_all(number, attempt, worth_it, hook)? && encoded.is_some() {
            break;
        }
        let mut written = work.write_and_judge(&attempt.budget)?;
        let mut late = 0;
        while work.take_in(&written.1.unknown)? && late < LATE_ROUNDS {
            work.cloak_all(number, attempt, |face| face.attempts == 0, hook)?;
            written = work.write_and_judge(&attempt.budget)?;
            late += 1;
        }
        (encoded, other_photo) = (Some(written.0), written.1.other_photo);
    }
    let Work { clean, cloaked, mut reports, .. } = work;
    for (before, after) in clean.into_iter().zip(cloaked) {
        people.remember(before, after)?;
    }
    opened.put_in_file(&mut reports);
    let mut protected = outcome(reports, other_photo, encoded);
    protected.report.name_unsure();
    protected.report.notes.extend(settings.destination.treatment().map(|Treatment { max_side, quality }| {
        format!("judged also as it is shown there, at most {max_side} pixels at JPEG quality {quality}")
    }));
    Ok(protected)
}

fn outcome(faces: Vec<FaceReport>, other_photo: Option<String>, encoded: Option<Encoded>) -> Protected {
    let mut report = PhotoReport::of(faces, other_photo);
    if let Some(encoded) = &encoded {
        report.quality = encoded.quality;
        report.removed.clone_from(&encoded.removed);
        report.kept.clone_from(&encoded.kept);
        report.output_bytes = Some(encoded.bytes.len() as u64);
        report.output_sha256 = Some(crate::models::sha256(&encoded.bytes));
    }
    Protected { report, encoded }
}

impl Work<'_> {
    /// Makes one more try at every face that is worth it; whether there was one.
    fn cloak_all(
        &mut self,
        number: usize,
        attempt: &Attempt,
        worth_it: impl Fn(&FaceReport) -> bool,
        hook: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<bool> {
        let surrogates: Vec<&dyn Embed> =
            self.ensemble.surrogates.iter().map(|s| &s.embedder as &dyn Embed).collect();
        let open: Vec<usize> =
            chosen(&mut self.reports).enumerate().filter(|(_, r)| worth_it(r)).map(|(i, _)| i).collect();
        for (nth, &i) in open.iter().enumerate() {
            let start = Instant::now();
            let mut broken = false;
            let mut report = |p: crate::cloak::Progress| {
                let done = (nth as f32 + p.step as f32 / p.steps as f32) / open.len() as f32;
                let flow = hook(Progress { done, face: nth, faces: open.len(), attempt: number });
                broken = flow.is_break();
                flow
            };
            let seed = seed_of(self.settings.seed, i, number);
            let others = self.clean[i].as_ref().map(|clean| self.people.others(self.ensemble, clean));
            let (others, earlier) = (others.unwrap_or_default(), self.cloaks[i].as_ref());
            let subject = Subject { photo: self.photo, face: &self.faces[i], others: &others };
            let made = cloak(&subject, &surrogates, attempt, earlier, seed, &mut report)?;
            if broken {
                return Err(Error::Cancelled);
            }
            if let (Some(cloak), Some(report)) = (made, chosen(&mut self.reports).nth(i)) {
                report.steps = cloak.steps;
                report.attempts = number + 1;
                report.seconds += start.elapsed().as_secs_f64();
                self.cloaks[i] = Some(cloak);
            }
        }
        Ok(!open.is_empty())
    }

    /// Composes and encodes the photo, and has the encoded bytes judged.
    fn write_and_judge(&mut self, budget: &Budget) -> Result<(Encoded, Findings)> {
        // The photo is searched again, and that needs the memory.
        self.ensemble.surrogates.iter().for_each(|surrogate| surrogate.embedder.network().rest());
        let (mut composed, seen) = compose_within(self.photo, &self.faces, &mut self.cloaks, budget)?;
        self.hide_others(&mut composed);
        let encoded = encode(&composed, &self.settings.encoding())?;
        // Photos may be large: no more than two are held at a time.
        drop(composed);
        let written = decode(&encoded.bytes, &self.settings.limits)?;
        let look = |face: &Face| Difference::of_face(self.photo, &written, face);
        let (findings, looks) = rayon::join(
            || judge(self.ensemble, self.photo, &self.reports, &written),
            || self.faces.iter().map(look).collect::<Vec<_>>(),
        );
        let mut findings = findings?;
        self.cloaked = likenesses(self.ensemble, &written, &self.faces)?;
        let verdicts = self.as_passed_on(std::mem::take(&mut findings.verdicts), &written)?;
        tell(&mut self.reports, verdicts);
        let made = seen.iter().zip(&self.cloaks);
        for ((report, look), (seen, cloak)) in chosen(&mut self.reports).zip(looks).zip(made) {
            report.protected &= cloak.is_some();
            report.seen(seen);
            report.looks(look);
        }
        Ok((encoded, findings))
    }

    /// Hides the faces that are to be hidden, and leaves all others as they are.
    fn hide_others(&self, composed: &mut Photo) {
        let (hidden, kept): (Vec<_>, Vec<_>) = self.reports.iter().partition(|r| r.hiding.is_some());
        let hidden: Vec<_> = hidden.iter().filter_map(|r| Some((r.face(), r.hiding?))).collect();
        let kept: Vec<Face> = kept.into_iter().map(FaceReport::face).collect();
        hide(composed, &hidden, &kept, self.settings.seed);
    }

    /// The verdicts on a written photo, or on what the place where it is shown makes of it, whichever are worse.
    fn as_passed_on(&self, verdicts: Vec<Verdict>, written: &Photo) -> Result<Vec<Verdict>> {
        let Some(shown) = self.settings.destination.passed_on(written)? else { return Ok(verdicts) };
        let there = judge(self.ensemble, self.photo, &self.reports, &shown)?.verdicts;
        Ok(verdicts.into_iter().zip(there).map(|(here, there)| here.or_worse(there)).collect())
    }

    /// Takes in faces that only the check of the written file found; whether anything is to be done with any of them.
    fn take_in(&mut self, unknown: &[Face]) -> Result<bool> {
        let mut late = reports_of_late(self.photo, self.ensemble, unknown, self.settings)?;
        let chosen: Vec<Face> = chosen(&mut late).map(|report| report.face()).collect();
        self.clean.extend(likenesses(self.ensemble, self.photo, &chosen)?);
        self.faces.extend(chosen);
        self.cloaks.resize(self.faces.len(), None);
        let any = late.iter().any(FaceReport::is_open);
        self.reports.extend(late);
        Ok(any)
    }
}

/// What every network of an ensemble says of the faces of a photo, whose reports are given, in a written one: of those that
/// are to be protected, then of those that are to be hidden.
pub(super) fn judge(
    ensemble: &Ensemble,
    original: &Photo,
    faces: &[FaceReport],
    written: &Photo,
) -> Result<Findings> {
    let surrogates = ensemble.surrogates.iter().map(|r| (Role::Surrogate, r));
    let judges = ensemble.judges.iter().map(|r| (Role::Judge, r));
    let all: Vec<(Role, &Recogniser)> = judges.chain(surrogates).collect();
    let places = |which: fn(&FaceReport) -> bool| -> Vec<Face> {
        faces.iter().filter(|report| which(report)).map(FaceReport::face).collect()
    };
    let (chosen, hidden) = (places(|r| r.chosen), places(|r| r.hiding.is_some()));
    let left = places(|r| !r.chosen && r.hiding.is_none());
    let faces = KnownFaces { chosen: &chosen, hidden: &hidden, left: &left };
    Ok(verify(original, faces, written, &ensemble.detector, &all)?)
}

/// A photo in which nothing is to be done.
fn untouched(bytes: &[u8], opened: &Opened, mut reports: Vec<FaceReport>) -> Result<Protected> {
    opened.put_in_file(&mut reports);
    let Opened { photo, settings, .. } = opened;
    if !settings.keep_faceless {
        return Ok(outcome(reports, None, None));
    }
    let options = settings.encoding();
    let cleaned = if opened.is_whole() { clean(bytes, photo, &options, &settings.limits)? } else { None };
    let is_cleaned = cleaned.is_some();
    let encoded = cleaned.map_or_else(|| encode(photo, &options), Ok)?;
    let mut protected = outcome(reports, None, Some(encoded));
    protected.report.cleaned = is_cleaned;
    Ok(protected)
}

/// A seed of its own for each face and try.
fn seed_of(seed: u64, face: usize, attempt: usize) -> u64 {
    seed.wrapping_add((face as u64) << 32).wrapping_add((attempt as u64) << 16)
}

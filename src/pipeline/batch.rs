//! Batches: file after file, each written whole or not at all; one bad photo never stops the rest.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use super::people::{Likeness, People};
use super::protect::{Settings, Step, chosen, find, judge, likenesses, protect};
use super::{Error, FaceReport, Job, PhotoReport, Report, Result, file_error};
use crate::models::{Ensemble, sha256};
use crate::photo::{Encoded, decode};
use crate::whole;

/// So many photos are looked at ahead of the one in work, so that it is led away from the whole person.
pub const AHEAD: usize = 16;

/// What happens where an output is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// The photo fails; nothing is replaced.
    #[default]
    Refuse,
    /// The file is judged as it is, and counts as done if it is sound.
    Resume,
    /// The file is replaced.
    Overwrite,
}

/// What happens in a batch, as it happens.
#[derive(Debug)]
pub enum Event<'a> {
    /// A later photo is looked at, for the people in it.
    Looking(&'a Job),
    /// A photo is begun.
    Started(&'a Job),
    /// A gradient step is done.
    Step(Step),
    /// A photo is done, and its output, if there is one, in place.
    Finished(&'a PhotoReport),
}

/// A batch with all that it needs.
#[derive(Debug)]
pub struct Batch<'a> {
    /// The networks.
    pub ensemble: &'a Ensemble,
    /// What the caller wants.
    pub settings: &'a Settings,
    /// What happens where an output is there already.
    pub existing: Existing,
}

impl Batch<'_> {
    /// Works through the jobs, looking a few photos ahead. `hook` may break off at every event: the photo in work is
    /// dropped, and what is finished stays. `people` are those of earlier batches with the same networks.
    pub fn run(
        &self,
        jobs: &[Job],
        people: &mut People,
        hook: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Report {
        let mut report = Report::new(self.ensemble, self.settings.preset, self.settings.seed);
        for (i, job) in jobs.iter().enumerate() {
            if self.look_ahead(&jobs[i + 1..], people, hook).is_break()
                || hook(Event::Started(job)).is_break()
            {
                report.cancelled = true;
                break;
            }
            let start = Instant::now();
            let mut photo = match self.one(job, people, &mut |step| hook(Event::Step(step))) {
                Ok(photo) => photo,
                Err(Error::Cancelled) => {
                    report.cancelled = true;
                    break;
                }
                Err(error) => PhotoReport::failed(String::new(), error.to_string()),
            };
            photo.input = job.input.display().to_string();
            photo.seconds = start.elapsed().as_secs_f64();
            let flow = hook(Event::Finished(&photo));
            report.photos.push(photo);
            if flow.is_break() {
                report.cancelled = report.photos.len() < jobs.len();
                break;
            }
        }
        report
    }

    fn look_ahead(
        &self,
        later: &[Job],
        people: &mut People,
        hook: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for job in later.iter().take(AHEAD) {
            if !people.has_seen(&job.input) {
                hook(Event::Looking(job))?;
                // What is wrong with the photo shows when its turn comes.
                self.look(&job.input, people).ok();
            }
        }
        ControlFlow::Continue(())
    }

    /// Takes the faces of a photo that is protected later, or never, into `people`, unless it was looked at before.
    /// Returns how many there are.
    ///
    /// # Errors
    /// Where it is no photo, or a network fails.
    pub fn look(&self, input: &Path, people: &mut People) -> Result<usize> {
        if !people.see(input) {
            return Ok(0);
        }
        let bytes = std::fs::read(input).map_err(|e| file_error(input, e))?;
        let photo = decode(&bytes, &self.settings.limits)?;
        let (faces, _) = find(&photo, self.ensemble, self.settings)?;
        let likenesses = likenesses(self.ensemble, &photo, &faces)?;
        Ok(likenesses.into_iter().flatten().map(|face| people.expect(face)).count())
    }

    fn one(
        &self,
        job: &Job,
        people: &mut People,
        hook: &mut dyn FnMut(Step) -> ControlFlow<()>,
    ) -> Result<PhotoReport> {
        let there = job.output.exists();
        if there && self.existing == Existing::Refuse {
            let name = job.output.display();
            return Err(Error::Usage(format!("{name} is there already; use --resume or --overwrite")));
        }
        let bytes = std::fs::read(&job.input).map_err(|e| file_error(&job.input, e))?;
        let mut report = if there && self.existing == Existing::Resume {
            let written = std::fs::read(&job.output).map_err(|e| file_error(&job.output, e))?;
            let mut report = check(&bytes, &written, self.ensemble, self.settings, people)?;
            report.output = Some(job.output.display().to_string());
            report
        } else {
            let protected = protect(&bytes, self.ensemble, self.settings, people, hook)?;
            let mut report = protected.report;
            if let Some(encoded) = protected.encoded {
                self.place(job, &encoded)?;
                report.output = Some(job.output.display().to_string());
            }
            report
        };
        report.input_bytes = Some(bytes.len() as u64);
        report.input_sha256 = Some(sha256(&bytes));
        Ok(report)
    }

    /// Puts the output in its place, whole or not at all.
    fn place(&self, job: &Job, encoded: &Encoded) -> Result<()> {
        let folder = job.output.parent().unwrap_or(Path::new("."));
        let write = match self.existing {
            Existing::Overwrite => whole::replace,
            Existing::Refuse | Existing::Resume => whole::create,
        };
        std::fs::create_dir_all(folder)
            .and_then(|()| write(&job.output, &encoded.bytes))
            .map_err(|e| file_error(&job.output, e))
    }
}

/// Judges a cloaked photo against its original; its faces join `people`.
///
/// # Errors
/// Where either is no photo, or a network fails.
pub fn check(
    original: &[u8],
    cloaked: &[u8],
    ensemble: &Ensemble,
    settings: &Settings,
    people: &mut People,
) -> Result<PhotoReport> {
    let photo = decode(original, &settings.limits)?;
    let written = decode(cloaked, &settings.limits)?;
    let (mut faces, mut reports) = find(&photo, ensemble, settings)?;
    let mut findings = judge(ensemble, &photo, &reports, &written)?;
    if !findings.unknown.is_empty() {
        // What the written file shows besides is asked about as well.
        let late = settings.faces.takes_late_ones();
        reports.extend(findings.unknown.iter().map(|face| FaceReport::found(face, late)));
        faces.extend(findings.unknown.iter().filter(|_| late));
        findings = judge(ensemble, &photo, &reports, &written)?;
    }
    for face in &faces {
        let [before, after] = [&photo, &written].map(|photo| Likeness::of(ensemble, photo, face));
        people.meet(before?, after?)?;
    }
    chosen(&mut reports).zip(findings.verdicts).for_each(|(report, verdict)| report.judged(verdict));
    let mut report = PhotoReport::of(reports, findings.other_photo);
    report.input_sha256 = Some(sha256(original));
    report.output_sha256 = Some(sha256(cloaked));
    report.output_bytes = Some(cloaked.len() as u64);
    Ok(report)
}

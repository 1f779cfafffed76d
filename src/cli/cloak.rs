//! `visard cloak`

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, bail};

use super::args::Cloak;
use super::pipe::is_pipe;
use super::progress::Progress;
use super::report::ReportFile;
use super::{Outcome, is_broken_pipe, judges, name_left_out};
use visard::listing::list;
use visard::models::{Ensemble, Library};
use visard::names::{printable, shown};
use visard::photo::{EncodeOptions, Limits};
use visard::pipeline::{Batch, Event, Job, Journal, People, PhotoReport, Report, Settings, Status, place};
use visard::whole::Rights;

pub(super) fn run(command: &Cloak, library: &Library) -> Result<Outcome> {
    if is_pipe(&command.output) {
        return super::pipe::run(command, library);
    }
    if command.paths.iter().any(|path| is_pipe(path)) {
        bail!("a photo from standard input is written to standard output: --output -");
    }
    let settings = settings(command);
    let listing = list(&command.paths, Some(&command.output))?;
    name_left_out(&listing.left_out);
    let jobs = place(&listing.photos, &command.output, settings.encoding().format)?;
    if jobs.is_empty() {
        bail!("no photos (JPEG, PNG, WebP, HEIC, AVIF, JPEG XL, TIFF, GIF, BMP) in {}", names(command));
    }
    if jobs.len() > 1 && !command.face.is_empty() {
        bail!("--face is for one photo, and there are {}", jobs.len());
    }
    let beside = beside(command)?;
    let ensemble = Ensemble::open(library, &command.networks.models, &command.networks.judges)?;
    judges::of_run(&ensemble, library, !command.networks.models.is_empty());
    let rights = Rights::strictest(jobs.iter().map(|job| job.input.as_path()));
    let file = command.report.as_deref().map(|path| ReportFile::open(path, &jobs, rights)).transpose()?;
    let journal = Journal::open(&command.output, rights, &ensemble, &settings)?;
    journal.clear_for(&jobs)?;
    let stopped = stopped_by_ctrl_c()?;
    let progress = Progress::new(jobs.len());
    let batch = Batch {
        ensemble: &ensemble,
        settings: &settings,
        existing: command.existing(),
        journal: Some(&journal),
        left_out: &listing.left_out,
    };
    let mut people = People::default();
    look_at(&beside, &batch, &mut people, &progress, &stopped);
    let mut teller = Teller { json: command.json, progress, file, trouble: None };
    let report = batch.run(&jobs, &mut people, &mut |event| {
        teller.tell(&event);
        let stop = teller.trouble.is_some() || stopped.load(Ordering::Relaxed);
        if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    teller.end(&report, &jobs)
}

/// Tells what happens in a batch: on the terminal, and in the report's file.
struct Teller {
    json: bool,
    progress: Progress,
    file: Option<ReportFile>,
    /// Why nothing can be told any more.
    trouble: Option<anyhow::Error>,
}

impl Teller {
    fn tell(&mut self, event: &Event<'_>) {
        match event {
            Event::Looking(_) => self.progress.stage("looking at the people in the photos"),
            Event::Started(job) => self.progress.start(&shown(&job.input)),
            Event::Step(step) => self.progress.set(step.done),
            Event::Kept(report) => self.photo(report),
            Event::Finished(report) => {
                self.photo(report);
                // What cannot be written now is tried again after the next photo.
                self.file.as_mut().map(|file| file.grow(report));
            }
        }
    }

    fn photo(&mut self, report: &Report) {
        let Some(photo) = report.photos.last() else { return };
        self.trouble = print(photo, self.json, &self.progress).err();
        self.progress.done(report.photos.len());
    }

    fn end(self, report: &Report, jobs: &[Job]) -> Result<Outcome> {
        self.progress.finish();
        if let Some(file) = self.file {
            file.write(report)?;
        }
        match self.trouble {
            // The reader went away, as `head` does: that is no failure, but the run is not complete.
            Some(error) if is_broken_pipe(&error) && !report.all_protected() => {
                return Ok(Outcome::Incomplete);
            }
            Some(error) => return Err(error),
            None => {}
        }
        summary(report, jobs.len());
        Ok(if report.all_protected() { Outcome::Complete } else { Outcome::Incomplete })
    }
}

/// The other photos of the same people.
pub(super) fn beside(command: &Cloak) -> Result<BTreeSet<PathBuf>> {
    let beside = list(&command.beside, Some(&command.output))?;
    name_left_out(&beside.left_out);
    Ok(beside.photos.into_iter().map(|found| found.file).collect())
}

/// Looks at other photos until the user stops.
pub(super) fn look_at(
    beside: &BTreeSet<PathBuf>,
    batch: &Batch<'_>,
    people: &mut People,
    progress: &Progress,
    stopped: &AtomicBool,
) {
    for other in beside.iter().take_while(|_| !stopped.load(Ordering::Relaxed)) {
        look(other, batch, people, progress);
    }
}

/// Looks at the people in a photo that is not protected; says where it is no help.
fn look(other: &Path, batch: &Batch<'_>, people: &mut People, progress: &Progress) {
    progress.stage("looking at the people in the other photos");
    let reason = match batch.look(other, people) {
        Ok(0) => "no face found".into(),
        Ok(_) => return,
        Err(error) => error.to_string(),
    };
    progress.warn(&format!("{}: no help, {}", shown(other), printable(&reason)));
}

pub(super) fn settings(command: &Cloak) -> Settings {
    Settings {
        preset: command.strength.into(),
        faces: command.faces.into(),
        boxes: command.face.clone(),
        destination: command.destination.0,
        longest: command.max_side,
        encode: EncodeOptions {
            format: command.format.into(),
            quality: command.quality,
            max_bytes: command.max_bytes,
            metadata: command.metadata.into(),
        },
        seed: command.seed,
        keep_faceless: command.keep_faceless,
        limits: Limits { first_picture: command.first_picture, ..command.memory.limits() },
        ..Settings::default()
    }
}

fn names(command: &Cloak) -> String {
    command.paths.iter().map(|p| shown(p)).collect::<Vec<_>>().join(", ")
}

/// A flag that Ctrl-C sets; a second Ctrl-C ends the process at once.
pub(super) fn stopped_by_ctrl_c() -> Result<Arc<AtomicBool>> {
    let stopped = Arc::new(AtomicBool::new(false));
    let flag = stopped.clone();
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("stopping; what is finished stays (Ctrl-C again to end at once)");
    })
    .context("cannot watch for Ctrl-C")?;
    Ok(stopped)
}

fn print(photo: &PhotoReport, json: bool, progress: &Progress) -> Result<()> {
    if json {
        return progress.line(&serde_json::to_string(photo)?);
    }
    progress.line(&sentence(photo))
}

/// What became of a photo, in one line.
pub(super) fn sentence(photo: &PhotoReport) -> String {
    let chosen = photo.faces.iter().filter(|f| f.chosen).count();
    let faces = if chosen == 1 { "1 face".into() } else { format!("{chosen} faces") };
    let left = match photo.faces.len() - chosen {
        0 => String::new(),
        1 => "; 1 other face left as it is".into(),
        left => format!("; {left} other faces left as they are"),
    };
    let reason = printable(photo.reason.as_deref().unwrap_or_default());
    let what = match photo.status {
        Status::Protected => format!("protected ({faces}{left})"),
        Status::NoFace if photo.output.is_some() => "NO FACE FOUND, written without a cloak".into(),
        Status::NoFace => "NO FACE FOUND, not written".into(),
        Status::StillRecognisable => format!("STILL RECOGNISABLE: {reason}{left}"),
        Status::NotTheSamePhoto => format!("NOT THE SAME PHOTO: {reason}"),
        Status::Failed => format!("FAILED: {reason}"),
    };
    let notes: String = photo.notes.iter().map(|note| format!("; {}", printable(note))).collect();
    format!("{}: {what}{notes}, {:.1} s", printable(&photo.input), photo.seconds)
}

fn summary(report: &Report, all: usize) {
    let of = |status| report.count(status);
    let left_out = report.pictures_left_out().count();
    let mut parts = vec![format!("{} of {} photos protected", of(Status::Protected), all + left_out)];
    for (count, text) in [
        (of(Status::StillRecognisable), "still recognisable"),
        (of(Status::NotTheSamePhoto), "not the same photo"),
        (of(Status::NoFace), "without a face"),
        (of(Status::Failed), "failed"),
        (all - report.photos.len(), "not reached"),
        (left_out, "left out"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {text}"));
        }
    }
    let judges: Vec<&str> = report
        .networks
        .iter()
        .filter(|n| n.role == Some(visard::models::Role::Judge))
        .map(|n| n.name.as_str())
        .collect();
    eprintln!("{} (judged by {})", parts.join(", "), judges.join(", "));
}

//! `visard cloak`

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use anyhow::{Context as _, Result, bail};

use super::args::Cloak;
use super::pipe::is_pipe;
use super::progress::Progress;
use super::report::ReportFile;
use super::wanted::{beside, look_at, named, settings, stopped_by_ctrl_c, whose};
use super::words::{sentence, summary};
use super::{Outcome, is_broken_pipe, judges, name_left_out};
use visard::listing::{Excluded, list_without, paths_of};
use visard::models::{Ensemble, Library};
use visard::names::shown;
use visard::pipeline::{Batch, Event, Job, Journal, People, PhotoReport, Report, place};
use visard::whole::Rights;

pub(super) fn run(command: &Cloak, library: &Library) -> Result<Outcome> {
    if is_pipe(&command.output) {
        return super::pipe::run(command, library);
    }
    let paths = paths(command)?;
    if paths.iter().any(|path| is_pipe(path)) {
        bail!("a photo from standard input is written to standard output: --output -");
    }
    let wanted = &command.wanted;
    let mut settings = settings(wanted, &command.face);
    let listing = list_without(&paths, Some(&command.output), &Excluded::of(&wanted.exclude)?)?;
    name_left_out(&listing.left_out);
    let photos = named(listing.photos, wanted, &settings.limits);
    let jobs = place(&photos, &command.output, settings.encoding().format)?;
    if jobs.is_empty() {
        bail!("no photos (JPEG, PNG, WebP, HEIC, AVIF, JPEG XL, TIFF, GIF, BMP) in {}", names(&paths));
    }
    if jobs.len() > 1 && !command.face.is_empty() {
        bail!("--face is for one photo, and there are {}", jobs.len());
    }
    let beside = beside(wanted, &command.output)?;
    let ensemble = Ensemble::open(library, &wanted.networks.models, &wanted.networks.judges)?;
    judges::of_run(&ensemble, library, !wanted.networks.models.is_empty());
    settings.whose = whose(wanted, &ensemble, &settings.limits)?;
    let rights = Rights::strictest(jobs.iter().map(|job| job.input.as_path()));
    let file = wanted.report.as_deref().map(|path| ReportFile::open(path, &jobs, rights)).transpose()?;
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
    let mut teller = Teller { json: wanted.json, progress, file, trouble: None };
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
        self.progress.follow(event);
        match event {
            Event::Looking(_) | Event::Started(_) | Event::Step(_) => {}
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

/// All photos and folders that are named: as arguments, and in a list.
fn paths(command: &Cloak) -> Result<Vec<PathBuf>> {
    let mut paths = command.paths.clone();
    if let Some(list) = &command.files_from {
        let limits = command.wanted.memory.limits();
        let list = match is_pipe(list) {
            true => limits.read_standard_input().context("cannot read standard input")?,
            false => super::read(list, &limits)?,
        };
        paths.extend(paths_of(&list));
    }
    Ok(paths)
}

fn names(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| shown(path)).collect::<Vec<_>>().join(", ")
}

/// Tells of a photo in one line on standard output.
pub(super) fn print(photo: &PhotoReport, json: bool, progress: &Progress) -> Result<()> {
    if json {
        return progress.line(&serde_json::to_string(photo)?);
    }
    progress.line(&sentence(photo))
}

//! `visard watch`

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;

use super::args::Watch;
use super::progress::Progress;
use super::report::ReportFile;
use super::teller::line;
use super::wanted::{beside, look_at, named, settings, stopped_by_ctrl_c, whose};
use super::words::{sentence, summary};
use super::{Outcome, is_broken_pipe, judges, name_left_out};
use visard::arrivals::Arrivals;
use visard::listing::{Excluded, Found, Listing};
use visard::models::{Ensemble, Library};
use visard::names::{shown, text};
use visard::pipeline::{Batch, Event, Existing, Job, Journal, People, PhotoReport, Report, place};
use visard::whole::Rights;

/// Whether the user has stopped it is asked so often.
const PATIENCE: Duration = Duration::from_millis(500);

pub(super) fn run(command: &Watch, library: &Library) -> Result<Outcome> {
    let wanted = &command.wanted;
    let mut settings = settings(wanted, &[]);
    let beside = beside(&wanted.beside, &command.output)?;
    let ensemble = Ensemble::open(library, &wanted.networks.models, &wanted.networks.judges)?;
    judges::of_run(&ensemble, library, !wanted.networks.models.is_empty());
    settings.whose = whose(&wanted.whom, &ensemble, &settings.limits)?;
    let file =
        wanted.report.as_deref().map(|path| ReportFile::open(path, &[], Rights::PRIVATE)).transpose()?;
    let journal = Journal::open(&command.output, Rights::PRIVATE, &ensemble, &settings)?;
    let mut arrivals = Arrivals::of(&command.folder, &command.output, Excluded::of(&wanted.exclude)?)?;
    let stopped = stopped_by_ctrl_c()?;
    let batch = Batch {
        ensemble: &ensemble,
        settings: &settings,
        existing: Existing::Resume,
        journal: Some(&journal),
        left_out: &[],
    };
    let mut people = People::default();
    look_at(&beside, &batch, &mut people, &Progress::new(0), &stopped);
    eprintln!("watching {}; Ctrl-C ends it", shown(&command.folder));
    let report = Report::new(&ensemble, settings.preset, settings.seed);
    let report = Report { cancelled: true, ..report };
    let mut watched = Watched { json: wanted.json, report, broken_off: false, file };
    while !stopped.load(Ordering::Relaxed) {
        let Listing { photos, left_out } = arrivals.next(PATIENCE)?;
        name_left_out(&left_out);
        watched.report.left_out.extend(left_out);
        let jobs = watched.jobs(command, named(photos, wanted, &settings.limits), &batch)?;
        match watched.protect(&jobs, &batch, &mut people, &stopped) {
            // The reader went away, as `head` does.
            Err(error) if is_broken_pipe(&error) => return Ok(Outcome::Incomplete),
            done => done?,
        }
    }
    watched.end(arrivals.is_waiting())
}

/// What became of all photos so far.
struct Watched {
    json: bool,
    report: Report,
    /// Whether a photo was in work when it ended.
    broken_off: bool,
    file: Option<ReportFile>,
}

impl Watched {
    /// What is to be done with photos: one that cannot be written in its place is reported, and stops no other.
    fn jobs(&mut self, command: &Watch, photos: Vec<Found>, batch: &Batch<'_>) -> Result<Vec<Job>> {
        let mut jobs = vec![];
        for photo in photos {
            let format = batch.settings.encoding().format;
            match place(std::slice::from_ref(&photo), &command.output, format) {
                Ok(job) => jobs.extend(job),
                Err(error) => {
                    let failed = PhotoReport::failed(text(&photo.file), error.to_string());
                    self.photo(&failed, &Progress::new(0), false)?;
                }
            }
        }
        Ok(jobs)
    }

    /// Protects some photos, and tells of each.
    fn protect(
        &mut self,
        jobs: &[Job],
        batch: &Batch<'_>,
        people: &mut People,
        stopped: &AtomicBool,
    ) -> Result<()> {
        if jobs.is_empty() {
            return Ok(());
        }
        if let Some(journal) = batch.journal {
            journal.clear_for(jobs)?;
        }
        let progress = Progress::new(jobs.len());
        let mut trouble = None;
        let done = batch.run(jobs, people, &mut |event| {
            trouble = self.tell(&event, &progress).err();
            let stop = trouble.is_some() || stopped.load(Ordering::Relaxed);
            if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        progress.finish();
        // A folder that takes no file any more ends the run, too.
        if done.cancelled && trouble.is_none() {
            stopped.store(true, Ordering::Relaxed);
        }
        self.broken_off = done.cancelled;
        self.file.as_ref().map_or(Ok(()), |file| file.write(&self.report))?;
        trouble.map_or(Ok(()), Err)
    }

    fn tell(&mut self, event: &Event<'_>, progress: &Progress) -> Result<()> {
        progress.follow(event);
        let (Event::Kept(report) | Event::Finished(report)) = event else { return Ok(()) };
        let before = matches!(event, Event::Kept(_));
        report.photos.last().map_or(Ok(()), |photo| self.photo(photo, progress, before))
    }

    /// Tells of a photo; of one that was done before in the report alone.
    fn photo(&mut self, photo: &PhotoReport, progress: &Progress, before: bool) -> Result<()> {
        self.report.photos.retain(|known| known.input != photo.input);
        self.report.photos.push(photo.clone());
        // What cannot be written now is tried again after the next photo.
        self.file.as_mut().map(|file| file.grow(&self.report));
        if before { Ok(()) } else { line(progress, self.json, photo, || sentence(photo)) }
    }

    fn end(mut self, waiting: bool) -> Result<Outcome> {
        self.report.cancelled = waiting || self.broken_off;
        if let Some(file) = self.file {
            file.write(&self.report)?;
        }
        summary(&self.report, self.report.photos.len());
        Ok(if self.report.all_protected() { Outcome::Complete } else { Outcome::Incomplete })
    }
}

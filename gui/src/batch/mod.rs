//! The photos of the window and how far each is: plain data that updates of the worker are applied
//! to. Knows neither egui nor threads.

mod mark;
mod row;

use std::path::{Path, PathBuf};

use visard::cloak::Preset;
use visard::pipeline::{PhotoReport, Report, Status};

use crate::texts;

pub(crate) use mark::Mark;
pub(crate) use row::{Id, Progress, Row, Source, State, Written};

/// What happened to a photo.
#[derive(Debug)]
pub(crate) enum Event {
    Started,
    Step(f32),
    Finished(Box<PhotoReport>, Preset),
    /// Its file is not any more as an earlier session wrote it.
    Changed,
    /// It was broken off and waits again.
    Cancelled,
    /// Nothing can be written; all work rests. Says why.
    Halted(String),
}

/// All photos of the window.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) rows: Vec<Row>,
    pub(crate) paused: bool,
    /// Why nothing can be written.
    pub(crate) halted: Option<String>,
    /// Whether work has come to its end and the user has not yet been told.
    pub(crate) finished: bool,
    next: Id,
    /// The photos that this run has finished, and the seconds that each took.
    this_run: Vec<(Id, f64)>,
}

impl Batch {
    /// Adds photos that are not there yet; how many were.
    pub(crate) fn add(&mut self, sources: Vec<Source>) -> usize {
        let known: std::collections::HashSet<PathBuf> =
            self.rows.iter().map(|row| row.source.input.clone()).collect();
        let before = self.rows.len();
        let mut seen = known;
        for source in sources {
            if seen.insert(source.input.clone()) {
                self.rows.push(Row {
                    id: self.next,
                    source,
                    progress: Progress::Waiting,
                    marks: None,
                    report: None,
                    preset: None,
                    unreadable: None,
                });
                self.next += 1;
            }
        }
        self.rows.len() - before
    }

    /// Takes up the photos of an earlier session; those that were in work wait again.
    pub(crate) fn restore(rows: Vec<Row>) -> Self {
        let mut batch = Self { rows, ..Self::default() };
        for (id, row) in (0..).zip(&mut batch.rows) {
            row.id = id;
            if row.progress != Progress::Done {
                row.progress = Progress::Waiting;
            }
        }
        batch.next = batch.rows.len() as Id;
        batch
    }

    /// The files that were written.
    pub(crate) fn written(&self) -> Vec<Written> {
        let written = |row: &Row| {
            let sha256 = row.report.as_ref()?.output_sha256.clone()?;
            Some(Written { id: row.id, path: row.output()?.to_path_buf(), sha256 })
        };
        self.rows.iter().filter_map(written).collect()
    }

    pub(crate) fn row(&self, id: Id) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == id)
    }

    pub(crate) fn row_mut(&mut self, id: Id) -> Option<&mut Row> {
        self.rows.iter_mut().find(|row| row.id == id)
    }

    pub(crate) fn remove(&mut self, id: Id) {
        let ran = self.running();
        self.rows.retain(|row| row.id != id);
        self.note_end(ran);
    }

    /// Lets photos be read once more that could not be.
    pub(crate) fn try_unreadable(&mut self) {
        self.rows.iter_mut().for_each(|row| row.unreadable = None);
    }

    /// Marks all photos that wait as ordered.
    pub(crate) fn order_all(&mut self) {
        self.order(|row| row.progress == Progress::Waiting);
    }

    /// Orders a photo once more; its old report stays until there is a new one.
    pub(crate) fn order_again(&mut self, id: Id) {
        self.order(|row| row.id == id && row.progress == Progress::Done);
    }

    /// Orders all photos once more that need attention.
    pub(crate) fn order_unprotected(&mut self) {
        self.order(|row| row.state().needs_attention());
    }

    fn order(&mut self, wanted: impl Fn(&Row) -> bool) {
        if !self.running() {
            self.this_run.clear();
            self.finished = false;
        }
        (self.paused, self.halted) = (false, None);
        self.rows.iter_mut().filter(|row| wanted(row)).for_each(|row| row.progress = Progress::Ordered);
    }

    /// Lets all photos that are ordered wait again; the one in work does when the worker has let go of it.
    pub(crate) fn cancel_all(&mut self) {
        let ordered = self.rows.iter_mut().filter(|row| row.progress == Progress::Ordered);
        ordered.for_each(|row| row.progress = Progress::Waiting);
        (self.paused, self.halted) = (false, None);
        self.this_run.clear();
    }

    /// Whether photos are in work or ordered.
    pub(crate) fn running(&self) -> bool {
        self.rows.iter().any(|row| matches!(row.progress, Progress::Ordered | Progress::Working(_)))
    }

    pub(crate) fn count(&self, state: State) -> usize {
        self.rows.iter().filter(|row| row.state() == state).count()
    }

    pub(crate) fn needing_attention(&self) -> usize {
        self.rows.iter().filter(|row| row.state().needs_attention()).count()
    }

    pub(crate) fn done(&self) -> usize {
        self.rows.iter().filter(|row| row.progress == Progress::Done).count()
    }

    /// Share of all photos that is done, `0.0..=1.0`.
    pub(crate) fn share(&self) -> f32 {
        let of = |row: &Row| match row.progress {
            Progress::Done => 1.,
            Progress::Working(share) => share,
            _ => 0.,
        };
        self.rows.iter().map(of).sum::<f32>() / self.rows.len().max(1) as f32
    }

    /// Seconds until all that is ordered is done; none before the first photo of a run.
    pub(crate) fn seconds_left(&self) -> Option<f64> {
        let mean = self.this_run.iter().map(|(_, seconds)| seconds).sum::<f64>() / self.this_run.len() as f64;
        let open = |row: &Row| match row.progress {
            Progress::Ordered => 1.,
            Progress::Working(share) => 1. - f64::from(share),
            _ => 0.,
        };
        mean.is_finite().then(|| mean * self.rows.iter().map(open).sum::<f64>())
    }

    /// Takes in what happened to a photo. Events of photos that were taken away are nothing.
    pub(crate) fn apply(&mut self, id: Id, event: Event) {
        let ran = self.running();
        let Some(row) = self.row_mut(id) else { return };
        match event {
            Event::Started => row.progress = Progress::Working(0.),
            Event::Step(share) => {
                // A further try at faces that are still recognised does not turn the clock back.
                if let Progress::Working(before) = row.progress {
                    row.progress = Progress::Working(before.max(share.min(0.99)));
                }
            }
            Event::Finished(report, preset) => {
                let seconds = report.seconds;
                (row.progress, row.report, row.preset) = (Progress::Done, Some(*report), Some(preset));
                self.this_run.push((id, seconds));
            }
            Event::Changed => {
                if let Some(report) = &mut row.report {
                    (report.status, report.output, report.reason) =
                        (Status::Failed, None, Some(texts::FILE_CHANGED.into()));
                }
            }
            Event::Cancelled => row.progress = Progress::Waiting,
            Event::Halted(reason) if row.progress != Progress::Waiting => {
                row.progress = Progress::Ordered;
                (self.paused, self.halted) = (true, Some(reason));
            }
            Event::Halted(_) => {}
        }
        self.note_end(ran);
    }

    /// Tells that a run is over.
    fn note_end(&mut self, ran: bool) {
        if ran && !self.running() {
            self.finished = !self.this_run.is_empty();
            self.paused = false;
        }
    }

    /// An empty list whose numbers go on, so that late events of the old one are nothing.
    pub(crate) fn after(old: &Self) -> Self {
        Self { next: old.next, ..Self::default() }
    }

    /// Lets photos of this run fail whose written file is not there any more.
    pub(crate) fn note_lost_files(&mut self, reason: &str) {
        let fresh: Vec<Id> = self.this_run.iter().map(|(id, _)| *id).collect();
        for row in self.rows.iter_mut().filter(|row| fresh.contains(&row.id)) {
            let Some(report) = &mut row.report else { continue };
            if report.output.as_ref().is_some_and(|output| !Path::new(output).exists()) {
                (report.status, report.output, report.reason) = (Status::Failed, None, Some(reason.into()));
            }
        }
    }

    /// The reports that the command line would write for these photos: one for each strength.
    pub(crate) fn reports(&self, blank: &Report) -> Vec<Report> {
        let mut reports: Vec<Report> = vec![];
        for (photo, preset) in self.rows.iter().filter_map(|row| Some((row.report.as_ref()?, row.preset?))) {
            let report = match reports.iter_mut().find(|r| r.preset == preset) {
                Some(report) => report,
                None => {
                    reports.push(Report { preset, ..blank.clone() });
                    let last = reports.len() - 1;
                    &mut reports[last]
                }
            };
            report.photos.push(photo.clone());
        }
        let unfinished = self.rows.iter().any(|row| row.progress != Progress::Done);
        reports.iter_mut().for_each(|report| report.cancelled = unfinished);
        reports
    }
}

//! The photos of the window and how far each is: plain data that updates of the worker are applied
//! to. Knows neither egui nor threads.

mod mark;
mod outcome;
mod pace;
mod reports;
mod row;

use std::path::{Path, PathBuf};

use visard::cloak::Preset;

use crate::texts;

pub(crate) use mark::Mark;
pub(crate) use outcome::{Outcome, Sum};
use pace::Pace;
pub(crate) use row::{Id, Progress, Row, Source, State, Written};

/// What happened to a photo.
#[derive(Debug)]
pub(crate) enum Event {
    /// Later photos are looked at for the people in them: so many of so many.
    Looking(usize, usize),
    /// It has so many faces to protect.
    Looked(usize),
    Started,
    Step(f32),
    Finished(Box<Outcome>, Preset),
    /// Its file is not any more as an earlier session wrote it.
    Changed,
    /// It was broken off and waits again.
    Cancelled,
    /// Nothing can be written; all work rests. Says why.
    Halted(String),
}

/// All photos of the window.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(crate) rows: Vec<Row>,
    pub(crate) paused: bool,
    /// Why nothing can be written.
    pub(crate) halted: Option<String>,
    /// Whether work has come to its end and the user has not yet been told.
    pub(crate) finished: bool,
    /// How many photos were looked at for the people in them before one is worked on, and how many will be.
    pub(crate) looking: Option<(usize, usize)>,
    /// Whether the run is another try of photos that were done.
    pub(crate) trying_again: bool,
    next: Id,
    /// What this run has finished.
    this_run: Vec<Id>,
    pace: Pace,
}

impl Queue {
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
                    strength: None,
                    rechosen: false,
                    unreadable: None,
                });
                self.next += 1;
            }
        }
        self.rows.len() - before
    }

    /// Takes up the photos of an earlier session that are not there yet; those that were in work wait again.
    pub(crate) fn take_up(&mut self, rows: Vec<Row>) {
        for row in rows {
            if self.rows.iter().all(|there| there.source.input != row.source.input) {
                let done = row.progress == Progress::Done;
                let progress = if done { Progress::Done } else { Progress::Waiting };
                self.rows.push(Row { id: self.next, progress, ..row });
                self.next += 1;
            }
        }
    }

    /// The files that were written.
    pub(crate) fn written(&self) -> Vec<Written> {
        let written = |row: &Row| {
            let sha256 = row.report.as_ref()?.output_sha256()?.to_string();
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

    /// Takes photos away; where each was.
    pub(crate) fn remove(&mut self, ids: &[Id]) -> Vec<(usize, Row)> {
        let ran = self.running();
        let (mut gone, mut kept) = (vec![], vec![]);
        for (at, row) in std::mem::take(&mut self.rows).into_iter().enumerate() {
            if ids.contains(&row.id) { gone.push((at, row)) } else { kept.push(row) }
        }
        self.rows = kept;
        self.note_end(ran);
        gone
    }

    /// Puts photos back where they were; those that were ordered wait.
    pub(crate) fn put_back(&mut self, gone: Vec<(usize, Row)>) {
        for (at, mut row) in gone {
            if self.rows.iter().all(|there| there.source.input != row.source.input) {
                if row.progress != Progress::Done {
                    row.progress = Progress::Waiting;
                }
                // Late events of what was broken off are nothing.
                row.id = self.next;
                self.next += 1;
                self.rows.insert(at.min(self.rows.len()), row);
            }
        }
    }

    /// Lets photos be read once more that could not be.
    pub(crate) fn try_unreadable(&mut self) {
        self.rows.iter_mut().for_each(|row| row.unreadable = None);
    }

    /// Marks all photos that wait as ordered.
    pub(crate) fn order_all(&mut self) {
        self.trying_again &= self.running();
        self.order(|row| row.progress == Progress::Waiting && !row.is_left());
    }

    /// Orders photos once more where that may bring something, at a strength that may: theirs alone.
    /// Their old reports stay until there are new ones.
    pub(crate) fn order_again(&mut self, ids: &[Id]) {
        self.trying_again |= !self.running();
        for row in self.rows.iter_mut().filter(|row| ids.contains(&row.id)) {
            if let Some(strength) = row.again() {
                row.strength = Some(strength);
            }
        }
        self.order(|row| ids.contains(&row.id) && row.again().is_some());
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
        (self.paused, self.halted, self.looking) = (false, None, None);
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
        self.overlooked().count()
    }

    /// What the user must not overlook.
    pub(crate) fn overlooked(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.state().needs_attention())
    }

    pub(crate) fn done(&self) -> usize {
        self.rows.iter().filter(|row| row.progress == Progress::Done).count()
    }

    /// Whether clips are in work or ordered.
    pub(crate) fn clips_to_do(&self) -> bool {
        let to_do = |row: &Row| matches!(row.progress, Progress::Ordered | Progress::Working(_));
        self.rows.iter().any(|row| row.is_clip() && to_do(row))
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

    /// Seconds until all that is ordered is done, by the faces in it; none while nobody knows how long one takes, or clips are
    /// among it.
    /// `usual`: seconds that a face took in earlier runs.
    pub(crate) fn seconds_left(&self, usual: Option<f64>) -> Option<f64> {
        if self.clips_to_do() { None } else { self.pace.seconds_left(&self.rows, usual) }
    }

    /// Takes in what happened to a photo. Events of photos that were taken away are nothing.
    pub(crate) fn apply(&mut self, id: Id, event: Event) {
        let ran = self.running();
        let Some(row) = self.rows.iter_mut().find(|row| row.id == id) else { return };
        match event {
            Event::Looking(done, all) => self.looking = Some((done, all)),
            Event::Looked(faces) => self.pace.expect(id, faces),
            Event::Started => {
                row.progress = Progress::Working(0.);
                self.looking = None;
            }
            Event::Step(share) => {
                // A further try at faces that are still recognised does not turn the clock back.
                if let Progress::Working(before) = row.progress {
                    row.progress = Progress::Working(before.max(share.min(0.99)));
                }
            }
            Event::Finished(report, preset) => {
                self.pace.learn(&report);
                (row.progress, row.report, row.preset) = (Progress::Done, Some(*report), Some(preset));
                row.rechosen = false;
                self.this_run.push(id);
            }
            Event::Changed => {
                if let Some(report) = &mut row.report {
                    report.lose(texts::FILE_CHANGED);
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
            (self.paused, self.looking) = (false, None);
        }
    }

    /// An empty list whose numbers go on, so that late events of the old one are nothing.
    pub(crate) fn after(old: &Self) -> Self {
        Self { next: old.next, ..Self::default() }
    }

    /// Lets photos of this run fail whose written file is not there any more.
    pub(crate) fn note_lost_files(&mut self, reason: &str) {
        let fresh = std::mem::take(&mut self.this_run);
        for row in self.rows.iter_mut().filter(|row| fresh.contains(&row.id)) {
            let Some(report) = &mut row.report else { continue };
            if report.output().is_some_and(|output| !Path::new(output).exists()) {
                report.lose(reason);
            }
        }
    }
}

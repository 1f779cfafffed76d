//! The photos of the window and how far each is: plain data that updates of the worker are applied
//! to. Knows neither egui nor threads.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use visard::cloak::Preset;
use visard::face::Face;
use visard::pipeline::{FaceReport, PhotoReport, Report, Status};

/// Tells photos apart for as long as the window is open.
pub(crate) type Id = u64;

/// A photo that was found where the user pointed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Source {
    /// The file.
    pub(crate) input: PathBuf,
    /// The folder that was dropped, or the one that the file lies in.
    pub(crate) root: PathBuf,
    /// Whether a folder was dropped, not the file itself.
    pub(crate) in_folder: bool,
}

/// A face of a photo, and what the user wants for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Mark {
    pub(crate) face: Face,
    /// Whether it is to be protected.
    pub(crate) chosen: bool,
    /// Whether the user drew a box around it, because the detector had missed it.
    pub(crate) drawn: bool,
}

/// How far a photo is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) enum Progress {
    /// Nobody has asked for it.
    #[default]
    Waiting,
    /// The worker has it in its queue.
    Ordered,
    /// The share that is done, `0.0..=1.0`.
    Working(f32),
    /// There is a report.
    Done,
}

/// What the user is told of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Waiting,
    Working,
    Protected,
    NoFace,
    StillRecognisable,
    Failed,
}

/// One photo.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: Id,
    pub(crate) source: Source,
    pub(crate) progress: Progress,
    /// The faces that were found before the start; none while nobody has looked.
    pub(crate) marks: Option<Vec<Mark>>,
    /// What was done, and at which strength.
    pub(crate) report: Option<PhotoReport>,
    pub(crate) preset: Option<Preset>,
    /// Why it cannot be read, if somebody has tried.
    #[serde(skip)]
    pub(crate) unreadable: Option<String>,
}

/// What happened to a photo.
#[derive(Debug)]
pub(crate) enum Event {
    Started,
    Step(f32),
    Finished(Box<PhotoReport>, Preset),
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

impl Row {
    pub(crate) fn name(&self) -> String {
        self.source.input.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    pub(crate) fn state(&self) -> State {
        match (&self.progress, &self.report) {
            (Progress::Working(_), _) => State::Working,
            (Progress::Done, Some(report)) => match report.status {
                Status::Protected => State::Protected,
                Status::NoFace => State::NoFace,
                Status::StillRecognisable => State::StillRecognisable,
                Status::Failed => State::Failed,
            },
            _ => State::Waiting,
        }
    }

    /// Number of faces, if somebody has looked.
    pub(crate) fn faces(&self) -> Option<usize> {
        let reported = self.report.as_ref().filter(|r| r.status != Status::Failed).map(|r| r.faces.len());
        reported.or(self.marks.as_ref().map(Vec::len))
    }

    /// The written file, if there is one.
    pub(crate) fn output(&self) -> Option<&Path> {
        self.report.as_ref()?.output.as_deref().map(Path::new)
    }

    /// The faces that are to be protected, where that is not simply all that are found.
    pub(crate) fn chosen_faces(&self) -> Option<Vec<Face>> {
        let marks = self.marks.as_ref()?;
        let usual = marks.iter().all(|m| m.chosen && !m.drawn);
        (!usual).then(|| marks.iter().filter(|m| m.chosen).map(|m| m.face).collect())
    }
}

impl Row {
    /// The faces as the user sees them: as chosen, or else as the report has them.
    pub(crate) fn all_marks(&self) -> Vec<Mark> {
        let reported = || {
            let faces = self.report.iter().flat_map(|report| &report.faces);
            let face = |f: &FaceReport| Face { bounds: f.bounds, points: f.points, score: f.score };
            faces.map(|f| Mark { face: face(f), chosen: f.chosen, drawn: false }).collect()
        };
        self.marks.clone().unwrap_or_else(reported)
    }
}

impl State {
    /// Whether the user must not overlook it.
    pub(crate) fn needs_attention(self) -> bool {
        matches!(self, Self::NoFace | Self::StillRecognisable | Self::Failed)
    }
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

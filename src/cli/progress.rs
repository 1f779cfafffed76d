//! Progress: a bar with the remaining time on a terminal, nothing but plain lines elsewhere.

use std::cell::Cell;
use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use visard::names::shown;
use visard::pipeline::Event;

/// Ticks of the bar for each photo.
const TICKS: u64 = 1000;

/// The progress of a batch, on standard error.
pub(super) struct Progress {
    bar: ProgressBar,
    photos: usize,
    /// Photos that are done.
    done: Cell<usize>,
    terminal: bool,
}

impl Progress {
    pub(super) fn new(photos: usize) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::new(photos as u64 * TICKS);
        bar.set_draw_target(if terminal {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        });
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent:>3} %  {eta} left  {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        if terminal {
            bar.enable_steady_tick(Duration::from_millis(500));
        }
        Self { bar, photos, done: Cell::new(0), terminal }
    }

    /// Shows what happens in a batch.
    pub(super) fn follow(&self, event: &Event<'_>) {
        match event {
            Event::Looking(_) => self.stage("looking at the people in the photos"),
            Event::Started(job) => self.start(&shown(&job.input)),
            Event::Step(step) => self.set(step.done),
            Event::Kept(report) | Event::Finished(report) => self.done(report.photos.len()),
        }
    }

    /// The next photo is begun.
    pub(super) fn start(&self, name: &str) {
        self.bar.set_message(format!("{} of {}: {name}", self.done.get() + 1, self.photos));
    }

    /// What is being done.
    pub(super) fn stage(&self, text: &str) {
        self.bar.set_message(text.to_string());
    }

    /// So many photos are done.
    pub(super) fn done(&self, photos: usize) {
        self.done.set(photos);
        self.set(0.);
    }

    /// A share of the photo in work is done, `0.0..=1.0`.
    pub(super) fn set(&self, share: f32) {
        self.bar.set_position(self.done.get() as u64 * TICKS + (f64::from(share) * TICKS as f64) as u64);
    }

    /// Prints a line of results above the bar: to standard output, so that it can be piped.
    pub(super) fn line(&self, text: &str) -> anyhow::Result<()> {
        if self.terminal { self.bar.suspend(|| super::print(text)) } else { super::print(text) }
    }

    /// Says above the bar, on standard error, what the user should know.
    pub(super) fn warn(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{text}"));
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

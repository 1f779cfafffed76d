//! Progress: a bar with the remaining time on a terminal, nothing but plain lines elsewhere.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Ticks of the bar for each photo.
const TICKS: u64 = 1000;

/// The progress of a batch, on standard error.
pub(super) struct Progress {
    bar: ProgressBar,
    photos: usize,
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
        Self { bar, photos, terminal }
    }

    /// Photo `index` is begun.
    pub(super) fn start(&self, index: usize, name: &str) {
        self.bar.set_message(format!("{} of {}: {name}", index + 1, self.photos));
    }

    /// What is being done.
    pub(super) fn stage(&self, text: &str) {
        self.bar.set_message(text.to_string());
    }

    /// `done` (0 to 1) of photo `index` is done.
    pub(super) fn set(&self, index: usize, done: f32) {
        self.bar.set_position(index as u64 * TICKS + (f64::from(done) * TICKS as f64) as u64);
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

//! Measures how smooth the window is: with `VISARD_FRAMES=FILE` it draws without a pause, and writes
//! on leaving how long the first frame took to come and how far frames were apart.

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What is measured.
#[derive(Debug)]
pub(crate) struct Frames {
    file: PathBuf,
    started: Instant,
    last: Option<Instant>,
    first: Duration,
    apart: Vec<Duration>,
}

impl Frames {
    /// Measures if somebody asks for it; `started` is when the program began.
    pub(crate) fn from_environment(started: Instant) -> Option<Self> {
        let file = std::env::var_os("VISARD_FRAMES")?.into();
        Some(Self { file, started, last: None, first: Duration::ZERO, apart: vec![] })
    }

    /// Notes a frame.
    pub(crate) fn note(&mut self, ctx: &egui::Context) {
        let now = Instant::now();
        match self.last.replace(now) {
            Some(last) => self.apart.push(now - last),
            None => self.first = now - self.started,
        }
        ctx.request_repaint();
    }

    /// Writes what was measured.
    pub(crate) fn write(&mut self) -> std::io::Result<()> {
        self.apart.sort();
        let at = |share: f64| {
            let place = (self.apart.len() as f64 * share) as usize;
            self.apart.get(place).or(self.apart.last()).map_or(0., |d| d.as_secs_f64() * 1e3)
        };
        let text = format!(
            "first frame after {:.0} ms; {} frames, apart by {:.1} ms (median), {:.1} ms (95th percentile), {:.1} ms (most)\n",
            self.first.as_secs_f64() * 1e3,
            self.apart.len(),
            at(0.5),
            at(0.95),
            at(1.),
        );
        std::fs::write(&self.file, text)
    }
}

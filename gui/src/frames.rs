//! Measures how smooth the window is: with `VISARD_FRAMES=FILE` it draws without a pause, and writes
//! now and then how long the first frame took to come and how far frames were apart.

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Frames between two writings.
const OFTEN: usize = 250;

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
        if self.apart.len() % OFTEN == OFTEN - 1 {
            // Nobody is there to tell.
            let _ = self.write();
        }
    }

    fn write(&self) -> std::io::Result<()> {
        let mut apart = self.apart.clone();
        apart.sort();
        let at = |share: f64| {
            let place = (apart.len() as f64 * share) as usize;
            apart.get(place).or(apart.last()).map_or(0., |d| d.as_secs_f64() * 1e3)
        };
        let text = format!(
            "first frame after {:.0} ms; {} frames, apart by {:.1} ms (median), {:.1} ms (95th percentile), {:.1} ms (most)\n",
            self.first.as_secs_f64() * 1e3,
            apart.len(),
            at(0.5),
            at(0.95),
            at(1.),
        );
        std::fs::write(&self.file, text)
    }
}

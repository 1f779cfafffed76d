//! "Check my folder": what is asked, how far it is, and the answer.

use std::path::PathBuf;
use std::time::Instant;

use crate::search::{Searched, Stage};

/// "Check my folder".
#[derive(Debug, Default)]
pub(crate) struct Check {
    /// The folder that the user chose.
    pub(crate) gallery: Option<PathBuf>,
    pub(crate) searching: Option<Searching>,
    pub(crate) answer: Option<Result<Searched, String>>,
}

/// A search in work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Searching {
    /// How far it is; none while it waits for the photo in work.
    pub(crate) stage: Option<Stage>,
    /// When this stage began.
    pub(crate) since: Instant,
}

impl Searching {
    pub(crate) fn waiting() -> Self {
        Self { stage: None, since: Instant::now() }
    }

    /// Takes in how far it is.
    pub(crate) fn at(&mut self, stage: Stage) {
        if self.stage.map(|before| std::mem::discriminant(&before)) != Some(std::mem::discriminant(&stage)) {
            self.since = Instant::now();
        }
        self.stage = Some(stage);
    }

    /// Share of the stage that is done.
    pub(crate) fn share(&self) -> f32 {
        match self.stage {
            Some(Stage::Reading(done, all) | Stage::Searching(done, all)) => done as f32 / all.max(1) as f32,
            None => 0.,
        }
    }

    /// Seconds until the stage is done; none before a part of it is.
    pub(crate) fn seconds_left(&self) -> Option<f64> {
        let share = f64::from(self.share());
        (share > 0.).then(|| self.since.elapsed().as_secs_f64() * (1. - share) / share)
    }
}

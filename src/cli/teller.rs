//! What is told of a run while it goes on: a line for each photo or clip, and the file of the report.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use serde::Serialize;

use super::progress::Progress;
use super::report::ReportFile;
use super::{Outcome, is_broken_pipe};

/// Tells what happens in a run: on the terminal, and in the report's file.
pub(super) struct Teller {
    pub(super) progress: Progress,
    json: bool,
    file: Option<ReportFile>,
    /// Why nothing can be told any more.
    trouble: Option<anyhow::Error>,
}

impl Teller {
    pub(super) fn new(progress: Progress, json: bool, file: Option<ReportFile>) -> Self {
        Self { progress, json, file, trouble: None }
    }

    /// Tells what became of a photo or clip.
    pub(super) fn tell(&mut self, report: &impl Serialize, sentence: impl FnOnce() -> String) {
        self.trouble = line(&self.progress, self.json, report, sentence).err();
    }

    /// Writes the report as far as the run is; what cannot be written now is tried again with the next.
    pub(super) fn grow(&mut self, report: &impl Serialize) {
        self.file.as_mut().map(|file| file.grow(report));
    }

    /// Whether the run goes on: nobody stopped it, and somebody is there who is told.
    pub(super) fn flow(&self, stopped: &AtomicBool) -> ControlFlow<()> {
        let stop = self.trouble.is_some() || stopped.load(Ordering::Relaxed);
        if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Ends with the report of the whole run, and whether that is complete.
    pub(super) fn end(
        self,
        report: &impl Serialize,
        complete: bool,
        summary: impl FnOnce(),
    ) -> Result<Outcome> {
        self.progress.finish();
        if let Some(file) = self.file {
            file.write(report)?;
        }
        match self.trouble {
            // The reader went away, as `head` does: that is no failure, but the run is not complete.
            Some(error) if is_broken_pipe(&error) && !complete => return Ok(Outcome::Incomplete),
            Some(error) => return Err(error),
            None => {}
        }
        summary();
        Ok(if complete { Outcome::Complete } else { Outcome::Incomplete })
    }
}

/// Tells of a photo or clip in one line on standard output.
pub(super) fn line(
    progress: &Progress,
    json: bool,
    report: &impl Serialize,
    sentence: impl FnOnce() -> String,
) -> Result<()> {
    progress.line(&if json { serde_json::to_string(report)? } else { sentence() })
}

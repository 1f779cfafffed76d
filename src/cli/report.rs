//! The file of a report, which grows with every photo.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use serde::Serialize;

use visard::names::shown;
use visard::pipeline::{JOURNAL, Job};
use visard::whole::{self, Rights};

/// So much of the time, one in this many parts, is spent on writing an unfinished report.
const PART: u32 = 10;

/// The file of a report.
pub(super) struct ReportFile {
    path: PathBuf,
    rights: Rights,
    /// When it is written again at the earliest, so that the reports of many photos take no time to speak of.
    next: Instant,
}

impl ReportFile {
    /// Tries the place before hours of work start, so that a bad path is known at once.
    pub(super) fn open(path: &Path, jobs: &[Job], rights: Rights) -> Result<Self> {
        let real = |path: &Path| path.canonicalize().ok();
        let place = real(path);
        let taken = |other: &Path| other == path || place.is_some() && real(other) == place;
        if jobs.iter().any(|job| taken(&job.input) || taken(&job.output)) || path.ends_with(JOURNAL) {
            bail!("the report {} would be written over a photo or a journal", shown(path));
        }
        whole::probe(path).with_context(|| format!("cannot write the report {}", shown(path)))?;
        Ok(Self { path: path.into(), rights, next: Instant::now() })
    }

    /// Writes the report as far as it is, unless that was done a moment ago.
    pub(super) fn grow(&mut self, report: &impl Serialize) -> Result<()> {
        let start = Instant::now();
        if start >= self.next {
            self.write(report)?;
            self.next = Instant::now() + start.elapsed() * (PART - 1);
        }
        Ok(())
    }

    /// Writes the report.
    pub(super) fn write(&self, report: &impl Serialize) -> Result<()> {
        let bytes = serde_json::to_vec_pretty(report)?;
        whole::replace(&self.path, &bytes, self.rights)
            .with_context(|| format!("cannot write the report {}", shown(&self.path)))
    }
}

//! The journal of an output folder: what was written there, from what, how, and with which verdict.
//!
//! One JSON object a line; `docs/report.md` describes it for readers. A line is on the disk before its output is in its
//! place, so no output is without a line, however a run ends. What a line says counts only for a file that has its sum.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Job, NetworkReport, PhotoReport, Report};
use crate::cloak::Preset;
use crate::error::{Error, Result};
use crate::models::{Ensemble, sha256};
use crate::names;
use crate::whole::{self, Rights};

pub use crate::listing::JOURNAL;
/// Longer lines are not read: a photo of a thousand faces takes half of it.
const LONGEST: u64 = 4 << 20;
/// Larger journals are not read: half a million photos take less.
const LARGEST: u64 = 1 << 30;

/// How the photos of a run were protected. Its sum is that of its JSON.
#[derive(Serialize)]
struct Run<'a, S> {
    visard: &'static str,
    preset_version: u32,
    networks: Vec<NetworkReport>,
    settings: &'a S,
}

/// What a journal says of one output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Sum of the run's settings.
    pub run: String,
    /// Where the output is below the journal's folder.
    #[serde(with = "names")]
    pub place: PathBuf,
    /// What was done.
    pub report: PhotoReport,
}

/// What a journal says of one clip; who wrote its report can read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClipEntry {
    /// Sum of the run's settings.
    run: String,
    /// Where the output is below the journal's folder.
    #[serde(with = "names")]
    place: PathBuf,
    /// What was done.
    report: serde_json::Value,
}

impl ClipEntry {
    /// The file that it was made from.
    pub fn input(&self) -> Option<&str> {
        self.report["input"].as_str()
    }
}

/// A line as it is written.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Written<'a, S> {
    Run { sha256: &'a str, made: &'a Run<'a, S> },
    Photo(&'a Entry),
    Clip(&'a ClipEntry),
}

/// A line as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Run { sha256: String },
    Photo(Box<Entry>),
    Clip(ClipEntry),
}

/// What a journal says.
#[derive(Debug, Default)]
pub struct Entries {
    /// Sums of the settings that it describes.
    pub runs: HashSet<String>,
    /// The last entry for each place.
    pub photos: HashMap<PathBuf, Entry>,
    /// The same for clips.
    pub clips: HashMap<PathBuf, ClipEntry>,
}

/// Reads a journal. What is no line of a journal, the end that a killed run tore off among it, says nothing.
///
/// No more than a line is held beside what is returned, which is no larger than a few times the input.
///
/// # Errors
/// Where the bytes cannot be read.
pub fn entries(mut bytes: impl BufRead) -> std::io::Result<Entries> {
    let mut entries = Entries::default();
    let mut line = vec![];
    loop {
        line.clear();
        if (&mut bytes).take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            return Ok(entries);
        }
        match serde_json::from_slice(&line) {
            Ok(Line::Run { sha256 }) => {
                entries.runs.insert(sha256);
            }
            Ok(Line::Photo(entry)) => {
                entries.photos.insert(entry.place.clone(), *entry);
            }
            Ok(Line::Clip(entry)) => {
                entries.clips.insert(entry.place.clone(), entry);
            }
            Err(_) => {}
        }
    }
}

/// The journal of an output folder. Nobody else writes there while it is open.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    file: File,
    /// With those of this run.
    entries: Mutex<Entries>,
    /// Sum of this run's settings.
    run: String,
}

impl Journal {
    /// Opens the journal of a folder for a run; makes both where they are not there. `settings` are those of photos or of clips.
    ///
    /// # Errors
    /// Where the folder cannot be written to, another run writes there, or the journal is no file of ours.
    pub fn open(
        folder: &Path,
        rights: Rights,
        ensemble: &Ensemble,
        settings: &impl Serialize,
    ) -> Result<Self> {
        let path = folder.join(JOURNAL);
        let failed = |error| Error::file(&path, error);
        std::fs::create_dir_all(folder).map_err(|e| Error::file(folder, e))?;
        if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
            return Err(Error::Usage(format!("{} is no file: remove it", names::shown(&path))));
        }
        let file = own_file(&path, rights).map_err(failed)?;
        lock(&file, folder)?;
        rights.limit(&path).map_err(failed)?;
        if file.metadata().map_err(failed)?.len() > LARGEST {
            return Err(Error::Usage(format!("{} is too large for a journal", names::shown(&path))));
        }
        let mut journal = Self { folder: folder.into(), file, entries: Mutex::default(), run: String::new() };
        journal.read().and_then(|()| journal.begin(ensemble, settings)).map_err(failed)?;
        Ok(journal)
    }

    fn read(&mut self) -> std::io::Result<()> {
        self.entries = Mutex::new(entries(BufReader::new(&self.file))?);
        // A line that was torn off stays alone on its line.
        let length = self.file.metadata()?.len();
        let mut last = [b'\n'];
        if length > 0 {
            self.file.seek(std::io::SeekFrom::End(-1))?;
            self.file.read_exact(&mut last)?;
        }
        if last == [b'\n'] { Ok(()) } else { self.append(vec![]) }
    }

    /// Notes this run's settings, unless an earlier run had the same.
    fn begin(&mut self, ensemble: &Ensemble, settings: &impl Serialize) -> std::io::Result<()> {
        let Report { networks, preset_version, .. } = Report::new(ensemble, Preset::default(), 0);
        let run = Run { visard: env!("CARGO_PKG_VERSION"), preset_version, networks, settings };
        self.run = sha256(&serde_json::to_vec(&run)?);
        if self.entries().runs.contains(&self.run) {
            return Ok(());
        }
        self.append(serde_json::to_vec(&Written::Run { sha256: &self.run, made: &run })?)
    }

    /// Adds a line, and waits until it is on the disk.
    fn append(&self, mut line: Vec<u8>) -> std::io::Result<()> {
        let before = self.file.metadata()?.len();
        line.push(b'\n');
        let written = (&self.file).write_all(&line).and_then(|()| self.file.sync_data());
        if written.is_err() {
            // Where that fails too, half a line stays, which says nothing.
            self.file.set_len(before).ok();
        }
        written
    }

    /// Makes sure, before hours of work start, that the outputs can be written, and takes away what killed runs left
    /// half written.
    ///
    /// # Errors
    /// Where a folder cannot be written to.
    pub fn clear_for(&self, jobs: &[Job]) -> Result<()> {
        let folders: HashSet<&Path> = jobs.iter().filter_map(|job| job.output.parent()).collect();
        for folder in folders.into_iter().filter(|folder| folder.is_dir()) {
            whole::sweep(folder);
            whole::probe(&folder.join(JOURNAL)).map_err(|error| Error::file(folder, error))?;
        }
        Ok(())
    }

    /// What is known of the output at a path.
    pub(super) fn entry(&self, output: &Path) -> Option<Entry> {
        self.entries().photos.get(output.strip_prefix(&self.folder).unwrap_or(output)).cloned()
    }

    /// The folder that is written to.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an entry was made with this run's settings.
    pub(super) fn is_of_this_run(&self, entry: &Entry) -> bool {
        entry.run == self.run
    }

    /// Notes what will be at a path in a moment.
    pub(super) fn note(&self, output: &Path, report: &PhotoReport) -> Result<()> {
        let place = output.strip_prefix(&self.folder).unwrap_or(output).to_path_buf();
        let entry = Entry { run: self.run.clone(), place, report: report.clone() };
        self.write(&Written::Photo(&entry))?;
        self.entries().photos.insert(entry.place.clone(), entry);
        Ok(())
    }

    /// What is known of the clip at a path, and whether it was made with this run's settings.
    pub(crate) fn clip(&self, output: &Path) -> Option<(bool, serde_json::Value)> {
        let place = output.strip_prefix(&self.folder).unwrap_or(output);
        let entry = self.entries().clips.get(place).cloned()?;
        Some((entry.run == self.run, entry.report))
    }

    /// Notes the clip that will be at a path in a moment.
    pub(crate) fn note_clip(&self, output: &Path, report: &impl Serialize) -> Result<()> {
        let place = output.strip_prefix(&self.folder).unwrap_or(output).to_path_buf();
        let report = serde_json::to_value(report).map_err(|e| Error::file(output, e.into()))?;
        let entry = ClipEntry { run: self.run.clone(), place, report };
        self.write(&Written::Clip(&entry))?;
        self.entries().clips.insert(entry.place.clone(), entry);
        Ok(())
    }

    fn write(&self, line: &Written<'_, ()>) -> Result<()> {
        serde_json::to_vec(line)
            .map_err(std::io::Error::from)
            .and_then(|line| self.append(line))
            .map_err(|source| Error::Output { path: names::shown(&self.folder.join(JOURNAL)), source })
    }

    /// An error where the folder is gone, as a disk is that was pulled out: it is not made anew elsewhere.
    pub(super) fn still_there(&self) -> Result<()> {
        let found = self.folder.join(JOURNAL).symlink_metadata();
        found.map(drop).map_err(|source| Error::Output { path: names::shown(&self.folder), source })
    }
}

fn own_file(path: &Path, rights: Rights) -> std::io::Result<File> {
    let mut options = File::options();
    options.create(true).read(true).append(true);
    rights.for_new(&mut options);
    options.open(path)
}

fn lock(file: &File, folder: &Path) -> Result<()> {
    match file.try_lock() {
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(Error::Usage(format!("another visard is writing to {}", names::shown(folder))))
        }
        // A file system without locks is no reason not to write to it.
        Ok(()) | Err(std::fs::TryLockError::Error(_)) => Ok(()),
    }
}

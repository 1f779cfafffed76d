//! `visard cloak PHOTO --output -`: one photo to standard output, for other programs.

use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, bail};

use super::args::Cloak;
use super::progress::Progress;
use super::report::ReportFile;
use super::wanted::{beside, look_at, settings, stopped_by_ctrl_c, whose};
use super::words::sentence;
use super::{Outcome, judges};
use visard::Error;
use visard::models::{Ensemble, Library};
use visard::names::text;
use visard::photo::Encoded;
use visard::pipeline::{Batch, Existing, People, PhotoReport, Protected, Report, protect};
use visard::whole::Rights;

/// The path that stands for standard input and output.
const PIPE: &str = "-";

/// Whether a path stands for standard input or output.
pub(super) fn is_pipe(path: &Path) -> bool {
    path == Path::new(PIPE)
}

pub(super) fn run(command: &Cloak, library: &Library) -> Result<Outcome> {
    let input = one(command)?;
    let wanted = &command.wanted;
    let mut settings = settings(wanted, &command.face);
    let beside = beside(&wanted.beside, &command.output)?;
    let ensemble = Ensemble::open(library, &wanted.networks.models, &wanted.networks.judges)?;
    judges::of_run(&ensemble, library, !wanted.networks.models.is_empty());
    settings.whose = whose(&wanted.whom, &ensemble, &settings.limits)?;
    let rights = if is_pipe(input) { Rights::PRIVATE } else { Rights::of(input) };
    let file = wanted.report.as_deref().map(|path| ReportFile::open(path, &[], rights)).transpose()?;
    let batch = Batch {
        ensemble: &ensemble,
        settings: &settings,
        existing: Existing::Refuse,
        journal: None,
        left_out: &[],
    };
    let Some((mut photo, encoded)) = work(input, &beside, &batch)? else { return Ok(Outcome::Incomplete) };
    if let Some(encoded) = &encoded {
        photo.output = Some("standard output".into());
        write(&encoded.bytes)?;
    }
    eprintln!("{}", if wanted.json { serde_json::to_string(&photo)? } else { sentence(&photo) });
    let mut report = Report::new(&ensemble, settings.preset, settings.seed);
    report.photos.push(photo);
    file.map(|file| file.write(&report)).transpose()?;
    Ok(if report.all_protected() { Outcome::Complete } else { Outcome::Incomplete })
}

/// The one photo, where everything else that is asked for can be done.
fn one(command: &Cloak) -> Result<&Path> {
    let [input] = &command.paths[..] else {
        bail!("--output - is for one photo, and there are {}", command.paths.len());
    };
    if command.existing() != Existing::Refuse {
        bail!("--resume and --overwrite are for a folder of outputs, not for --output -");
    }
    if command.motion {
        bail!("--motion writes films beside photos: it needs a folder of outputs, not --output -");
    }
    if std::io::stdout().is_terminal() {
        bail!("the photo would be written to the terminal: send it to a file or another program");
    }
    Ok(input)
}

/// The photo's report and file; none where the user stopped.
fn work(
    input: &Path,
    beside: &BTreeSet<PathBuf>,
    batch: &Batch<'_>,
) -> Result<Option<(PhotoReport, Option<Encoded>)>> {
    let name = if is_pipe(input) { "standard input".to_string() } else { text(input) };
    let bytes = match is_pipe(input) {
        true => batch.settings.limits.read_standard_input().context("cannot read standard input")?,
        false => super::read(input, &batch.settings.limits)?,
    };
    let stopped = stopped_by_ctrl_c()?;
    let progress = Progress::new(1);
    let mut people = People::default();
    look_at(beside, batch, &mut people, &progress, &stopped);
    progress.start(&name);
    let start = Instant::now();
    let done = protect(&bytes, batch.ensemble, batch.settings, &mut people, &mut |step| {
        progress.set(step.done);
        if stopped.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    let (mut photo, encoded) = match done {
        Ok(Protected { report, encoded, .. }) => (report, encoded),
        Err(Error::Cancelled) => return Ok(None),
        Err(error) => (PhotoReport::failed(String::new(), error.to_string()), None),
    };
    photo.read_from(name, &bytes);
    photo.seconds = start.elapsed().as_secs_f64();
    Ok(Some((photo, encoded)))
}

/// Writes the file. A reader that went away is a failure here: nobody has the photo.
fn write(bytes: &[u8]) -> Result<()> {
    let mut output = std::io::stdout().lock();
    let written = output.write_all(bytes).and_then(|()| output.flush());
    written.map_err(|error| anyhow!("cannot write the photo: {error}"))
}

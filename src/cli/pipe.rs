//! `visard cloak PHOTO --output -`: one photo to standard output, for other programs.

use std::io::{IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use super::args::Cloak;
use super::cloak::{beside, sentence, settings, stopped_by_ctrl_c};
use super::progress::Progress;
use super::report::ReportFile;
use super::{Outcome, judges};
use visard::Error;
use visard::models::{Ensemble, Library};
use visard::names::text;
use visard::pipeline::{Batch, Existing, People, PhotoReport, Protected, Report, protect};
use visard::whole::Rights;

/// The path that stands for standard input and output.
const PIPE: &str = "-";

/// Whether a path stands for standard input or output.
pub(super) fn is_pipe(path: &Path) -> bool {
    path == Path::new(PIPE)
}

pub(super) fn run(command: &Cloak, library: &Library) -> Result<Outcome> {
    let [input] = &command.paths[..] else {
        bail!("--output - is for one photo, and there are {}", command.paths.len());
    };
    if command.existing() != Existing::Refuse {
        bail!("--resume and --overwrite are for a folder of outputs, not for --output -");
    }
    if std::io::stdout().is_terminal() {
        bail!("the photo would be written to the terminal: send it to a file or another program");
    }
    let settings = settings(command);
    let ensemble = Ensemble::open(library, &command.networks.models, &command.networks.judges)?;
    judges::of_run(&ensemble, library, !command.networks.models.is_empty());
    let rights = if is_pipe(input) { Rights::PRIVATE } else { Rights::of(input) };
    let file = command.report.as_deref().map(|path| ReportFile::open(path, &[], rights)).transpose()?;
    let name = if is_pipe(input) { "standard input".to_string() } else { text(input) };
    let bytes = match is_pipe(input) {
        true => settings.limits.read_standard_input().context("cannot read standard input")?,
        false => super::read(input, &settings.limits)?,
    };
    let stopped = stopped_by_ctrl_c()?;
    let progress = Progress::new(1);
    let existing = command.existing();
    let batch = Batch { ensemble: &ensemble, settings: &settings, existing, journal: None, left_out: &[] };
    let mut people = People::default();
    beside(command, &batch, &mut people, &progress, &stopped)?;
    progress.start(&name);
    let start = Instant::now();
    let done = protect(&bytes, &ensemble, &settings, &mut people, &mut |step| {
        progress.set(step.done);
        if stopped.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    let (mut photo, encoded) = match done {
        Ok(Protected { report, encoded, .. }) => (report, encoded),
        Err(Error::Cancelled) => return Ok(Outcome::Incomplete),
        Err(error) => (PhotoReport::failed(String::new(), error.to_string()), None),
    };
    photo.read_from(name, &bytes);
    photo.seconds = start.elapsed().as_secs_f64();
    if let Some(encoded) = &encoded {
        photo.output = Some("standard output".into());
        let mut output = std::io::stdout().lock();
        output.write_all(&encoded.bytes).and_then(|()| output.flush()).context("cannot write the photo")?;
    }
    eprintln!("{}", if command.json { serde_json::to_string(&photo)? } else { sentence(&photo) });
    let mut report = Report::new(&ensemble, settings.preset, settings.seed);
    report.photos.push(photo);
    file.map(|file| file.write(&report)).transpose()?;
    Ok(if report.all_protected() { Outcome::Complete } else { Outcome::Incomplete })
}

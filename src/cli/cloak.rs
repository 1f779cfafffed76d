//! `visard cloak`

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, bail};

use super::args::Cloak;
use super::progress::Progress;
use super::{Outcome, is_broken_pipe, judges};
use visard::models::{Ensemble, Library};
use visard::photo::EncodeOptions;
use visard::pipeline::{Batch, Event, People, PhotoReport, Report, Settings, Status, inputs, jobs};

pub(super) fn run(command: &Cloak, library: &Library) -> Result<Outcome> {
    let settings = settings(command);
    let jobs = jobs(&command.paths, &command.output, settings.encode.format)?;
    if jobs.is_empty() {
        bail!("no photos (JPEG, PNG, WebP, TIFF) in {}", names(command));
    }
    let beside: BTreeSet<PathBuf> = inputs(&command.beside, &command.output)?.into_iter().collect();
    let ensemble = Ensemble::open(library, &command.networks.models, &command.networks.judges)?;
    judges::of_run(&ensemble, library, !command.networks.models.is_empty());
    let report_file = command.report.as_deref().map(ReportFile::create).transpose()?;
    let stopped = stopped_by_ctrl_c()?;
    let progress = Progress::new(jobs.len());
    let mut index = 0;
    let mut trouble = None;
    let batch = Batch { ensemble: &ensemble, settings: &settings, existing: command.existing() };
    let mut people = People::default();
    for other in beside.iter().take_while(|_| !stopped.load(Ordering::Relaxed)) {
        look(other, &batch, &mut people, &progress);
    }
    let report = batch.run(&jobs, &mut people, &mut |event| {
        match event {
            Event::Looking(_) => progress.stage("looking at the people in the photos"),
            Event::Started(job) => progress.start(index, &job.input.display().to_string()),
            Event::Step(step) => progress.set(index, step.done),
            Event::Finished(photo) => {
                trouble = print(photo, command.json, &progress).err();
                index += 1;
                progress.set(index, 0.);
            }
        }
        let stop = trouble.is_some() || stopped.load(Ordering::Relaxed);
        if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    if let Some(file) = report_file {
        file.write(&report)?;
    }
    match trouble {
        // The reader went away, as `head` does: that is no failure, but the run is not complete.
        Some(error) if is_broken_pipe(&error) && !report.all_protected() => return Ok(Outcome::Incomplete),
        Some(error) => return Err(error),
        None => {}
    }
    summary(&report, jobs.len());
    Ok(if report.all_protected() { Outcome::Complete } else { Outcome::Incomplete })
}

/// Looks at the people in a photo that is not protected; says where it is no help.
fn look(other: &Path, batch: &Batch<'_>, people: &mut People, progress: &Progress) {
    progress.stage("looking at the people in the other photos");
    let reason = match batch.look(other, people) {
        Ok(0) => "no face found".into(),
        Ok(_) => return,
        Err(error) => error.to_string(),
    };
    progress.warn(&format!("{}: no help, {reason}", other.display()));
}

fn settings(command: &Cloak) -> Settings {
    Settings {
        preset: command.strength.into(),
        faces: command.faces.into(),
        encode: EncodeOptions {
            format: command.format.into(),
            quality: command.quality,
            metadata: command.metadata.into(),
        },
        seed: command.seed,
        keep_faceless: command.keep_faceless,
        ..Settings::default()
    }
}

fn names(command: &Cloak) -> String {
    command.paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// A flag that Ctrl-C sets; a second Ctrl-C ends the process at once.
pub(super) fn stopped_by_ctrl_c() -> Result<Arc<AtomicBool>> {
    let stopped = Arc::new(AtomicBool::new(false));
    let flag = stopped.clone();
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("stopping; what is finished stays (Ctrl-C again to end at once)");
    })
    .context("cannot watch for Ctrl-C")?;
    Ok(stopped)
}

fn print(photo: &PhotoReport, json: bool, progress: &Progress) -> Result<()> {
    if json {
        return progress.line(&serde_json::to_string(photo)?);
    }
    progress.line(&sentence(photo))
}

/// What became of a photo, in one line.
pub(super) fn sentence(photo: &PhotoReport) -> String {
    let chosen = photo.faces.iter().filter(|f| f.chosen).count();
    let faces = if chosen == 1 { "1 face".into() } else { format!("{chosen} faces") };
    let faces = match photo.faces.len() - chosen {
        0 => faces,
        1 => format!("{faces}; 1 other face left as it is"),
        left => format!("{faces}; {left} other faces left as they are"),
    };
    let reason = photo.reason.as_deref().unwrap_or_default();
    let what = match photo.status {
        Status::Protected => format!("protected ({faces})"),
        Status::NoFace if photo.output.is_some() => "NO FACE FOUND, written without a cloak".into(),
        Status::NoFace => "NO FACE FOUND, not written".into(),
        Status::StillRecognisable => format!("STILL RECOGNISABLE: {reason}"),
        Status::NotTheSamePhoto => format!("NOT THE SAME PHOTO: {reason}"),
        Status::Failed => format!("FAILED: {reason}"),
    };
    format!("{}: {what}, {:.1} s", photo.input, photo.seconds)
}

fn summary(report: &Report, all: usize) {
    let of = |status| report.count(status);
    let mut parts = vec![format!("{} of {all} photos protected", of(Status::Protected))];
    for (count, text) in [
        (of(Status::StillRecognisable), "still recognisable"),
        (of(Status::NotTheSamePhoto), "not the same photo"),
        (of(Status::NoFace), "without a face"),
        (of(Status::Failed), "failed"),
        (all - report.photos.len(), "not reached"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {text}"));
        }
    }
    let judges: Vec<&str> = report
        .networks
        .iter()
        .filter(|n| n.role == Some(visard::models::Role::Judge))
        .map(|n| n.name.as_str())
        .collect();
    eprintln!("{} (judged by {})", parts.join(", "), judges.join(", "));
}

/// The report's file, opened before hours of work start, so that a bad path is known at once.
struct ReportFile {
    file: tempfile::NamedTempFile,
    path: std::path::PathBuf,
}

impl ReportFile {
    fn create(path: &Path) -> Result<Self> {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::Builder::new()
            .prefix(".visard-")
            .tempfile_in(folder)
            .with_context(|| format!("cannot write the report {}", path.display()))?;
        Ok(Self { file, path: path.into() })
    }

    fn write(self, report: &Report) -> Result<()> {
        serde_json::to_writer_pretty(&self.file, report)?;
        self.file
            .persist(&self.path)
            .with_context(|| format!("cannot write the report {}", self.path.display()))?;
        Ok(())
    }
}

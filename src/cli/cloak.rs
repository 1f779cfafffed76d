//! `visard cloak`

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::args::Cloak;
use super::motion::Films;
use super::pipe::is_pipe;
use super::progress::Progress;
use super::report::ReportFile;
use super::teller::Teller;
use super::wanted::{beside, look_at, named, settings, stopped_by_ctrl_c, whose};
use super::words::{names, sentence};
use super::{Outcome, judges, name_left_out};
use visard::listing::{Excluded, LeftOut, Listing, list_without, paths_of};
use visard::models::{Ensemble, Library};
use visard::pipeline::{Batch, Event, Job, Journal, People, Settings, place};
use visard::whole::Rights;

pub(super) fn run(command: &Cloak, library: &Library) -> Result<Outcome> {
    if is_pipe(&command.output) {
        return super::pipe::run(command, library);
    }
    let wanted = &command.wanted;
    let mut settings = settings(wanted, &command.face);
    let Inputs { jobs, films, left_out } = inputs(command, &settings)?;
    let beside = beside(&wanted.beside, &command.output)?;
    let ensemble = Ensemble::open(library, &wanted.networks.models, &wanted.networks.judges)?;
    judges::of_run(&ensemble, library, !wanted.networks.models.is_empty());
    settings.whose = whose(&wanted.whom, &ensemble, &settings.limits)?;
    let rights = Rights::strictest(jobs.iter().map(|job| job.input.as_path()));
    let file = wanted.report.as_deref().map(|path| ReportFile::open(path, &jobs, rights)).transpose()?;
    let journal = Journal::open(&command.output, rights, &ensemble, &settings)?;
    journal.clear_for(&jobs)?;
    let stopped = stopped_by_ctrl_c()?;
    let progress = Progress::new(jobs.len() + films.count());
    let batch = Batch {
        ensemble: &ensemble,
        settings: &settings,
        existing: command.existing(),
        journal: Some(&journal),
        left_out: &left_out,
    };
    let mut people = People::default();
    look_at(&beside, &batch, &mut people, &progress, &stopped);
    let mut teller = Teller::new(progress, wanted.json, file);
    let report = batch.run(&jobs, &mut people, &mut |event| {
        tell(&mut teller, &event);
        teller.flow(&stopped)
    });
    let report = films.protect(&batch, &people, report, (&mut teller, &*stopped));
    teller.end(&report, report.all_protected(), || report.sum_up([jobs.len(), films.count()]))
}

/// What a run works on.
struct Inputs {
    jobs: Vec<Job>,
    films: Films,
    left_out: Vec<LeftOut>,
}

/// Photos with the places that they are written to, and their films where those are wanted.
fn inputs(command: &Cloak, settings: &Settings) -> Result<Inputs> {
    let (paths, wanted) = (paths(command)?, &command.wanted);
    if paths.iter().any(|path| is_pipe(path)) {
        bail!("a photo from standard input is written to standard output: --output -");
    }
    let Listing { photos, mut left_out } =
        list_without(&paths, Some(&command.output), &Excluded::of(&wanted.exclude)?)?;
    let photos = named(photos, wanted, &settings.limits);
    let films = match command.motion {
        true => Films::of(&photos, &command.output, &settings.limits, &mut left_out)?,
        false => Films::default(),
    };
    name_left_out(&left_out);
    let jobs = place(&photos, &command.output, settings.encoding().format)?;
    if jobs.is_empty() {
        bail!("no photos (JPEG, PNG, WebP, HEIC, AVIF, JPEG XL, TIFF, GIF, BMP) in {}", names(&paths));
    }
    if jobs.len() > 1 && !command.face.is_empty() {
        bail!("--face is for one photo, and there are {}", jobs.len());
    }
    Ok(Inputs { jobs, films, left_out })
}

fn tell(teller: &mut Teller, event: &Event<'_>) {
    teller.progress.follow(event);
    let (Event::Kept(report) | Event::Finished(report)) = event else { return };
    if let Some(photo) = report.photos.last() {
        teller.tell(photo, || sentence(photo));
    }
    if matches!(event, Event::Finished(_)) {
        teller.grow(report);
    }
}

/// All photos and folders that are named: as arguments, and in a list.
fn paths(command: &Cloak) -> Result<Vec<PathBuf>> {
    let mut paths = command.paths.clone();
    if let Some(list) = &command.files_from {
        let limits = command.wanted.memory.limits();
        let list = match is_pipe(list) {
            true => limits.read_standard_input().context("cannot read standard input")?,
            false => super::read(list, &limits)?,
        };
        paths.extend(paths_of(&list));
    }
    Ok(paths)
}

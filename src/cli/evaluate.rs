//! `visard evaluate`

use std::io::IsTerminal as _;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::Outcome;
use super::args::Evaluate;
use super::judges::of_run;
use super::progress::Progress;
use super::wanted::stopped_by_ctrl_c;
use visard::Error;
use visard::cloak::Preset;
use visard::evaluate::{Cloaking, Evaluation, Results, Sources, write};
use visard::models::{Ensemble, Library};
use visard::names::shown;

/// Without a terminal, progress is told this often.
const EVERY: Duration = Duration::from_secs(60);

pub(super) fn run(command: &Evaluate, library: &Library) -> Result<Outcome> {
    let ensemble = ensemble(command, library)?;
    let [people, distractors] = sources(command).read()?;
    let presets: Vec<Preset> = command.preset.iter().map(|&strength| strength.into()).collect();
    let evaluation = Evaluation {
        ensemble: &ensemble,
        protocol: command.protocol.into(),
        people,
        distractors,
        methods: Cloaking::compared(&presets, command.baselines),
        photos_per_person: command.photos_per_person,
        seed: command.seed,
        white_box: command.white_box,
        adversaries: command.adversaries,
    };
    std::fs::create_dir_all(&command.output)
        .with_context(|| format!("cannot write to {}", shown(&command.output)))?;
    let stopped = stopped_by_ctrl_c()?;
    let (progress, start) = (Progress::new(1), Instant::now());
    let mut told = start;
    let evaluated = evaluation.run(&command.output, &mut |now| {
        progress.stage(now.stage);
        progress.set(now.done as f32);
        if told.elapsed() > EVERY && !std::io::stderr().is_terminal() {
            told = Instant::now();
            let left = start.elapsed().as_secs_f64() * (1. - now.done) / now.done.max(1e-6);
            eprintln!("{:.0} %, about {:.0} min left: {}", 100. * now.done, left / 60., now.stage);
        }
        if stopped.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    let evaluated = match evaluated {
        Err(Error::Cancelled) => bail!("stopped; the same command goes on from here"),
        evaluated => evaluated?,
    };
    write(&evaluated, &command.output)?;
    summary(&evaluated.results, &command.output);
    Ok(Outcome::Complete)
}

fn ensemble(command: &Evaluate, library: &Library) -> Result<Ensemble> {
    let (models, judges) = (&command.networks.models, &command.networks.judges);
    if !command.white_box {
        let ensemble = Ensemble::open(library, models, judges)?;
        of_run(&ensemble, library, !models.is_empty());
        return Ok(ensemble);
    }
    let judges = Ensemble::judges(library, judges)?;
    Ok(Ensemble { judges, ..Ensemble::open(library, models, &[])? })
}

/// Who is protected, and the strangers.
fn sources(command: &Evaluate) -> Sources {
    Sources {
        data: command.data.clone(),
        people: command.people.clone(),
        distractors: command.distractors.clone(),
        distractors_data: command.distractors_data.clone(),
    }
}

/// The figures as written, in short.
fn summary(results: &Results, output: &Path) {
    let data = &results.data;
    eprintln!(
        "{} people, {} cloaked and {} clean photos, {} strangers",
        data.people.len(),
        data.cloaked,
        data.clean,
        data.distractors
    );
    for row in results.rows.iter().filter(|row| row.condition == "as-written") {
        let (figure, share) = (&row.figure, &row.figure.share);
        if ["rank-1", "tar@far=1e-3"].contains(&figure.metric.as_str()) {
            eprintln!(
                "{:<20} {:<16} {:<22} {:<13} {:>5.1} % ({:.1} to {:.1})",
                row.method,
                row.judge,
                figure.scenario,
                figure.metric,
                100. * share.value,
                100. * share.low,
                100. * share.high
            );
        }
    }
    eprintln!("written: {}", shown(&output.join("report.html")));
}

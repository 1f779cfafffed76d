//! `visard models`

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use candle_core::{Device, Tensor};

use super::args::Models;
use super::{Outcome, print};
use visard::calibrate::{Calibration, calibrate};
use visard::embed::Embed as _;
use visard::models::{Ensemble, Entry, Kind, Library, Recogniser, Role, Stored};
use visard::network::engine::Program;
use visard::network::{Executor, import};

pub(super) fn run(command: &Models, library: &Library) -> Result<Outcome> {
    match command {
        Models::List => list(library),
        Models::Info { name } => info(library, name),
        Models::Check => check(library),
        Models::Calibrate { names, data, exclude, persons } => {
            let excluded = excluded(exclude)?;
            let (detector, _) = Ensemble::detector(library)?;
            let stored = names.iter().map(|name| library.find(name)).collect::<Result<Vec<_>, _>>()?;
            let networks = stored.into_iter().map(Recogniser::uncalibrated).collect::<Result<Vec<_>, _>>()?;
            let found = calibrate(&networks, &detector, data, &excluded, *persons)?;
            names.iter().zip(&found).try_for_each(|(name, found)| print(&calibration_text(name, found)))?;
            Ok(Outcome::Complete)
        }
    }
}

fn role(entry: &Entry) -> &'static str {
    match (entry.kind, entry.role) {
        (Kind::Detector, _) => "detector",
        (_, Some(Role::Judge)) => "judge",
        _ => "surrogate",
    }
}

fn list(library: &Library) -> Result<Outcome> {
    let known = Entry::built_in()?;
    for entry in library.stored.iter().map(|s| &s.entry).chain(&known) {
        let path = library.stored.iter().find(|s| s.entry.name == entry.name).map(|s| &s.path);
        let repeated = path.is_some() && known.iter().any(|k| std::ptr::eq(k, entry));
        if !repeated {
            let place = path.map_or("not at hand".into(), |p| p.display().to_string());
            print(&format!("{:<24} {:<10} {:<36} {place}", entry.name, role(entry), entry.licence))?;
        }
    }
    for path in &library.unknown {
        print(&format!(
            "{:<24} {:<10} {:<36} {}",
            "?",
            "unknown",
            "no catalogue describes it",
            path.display()
        ))?;
    }
    Ok(Outcome::Complete)
}

fn info(library: &Library, name: &str) -> Result<Outcome> {
    let known = Entry::built_in()?;
    let stored = library.stored.iter().find(|s| s.entry.name == name);
    let Some(entry) = stored.map(|s| &s.entry).or(known.iter().find(|e| e.name == name)) else {
        bail!("no network {name:?} is known; see `visard models list`");
    };
    print(&toml::to_string(entry)?)?;
    match stored {
        Some(stored) => describe(stored)?,
        None => print("# its file is not at hand")?,
    }
    Ok(Outcome::Complete)
}

fn describe(stored: &Stored) -> Result<()> {
    let graph = import(&stored.bytes()?)?;
    let plan = graph.resolve(input_shape(stored)?)?;
    let mut operations: BTreeMap<&str, usize> = BTreeMap::new();
    for step in &plan.steps {
        *operations.entry(step.op.name()).or_default() += 1;
    }
    print(&format!("# file: {}", stored.path.display()))?;
    print(&format!(
        "# {} parameters, {} nodes, {} steps after folding:",
        graph.parameter_count(),
        graph.node_count(),
        plan.steps.len()
    ))?;
    operations.iter().try_for_each(|(name, count)| print(&format!("#   {count:>4} {name}")))?;
    print(&match Executor::from_environment()? {
        Executor::Engine => {
            let program = Program::compile(&plan)?;
            let fused = program.steps().count();
            format!(
                "# runs on the engine: all of them, fused to {fused} steps, with {}",
                program.instructions().name()
            )
        }
        Executor::Reference => {
            "# runs on the reference executor: all of them, as stock candle operations".into()
        }
    })
}

fn input_shape(stored: &Stored) -> Result<[usize; 4]> {
    match stored.entry.kind {
        Kind::Detector => Ok([1, 3, 320, 320]),
        Kind::Embedder => Ok(Recogniser::uncalibrated(stored)?.embedder.input_shape(1)),
    }
}

/// Runs every network once on a grey picture.
fn check(library: &Library) -> Result<Outcome> {
    let mut outcome = Outcome::Complete;
    for stored in &library.stored {
        match check_one(stored) {
            Ok(text) => print(&format!("{:<24} sound: {text}", stored.entry.name))?,
            Err(error) => {
                print(&format!("{:<24} BROKEN: {error:#}", stored.entry.name))?;
                outcome = Outcome::Incomplete;
            }
        }
    }
    if library.stored.is_empty() {
        bail!("no network is at hand; name a folder with networks by --models-dir");
    }
    Ok(outcome)
}

fn check_one(stored: &Stored) -> Result<String> {
    if stored.entry.kind == Kind::Detector {
        let (detector, _) = Ensemble::detector(&Library { stored: vec![stored.clone()], unknown: vec![] })?;
        let faces = detector.detect_square(&[127.; 320 * 320 * 3], 320, 0.7)?;
        return Ok(format!("finds {} faces in a grey picture", faces.len()));
    }
    let recogniser = Recogniser::uncalibrated(stored)?;
    let grey = Tensor::full(0.5f32, (2, 3, 112, 112), &Device::Cpu)?;
    let rows = recogniser.embedder.embed(&grey)?;
    let dimension = rows.dim(1)?;
    match stored.entry.dimension {
        Some(expected) if expected != dimension => {
            bail!("dimension {dimension}, the catalogue says {expected}")
        }
        _ => Ok(format!("embeds into {dimension} dimensions")),
    }
}

fn excluded(lists: &[PathBuf]) -> Result<Vec<String>> {
    let mut names = vec![];
    for list in lists {
        let text =
            std::fs::read_to_string(list).with_context(|| format!("cannot read {}", list.display()))?;
        names.extend(text.lines().map(|line| line.trim().to_string()));
    }
    Ok(names)
}

fn calibration_text(name: &str, found: &Calibration) -> String {
    let [a, b, c] = found.thresholds;
    format!(
        "# {name}\nthresholds = {{ far_1e2 = {a:.4}, far_1e3 = {b:.4}, far_1e4 = {c:.4} }}\n# TAR {:.4} {:.4} {:.4}; {} persons, {} pairs of different persons, {} pairs of one person; {} photos without a face",
        found.accepted[0],
        found.accepted[1],
        found.accepted[2],
        found.persons,
        found.different,
        found.same,
        found.faceless
    )
}

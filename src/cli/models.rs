//! `visard models`

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, bail};
use candle_core::{Device, Tensor};

use super::args::Models;
use super::{Outcome, judges, own, print, pull};
use visard::embed::Embed as _;
use visard::face::Detector;
use visard::models::{Entry, Kind, Library, Place, Recogniser, Role, Stored, executor};
use visard::names::shown;
use visard::network::engine::Program;
use visard::network::{Executor, import};

pub(super) fn run(command: &Models, library: &Library) -> Result<Outcome> {
    match command {
        Models::List => list(library),
        Models::Info { name } => info(library, name),
        Models::Check => check(library),
        Models::Pull { names } => pull::run(names, library),
        Models::Add(command) => own::run_add(command, library),
        Models::Calibrate(command) => own::run_calibrate(command, library),
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
    let width = library.known.iter().map(|entry| entry.licence.len()).max().unwrap_or_default();
    let line = |name: &str, role: &str, licence: &str, place: String| {
        print(&format!("{name:<24} {role:<10} {licence:<width$} {place}"))
    };
    for stored in &library.stored {
        let entry = &stored.entry;
        let open = entry.kind == Kind::Embedder && entry.thresholds.is_none();
        let mut notes = vec![];
        notes.extend(open.then(|| "not calibrated".to_string()));
        notes.extend(Some(judges::ties(entry, library)).filter(|ties| !ties.is_empty()));
        let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
        line(&entry.name, role(entry), &entry.licence, format!("{}{notes}", stored.place))?;
    }
    let at_hand = |entry: &Entry| library.stored.iter().any(|s| s.entry.sha256 == entry.sha256);
    for entry in library.known.iter().filter(|entry| !at_hand(entry)) {
        let way =
            entry.address.as_ref().map_or(String::new(), |_| format!(": visard models pull {}", entry.name));
        line(&entry.name, role(entry), &entry.licence, format!("not at hand{way}"))?;
    }
    for path in &library.unknown {
        line("?", "unknown", "no catalogue describes it", shown(path))?;
    }
    Ok(Outcome::Complete)
}

fn info(library: &Library, name: &str) -> Result<Outcome> {
    let entry = library.describes(name)?;
    print(&toml::to_string(entry)?)?;
    let ties = judges::ties(entry, library);
    if !ties.is_empty() {
        print(&format!("# in common with judges at hand: {ties}; see docs/judges.md"))?;
    }
    match library.find(name) {
        Ok(stored) => describe(stored)?,
        Err(_) => print("# its file is not at hand")?,
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
    print(&format!("# file: {}", stored.place))?;
    print(&format!(
        "# {} parameters, {} nodes, {} steps after folding:",
        graph.parameter_count(),
        graph.node_count(),
        plan.steps.len()
    ))?;
    operations.iter().try_for_each(|(name, count)| print(&format!("#   {count:>4} {name}")))?;
    print(&match executor()? {
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
        bail!("no network is at hand; `visard models list` says where to get some");
    }
    Ok(outcome)
}

/// Runs the network of a file once.
pub(super) fn check_file(entry: &Entry, file: &Path) -> Result<String> {
    check_one(&Stored { entry: entry.clone(), place: Place::Named(file.into()) })
}

fn check_one(stored: &Stored) -> Result<String> {
    if stored.entry.kind == Kind::Detector {
        let detector = Detector::new(stored.network()?);
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

//! An evaluation of folders of photos.

use std::path::{Path, PathBuf};

use pyo3::prelude::*;
use serde::Deserialize;
use visard::cloak::Preset;
use visard::evaluate::{Cloaking, Evaluation, Progress, Protocol, Results, Sources, write};

use crate::error::UsageError;
use crate::networks::{Networks, json};
use crate::watch::Watch;

/// `visard.evaluate` has their meaning.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    data: PathBuf,
    output: PathBuf,
    people: Option<PathBuf>,
    distractors: Option<PathBuf>,
    distractors_data: Option<PathBuf>,
    strengths: Vec<Preset>,
    protocol: Protocol,
    baselines: bool,
    adversaries: bool,
    photos_per_person: usize,
    seed: u64,
}

/// JSON of the figures; what they were made from and a report for readers lie in the output folder.
#[pyfunction]
#[pyo3(signature = (networks, wish, progress=None))]
pub(crate) fn evaluate(
    py: Python<'_>,
    networks: &Networks,
    wish: &str,
    progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let wish: Wish = serde_json::from_str(wish).map_err(|e| UsageError::new_err(e.to_string()))?;
    let mut watch = Watch::new(progress);
    let results = py.detach(|| run(networks, wish, &mut watch));
    json(&watch.end(results)?)
}

fn run(networks: &Networks, wish: Wish, watch: &mut Watch) -> visard::Result<Results> {
    let Wish { data, people, distractors, distractors_data, .. } = wish;
    let [people, distractors] = Sources { data, people, distractors, distractors_data }.read()?;
    let evaluation = Evaluation {
        ensemble: networks.0.ensemble(),
        protocol: wish.protocol,
        people,
        distractors,
        methods: Cloaking::compared(&wish.strengths, wish.baselines),
        photos_per_person: wish.photos_per_person,
        seed: wish.seed,
        white_box: false,
        adversaries: wish.adversaries,
    };
    let output: &Path = &wish.output;
    let made = std::fs::create_dir_all(output);
    made.map_err(|source| visard::Error::File { path: output.display().to_string(), source })?;
    let evaluated = evaluation.run(output, &mut |progress: Progress<'_>| watch.tell(progress.done))?;
    write(&evaluated, output)?;
    Ok(evaluated.results)
}

//! The report for readers: one HTML file that needs nothing else.

mod curves;
mod examples;
mod page;
mod tables;

use std::path::Path;

use super::results::Results;
use super::run::Evaluated;
use crate::error::{Error, Result};
use crate::whole::{self, Rights};

/// Writes `results.json`, `results.csv`, `timings.csv` and `report.html`, each whole or not at all.
pub fn write(evaluated: &Evaluated, output: &Path) -> Result<()> {
    let json = serde_json::to_vec_pretty(&evaluated.results).map_err(|e| Error::Usage(e.to_string()))?;
    let files = [
        ("results.json", json),
        ("results.csv", evaluated.results.csv().into_bytes()),
        ("timings.csv", timings(evaluated).into_bytes()),
        ("report.html", page::page(evaluated)?.into_bytes()),
    ];
    std::fs::create_dir_all(output).map_err(|e| Error::file(output, e))?;
    for (name, bytes) in files {
        let path = output.join(name);
        whole::replace(&path, &bytes, Rights::PRIVATE).map_err(|e| Error::file(&path, e))?;
    }
    Ok(())
}

/// What differs from run to run, and so is no result: how long each cloak took on the machine that made it.
fn timings(evaluated: &Evaluated) -> String {
    let mut text = String::from("method,photo,steps,seconds\n");
    for (method, photos) in evaluated.results.methods.iter().zip(&evaluated.cloaked) {
        for (photo, original) in photos.iter().zip(&evaluated.originals) {
            let person = &evaluated.results.data.people[original.person];
            let name = original.path.file_name().unwrap_or_default().to_string_lossy();
            let report = photo.report;
            text += &format!("{},{person}/{name},{},{:.3}\n", method.name, report.steps, report.seconds);
        }
    }
    text
}

/// The names of the judges, in the order of the run.
fn judges(results: &Results) -> Vec<&str> {
    let judge = |n: &&super::results::NetworkResult| n.role == Some(crate::models::Role::Judge);
    results.networks.iter().filter(judge).map(|n| n.name.as_str()).collect()
}

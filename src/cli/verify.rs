//! `visard verify`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::args::Verify;
use super::{Outcome, print, read, told};
use visard::models::{Ensemble, Library};
use visard::names::{printable, shown, text};
use visard::photo::OutputFormat;
use visard::pipeline::{People, PhotoReport, Settings, Status, check, jobs};

pub(super) fn run(command: &Verify, library: &Library) -> Result<Outcome> {
    let (detector, detector_entry) = Ensemble::detector(library)?;
    let judges = Ensemble::judges(library, &command.judges)?;
    let ensemble = Ensemble { detector, detector_entry, surrogates: vec![], judges };
    let mut outcome = Outcome::Complete;
    for (original, cloaked) in pairs(command)? {
        let result = read(&original).and_then(|a| Ok((a, read(&cloaked)?))).and_then(|(a, b)| {
            check(&a, &b, &ensemble, &Settings::default(), &mut People::default())
                .with_context(|| shown(&cloaked))
        });
        let protected = matches!(&result, Ok(report) if report.status == Status::Protected);
        if !protected {
            outcome = Outcome::Incomplete;
        }
        match result {
            Ok(mut report) => {
                report.input = text(&original);
                report.output = Some(text(&cloaked));
                print(&if command.json { serde_json::to_string(&report)? } else { lines(&report) })?;
            }
            Err(error) => eprintln!("{}", told(&error)),
        }
    }
    Ok(outcome)
}

/// Two photos, or the photos that two folders have in common (whatever their endings).
fn pairs(command: &Verify) -> Result<Vec<(PathBuf, PathBuf)>> {
    if !command.original.is_dir() {
        return Ok(vec![(command.original.clone(), command.cloaked.clone())]);
    }
    let nowhere = Path::new("");
    let place = |folder: &Path, file: &Path| file.strip_prefix(folder).unwrap_or(file).with_extension("");
    let mut pairs = vec![];
    let cloaked = jobs(std::slice::from_ref(&command.cloaked), nowhere, OutputFormat::Keep)?;
    for original in jobs(std::slice::from_ref(&command.original), nowhere, OutputFormat::Keep)? {
        let stem = place(&command.original, &original.input);
        match cloaked.iter().find(|c| place(&command.cloaked, &c.input) == stem) {
            Some(cloaked) => pairs.push((original.input, cloaked.input.clone())),
            None => eprintln!("{}: no cloaked photo of this name", shown(&original.input)),
        }
    }
    if pairs.is_empty() {
        bail!("{} and {} have no photo in common", shown(&command.original), shown(&command.cloaked));
    }
    Ok(pairs)
}

fn lines(report: &PhotoReport) -> String {
    let cloaked = printable(report.output.as_deref().unwrap_or_default());
    let status = match report.status {
        Status::Protected => "protected".into(),
        Status::NoFace => "NO FACE FOUND in the original".into(),
        _ => format!("STILL RECOGNISABLE: {}", report.reason.as_deref().unwrap_or_default()),
    };
    let mut lines = vec![format!("{cloaked}: {status}")];
    for (i, face) in report.faces.iter().enumerate() {
        for o in &face.similarities {
            let verdict = if o.recognises() { "recognised" } else { "not recognised" };
            lines.push(format!(
                "  face {}: {} {verdict}, similarity {:.3}, threshold {:.3}",
                i + 1,
                o.network,
                o.similarity,
                o.threshold
            ));
        }
    }
    lines.join("\n")
}

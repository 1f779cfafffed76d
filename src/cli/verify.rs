//! `visard verify`

mod pairs;

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use self::pairs::{Paired, paired};
use super::args::Verify;
use super::{Outcome, judges, message, print, read};
use visard::models::{Ensemble, Library};
use visard::names::{printable, shown, text};
use visard::pipeline::{People, PhotoReport, Settings, Status, check};

pub(super) fn run(command: &Verify, library: &Library) -> Result<Outcome> {
    let (detector, detector_entry) = Ensemble::detector(library)?;
    let judges = Ensemble::judges(library, &command.judges)?;
    let ensemble = Ensemble { detector, detector_entry, surrogates: vec![], judges };
    judges::of_check(&ensemble, library);
    let found = found(command)?;
    let mut outcome = if found.alone.is_empty() { Outcome::Complete } else { Outcome::Incomplete };
    for (path, reason) in &found.alone {
        tell_alone(path, reason, command.json)?;
    }
    for (original, cloaked) in &found.pairs {
        if verify(original, cloaked, &ensemble, command)? != Some(Status::Protected) {
            outcome = Outcome::Incomplete;
        }
    }
    Ok(outcome)
}

/// Prints the verdict on one pair; none where a file cannot be read, which is said.
fn verify(original: &Path, cloaked: &Path, ensemble: &Ensemble, command: &Verify) -> Result<Option<Status>> {
    let settings = Settings { limits: command.memory.limits(), ..Settings::default() };
    let read = |path| read(path, &settings.limits);
    let judged = read(original).and_then(|a| Ok((a, read(cloaked)?))).and_then(|(a, b)| {
        check(&a, &b, ensemble, &settings, &mut People::default()).with_context(|| shown(cloaked))
    });
    match judged {
        Ok(mut report) => {
            report.input = text(original);
            report.output = Some(text(cloaked));
            print(&if command.json { serde_json::to_string(&report)? } else { lines(&report) })?;
            Ok(Some(report.status))
        }
        Err(error) => {
            eprintln!("{}", message(&error));
            Ok(None)
        }
    }
}

/// Two photos, or those of two folders that belong together.
fn found(command: &Verify) -> Result<Paired> {
    let (original, cloaked) = (&command.original, &command.cloaked);
    if original.is_dir() != cloaked.is_dir() && cloaked.exists() && original.exists() {
        bail!("{} and {}: give two photos or two folders", shown(original), shown(cloaked));
    }
    if !original.is_dir() {
        return Ok(Paired { pairs: vec![(original.clone(), cloaked.clone())], alone: vec![] });
    }
    let found = paired(original, cloaked)?;
    if found.pairs.is_empty() {
        bail!("{} and {} have no photo in common", shown(original), shown(cloaked));
    }
    Ok(found)
}

fn tell_alone(path: &Path, reason: &str, json: bool) -> Result<()> {
    print(&if json {
        json!({ "input": text(path), "status": Status::Failed, "reason": reason }).to_string()
    } else {
        format!("{}: NOT CHECKED: {}", shown(path), printable(reason))
    })
}

fn lines(report: &PhotoReport) -> String {
    let cloaked = printable(report.output.as_deref().unwrap_or_default());
    let reason = printable(report.reason.as_deref().unwrap_or_default());
    let status = match report.status {
        Status::Protected => "protected".into(),
        Status::NoFace | Status::NobodyChosen => "NO FACE FOUND in the original".into(),
        Status::NotTheSamePhoto => format!("NOT THE SAME PHOTO: {reason}"),
        _ => format!("STILL RECOGNISABLE: {reason}"),
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
    lines.extend(report.notes.iter().map(|note| format!("  {}", printable(note))));
    lines.join("\n")
}

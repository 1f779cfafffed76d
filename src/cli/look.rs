//! `visard detect` and `visard embed`

use std::path::PathBuf;
use std::slice;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::args::{Detect, Embed};
use super::{Outcome, message, name_left_out, print, read};
use visard::face::{DetectOptions, Detector, Face};
use visard::listing::list;
use visard::models::{Ensemble, Library, Recogniser};
use visard::names::{shown, text};
use visard::photo::{Limits, Photo, decode};
use visard::verify::embedding;

pub(super) fn detect(command: &Detect, library: &Library) -> Result<Outcome> {
    let (detector, _) = Ensemble::detector(library)?;
    each(&command.photos, &command.memory.limits(), &detector, |path, _, faces| {
        if command.json {
            return print(&json!({ "photo": text(path), "faces": faces }).to_string());
        }
        let count = if faces.len() == 1 { "1 face".into() } else { format!("{} faces", faces.len()) };
        print(&format!("{}: {count}", shown(path)))?;
        faces.iter().try_for_each(|f| {
            let b = f.bounds;
            print(&format!(
                "  {:.0} x {:.0} at ({:.0}, {:.0}), score {:.2}",
                b.width, b.height, b.x, b.y, f.score
            ))
        })
    })
}

pub(super) fn embed(command: &Embed, library: &Library) -> Result<Outcome> {
    let recogniser = Recogniser::uncalibrated(library.find(&command.model)?)?;
    let (detector, _) = Ensemble::detector(library)?;
    each(&command.photos, &command.memory.limits(), &detector, |path, photo, faces| {
        for face in faces {
            let Some(row) = embedding(&recogniser, photo, face)? else { continue };
            if command.json {
                let line =
                    json!({ "photo": text(path), "model": command.model, "face": face, "embedding": row });
                print(&line.to_string())?;
            } else {
                let numbers: Vec<String> = row.iter().map(|x| format!("{x:.6}")).collect();
                print(&format!(
                    "{} ({:.0}, {:.0}): {}",
                    shown(path),
                    face.bounds.x,
                    face.bounds.y,
                    numbers.join(" ")
                ))?;
            }
        }
        Ok(())
    })
}

/// The photos, those below folders among them, and whether all are there. What does not exist stays, to be named in
/// its turn.
fn spread(inputs: &[PathBuf]) -> Result<(Vec<PathBuf>, Outcome)> {
    let (mut spread, mut outcome) = (vec![], Outcome::Complete);
    for input in inputs {
        if !input.is_dir() {
            spread.push(input.clone());
            continue;
        }
        let listing = list(slice::from_ref(input), None)?;
        name_left_out(&listing.left_out);
        if listing.left_out.iter().any(|left| left.picture) {
            outcome = Outcome::Incomplete;
        }
        spread.extend(listing.photos.into_iter().map(|found| found.file));
    }
    Ok((spread, outcome))
}

/// Shows each photo with its faces; a photo that cannot be read is named, and the others go on.
fn each(
    inputs: &[PathBuf],
    limits: &Limits,
    detector: &Detector,
    mut show: impl FnMut(&PathBuf, &Photo, &[Face]) -> Result<()>,
) -> Result<Outcome> {
    let (photos, mut outcome) = spread(inputs)?;
    for path in &photos {
        let found = read(path, limits).and_then(|bytes| {
            let photo = decode(&bytes, limits).with_context(|| shown(path))?;
            let faces = detector.detect(&photo, &DetectOptions::default())?;
            Ok((photo, faces))
        });
        match found {
            Ok((photo, faces)) => {
                show(path, &photo, &faces)?;
                if faces.is_empty() {
                    outcome = Outcome::Incomplete;
                }
            }
            Err(error) => {
                eprintln!("{}", message(&error));
                outcome = Outcome::Incomplete;
            }
        }
    }
    Ok(outcome)
}

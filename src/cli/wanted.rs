//! What is wanted of every photo, as the library has it: settings, and the people that are given by photos of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, bail};

use super::args::{Names, Wanted, Whom};
use super::name_left_out;
use super::progress::Progress;
use super::words::names;
use visard::face::Rectangle;
use visard::listing::{Found, list};
use visard::models::Ensemble;
use visard::names::{printable, shown};
use visard::photo::{EncodeOptions, Limits};
use visard::pipeline::{Batch, People, References, Settings, Whose, neutral};

/// The other photos of the same people.
pub(super) fn beside(paths: &[PathBuf], output: &Path) -> Result<BTreeSet<PathBuf>> {
    let beside = list(paths, Some(output))?;
    name_left_out(&beside.left_out);
    Ok(beside.photos.into_iter().map(|found| found.file).collect())
}

/// Looks at other photos until the user stops.
pub(super) fn look_at(
    beside: &BTreeSet<PathBuf>,
    batch: &Batch<'_>,
    people: &mut People,
    progress: &Progress,
    stopped: &AtomicBool,
) {
    for other in beside.iter().take_while(|_| !stopped.load(Ordering::Relaxed)) {
        look(other, batch, people, progress);
    }
}

/// Looks at the people in a photo that is not protected; says where it is no help.
fn look(other: &Path, batch: &Batch<'_>, people: &mut People, progress: &Progress) {
    progress.stage("looking at the people in the other photos");
    let reason = match batch.look(other, people) {
        Ok(0) => "no face found".into(),
        Ok(_) => return,
        Err(error) => error.to_string(),
    };
    progress.warn(&format!("{}: no help, {}", shown(other), printable(&reason)));
}

/// The settings, but for whose faces are protected: only the networks of a run know that.
pub(super) fn settings(wanted: &Wanted, boxes: &[Rectangle]) -> Settings {
    Settings {
        preset: wanted.strength.into(),
        faces: wanted.whom.faces.into(),
        others: wanted.whom.others.into(),
        boxes: boxes.to_vec(),
        destination: wanted.destination.0,
        max_side: wanted.max_side,
        encode: EncodeOptions {
            format: wanted.format.into(),
            quality: wanted.quality,
            max_bytes: wanted.max_bytes,
            metadata: wanted.metadata.into(),
        },
        seed: wanted.seed,
        keep_faceless: wanted.keep_faceless,
        limits: Limits { first_picture: wanted.first_picture, ..wanted.memory.limits() },
        ..Settings::default()
    }
}

/// The photos with the places that they are written to.
pub(super) fn named(photos: Vec<Found>, wanted: &Wanted, limits: &Limits) -> Vec<Found> {
    match wanted.names {
        Names::Keep => photos,
        Names::Neutral => neutral(photos, limits),
    }
}

/// Whose faces are protected.
pub(super) fn whose(whom: &Whom, ensemble: &Ensemble, limits: &Limits) -> Result<Whose> {
    let people = |paths: &[PathBuf]| -> Result<References> {
        let mut people = References::default();
        let photos = list(paths, None)?.photos;
        if photos.is_empty() {
            bail!("--only and --except need photos of people: there are none in {}", names(paths));
        }
        for found in photos {
            let bytes = super::read(&found.file, limits)?;
            people.add(ensemble, &bytes, limits).with_context(|| shown(&found.file))?;
        }
        Ok(people)
    };
    Ok(match (&whom.only[..], &whom.except[..]) {
        ([], []) => Whose::Everybody,
        (only, []) => Whose::Only(people(only)?),
        (_, except) => Whose::Except(people(except)?),
    })
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

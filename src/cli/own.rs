//! `visard models add` and `visard models calibrate`: networks of the user's own.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::args::{Add, Calibrate};
use super::{Outcome, print};
use visard::add::{NewNetwork, add};
use visard::calibrate::{Calibration, calibrate};
use visard::embed::Input;
use visard::models::{Ensemble, Entry, Library, Recogniser, Role, Thresholds, describe, own_folder};
use visard::names::shown;

/// A smaller distance between one person and two says that something is wrong.
const CLEAR: f32 = 0.1;

pub(super) fn run_add(command: &Add, library: &Library) -> Result<Outcome> {
    let new = NewNetwork {
        name: command.name.clone(),
        role: command.role.into(),
        crop: command.crop.into(),
        input: Input {
            mean: three(&command.mean).context("--mean")?,
            std: three(&command.std).context("--std")?,
            order: command.order.into(),
            mirror: command.mirror,
        },
        licence: command.licence.clone(),
    };
    let trial = add(&new, &command.file, library, &own_folder()?)?;
    print(&format!(
        "{}: embeds into {} dimensions; similarity of two photos of one person {:.3}, of two persons {:.3}",
        new.name, trial.dimension, trial.same, trial.different
    ))?;
    if trial.same < trial.different + CLEAR {
        eprintln!("it hardly tells two persons apart: are --crop, --mean, --std and --order right?");
    }
    if new.role == Role::Judge {
        eprintln!("before it can judge: visard models calibrate {} --data DIR --save", new.name);
    }
    Ok(Outcome::Complete)
}

/// One number for all channels, or one for each.
fn three(numbers: &[f32]) -> Result<[f32; 3]> {
    match *numbers {
        [one] => Ok([one; 3]),
        [red, green, blue] => Ok([red, green, blue]),
        _ => bail!("takes one number, or three: for red, green and blue"),
    }
}

pub(super) fn run_calibrate(command: &Calibrate, library: &Library) -> Result<Outcome> {
    let excluded = excluded(&command.exclude)?;
    let (detector, _) = Ensemble::detector(library)?;
    let stored = command.names.iter().map(|name| library.find(name)).collect::<Result<Vec<_>, _>>()?;
    let networks = stored.into_iter().map(Recogniser::uncalibrated).collect::<Result<Vec<_>, _>>()?;
    let found = calibrate(&networks, &detector, &command.data, &excluded, command.persons)?;
    for (network, found) in networks.iter().zip(&found) {
        print(&text(&network.entry.name, found))?;
        if command.save {
            describe(&calibrated(&network.entry, found, command), &own_folder()?)?;
        }
    }
    Ok(Outcome::Complete)
}

fn excluded(lists: &[PathBuf]) -> Result<Vec<String>> {
    let mut names = vec![];
    for list in lists {
        let text = std::fs::read_to_string(list).with_context(|| format!("cannot read {}", shown(list)))?;
        names.extend(text.lines().map(|line| line.trim().to_string()));
    }
    Ok(names)
}

/// What is known of a network now.
fn calibrated(entry: &Entry, found: &Calibration, command: &Calibrate) -> Entry {
    let [far_1e2, far_1e3, far_1e4] = found.thresholds;
    let calibration =
        format!("{}: {} persons, {} pairs", shown(&command.data), found.persons, found.different);
    Entry {
        thresholds: Some(Thresholds { far_1e2, far_1e3, far_1e4 }),
        verdict: None,
        calibration: Some(calibration),
        ..entry.clone()
    }
}

fn text(name: &str, found: &Calibration) -> String {
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

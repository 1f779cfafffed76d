//! `visard models add` and `visard models calibrate`: networks of the user's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::args::{Add, Calibrate};
use super::{Outcome, print};
use visard::add::{Given, NewNetwork, Proposal, add, fresh, proposals};
use visard::calibrate::{Calibration, RATES, calibrate, pairs_needed, persons_needed};
use visard::embed::{Crop, Input};
use visard::evaluate::list;
use visard::models::{Ensemble, Entry, Error, Library, Recogniser, Role, Thresholds, describe, own_folder};
use visard::network::{Graph, import};

/// A smaller distance between one person and two says that something is wrong.
const CLEAR: f32 = 0.1;

pub(super) fn run_add(command: &Add, library: &Library) -> Result<Outcome> {
    let values = match (command.mean.as_slice(), command.std.as_slice()) {
        ([], []) => None,
        (mean, std) => Some((three(mean).context("--mean")?, three(std).context("--std")?)),
    };
    let given = Given {
        crop: command.crop,
        values,
        order: command.order.map(Into::into),
        mirror: command.mirror,
        output: command.output.clone(),
    };
    let (mean, std) = values.unwrap_or_default();
    let plain = Input::default();
    let mut new = NewNetwork {
        name: command.name.clone(),
        role: command.role.into(),
        crop: Crop::Arcface112,
        input: if values.is_some() { Input { mean, std, ..plain } } else { plain },
        output: command.output.clone(),
        licence: command.licence.clone(),
    };
    let graph = read(&new, &command.file, library)?;
    explain(&graph)?;
    let found = proposals(&new, &given, &graph)?;
    let Some(best) = found.first() else { bail!("nothing was tried") };
    found.iter().skip(1).rev().try_for_each(|other| print(&format!("tried: {}", line(other))))?;
    print(&format!("taken: {}", line(best)))?;
    (new.crop, new.input) = (best.crop, best.input);
    let trial = add(&new, &command.file, library, &own_folder()?)?;
    print(&format!(
        "{}: embeds into {} dimensions; similarity of two photos of one person {:.3}, of two persons {:.3}",
        new.name, trial.dimension, trial.same, trial.different
    ))?;
    if trial.margin() < CLEAR {
        eprintln!("it hardly tells two persons apart: are --crop, --mean, --std and --order right?");
    }
    if new.role == Role::Judge {
        eprintln!("before it can judge: visard models calibrate {} --data DIR --save", new.name);
    }
    Ok(Outcome::Complete)
}

/// The network of a file that nothing is known of yet.
fn read(new: &NewNetwork, file: &Path, library: &Library) -> Result<Graph> {
    fresh(new, file, library)?;
    let broken = |source| Error::Network { name: new.name.clone(), source };
    Ok(import(&visard::add::read(new, file)?).map_err(broken)?)
}

/// What is in the file.
fn explain(graph: &Graph) -> Result<()> {
    let size = |size: &Option<usize>| size.map_or("any".into(), |size| size.to_string());
    let sizes: Vec<String> = graph.input_shape().iter().map(size).collect();
    let outputs: Vec<String> = graph.outputs().map(|name| format!("{name:?}")).collect();
    let list = |counts: BTreeMap<&str, usize>| {
        let one = |(name, count): (&str, usize)| format!("{count} {}", name.escape_debug());
        let each: Vec<String> = counts.into_iter().map(one).collect();
        each.join(", ")
    };
    let by = match graph.producer() {
        "" => String::new(),
        producer => format!(", written by {producer:?}"),
    };
    print(&format!("file: operator set {}{by}; {} weights", graph.opset(), graph.parameter_count()))?;
    print(&format!("input: {}; outputs: {}", sizes.join(" x "), outputs.join(", ")))?;
    print(&format!("nodes: {}", list(graph.operators())))?;
    if graph.is_quantised() {
        print("quantised: computed with the same rounding, and gradients that pass through it")?;
    }
    let unsupported = graph.unsupported();
    if !unsupported.is_empty() {
        bail!("not supported: {}", list(unsupported));
    }
    Ok(())
}

/// How a network may be fed, and how well it then tells two persons apart.
fn line(Proposal { crop, input, trial }: &Proposal) -> String {
    let [rows, columns] = crop.size();
    let numbers = |values: [f32; 3]| {
        let texts = values.map(|value| value.to_string());
        let alike = texts.iter().all(|text| *text == texts[0]);
        texts[..if alike { 1 } else { 3 }].join(",")
    };
    format!(
        "crop {rows} x {columns}, mean {}, std {}, {:?}: one person {:.3}, two persons {:.3}",
        numbers(input.mean),
        numbers(input.std),
        input.order,
        trial.same,
        trial.different
    )
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
    let (detector, points) = Ensemble::detector(library)?;
    let stored = command.names.iter().map(|name| library.find(name)).collect::<Result<Vec<_>, _>>()?;
    let networks = stored.into_iter().map(Recogniser::uncalibrated).collect::<Result<Vec<_>, _>>()?;
    let found = calibrate(&networks, &detector, &command.data, &excluded, command.persons)?;
    for (network, found) in networks.iter().zip(&found) {
        print(&text(&network.entry.name, found))?;
        if command.save {
            let from = format!(
                "{}: {} persons, {} pairs, points of {}",
                command.data.display(),
                found.persons,
                found.different,
                points.name
            );
            save(&network.entry, found, from)?;
        }
    }
    Ok(Outcome::Complete)
}

/// Keeps what was measured of a network in the user's own catalogue.
fn save(entry: &Entry, found: &Calibration, calibration: String) -> Result<()> {
    let Some(thresholds) = thresholds(found) else {
        bail!(
            "{}: not saved: a judge needs the threshold at one false accept in 1,000, which takes {} persons",
            entry.name,
            persons_needed(RATES[1])
        );
    };
    if let Some(verdict) = entry.verdict {
        eprintln!(
            "{}: its verdict {verdict} stays; whichever is lower, this or the threshold, counts",
            entry.name
        );
    }
    let entry = Entry { thresholds: Some(thresholds), calibration: Some(calibration), ..entry.clone() };
    Ok(describe(&entry, &own_folder()?)?)
}

/// Thresholds as a catalogue has them; `None` where the most important one is not known.
fn thresholds(found: &Calibration) -> Option<Thresholds> {
    let [far_1e2, far_1e3, far_1e4] = found.thresholds;
    Some(Thresholds { far_1e2: far_1e2?, far_1e3: far_1e3?, far_1e4 })
}

fn excluded(lists: &[PathBuf]) -> Result<Vec<String>> {
    let lists: Vec<Vec<String>> = lists.iter().map(|path| list(path)).collect::<visard::Result<_>>()?;
    Ok(lists.concat())
}

/// What was measured, and from how much: lines for a catalogue.
fn text(name: &str, found: &Calibration) -> String {
    let (persons, different, same) = (found.persons, found.different, found.same);
    let mut lines = vec![format!(
        "# {name}: {persons} persons, {different} pairs of different persons, {same} pairs of one person; {} photos \
         without a face",
        found.faceless
    )];
    for (i, rate) in RATES.into_iter().enumerate() {
        lines.push(match (found.thresholds[i], found.accepted[i]) {
            (None, _) => format!(
                "# FAR {rate:.0e}: not known, which takes {} pairs of different persons ({} persons)",
                pairs_needed(rate),
                persons_needed(rate)
            ),
            (Some(threshold), accepted) => format!(
                "# FAR {rate:.0e}: {threshold:.4}, exceeded by {} of {different} pairs of different persons{}",
                (rate * different as f64) as usize,
                accepted.map_or_else(String::new, |share| format!(" and by {share:.4} of those of one (TAR)"))
            ),
        });
    }
    lines.extend(thresholds(found).map(|Thresholds { far_1e2, far_1e3, far_1e4 }| {
        let last = far_1e4.map_or_else(String::new, |t| format!(", far_1e4 = {t:.4}"));
        format!("thresholds = {{ far_1e2 = {far_1e2:.4}, far_1e3 = {far_1e3:.4}{last} }}")
    }));
    lines.join("\n")
}

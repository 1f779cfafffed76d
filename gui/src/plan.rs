//! Where each photo is written to. No original and no file of anybody else is ever in danger.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use visard::listing::{Found, LeftOut, list};
use visard::names::text;
use visard::pipeline::{Existing, JOURNAL, Job, Settings, entries, jobs};
use visard::video::{ClipSettings, Clips};

use crate::choices::{Choices, SaveTo};
use crate::desk::{Order, Wanted};
use crate::queue::{Progress, Queue, Row, Source};

/// The photos and clips among files and folders that the user pointed to.
///
/// # Errors
/// For each path that cannot be read, why, and which pictures are left out; the others count nevertheless.
pub(crate) fn sources(paths: &[PathBuf]) -> (Vec<Source>, Vec<String>) {
    let (mut found, mut errors) = (vec![], vec![]);
    for path in paths {
        let in_folder = path.is_dir();
        let root = if in_folder { path.clone() } else { path.parent().unwrap_or(path).to_path_buf() };
        match list(std::slice::from_ref(path), None) {
            Ok(mut listing) => {
                let clips = listing.take_clips(path);
                if listing.photos.is_empty() && clips.is_empty() {
                    errors.push(crate::texts::no_photos_in(path));
                }
                let source = |clip: bool| {
                    let root = root.clone();
                    move |found: Found| Source { input: found.file, root: root.clone(), in_folder, clip }
                };
                found.extend(listing.photos.into_iter().map(source(false)));
                found.extend(clips.into_iter().map(source(true)));
                let pictures = listing.left_out.into_iter().filter(|left| left.picture);
                errors.extend(crate::texts::left_out(&pictures.collect::<Vec<LeftOut>>()));
            }
            Err(error) => errors.push(error.to_string()),
        }
    }
    (found, errors)
}

/// The folder that the photos of a folder, or that lie beside a photo, are saved to.
pub(crate) fn folder(source: &Source, save_to: &SaveTo) -> PathBuf {
    match save_to {
        SaveTo::Folder(folder) => folder.clone(),
        SaveTo::Beside if source.in_folder => {
            let mut name = source.root.file_name().unwrap_or_default().to_owned();
            name.push("-protected");
            source.root.with_file_name(name)
        }
        SaveTo::Beside => source.root.join("protected"),
    }
}

/// The orders for all photos that are ordered, in their order.
pub(crate) fn orders(queue: &Queue, choices: &Choices) -> Vec<Order> {
    let ordered = |row: &&Row| row.progress == Progress::Ordered;
    let originals = queue.rows.iter().filter_map(|row| row.source.input.canonicalize().ok());
    let outputs = queue.rows.iter().filter(|row| !ordered(row)).filter_map(Row::output);
    let mut places =
        Places { taken: originals.chain(outputs.map(Path::to_path_buf)).collect(), journals: HashMap::new() };
    queue.rows.iter().filter(ordered).map(|row| order(row, choices, &mut places)).collect()
}

/// What is known of the places that photos may be written to.
struct Places {
    taken: HashSet<PathBuf>,
    /// For each folder that is written to: places below it, and the photos that what is there was made from.
    journals: HashMap<PathBuf, HashMap<PathBuf, String>>,
}

impl Places {
    /// Whether a place may be written to.
    fn is_free(&self, path: &Path, own: bool, replace: bool) -> bool {
        let taken =
            self.taken.contains(path) || path.canonicalize().is_ok_and(|path| self.taken.contains(&path));
        !taken && (own || replace || !path.exists())
    }

    /// Whether the journal of a folder says that what is, or was, in a place was made from a photo.
    fn is_own(&mut self, base: &Path, place: &Path, input: &Path) -> bool {
        let journal = self.journals.entry(base.into()).or_insert_with(|| made_from(base));
        let below = place.strip_prefix(base).unwrap_or(place);
        journal.get(below).is_some_and(|made_from| *made_from == text(input))
    }
}

/// What the journal of a folder says; nothing where there is none.
fn made_from(base: &Path) -> HashMap<PathBuf, String> {
    let journal = File::open(base.join(JOURNAL)).and_then(|file| entries(BufReader::new(file)));
    let entries = journal.unwrap_or_default();
    let photos = entries.photos.into_iter().map(|(place, entry)| (place, entry.report.input));
    let clips = entries.clips.into_iter().filter_map(|(place, entry)| Some((place, entry.input()?.into())));
    photos.chain(clips).collect()
}

fn order(row: &Row, choices: &Choices, places: &mut Places) -> Order {
    let source = &row.source;
    let base = folder(source, &choices.save_to);
    let place = source.input.strip_prefix(&source.root).ok().and_then(Path::parent).unwrap_or(Path::new(""));
    let wanted = ending(source, &base.join(place), choices);
    let output = free(wanted, |path| {
        let own = places.is_own(&base, path, &source.input);
        places.is_free(path, own, choices.replace)
    });
    let existing = match (choices.replace, places.is_own(&base, &output, &source.input)) {
        (true, _) => Existing::Overwrite,
        (false, true) if row.report.is_some() => Existing::Overwrite,
        (false, true) => Existing::Renew,
        (false, false) => Existing::Refuse,
    };
    places.taken.insert(output.clone());
    Order {
        id: row.id,
        base,
        existing,
        job: Job { input: source.input.clone(), output },
        wanted: match source.clip {
            false => Wanted::Photo(settings(row, choices)),
            true => Wanted::Clip(ClipSettings::of(&settings(row, choices))),
        },
    }
}

/// What the library is told for a photo.
fn settings(row: &Row, choices: &Choices) -> Settings {
    choices.settings(row.strength.unwrap_or(choices.strength), row.chosen_faces())
}

/// The output in a folder, with the ending of its format.
fn ending(source: &Source, folder: &Path, choices: &Choices) -> PathBuf {
    let name = source.input.file_name().unwrap_or_default();
    let jobs = match source.clip {
        true => Clips::place(&[Found { file: source.input.clone(), place: name.into() }], folder),
        false => {
            let format = choices.settings(choices.strength, None).encoding().format;
            jobs(std::slice::from_ref(&source.input), folder, format)
        }
    };
    // Where that cannot be (the file is gone, or would be its own output) the worker says why, or
    // another name is found below.
    jobs.ok().and_then(|mut jobs| jobs.pop()).map_or_else(|| folder.join(name), |job| job.output)
}

/// The path, or the first of `name-2`, `name-3`, ... that is free.
fn free(wanted: PathBuf, mut is_free: impl FnMut(&Path) -> bool) -> PathBuf {
    let stem = wanted.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ending = wanted.extension().map(|e| format!(".{}", e.to_string_lossy())).unwrap_or_default();
    let numbered = (2..).map(|n: u32| wanted.with_file_name(format!("{stem}-{n}{ending}")));
    let mut names = std::iter::once(wanted.clone()).chain(numbered);
    names.find(|path| is_free(path)).unwrap_or(wanted)
}

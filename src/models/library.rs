//! The network files that are at hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::stored::{Place, Stored, read_within, sha256, unreadable};
use super::{Entry, Error, Kind, Result};

/// The name of a folder's catalogue.
pub(super) const CATALOGUE: &str = "catalogue.toml";
/// Largest catalogue that is read.
const MAX_CATALOGUE: u64 = 1 << 20;

/// The files that are built in; none without the feature `built-in-networks`.
#[cfg(feature = "built-in-networks")]
const BUILT_IN: [&[&[u8]]; 2] = [&visard_judges::FILES, &visard_surrogates::FILES];
#[cfg(not(feature = "built-in-networks"))]
const BUILT_IN: [&[&[u8]]; 0] = [];

/// The networks that are at hand.
#[derive(Clone, Debug)]
pub struct Library {
    /// All that is known of networks, at hand or not.
    pub known: Vec<Entry>,
    /// All that is at hand, in the order of `known`.
    pub stored: Vec<Stored>,
    /// ONNX files that no catalogue describes.
    pub unknown: Vec<PathBuf>,
}

impl Library {
    /// The networks that are built in, those of the user's own folder, and those of `folders`.
    ///
    /// A `catalogue.toml` in a folder adds to what is known. Where two describe the same file, a
    /// folder's has precedence over visard's, and the user's own over all.
    ///
    /// # Errors
    /// Where a folder or catalogue cannot be read, or two different networks have one name.
    pub fn at_hand(folders: &[PathBuf]) -> Result<Self> {
        let own: Vec<PathBuf> = own_folder().filter(|folder| folder.is_dir()).into_iter().collect();
        let built_in = BUILT_IN.into_iter().flatten().map(|bytes| Place::BuiltIn(bytes));
        let named = onnx_files(folders)?.into_iter().map(Place::Named);
        let places = built_in.chain(onnx_files(&own)?.into_iter().map(Place::Own)).chain(named);
        Self::of(places, folders.iter().chain(&own))
    }

    /// Only the networks of `folders`.
    ///
    /// # Errors
    /// As [`Self::at_hand`].
    pub fn open(folders: &[PathBuf]) -> Result<Self> {
        Self::of(onnx_files(folders)?.into_iter().map(Place::Named), folders.iter())
    }

    /// Adds a network's file that is in memory, which a catalogue has to know.
    ///
    /// # Errors
    /// Where none does, or another network of its name is at hand.
    pub fn hold(&mut self, file: Arc<[u8]>) -> Result<()> {
        let sum = sha256(&file);
        self.store(Place::InMemory(file))?;
        if self.stored.iter().any(|stored| stored.entry.sha256 == sum) {
            return Ok(());
        }
        Err(Error::Missing(format!("no catalogue knows the network whose SHA-256 is {sum}")))
    }

    fn of<'f>(
        places: impl Iterator<Item = Place>,
        folders: impl Iterator<Item = &'f PathBuf>,
    ) -> Result<Self> {
        let mut library = Self { known: Entry::built_in()?, stored: vec![], unknown: vec![] };
        for folder in folders {
            catalogue_of(folder)?.into_iter().for_each(|entry| library.describe(entry));
        }
        places.into_iter().try_for_each(|place| library.store(place))?;
        let order = |s: &Stored| library.known.iter().position(|e| e.sha256 == s.entry.sha256);
        library.stored.sort_by_key(order);
        Ok(library)
    }

    fn describe(&mut self, entry: Entry) {
        match self.known.iter_mut().find(|e| e.sha256 == entry.sha256) {
            Some(known) => *known = entry,
            None => self.known.push(entry),
        }
    }

    fn store(&mut self, place: Place) -> Result<()> {
        let digest = sha256(&place.bytes()?);
        let Some(entry) = self.known.iter().find(|e| e.sha256 == digest) else {
            self.unknown.extend(place.path().map(PathBuf::from));
            return Ok(());
        };
        match self.stored.iter_mut().find(|s| s.entry.name == entry.name) {
            None => self.stored.push(Stored { entry: entry.clone(), place }),
            Some(first) if first.entry.sha256 == digest => first.is_also_in(place),
            Some(first) => {
                return Err(Error::Usage(format!(
                    "two different networks are called {:?}: {} and {place}; give one another name in its {CATALOGUE}",
                    entry.name, first.place
                )));
            }
        }
        Ok(())
    }

    /// Adds a network of one's own.
    ///
    /// # Errors
    /// Where it cannot be what is said of it, or its name or file is known already.
    pub fn put(&mut self, entry: Entry, file: PathBuf) -> Result<()> {
        entry.check().map_err(|reason| Error::Usage(format!("{:?} {reason}", entry.name)))?;
        if let Some(known) = self.known.iter().find(|k| k.name == entry.name || k.sha256 == entry.sha256) {
            return Err(Error::Usage(format!("{:?} is known already, as {:?}", entry.name, known.name)));
        }
        self.known.push(entry.clone());
        self.stored.push(Stored { entry, place: Place::Named(file) });
        Ok(())
    }

    /// The network of a name that is at hand.
    pub fn find(&self, name: &str) -> Result<&Stored> {
        self.stored.iter().find(|s| s.entry.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.stored.iter().map(|s| s.entry.name.as_str()).collect();
            let at_hand = if names.is_empty() { "none is".into() } else { names.join(", ") };
            Error::Missing(format!("no network {name:?} is at hand ({at_hand}); see `visard models list`"))
        })
    }

    /// Leaves only the detector of a name, so that runs take it.
    ///
    /// # Errors
    /// Where no detector of that name is at hand.
    pub fn keep_detector(&mut self, name: &str) -> Result<()> {
        if self.find(name)?.entry.kind != Kind::Detector {
            return Err(Error::Usage(format!("{name:?} is no detector")));
        }
        self.stored.retain(|s| s.entry.kind != Kind::Detector || s.entry.name == name);
        Ok(())
    }

    /// What is known of the network of a name, whether it is at hand or not.
    pub fn describes(&self, name: &str) -> Result<&Entry> {
        let stored = self.stored.iter().map(|s| &s.entry);
        stored
            .chain(&self.known)
            .find(|e| e.name == name)
            .ok_or_else(|| Error::Missing(format!("no network {name:?} is known; see `visard models list`")))
    }
}

/// What the catalogue of a folder says; nothing where there is none.
pub(super) fn catalogue_of(folder: &Path) -> Result<Vec<Entry>> {
    let path = folder.join(CATALOGUE);
    if !path.is_file() {
        return Ok(vec![]);
    }
    let bytes = read_within(&path, MAX_CATALOGUE)?;
    let text = String::from_utf8(bytes).map_err(|e| unreadable(&path, std::io::Error::other(e)))?;
    Entry::parse(&text, &path.display().to_string())
}

/// The user's own folder of networks, if it is known.
fn own_folder() -> Option<PathBuf> {
    #[cfg(feature = "files")]
    return super::own_folder().ok();
    #[cfg(not(feature = "files"))]
    None
}

fn onnx_files(folders: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = vec![];
    for folder in folders {
        let entries = std::fs::read_dir(folder).map_err(|e| unreadable(folder, e))?;
        files.extend(entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| is_onnx(path)));
    }
    files.sort();
    Ok(files)
}

fn is_onnx(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("onnx")) && path.is_file()
}

#[cfg(all(test, feature = "built-in-networks"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_is_what_the_catalogue_says() {
        let known = Entry::built_in().unwrap();
        let mut names: Vec<&str> = BUILT_IN
            .into_iter()
            .flatten()
            .map(|file| known.iter().find(|entry| entry.sha256 == sha256(file)).unwrap().name.as_str())
            .collect();
        names.sort_unstable();
        let own = known.iter().filter(|entry| entry.source.starts_with("models/"));
        let mut own: Vec<&str> = own.map(|entry| entry.name.as_str()).collect();
        own.sort_unstable();
        assert_eq!(names, own);
    }
}

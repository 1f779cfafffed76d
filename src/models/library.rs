//! The network files that are at hand.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{Entry, Error, Result};

/// Largest network file that is read.
const MAX_FILE: u64 = 1 << 30;

/// The networks that are at hand.
#[derive(Clone, Debug)]
pub struct Library {
    /// All that is at hand, in the order of the catalogue.
    pub stored: Vec<Stored>,
    /// ONNX files that no catalogue describes.
    pub unknown: Vec<PathBuf>,
}

/// A network whose file is at hand.
#[derive(Clone, Debug)]
pub struct Stored {
    /// What is known of it.
    pub entry: Entry,
    /// Where its file is.
    pub path: PathBuf,
}

impl Library {
    /// Looks for the catalogue's networks in folders; a `catalogue.toml` in a folder adds to what is known.
    pub fn open(folders: &[PathBuf]) -> Result<Self> {
        let mut entries = Entry::built_in()?;
        let mut files = vec![];
        for folder in folders {
            entries.extend(own_catalogue(folder)?);
            files.extend(onnx_files(folder)?);
        }
        let mut library = Self { stored: vec![], unknown: vec![] };
        for path in files {
            let digest = sha256(&read(&path)?);
            match entries.iter().find(|e| e.sha256 == digest) {
                Some(entry) if library.stored.iter().any(|s| s.entry.name == entry.name) => {}
                Some(entry) => library.stored.push(Stored { entry: entry.clone(), path }),
                None => library.unknown.push(path),
            }
        }
        let place = |s: &Stored| entries.iter().position(|e| e.name == s.entry.name);
        library.stored.sort_by_key(place);
        Ok(library)
    }

    /// The network of a name.
    pub fn find(&self, name: &str) -> Result<&Stored> {
        self.stored.iter().find(|s| s.entry.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.stored.iter().map(|s| s.entry.name.as_str()).collect();
            let at_hand = if names.is_empty() { "none is".into() } else { names.join(", ") };
            Error::Missing(format!("no network {name:?} is at hand ({at_hand}); see `visard models list`"))
        })
    }
}

impl Stored {
    /// The file's bytes.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        read(&self.path)
    }
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

fn own_catalogue(folder: &Path) -> Result<Vec<Entry>> {
    let path = folder.join("catalogue.toml");
    if !path.is_file() {
        return Ok(vec![]);
    }
    let text = std::fs::read_to_string(&path).map_err(|e| unreadable(&path, e))?;
    Entry::parse(&text, &path.display().to_string())
}

fn onnx_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|e| unreadable(folder, e))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("onnx")) && path.is_file())
        .collect();
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let size = std::fs::metadata(path).map_err(|e| unreadable(path, e))?.len();
    if size > MAX_FILE {
        return Err(unreadable(path, std::io::Error::other("it is larger than 1 GiB")));
    }
    std::fs::read(path).map_err(|e| unreadable(path, e))
}

fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::Unreadable { path: path.display().to_string(), source }
}

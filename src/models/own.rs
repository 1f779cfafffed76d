//! The user's own networks: a folder with files and a catalogue of what is known of them.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use super::library::{CATALOGUE, catalogue_of};
use super::{Entry, Error, Result};
use crate::whole::{self, Rights};

/// Names another folder than the usual one.
const VARIABLE: &str = "VISARD_MODELS_DIR";
const HEADER: &str = "# Written by `visard models add` and `visard models calibrate --save`.\n\n";

/// The user's own folder of networks, which need not be there yet.
///
/// It is what the environment variable `VISARD_MODELS_DIR` says, or else `visard/models` where the
/// platform keeps programs' data: `~/.local/share` (or `XDG_DATA_HOME`) on Linux, `~/Library/Application
/// Support` on macOS, `%APPDATA%` on Windows.
///
/// # Errors
/// Where the user has no home folder.
pub fn own_folder() -> Result<PathBuf> {
    match std::env::var_os(VARIABLE) {
        Some(folder) if !folder.is_empty() => Ok(folder.into()),
        _ => etcetera::base_strategy::choose_native_strategy()
            .map(|places| places.data_dir().join("visard").join("models"))
            .map_err(|_| {
                Error::Missing(format!("your home folder is not known; set {VARIABLE} to a folder"))
            }),
    }
}

/// Writes a description into a folder's catalogue, in place of one of the same file.
///
/// # Errors
/// Where the catalogue that is there cannot be read, or the new one cannot be written.
pub fn describe(entry: &Entry, folder: &Path) -> Result<()> {
    let mut entries = catalogue_of(folder)?;
    entries.retain(|e| e.sha256 != entry.sha256);
    entries.push(entry.clone());
    let text = HEADER.to_string() + &Entry::write(entries)?;
    let path = folder.join(CATALOGUE);
    std::fs::create_dir_all(folder)
        .and_then(|()| whole::replace(&path, text.as_bytes(), Rights::USUAL))
        .map_err(|source| Error::Unwritable { path: path.display().to_string(), source })
}

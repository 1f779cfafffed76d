//! A network that passed its trial is kept in a folder.

use std::path::Path;

use super::{NewNetwork, Trial, fresh, network, read, trial};
use crate::embed::Embedder;
use crate::models::{Error, Library, Result, describe};
use crate::whole::{self, Rights};

/// Tries an ONNX file as an embedder, copies it to `folder`, and describes it in that folder's catalogue. Weights that lie
/// in files beside it are put into the copy.
///
/// # Errors
/// Where the file cannot be read, is known or its name taken already, does not embed faces, or (for a
/// surrogate) gives no gradient; and where the folder cannot be written to.
pub fn add(new: &NewNetwork, file: &Path, library: &Library, folder: &Path) -> Result<Trial> {
    let bytes = read(new, file)?;
    let mut entry = fresh(new, file, library)?;
    let network = network(new, &bytes).map_err(|source| Error::Network { name: new.name.clone(), source })?;
    let trial = trial(&Embedder::new(network, new.crop, new.input), new.role)
        .map_err(|source| Error::Unfit { name: new.name.clone(), source })?;
    entry.dimension = Some(trial.dimension);
    let target = folder.join(&entry.file);
    std::fs::create_dir_all(folder)
        .and_then(|()| whole::create(&target, &bytes, Rights::USUAL))
        .map_err(|source| Error::Unwritable { path: target.display().to_string(), source })?;
    describe(&entry, folder).inspect_err(|_| drop(std::fs::remove_file(&target)))?;
    Ok(trial)
}

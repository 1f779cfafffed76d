//! Where an output lies, by its verdict.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::batch::is_there;
use super::settings::Unprotected;
use super::{Journal, Status};
use crate::error::{Error, Result};
use crate::models::sha256_of;

/// The folder of outputs that are not protected, in the folder that is written to.
pub const NOT_PROTECTED: &str = "not protected";

/// Where the output of a job lies if this became of it; `None` where it is not written.
pub(crate) fn place(
    output: &Path,
    status: Status,
    unprotected: Unprotected,
    journal: Option<&Journal>,
) -> Option<PathBuf> {
    match unprotected {
        _ if matches!(status, Status::Protected | Status::Hidden) => Some(output.into()),
        Unprotected::Beside => Some(output.into()),
        Unprotected::Apart => Some(apart(output, journal)),
        Unprotected::Nowhere => None,
    }
}

fn apart(output: &Path, journal: Option<&Journal>) -> PathBuf {
    let beside = output.parent().unwrap_or(Path::new(""));
    let folder = journal.map(Journal::folder).filter(|folder| output.starts_with(folder)).unwrap_or(beside);
    folder.join(NOT_PROTECTED).join(output.strip_prefix(folder).unwrap_or(output))
}

/// Takes away what was written for the job before, by the journal with this sum, where that is in another place than now and still as
/// it was written: a photo or clip has one output, the last.
///
/// # Errors
/// Where it cannot be removed.
pub(crate) fn remove(
    written: Option<&str>,
    output: &Path,
    now: Option<&Path>,
    journal: Option<&Journal>,
) -> Result<()> {
    for path in [output.to_path_buf(), apart(output, journal)] {
        let other = Some(path.as_path()) != now && is_there(&path);
        if other && sum_of(&path).is_ok_and(|sum| Some(sum.as_str()) == written) {
            std::fs::remove_file(&path).map_err(|error| Error::file(&path, error))?;
        }
    }
    Ok(())
}

/// SHA-256 of a file, which need not fit into memory.
///
/// # Errors
/// Where it cannot be read.
pub(crate) fn sum_of(path: &Path) -> Result<String> {
    File::open(path).and_then(sha256_of).map_err(|error| Error::file(path, error))
}

//! Where an output lies, by its verdict.

use std::path::{Path, PathBuf};

use super::batch::is_there;
use super::settings::Unprotected;
use super::{Entry, Journal, PhotoReport, Status};
use crate::error::{Error, Result};
use crate::models::sha256;
use crate::photo::Limits;

/// The folder of outputs that are not protected, in the folder that is written to.
pub const NOT_PROTECTED: &str = "not protected";

/// Where the output of a job lies if it became what the report says; `None` where it is not written.
pub(super) fn place(
    output: &Path,
    photo: &PhotoReport,
    unprotected: Unprotected,
    journal: Option<&Journal>,
) -> Option<PathBuf> {
    match unprotected {
        _ if matches!(photo.status, Status::Protected | Status::Hidden) => Some(output.into()),
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

/// Takes away what the journal says was written for the job before, where that is in another place than now and still as
/// it was written: a photo has one output, the last.
///
/// # Errors
/// Where it cannot be removed.
pub(super) fn remove(
    former: &Entry,
    output: &Path,
    now: Option<&Path>,
    journal: Option<&Journal>,
) -> Result<()> {
    for path in [output.to_path_buf(), apart(output, journal)] {
        let other = Some(path.as_path()) != now && is_there(&path);
        let ours = |bytes: Vec<u8>| former.report.output_sha256 == Some(sha256(&bytes));
        if other && Limits::default().read(&path).is_ok_and(ours) {
            std::fs::remove_file(&path).map_err(|error| Error::file(&path, error))?;
        }
    }
    Ok(())
}

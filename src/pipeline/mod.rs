//! One photo from bytes to bytes and report, and batches of files.

mod batch;
mod boxes;
mod check;
mod face_report;
mod files;
mod journal;
mod listing;
mod people;
mod protect;
mod report;

pub use batch::{AHEAD, Batch, Event, Existing};
pub use check::check;
pub use face_report::FaceReport;
pub use files::{Job, jobs, place};
pub use journal::{Entries, Entry, JOURNAL, Journal, entries};
pub use listing::{Found, LeftOut, Listing, list, photos};
pub(crate) use people::Likeness;
pub use people::People;
pub use protect::{Faces, Protected, Settings, Step, protect};
pub use report::{NetworkReport, PhotoReport, Report, Status};

/// Why a photo could not be protected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The photo cannot be read or written in this way.
    #[error(transparent)]
    Photo(#[from] crate::photo::Error),
    /// A network failed.
    #[error(transparent)]
    Network(#[from] crate::network::Error),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The folder that is written to takes no further file: no photo can be finished any more.
    #[error("{path}: {source}; no further photo can be written there")]
    Output {
        /// What could not be written.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The caller's choice of files cannot be done.
    #[error("{0}")]
    Usage(String),
    /// The caller broke off.
    #[error("cancelled")]
    Cancelled,
}

/// A result whose error is [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

pub(crate) fn file_error(path: &std::path::Path, source: std::io::Error) -> Error {
    Error::File { path: crate::names::shown(path), source }
}

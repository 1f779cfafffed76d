//! What can go wrong, by who has to act.

use std::path::Path;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The photo cannot be read or written in this way.
    #[error(transparent)]
    Photo(#[from] crate::photo::Error),
    /// The networks of a run could not be had.
    #[error(transparent)]
    Models(#[from] crate::models::Error),
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
    /// The caller asked for something that cannot be done.
    #[error("{0}")]
    Usage(String),
    /// The caller broke off.
    #[error("cancelled")]
    Cancelled,
}

/// A result whose error is [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A file could not be read or written.
    pub(crate) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: crate::names::shown(path), source }
    }
}

//! The networks that visard knows, where their files are, and which of them do what in a run.

mod catalogue;
mod ensemble;
mod library;

pub use catalogue::{Entry, Kind, Role, Thresholds};
pub use ensemble::{Ensemble, Recogniser};
pub(crate) use library::sha256;
pub use library::{Library, Stored};

/// Why networks could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A catalogue cannot be understood.
    #[error("the catalogue {path}: {reason}")]
    Catalogue {
        /// Where it is.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file or folder cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Where it is.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A run needs a network that is not there.
    #[error("{0}")]
    Missing(String),
    /// The caller asked for something that must not be.
    #[error("{0}")]
    Usage(String),
    /// A file is not what it should be.
    #[error("network {name:?}: {source}")]
    Network {
        /// Its name.
        name: String,
        /// Why.
        source: crate::network::Error,
    },
}

/// A result whose error is [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

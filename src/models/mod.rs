//! The networks that visard knows, where their files are, and which of them do what in a run.

mod catalogue;
mod check;
mod ensemble;
mod library;
#[cfg(feature = "files")]
mod own;
#[cfg(feature = "download")]
mod pull;
mod stored;
mod ties;

pub use catalogue::{Entry, Kind, Role, Thresholds};
pub use ensemble::{Ensemble, Recogniser};
pub use library::Library;
#[cfg(feature = "files")]
pub use own::{describe, own_folder};
#[cfg(feature = "download")]
pub use pull::pull;
pub use stored::{Place, Stored, executor, sha256, sha256_of};
pub use ties::{Tie, Warning, warnings};

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
    /// A file cannot be written.
    #[error("cannot write {path}: {source}")]
    Unwritable {
        /// Where it was to be.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A download did not begin.
    #[error("cannot download {name:?} from {address}: {source}")]
    Download {
        /// The network's name.
        name: String,
        /// Where it should be had.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// A download broke off; what came is kept, and the next download goes on from there.
    #[error("the download of {name:?} stopped at {bytes} of {size} bytes ({source}); try again to go on")]
    Interrupted {
        /// The network's name.
        name: String,
        /// What came.
        bytes: u64,
        /// What should have come.
        size: u64,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not the network that it should be.
    #[error("{path} is not {name:?}: its SHA-256 is {actual}, the catalogue says {expected}")]
    Checksum {
        /// The network's name.
        name: String,
        /// The file.
        path: String,
        /// The sum of the catalogue.
        expected: String,
        /// The sum of the file.
        actual: String,
    },
    /// The caller broke off.
    #[error("cancelled")]
    Cancelled,
    /// A file does not embed faces.
    #[error("{name:?} is not fit to embed faces with this crop: {source}")]
    Unfit {
        /// The network's name.
        name: String,
        /// Why.
        source: crate::network::Error,
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

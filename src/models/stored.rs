//! A network at hand: what is known of it, and its file.

use std::borrow::Cow;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::{Entry, Error, Result};
use crate::bounded;
use crate::network::{self, Executor, Network};

/// Largest network file that is read.
pub(super) const MAX_FILE: u64 = 1 << 30;

/// A network whose file is at hand.
#[derive(Clone, Debug)]
pub struct Stored {
    /// What is known of it.
    pub entry: Entry,
    /// Where its file is.
    pub place: Place,
}

/// Where a network's file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In visard itself: the file's bytes.
    BuiltIn(&'static [u8]),
    /// In memory: the file's bytes, which were given for this run.
    InMemory(Arc<[u8]>),
    /// In the user's own folder.
    Own(PathBuf),
    /// In a folder that was named for this run.
    Named(PathBuf),
}

impl Stored {
    /// Of the places that hold one file, the one that is nearest to the run counts.
    pub(super) fn is_also_in(&mut self, place: Place) {
        if place.rank() > self.place.rank() {
            self.place = place;
        }
    }

    /// The file's bytes.
    pub fn bytes(&self) -> Result<Cow<'_, [u8]>> {
        self.place.bytes()
    }

    /// The network, ready to run.
    ///
    /// # Errors
    /// Where the file cannot be read or is damaged.
    pub fn network(&self) -> Result<Network> {
        let broken = |source| Error::Network { name: self.entry.name.clone(), source };
        let executor = executor().map_err(broken)?;
        let mut graph = network::import(&self.bytes()?).map_err(broken)?;
        if let Some(output) = &self.entry.output {
            graph = graph.with_output(output).map_err(broken)?;
        }
        Ok(Network::of(graph, executor))
    }
}

/// The executor that the environment variable `VISARD_EXECUTOR` asks for: `engine` (default) or `reference`.
///
/// # Errors
/// Where the variable says anything else.
pub fn executor() -> network::Result<Executor> {
    match std::env::var("VISARD_EXECUTOR").as_deref() {
        Err(_) | Ok("" | "engine") => Ok(Executor::Engine),
        Ok("reference") => Ok(Executor::Reference),
        Ok(other) => Err(network::Error::Usage(format!(
            "VISARD_EXECUTOR is {other:?}, but must be \"engine\" or \"reference\""
        ))),
    }
}

impl Place {
    /// How near it is to the run: what was named for it is nearest, then what the built-in thresholds were
    /// measured with.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Own(_) => 0,
            Self::BuiltIn(_) => 1,
            Self::InMemory(_) | Self::Named(_) => 2,
        }
    }

    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::BuiltIn(_) | Self::InMemory(_) => None,
            Self::Own(path) | Self::Named(path) => Some(path),
        }
    }

    pub(crate) fn bytes(&self) -> Result<Cow<'_, [u8]>> {
        match self {
            Self::InMemory(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::BuiltIn(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::Own(path) | Self::Named(path) => read(path).map(Cow::Owned),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn(_) => write!(f, "built in"),
            Self::InMemory(_) => write!(f, "in memory"),
            Self::Own(path) => write!(f, "your own: {}", path.display()),
            Self::Named(path) => write!(f, "{}", path.display()),
        }
    }
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The same of all that can be read, of which no more than a piece is held.
///
/// # Errors
/// Where it cannot be read.
pub fn sha256_of(mut source: impl Read) -> std::io::Result<String> {
    let mut sum = Sha256::new();
    let mut piece = vec![0; 1 << 20];
    loop {
        match source.read(&mut piece)? {
            0 => return Ok(hexadecimal(&sum.finalize())),
            count => sum.update(&piece[..count]),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    read_within(path, MAX_FILE)
}

/// Reads a file of at most `limit` bytes.
pub(super) fn read_within(path: &Path, limit: u64) -> Result<Vec<u8>> {
    bounded::read(path, limit).map_err(|source| unreadable(path, source))
}

pub(super) fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::Unreadable { path: path.display().to_string(), source }
}

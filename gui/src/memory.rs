//! What is remembered from one start to the next: the choices, and the photos of the last session.

#[cfg(test)]
use std::path::Path;
use std::path::PathBuf;

use etcetera::BaseStrategy as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use visard::bounded;
use visard::whole::{self, Rights};

use crate::choices::Choices;
use crate::queue::{Progress, Row, State};

/// Larger files are none of ours: what is said of 100,000 photos takes less, in bytes.
const LARGEST: u64 = 512 << 20;

/// The photos of a session that was left.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) rows: Vec<Row>,
}

impl Session {
    /// Photos that are protected.
    pub(crate) fn protected(&self) -> usize {
        self.rows.iter().filter(|row| row.state() == State::Protected).count()
    }

    /// Photos that are still to be done.
    pub(crate) fn left(&self) -> usize {
        self.rows.iter().filter(|row| row.progress != Progress::Done).count()
    }
}

/// Where things are remembered.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    folder: Option<PathBuf>,
}

impl Memory {
    /// In the user's folder for settings; nowhere if there is none.
    pub(crate) fn of_user() -> Self {
        let strategy = etcetera::choose_base_strategy();
        Self { folder: strategy.ok().map(|s| s.config_dir().join("visard")) }
    }

    /// In a folder.
    #[cfg(test)]
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { folder: Some(folder.to_path_buf()) }
    }

    /// The choices; the usual ones where there are none, or they cannot be read.
    pub(crate) fn choices(&self) -> Choices {
        self.load("choices.json").unwrap_or_default()
    }

    /// The session that was left, finished or not.
    pub(crate) fn session(&self) -> Option<Session> {
        self.load::<Session>("session.json").filter(|session| !session.rows.is_empty())
    }

    /// Remembers choices.
    pub(crate) fn keep_choices(&self, choices: &Choices) -> std::io::Result<()> {
        self.save("choices.json", choices)
    }

    /// Remembers the photos and what became of them; forgets the session if there are none.
    pub(crate) fn keep_session(&self, rows: Vec<Row>) -> std::io::Result<()> {
        if rows.is_empty() { self.forget_session() } else { self.save("session.json", &Session { rows }) }
    }

    pub(crate) fn forget_session(&self) -> std::io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        match std::fs::remove_file(folder.join("session.json")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn load<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let bytes = bounded::read(&self.folder.as_ref()?.join(name), LARGEST).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    fn save<T: Serialize>(&self, name: &str, value: &T) -> std::io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        std::fs::create_dir_all(folder)?;
        // It names photos and says what is in them.
        whole::replace(&folder.join(name), &serde_json::to_vec(value)?, Rights::PRIVATE)
    }
}

//! A strength tried on a photo, for the user to look at before it is chosen.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use visard::Error;
use visard::cloak::Preset;
use visard::models::Ensemble;
use visard::pipeline::{People, PhotoReport, Settings, protect};

use crate::queue::Id;

/// What is to be tried.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    pub(crate) id: Id,
    pub(crate) input: PathBuf,
    /// With the strength.
    pub(crate) settings: Settings,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Tried {
    pub(crate) report: PhotoReport,
    /// The photo as it would be saved; none where nothing would be.
    pub(crate) file: Option<PathBuf>,
}

/// All that was tried, or is to be.
#[derive(Debug, Default)]
pub(crate) struct Tries(Vec<(Key, Option<Result<Tried, String>>)>);

/// A photo and a strength.
pub(crate) type Key = (Id, Preset);

impl Tries {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it was asked for.
    pub(crate) fn knows(&self, key: Key) -> bool {
        self.0.iter().any(|(known, _)| *known == key)
    }

    /// What came of it, if it is done.
    pub(crate) fn get(&self, key: Key) -> Option<&Result<Tried, String>> {
        self.0.iter().find(|(known, _)| *known == key)?.1.as_ref()
    }

    /// Notes that it is asked for.
    pub(crate) fn ask(&mut self, key: Key) {
        self.0.push((key, None));
    }

    /// Takes in what came of it, unless nobody wants to know any more.
    pub(crate) fn put(&mut self, key: Key, tried: Result<Tried, String>) {
        if let Some((_, place)) = self.0.iter_mut().find(|(known, _)| *known == key) {
            *place = Some(tried);
        }
    }

    /// Forgets what was tried on a photo.
    pub(crate) fn forget(&mut self, id: Id) {
        self.0.retain(|((known, _), _)| *known != id);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Trial {
    pub(crate) fn key(&self) -> Key {
        (self.id, self.settings.preset)
    }

    /// Makes the photo and writes it to a folder that only the window knows; none where `go_on` broke it off.
    ///
    /// # Errors
    /// In words for the user.
    pub(crate) fn run(
        &self,
        ensemble: &Ensemble,
        folder: &Path,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Option<Result<Tried, String>> {
        let start = Instant::now();
        let made = self
            .settings
            .limits
            .read(&self.input)
            .map_err(|error| Error::File { path: self.input.display().to_string(), source: error });
        let made = made.and_then(|bytes| {
            protect(&bytes, ensemble, &self.settings, &mut People::default(), &mut |_| go_on())
        });
        let made = match made {
            Err(Error::Cancelled) => return None,
            made => made.map_err(|error| error.to_string()),
        };
        Some(made.and_then(|mut made| {
            made.report.seconds = start.elapsed().as_secs_f64();
            let name = format!("{}-{}", self.id, self.settings.preset.name());
            let write = |bytes: &[u8]| {
                let path = folder.join(&name);
                std::fs::write(&path, bytes).map(|()| path).map_err(|error| error.to_string())
            };
            let file = made.bytes().map(write).transpose()?;
            Ok(Tried { report: made.report, file })
        }))
    }
}

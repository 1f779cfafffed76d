//! The front door: the networks of a run and what is wanted of it, and photos as bytes in and out.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use crate::add::{NewNetwork, fresh};
use crate::cloak::Preset;
use crate::error::{Error, Result};
use crate::face::Face;
use crate::models::{Ensemble, Library, Recogniser};
use crate::photo::{Photo, decode};
use crate::pipeline::{Faces, People, PhotoReport, Progress, Protected, Settings, check, look, protect};
#[cfg(feature = "files")]
use crate::search::Networks;
use crate::verify::embedding;

/// Networks that are opened once, and what is wanted of them; any number of threads may share one. [How it is used](crate).
#[derive(Debug)]
pub struct Visard {
    ensemble: Ensemble,
    settings: Settings,
}

/// A face and what a network makes of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Embedded {
    /// Where it is.
    pub face: Face,
    /// Of L2 norm 1; as long as the network's embeddings are.
    pub embedding: Vec<f32>,
}

impl Visard {
    /// All networks at hand, as the command line takes them: the built-in ones and those of the user's own folder; and
    /// usual [`Settings`].
    ///
    /// # Errors
    /// Where a network is damaged, or one that is needed is missing.
    pub fn new() -> Result<Self> {
        Self::builder().open()
    }

    /// To choose networks and settings.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Protects the faces of a photo: a file's bytes to a file's bytes and what was found out about them.
    ///
    /// The same bytes give the same bytes, on one machine and number of threads.
    ///
    /// # Errors
    /// Where the bytes are no photo, the output cannot be encoded, or a network fails. "No face" and "still recognisable"
    /// are no errors: [`PhotoReport::status`] tells.
    pub fn protect(&self, photo: &[u8]) -> Result<Protected> {
        self.protect_with(photo, &mut People::default(), &mut |_| ControlFlow::Continue(()))
    }

    /// The same beside other photos: `people` knows those in photos before, and learns those in this one. `hook` is called
    /// after every gradient step and may break off.
    ///
    /// # Errors
    /// As [`Self::protect`], and [`Error::Cancelled`] where `hook` broke off.
    pub fn protect_with(
        &self,
        photo: &[u8],
        people: &mut People,
        hook: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Protected> {
        protect(photo, &self.ensemble, &self.settings, people, hook)
    }

    /// Takes the people of a photo that is not protected itself into `people`, so that photos of theirs are led away from it,
    /// too: a search may start from it. Returns how many faces there are.
    ///
    /// # Errors
    /// Where the bytes are no photo, or a network fails.
    pub fn look(&self, photo: &[u8], people: &mut People) -> Result<usize> {
        look(photo, &self.ensemble, &self.settings, people)
    }

    /// What the networks say of a file that may protect the faces of an original.
    ///
    /// # Errors
    /// Where either is no photo, or a network fails.
    pub fn verify(&self, original: &[u8], written: &[u8]) -> Result<PhotoReport> {
        check(original, written, &self.ensemble, &self.settings, &mut People::default())
    }

    /// The faces that are found in a photo, the most certain first; in pixels of the upright photo.
    ///
    /// # Errors
    /// Where the bytes are no photo, or the detector fails.
    pub fn detect(&self, photo: &[u8]) -> Result<Vec<Face>> {
        Ok(self.find(photo)?.1)
    }

    /// The faces of a photo that can be aligned, as the network of a name sees them.
    ///
    /// # Errors
    /// As [`Self::detect`], and where no surrogate or judge has that name.
    pub fn embed(&self, photo: &[u8], network: &str) -> Result<Vec<Embedded>> {
        let recogniser = self.recogniser(network)?;
        let (photo, faces) = self.find(photo)?;
        let embed = |face: Face| match embedding(recogniser, &photo, &face) {
            Ok(row) => row.map(|embedding| Ok(Embedded { face, embedding })),
            Err(error) => Some(Err(error.into())),
        };
        faces.into_iter().filter_map(embed).collect()
    }

    fn find(&self, photo: &[u8]) -> Result<(Photo, Vec<Face>)> {
        let photo = decode(photo, &self.settings.limits)?;
        let faces = self.ensemble.detector.detect(&photo, &self.settings.detect)?;
        Ok((photo, faces))
    }

    /// The surrogate or judge of a name.
    ///
    /// # Errors
    /// Where none has it.
    pub fn recogniser(&self, name: &str) -> Result<&Recogniser> {
        let Ensemble { surrogates, judges, .. } = &self.ensemble;
        let all = || judges.iter().chain(surrogates);
        all().find(|recogniser| recogniser.entry.name == name).ok_or_else(|| {
            let names: Vec<&str> = all().map(|r| r.entry.name.as_str()).collect();
            Error::Usage(format!("no network {name:?} takes part; these do: {}", names.join(", ")))
        })
    }

    /// The same networks, and other settings: those that only the networks tell, as whose faces are protected.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use visard::Visard;
    /// use visard::pipeline::{Others, References, Settings, Whose};
    ///
    /// let (visard, mut me) = (Visard::new()?, References::default());
    /// me.add(visard.ensemble(), &std::fs::read("me.jpg")?, &visard.settings().limits)?;
    /// let settings = Settings { whose: Whose::Only(me), others: Others::Blur, ..visard.settings().clone() };
    /// let protected = visard.with(settings).protect(&std::fs::read("party.jpg")?)?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn with(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// The networks.
    pub fn ensemble(&self) -> &Ensemble {
        &self.ensemble
    }

    /// The networks that a face search needs.
    #[cfg(feature = "files")]
    pub fn networks(&self) -> Networks<'_> {
        let Ensemble { detector, detector_entry, judges, .. } = &self.ensemble;
        Networks { detector, detector_entry, judges }
    }

    /// What is wanted.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

/// An embedder of one's own that no catalogue describes.
#[derive(Clone, Debug)]
pub struct OwnNetwork {
    /// What it is and takes.
    pub network: NewNetwork,
    /// Its ONNX file.
    pub file: PathBuf,
    /// The cosine from which on it takes two faces for one person, at a false accept rate of 1 in 1,000; a judge needs one.
    pub threshold: Option<f32>,
}

/// Chooses networks and settings of a [`Visard`].
///
/// ```no_run
/// # fn main() -> Result<(), visard::Error> {
/// use visard::Visard;
/// use visard::cloak::Preset;
///
/// let visard = Visard::builder().strength(Preset::Strong).seed(7).surrogates(["visard-narrow"]).open()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Builder {
    folders: Vec<PathBuf>,
    files: Vec<Arc<[u8]>>,
    detector: Option<String>,
    surrogates: Vec<String>,
    judges: Vec<String>,
    own: Vec<OwnNetwork>,
    settings: Settings,
}

impl Builder {
    /// How strong, and how visible. Default: `standard`.
    #[must_use]
    pub fn strength(mut self, preset: Preset) -> Self {
        self.settings.preset = preset;
        self
    }

    /// Seed of all random choices. Default: 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Which faces are protected. Default: all.
    #[must_use]
    pub fn faces(mut self, faces: Faces) -> Self {
        self.settings.faces = faces;
        self
    }

    /// All settings at once, in place of what was chosen before.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// A folder whose networks are at hand, too.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folders.push(folder.into());
        self
    }

    /// A network's ONNX file that is in memory, of which visard's catalogue says what it is.
    #[must_use]
    pub fn file(mut self, bytes: impl Into<Arc<[u8]>>) -> Self {
        self.files.push(bytes.into());
        self
    }

    /// The network that finds faces, by name. Default: the built-in one, or that of a folder that was named.
    #[must_use]
    pub fn detector(mut self, name: impl Into<String>) -> Self {
        self.detector = Some(name.into());
        self
    }

    /// The networks whose gradients make cloaks, by name. Default: all at hand that leave a judge independent.
    #[must_use]
    pub fn surrogates<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.surrogates = names.into_iter().map(N::into).collect();
        self
    }

    /// The networks that check written files, by name. Default: all at hand that have a threshold.
    #[must_use]
    pub fn judges<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.judges = names.into_iter().map(N::into).collect();
        self
    }

    /// An embedder of one's own, which is at hand then.
    #[must_use]
    pub fn network(mut self, own: OwnNetwork) -> Self {
        self.own.push(own);
        self
    }

    /// Opens the networks.
    ///
    /// # Errors
    /// Where a network is missing, damaged or unknown, is asked for as surrogate and judge, or is a judge without a threshold; and
    /// where one of one's own has a name or a file that is known already.
    pub fn open(self) -> Result<Visard> {
        let mut library = Library::at_hand(&self.folders)?;
        self.files.into_iter().try_for_each(|file| library.hold(file))?;
        for OwnNetwork { network, file, threshold } in self.own {
            let mut entry = fresh(&network, &file, &library)?;
            entry.verdict = threshold;
            library.put(entry, file)?;
        }
        if let Some(name) = &self.detector {
            library.keep_detector(name)?;
        }
        let ensemble = Ensemble::open(&library, &self.surrogates, &self.judges)?;
        Ok(Visard { ensemble, settings: self.settings })
    }
}

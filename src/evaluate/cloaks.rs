//! The cloaked photos of an evaluation. They are kept as files, so that a run that was stopped goes on.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::baselines::{Method, apply, limits};
use super::quality::Quality;
use crate::bounded;
use crate::cloak::{Preset, Subject};
use crate::compose::compose_within;
use crate::embed::Embed;
use crate::error::{Error, Result};
use crate::face::Face;
use crate::models::{Ensemble, sha256};
use crate::photo::{EncodeOptions, Limits, Photo, decode, encode};
use crate::pipeline::{Likeness, People};
use crate::whole::{self, Rights};

/// A method at a visibility.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cloaking {
    /// What changes the face.
    pub method: Method,
    /// Up to which mean structural dissimilarity of the face.
    pub dssim: f32,
}

/// What is known of a cloaked photo besides its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CloakReport {
    /// Gradient steps that were taken.
    pub steps: usize,
    /// Time for the cloak, on the machine that made it.
    pub seconds: f64,
    /// What can be seen of it at the face, before encoding.
    pub face: Option<Quality>,
    /// What can be seen of it in the photo, before encoding.
    pub photo: Quality,
}

/// A cloaked photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Cloaked {
    /// Its file.
    pub path: PathBuf,
    /// What is known of it.
    pub report: CloakReport,
}

impl Cloaking {
    /// A preset of our own, at its own visibility.
    pub fn preset(preset: Preset) -> Self {
        Self { method: Method::Visard(preset), dssim: preset.first().budget.dssim }
    }

    /// Presets, each followed by the other methods at its visibility where `baselines` asks for them.
    pub fn compared(presets: &[Preset], baselines: bool) -> Vec<Self> {
        let others = |dssim: f32| {
            let others =
                Method::BASELINES.into_iter().filter(move |&method| baselines && method != Method::None);
            others.map(move |method| Self { method, dssim })
        };
        let presets = presets.iter().map(|&preset| Self::preset(preset));
        presets.flat_map(|preset| std::iter::once(preset).chain(others(preset.dssim))).collect()
    }

    /// The photos as they are.
    pub const NONE: Self = Self { method: Method::None, dssim: 0. };

    /// The name in reports: that of the preset, or the method at its DSSIM.
    pub fn name(&self) -> String {
        match self.method {
            Method::None => "none".into(),
            Method::Visard(preset) if *self == Self::preset(preset) => preset.name().into(),
            method => format!("{}@{}", method.name(), self.dssim),
        }
    }
}

/// Makes the cloaked photos of one method, or takes those that are there.
pub(super) struct Workshop<'a> {
    ensemble: &'a Ensemble,
    cloaking: Cloaking,
    seed: u64,
    people: People,
    folder: PathBuf,
}

impl<'a> Workshop<'a> {
    /// Works in a folder of its own below `output`: another setting, another folder.
    pub(super) fn new(ensemble: &'a Ensemble, cloaking: Cloaking, seed: u64, output: &Path) -> Result<Self> {
        let attempt = match cloaking.method {
            Method::Visard(preset) => Some(preset.first()),
            _ => None,
        };
        let surrogates: Vec<(&str, Option<f32>)> = match cloaking.method {
            Method::None | Method::Noise => vec![],
            _ => ensemble.surrogates.iter().map(|s| (s.entry.sha256.as_str(), s.entry.weight)).collect(),
        };
        let version = env!("CARGO_PKG_VERSION");
        let settings = (version, Preset::VERSION, cloaking, attempt, surrogates, seed);
        let settings = serde_json::to_vec(&settings).map_err(|e| Error::Usage(e.to_string()))?;
        let name = format!("{}-{}", cloaking.name(), &sha256(&settings)[..8]);
        Ok(Self {
            ensemble,
            cloaking,
            seed,
            people: People::default(),
            folder: output.join("cloaks").join(name),
        })
    }

    /// Looks at a photo that is to be cloaked later, whose subject is `face`: as in a batch, all photos of a person count
    /// for each of them.
    pub(super) fn look(&mut self, photo: &Path, face: &Face) -> Result<()> {
        if let Method::Visard(_) = self.cloaking.method
            && let Some(before) = Likeness::of(self.ensemble, &open(photo)?, face)?
        {
            self.people.expect(before);
        }
        Ok(())
    }

    /// The cloaked copy of a person's photo, whose subject is `face`.
    pub(super) fn cloaked(&mut self, person: &str, photo: &Path, face: &Face) -> Result<Cloaked> {
        let Method::Visard(_) = self.cloaking.method else { return self.make(person, photo, face, None) };
        let before = Likeness::of(self.ensemble, &open(photo)?, face)?;
        let cloaked = self.make(person, photo, face, before.as_ref())?;
        let after = Likeness::of(self.ensemble, &open(&cloaked.path)?, face)?;
        self.people.remember(before, after)?;
        Ok(cloaked)
    }

    fn make(&self, person: &str, photo: &Path, face: &Face, clean: Option<&Likeness>) -> Result<Cloaked> {
        let name = photo.file_name().unwrap_or_default().to_string_lossy();
        let folder = self.folder.join(person);
        let notes = folder.join(format!("{name}.json"));
        if let Some(cloaked) = kept(&folder, &name, &notes) {
            return Ok(cloaked);
        }
        let original = open(photo)?;
        let surrogates: Vec<&dyn Embed> =
            self.ensemble.surrogates.iter().map(|s| &s.embedder as &dyn Embed).collect();
        let start = Instant::now();
        let seed = seed_of(self.seed, person, &name);
        let others = clean.map(|clean| self.people.others(self.ensemble, clean)).unwrap_or_default();
        let subject = Subject { photo: &original, face, others: &others };
        let mut cloaks = [apply(self.cloaking.method, &subject, &surrogates, self.cloaking.dssim, seed)?];
        let steps = cloaks[0].as_ref().map_or(0, |c| c.steps);
        let budget = limits(self.cloaking.method, self.cloaking.dssim);
        let (composed, _) = compose_within(&original, &[*face], &mut cloaks, &budget)?;
        let report = CloakReport {
            steps,
            seconds: start.elapsed().as_secs_f64(),
            face: Quality::of_face(&original, &composed, face)?,
            photo: Quality::of_photo(&original, &composed)?,
        };
        let encoded = encode(&composed, &EncodeOptions::default())?;
        let path = folder.join(if encoded.format == original.format() { name.into() } else { as_png(&name) });
        let json = serde_json::to_vec(&report).map_err(|e| Error::Usage(e.to_string()))?;
        // The photo comes last: where it is, all is there.
        let rights = Rights::of(photo);
        std::fs::create_dir_all(path.parent().unwrap_or(&path))
            .and_then(|()| whole::replace(&notes, &json, rights))
            .and_then(|()| whole::replace(&path, &encoded.bytes, rights))
            .map_err(|e| Error::file(&path, e))?;
        Ok(Cloaked { path, report })
    }
}

pub(super) fn open(path: &Path) -> Result<Photo> {
    let bytes = Limits::default().read(path).map_err(|e| Error::file(path, e))?;
    Ok(decode(&bytes, &Limits::default())?)
}

/// Larger notes are none of ours, in bytes.
const NOTES: u64 = 1 << 20;

/// The cloaked photo that an earlier run made, if it is there and whole.
fn kept(folder: &Path, name: &str, notes: &Path) -> Option<Cloaked> {
    let report = serde_json::from_slice(&bounded::read(notes, NOTES).ok()?).ok()?;
    let path = [name, &as_png(name)].map(|name| folder.join(name)).into_iter().find(|path| path.is_file())?;
    Some(Cloaked { path, report })
}

/// The name of the cloaked copy of a photo in a format that is read only.
fn as_png(name: &str) -> String {
    format!("{name}.png")
}

/// A seed of its own for each photo, whichever others are cloaked.
fn seed_of(seed: u64, person: &str, photo: &str) -> u64 {
    let digest = sha256(format!("{person}/{photo}").as_bytes());
    seed ^ u64::from_str_radix(&digest[..15], 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_the_method_and_the_visibility_where_it_is_not_the_presets_own() {
        assert_eq!(Cloaking::NONE.name(), "none");
        assert_eq!(Cloaking::preset(Preset::Subtle).name(), "subtle");
        assert_eq!(Cloaking { method: Method::Visard(Preset::Subtle), dssim: 0.02 }.name(), "subtle@0.02");
        assert_eq!(Cloaking { method: Method::Pgd, dssim: 0.012 }.name(), "pgd@0.012");
    }

    #[test]
    fn each_photo_has_a_seed_of_its_own() {
        assert_eq!(seed_of(1, "A", "1"), seed_of(1, "A", "1"));
        assert_ne!(seed_of(1, "A", "1"), seed_of(1, "A", "2"));
        assert_ne!(seed_of(1, "A", "1"), seed_of(2, "A", "1"));
    }
}

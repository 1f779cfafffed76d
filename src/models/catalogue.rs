//! What is known of each network: the format of `catalogue.toml`.

use serde::{Deserialize, Serialize};

use super::{Error, Result};
use crate::embed::{Crop, Input, Order};

/// The catalogue that visard comes with.
const BUILT_IN: &str = include_str!("../../models/catalogue.toml");

/// What a network does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Aligned face to embedding.
    Embedder,
    /// Photo to faces.
    Detector,
}

/// What an embedder is for in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Its gradients make cloaks.
    Surrogate,
    /// It checks written files, and its gradients are never used.
    Judge,
}

/// Cosines of embeddings above which two faces count as one person.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// At one false accept in 100.
    pub far_1e2: f32,
    /// At one false accept in 1,000.
    pub far_1e3: f32,
    /// At one false accept in 10,000.
    pub far_1e4: f32,
}

/// One network of the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Short name, as used on the command line.
    pub name: String,
    /// What it does.
    pub kind: Kind,
    /// What it is for unless a run says otherwise; detectors have none.
    pub role: Option<Role>,
    /// Usual name of the file.
    pub file: String,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: String,
    /// The aligned face that an embedder takes.
    pub crop: Option<Crop>,
    /// Mean of red, green and blue that the input is shifted by.
    pub mean: Option<[f32; 3]>,
    /// Standard deviation of red, green and blue that the input is divided by.
    pub std: Option<[f32; 3]>,
    /// Order of the channels.
    #[serde(default)]
    pub order: Order,
    /// Length of an embedding.
    pub dimension: Option<usize>,
    /// When two faces count as one person.
    pub thresholds: Option<Thresholds>,
    /// The data on which the thresholds were measured, and how.
    pub calibration: Option<String>,
    /// Under which terms the network may be used.
    pub licence: String,
    /// Where it comes from.
    pub source: String,
}

#[derive(Deserialize)]
struct Catalogue {
    network: Vec<Entry>,
}

impl Entry {
    /// The networks that visard knows.
    pub fn built_in() -> Result<Vec<Self>> {
        Self::parse(BUILT_IN, "built into visard")
    }

    /// Reads a catalogue; `path` is for messages.
    pub fn parse(text: &str, path: &str) -> Result<Vec<Self>> {
        let error = |reason: String| Error::Catalogue { path: path.into(), reason };
        let catalogue: Catalogue = toml::from_str(text).map_err(|e| error(e.to_string()))?;
        match catalogue.network.iter().find(|e| e.kind == Kind::Embedder && e.embedding().is_none()) {
            Some(entry) => Err(error(format!("{:?} needs a role, a crop, a mean and a std", entry.name))),
            None => Ok(catalogue.network),
        }
    }

    /// What an embedder needs besides its network.
    pub(super) fn embedding(&self) -> Option<(Crop, Input)> {
        self.role?;
        Some((self.crop?, Input { mean: self.mean?, std: self.std?, order: self.order }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_catalogue_is_sound() {
        let entries = Entry::built_in().unwrap();
        for entry in &entries {
            assert_eq!(entry.sha256.len(), 64, "{}", entry.name);
            assert_eq!(entries.iter().filter(|e| e.name == entry.name).count(), 1, "{}", entry.name);
        }
    }

    #[test]
    fn an_embedder_without_a_crop_is_refused_by_name() {
        let text =
            "[[network]]\nname='n'\nkind='embedder'\nfile='n.onnx'\nsha256=''\nlicence='MIT'\nsource=''";
        assert!(Entry::parse(text, "test").unwrap_err().to_string().contains("\"n\" needs a role"));
    }

    #[test]
    fn a_misspelt_field_is_an_error_that_names_it() {
        let text = "[[network]]\nname='n'\nkind='detector'\nfile='f'\nsha256=''\nlicense='MIT'\nsource=''";
        assert!(Entry::parse(text, "test").unwrap_err().to_string().contains("license"));
    }
}

//! What is known of each network: the format of `catalogue.toml`.

use serde::{Deserialize, Serialize};

use super::check::check_apart;
use super::{Error, Result};
use crate::embed::{Crop, Input, Layout, Order};

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
    /// At one false accept in 10,000; `None` where too few people were at hand to know it.
    pub far_1e4: Option<f32>,
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
    /// Where the file can be had: an address that always gives this very file.
    pub address: Option<String>,
    /// Size of the file.
    pub bytes: Option<u64>,
    /// The aligned face that an embedder takes.
    pub crop: Option<Crop>,
    /// Mean of red, green and blue that the input is shifted by.
    pub mean: Option<[f32; 3]>,
    /// Standard deviation of red, green and blue that the input is divided by.
    pub std: Option<[f32; 3]>,
    /// Order of the channels.
    #[serde(default)]
    pub order: Order,
    /// Where the channels are.
    #[serde(default)]
    pub layout: Layout,
    /// The output that is the embedding, where the network has several.
    pub output: Option<String>,
    /// Whether the embedding is that of the face and of its mirror image together.
    #[serde(default)]
    pub mirror: bool,
    /// Length of an embedding.
    pub dimension: Option<usize>,
    /// When two faces count as one person.
    pub thresholds: Option<Thresholds>,
    /// The cosine that a cloaked face must stay below to count as protected, for a network that cloaks fool
    /// too easily to be asked at a false accept rate of 1 in 1,000.
    pub verdict: Option<f32>,
    /// The network that it learned from, by name.
    pub teacher: Option<String>,
    /// The collections of photos that it was trained on, as far as they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub training_data: Vec<String>,
    /// How much a surrogate counts beside others, above 0 and at most 1; 1 where nothing is said.
    pub weight: Option<f32>,
    /// The data on which the thresholds were measured, and how.
    pub calibration: Option<String>,
    /// Under which terms the network may be used.
    pub licence: String,
    /// Where it comes from.
    pub source: String,
}

/// Licences that allow everyone's use.
const OPEN_LICENCES: [&str; 4] = ["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause"];

/// A catalogue as its file holds it.
#[derive(Serialize, Deserialize)]
struct Catalogue {
    network: Vec<Entry>,
}

impl Entry {
    /// The cosine above which a written face is still recognised: the threshold at a false accept rate of 1 in
    /// 1,000 or the verdict, whichever is lower; `None` where neither was measured.
    pub fn threshold(&self) -> Option<f32> {
        match (self.verdict, self.thresholds.map(|t| t.far_1e3)) {
            (Some(verdict), Some(threshold)) => Some(verdict.min(threshold)),
            (verdict, threshold) => verdict.or(threshold),
        }
    }

    /// The networks that visard knows.
    pub fn built_in() -> Result<Vec<Self>> {
        Self::parse(BUILT_IN, "built into visard")
    }

    /// Reads a catalogue; `path` is for messages.
    ///
    /// # Errors
    /// Where it is no catalogue, or says of a network too little or what cannot be.
    pub fn parse(text: &str, path: &str) -> Result<Vec<Self>> {
        let error = |reason: String| Error::Catalogue { path: path.into(), reason };
        let mut entries = toml::from_str::<Catalogue>(text).map_err(|e| error(e.to_string()))?.network;
        for entry in &mut entries {
            entry.sha256.make_ascii_lowercase();
            entry.check().map_err(|reason| error(format!("{:?} {reason}", entry.name)))?;
        }
        check_apart(&entries).map_err(error)?;
        Ok(entries)
    }

    /// Whether it is an embedder that can be downloaded, and its licence allows everyone's use. No detector is
    /// recommended: a run keeps the one that is built in.
    pub fn is_recommended(&self) -> bool {
        self.kind == Kind::Embedder
            && self.address.is_some()
            && OPEN_LICENCES.contains(&self.licence.as_str())
    }

    /// The text of a catalogue with these networks.
    pub(super) fn write(entries: Vec<Self>) -> Result<String> {
        toml::to_string(&Catalogue { network: entries })
            .map_err(|e| Error::Catalogue { path: "to be written".into(), reason: e.to_string() })
    }

    /// What an embedder needs besides its network.
    pub(crate) fn embedding(&self) -> Option<(Crop, Input)> {
        self.role?;
        let (mean, std) = (self.mean?, self.std?);
        Some((self.crop?, Input { mean, std, order: self.order, layout: self.layout, mirror: self.mirror }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_catalogue_is_sound() {
        let entries = Entry::built_in().unwrap();
        for entry in &entries {
            assert_eq!(entries.iter().filter(|e| e.name == entry.name).count(), 1, "{}", entry.name);
            assert_eq!(entries.iter().filter(|e| e.sha256 == entry.sha256).count(), 1, "{}", entry.name);
        }
        let mut recommended: Vec<_> =
            entries.iter().filter(|e| e.is_recommended()).map(|e| &*e.name).collect();
        recommended.sort_unstable();
        assert_eq!(recommended, ["foamliu-mobilefacenet", "sface-2021dec"]);
        for teacher in entries.iter().filter_map(|e| e.teacher.as_ref()) {
            assert!(entries.iter().any(|e| e.name == *teacher), "nobody knows the teacher {teacher}");
        }
    }

    #[test]
    fn the_stricter_of_verdict_and_false_accept_rate_counts() {
        let mut entry = Entry::built_in().unwrap().remove(0);
        entry.thresholds = Some(Thresholds { far_1e2: 0.25, far_1e3: 0.375, far_1e4: None });
        for (verdict, counts) in [(None, 0.375), (Some(0.125), 0.125), (Some(0.5), 0.375)] {
            entry.verdict = verdict;
            assert_eq!(entry.threshold(), Some(counts));
        }
        (entry.verdict, entry.thresholds) = (None, None);
        assert_eq!(entry.threshold(), None);
    }
}

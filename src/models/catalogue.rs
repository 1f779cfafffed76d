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
    /// The cosine above which a written face is still recognised; `None` where it was not measured.
    pub fn threshold(&self) -> Option<f32> {
        self.verdict.or(self.thresholds.map(|t| t.far_1e3))
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
        Ok(entries)
    }

    /// Whether it can be downloaded, and its licence allows everyone's use.
    pub fn is_recommended(&self) -> bool {
        self.address.is_some() && OPEN_LICENCES.contains(&self.licence.as_str())
    }

    /// The text of a catalogue with these networks.
    pub(super) fn write(entries: Vec<Self>) -> Result<String> {
        toml::to_string(&Catalogue { network: entries })
            .map_err(|e| Error::Catalogue { path: "to be written".into(), reason: e.to_string() })
    }

    /// What is wrong with it, if anything.
    pub(crate) fn check(&self) -> std::result::Result<(), &'static str> {
        let plain =
            |text: &str, more: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
        let numbers = self.mean.iter().chain(&self.std).flatten();
        if self.name.is_empty() || !plain(&self.name, "-_.") {
            Err("is no name: use letters, digits, \"-\", \"_\" and \".\"")
        } else if self.file.starts_with('.') || !plain(&self.file, "-_. ") {
            Err("must have the plain name of a file, without a folder")
        } else if self.sha256.len() != 64 || !self.sha256.chars().all(|c| c.is_ascii_hexdigit()) {
            Err("needs the SHA-256 of its file in 64 hexadecimal digits")
        } else if self.address.is_some() != self.bytes.is_some() {
            Err("needs an address and the bytes of its file, or neither")
        } else if self.kind == Kind::Embedder && self.embedding().is_none() {
            Err("needs a role, a crop, a mean and a std")
        } else if !numbers.copied().all(f32::is_finite) || self.std.iter().flatten().any(|&std| std <= 0.) {
            Err("must have finite means, and stds above 0")
        } else if self.weight.is_some_and(|weight| !(weight > 0. && weight <= 1.)) {
            Err("must have a weight above 0 and at most 1")
        } else {
            Ok(())
        }
    }

    /// What an embedder needs besides its network.
    pub(crate) fn embedding(&self) -> Option<(Crop, Input)> {
        self.role?;
        let (mean, std) = (self.mean?, self.std?);
        Some((self.crop?, Input { mean, std, order: self.order, mirror: self.mirror }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A detector with other or further lines.
    fn refused(changes: &[(&str, &str)]) -> String {
        let mut fields = vec![
            ("name", "'n'"),
            ("kind", "'detector'"),
            ("file", "'n.onnx'"),
            ("sha256", "'8F2383E4DD3CFBB4553EA8718107FC0423210DC964F9F4280604804ED2552FA4'"),
            ("licence", "'MIT'"),
            ("source", "''"),
        ];
        fields.retain(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
        let lines: String =
            fields.iter().chain(changes).map(|(key, value)| format!("{key} = {value}\n")).collect();
        Entry::parse(&format!("[[network]]\n{lines}"), "test")
            .map_or_else(|e| e.to_string(), |e| e[0].sha256.clone())
    }

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
        assert_eq!(recommended, ["foamliu-mobilefacenet", "sface-2021dec", "yunet-2023mar"]);
    }

    #[test]
    fn a_verdict_of_its_own_goes_before_the_false_accept_rate() {
        let mut entry = Entry::built_in().unwrap().into_iter().find(|e| e.thresholds.is_some()).unwrap();
        entry.verdict = None;
        assert_eq!(entry.threshold(), entry.thresholds.map(|t| t.far_1e3));
        entry.verdict = Some(0.125);
        assert_eq!(entry.threshold(), Some(0.125));
        (entry.verdict, entry.thresholds) = (None, None);
        assert_eq!(entry.threshold(), None);
    }

    #[test]
    fn a_sum_in_capitals_is_the_same_sum() {
        assert_eq!(refused(&[]), "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4");
    }

    #[test]
    fn an_entry_that_cannot_be_is_refused_by_name() {
        for (changes, reason) in [
            (&[("kind", "'embedder'")][..], "\"n\" needs a role"),
            (&[("licence", "'MIT'"), ("license", "'MIT'")], "license"),
            (&[("name", "'a,b'")], "\"a,b\" is no name"),
            (&[("file", "'../n.onnx'")], "\"n\" must have the plain name of a file"),
            (&[("file", "'.bashrc'")], "\"n\" must have the plain name of a file"),
            (&[("sha256", "'8f23'")], "\"n\" needs the SHA-256"),
            (&[("address", "'https://example.org/n.onnx'")], "\"n\" needs an address and the bytes"),
            (&[("std", "[1.0, 0.0, 1.0]")], "\"n\" must have finite means, and stds above 0"),
            (&[("mean", "[1.0, nan, 1.0]")], "\"n\" must have finite means"),
            (&[("weight", "0.0")], "\"n\" must have a weight above 0"),
        ] {
            assert!(refused(changes).contains(reason), "{}", refused(changes));
        }
    }
}

//! The results: plain data, one JSON schema. Documented for readers in `docs/evaluation.md`.

use serde::{Deserialize, Serialize};

use super::cloaks::{Cloaked, Cloaking};
use super::condition::Condition;
use super::opposition::AdversaryRow;
use super::protocol::{Figure, Protocol};
use super::quality::Quality;
use crate::models::{Entry, Role, Thresholds};

/// All that an evaluation found. The same settings, photos and networks give the same results, bit
/// for bit, on one machine and number of threads; what differs from run to run (seconds) is kept apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// Version of this schema: 1.
    pub schema: u32,
    /// Version of visard.
    pub visard: String,
    /// The protocol.
    pub protocol: Protocol,
    /// Seed of all random choices.
    pub seed: u64,
    /// Who was protected, and among whom.
    pub data: Data,
    /// All networks.
    pub networks: Vec<NetworkResult>,
    /// What happened to the photos on their way.
    pub conditions: Vec<String>,
    /// What changed the photos.
    pub methods: Vec<MethodResult>,
    /// The figures.
    pub rows: Vec<Row>,
    /// What adversaries achieve; empty where they were not asked for.
    pub adversaries: Vec<AdversaryRow>,
}

/// The data of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// The people who were protected.
    pub people: Vec<String>,
    /// People who were left out, having too few photos in which a face was found.
    pub left_out: Vec<String>,
    /// Cloaked photos of each person.
    pub photos_per_person: usize,
    /// All cloaked photos.
    pub cloaked: usize,
    /// All photos of the same people that were not cloaked.
    pub clean: usize,
    /// Strangers with a face.
    pub distractors: usize,
}

/// A network of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkResult {
    /// Its name in the catalogue.
    pub name: String,
    /// What it was; none for the detector.
    pub role: Option<Role>,
    /// SHA-256 of its file.
    pub sha256: String,
    /// When two faces count as one person.
    pub thresholds: Option<Thresholds>,
}

impl NetworkResult {
    pub(super) fn of(entry: &Entry, role: Option<Role>) -> Self {
        Self {
            name: entry.name.clone(),
            role,
            sha256: entry.sha256.clone(),
            thresholds: entry.thresholds.filter(|_| role == Some(Role::Judge)),
        }
    }
}

/// What can be seen of a method's changes: means over all photos.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MethodResult {
    /// Its name in the rows.
    pub name: String,
    /// The method and its visibility.
    #[serde(flatten)]
    pub cloaking: Cloaking,
    /// Mean gradient steps of a photo.
    pub steps: f64,
    /// At the face.
    pub face: Option<Quality>,
    /// The worst of each face's measures.
    pub worst_face: Option<Worst>,
    /// In the photo.
    pub photo: Option<Quality>,
}

impl MethodResult {
    pub(super) fn of(cloaking: Cloaking, photos: &[Cloaked]) -> Self {
        let faces: Vec<Quality> = photos.iter().filter_map(|c| c.report.face).collect();
        let whole: Vec<Quality> = photos.iter().map(|c| c.report.photo).collect();
        let steps: usize = photos.iter().map(|c| c.report.steps).sum();
        Self {
            name: cloaking.name(),
            cloaking,
            steps: steps as f64 / photos.len().max(1) as f64,
            face: mean(&faces),
            worst_face: Worst::of(&faces),
            photo: mean(&whole),
        }
    }
}

/// How the worst face looks by each measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Worst {
    /// The lowest SSIMULACRA 2.
    pub ssimulacra2: f32,
    /// The largest Butteraugli.
    pub butteraugli: f32,
}

impl Worst {
    /// None where there is no face large enough.
    fn of(faces: &[Quality]) -> Option<Self> {
        let ssimulacra2 = faces.iter().filter_map(|q| q.ssimulacra2).reduce(f32::min)?;
        let butteraugli = faces.iter().filter_map(|q| q.butteraugli).reduce(f32::max)?;
        Some(Self { ssimulacra2, butteraugli })
    }
}

/// Means of each measure; the largest change and colour difference are the largest of all.
fn mean(all: &[Quality]) -> Option<Quality> {
    let count = all.len() as f64;
    let mean = |of: fn(&Quality) -> f32| (all.iter().map(|q| f64::from(of(q))).sum::<f64>() / count) as f32;
    let some = |of: fn(&Quality) -> Option<f32>| {
        let known: Vec<f64> = all.iter().filter_map(of).map(f64::from).collect();
        (!known.is_empty()).then(|| (known.iter().sum::<f64>() / known.len() as f64) as f32)
    };
    let most = |of: fn(&Quality) -> f32| all.iter().map(of).fold(0., f32::max);
    (!all.is_empty()).then(|| Quality {
        dssim: mean(|q| q.dssim),
        ssim: mean(|q| q.ssim),
        psnr: some(|q| q.psnr),
        ssimulacra2: some(|q| q.ssimulacra2),
        butteraugli: some(|q| q.butteraugli),
        colour_mean: mean(|q| q.colour_mean),
        colour_largest: most(|q| q.colour_largest),
        largest_change: most(|q| q.largest_change),
    })
}

/// One figure of the results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// What changed the photos.
    pub method: String,
    /// What happened to them on their way.
    pub condition: String,
    /// Who says it.
    pub judge: String,
    /// Whether the judge's own gradients made the cloaks: then the row says nothing about other networks.
    pub white_box: bool,
    /// Which figure.
    #[serde(flatten)]
    pub figure: Figure,
}

impl Results {
    /// The rows as comma-separated values with a head line.
    pub fn csv(&self) -> String {
        let mut text =
            String::from("method,condition,judge,white_box,scenario,metric,value,low,high,trials\n");
        for row in &self.rows {
            let (f, s) = (&row.figure, &row.figure.share);
            let fields = [&row.method, &row.condition, &row.judge].map(|field| quoted(field)).join(",");
            text += &format!(
                "{fields},{},{},{},{:.6},{:.6},{:.6},{}\n",
                row.white_box, f.scenario, f.metric, s.value, s.low, s.high, s.trials
            );
        }
        text
    }

    /// A figure, if it was measured.
    pub fn find(&self, [method, judge, scenario, metric]: [&str; 4], condition: Condition) -> Option<&Row> {
        let condition = condition.name();
        self.rows.iter().find(|row| {
            (row.method.as_str(), row.judge.as_str(), &row.condition) == (method, judge, &condition)
                && (row.figure.scenario.as_str(), row.figure.metric.as_str()) == (scenario, metric)
        })
    }
}

/// A field of comma-separated values, [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180).
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_with_commas_and_quotes_are_quoted() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
    }
}

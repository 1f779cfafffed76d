//! The networks of one run: a detector, surrogates and judges.

use super::{Entry, Error, Kind, Library, Result, Role, Stored};
use crate::embed::Embedder;
use crate::face::Detector;
use crate::network::{Executor, Network};

/// The networks of one run. No network is a surrogate and a judge at once.
#[derive(Debug)]
pub struct Ensemble {
    /// Finds the faces.
    pub detector: Detector,
    /// What is known of the detector.
    pub detector_entry: Entry,
    /// Their gradients make the cloaks.
    pub surrogates: Vec<Recogniser>,
    /// They check the written files.
    pub judges: Vec<Recogniser>,
}

/// An embedder and what is known of it.
#[derive(Debug)]
pub struct Recogniser {
    /// What is known of it.
    pub entry: Entry,
    /// The network.
    pub embedder: Embedder,
    /// Similarity above which it takes two faces for one person: at a false accept rate of 1e-3.
    pub threshold: f32,
}

impl Ensemble {
    /// Opens the networks of a run; empty lists of names mean all of that role that are at hand.
    ///
    /// # Errors
    /// Where a network is missing or damaged, is asked for in both roles, or a judge has no threshold.
    pub fn open(library: &Library, surrogates: &[String], judges: &[String]) -> Result<Self> {
        if let Some(name) = surrogates.iter().find(|name| judges.contains(name)) {
            return Err(Error::Usage(format!(
                "{name:?} cannot be surrogate and judge at once: a judge must be unseen"
            )));
        }
        let (detector, detector_entry) = Self::detector(library)?;
        let chosen = |role, names, others| -> Result<Vec<Recogniser>> {
            choose(library, role, names, others)?.into_iter().map(Recogniser::open).collect()
        };
        Ok(Self {
            detector,
            detector_entry,
            surrogates: chosen(Role::Surrogate, surrogates, judges)?,
            judges: chosen(Role::Judge, judges, surrogates)?,
        })
    }

    /// The first detector that is at hand.
    pub fn detector(library: &Library) -> Result<(Detector, Entry)> {
        let stored = library.stored.iter().find(|s| s.entry.kind == Kind::Detector).ok_or_else(|| {
            Error::Missing("no face detector is at hand; name a folder with networks by --models-dir".into())
        })?;
        Ok((Detector::new(network(stored)?), stored.entry.clone()))
    }
}

impl Recogniser {
    /// Opens an embedder.
    ///
    /// # Errors
    /// Where its file is damaged, it is no embedder, or its threshold was not measured.
    pub fn open(stored: &Stored) -> Result<Self> {
        let recogniser = Self::uncalibrated(stored)?;
        match recogniser.entry.thresholds {
            Some(_) => Ok(recogniser),
            None => Err(Error::Usage(format!("{:?} has no calibrated threshold", stored.entry.name))),
        }
    }

    /// Opens an embedder that may lack a threshold; then it recognises every face.
    pub fn uncalibrated(stored: &Stored) -> Result<Self> {
        let entry = stored.entry.clone();
        let Some((crop, input)) = entry.embedding() else {
            return Err(Error::Usage(format!("{:?} is not an embedder", entry.name)));
        };
        let threshold = entry.thresholds.map_or(f32::NEG_INFINITY, |t| t.far_1e3);
        Ok(Self { embedder: Embedder::new(network(stored)?, crop, input), entry, threshold })
    }
}

fn choose<'l>(
    library: &'l Library,
    role: Role,
    names: &[String],
    others: &[String],
) -> Result<Vec<&'l Stored>> {
    if !names.is_empty() {
        return names.iter().map(|name| library.find(name)).collect();
    }
    let chosen: Vec<&Stored> = library
        .stored
        .iter()
        .filter(|s| s.entry.role == Some(role) && !others.contains(&s.entry.name))
        .collect();
    if chosen.is_empty() {
        let role = if role == Role::Judge { "judge" } else { "surrogate" };
        return Err(Error::Missing(format!(
            "no {role} is at hand; name a folder with networks by --models-dir"
        )));
    }
    Ok(chosen)
}

fn network(stored: &Stored) -> Result<Network> {
    let broken = |source| Error::Network { name: stored.entry.name.clone(), source };
    let executor = Executor::from_environment().map_err(broken)?;
    Network::from_onnx(&stored.bytes()?, executor).map_err(broken)
}

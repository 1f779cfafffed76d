//! The networks of one run: a detector, surrogates and judges.

use super::{Entry, Error, Kind, Library, Result, Role, Stored, Tie, Warning, warnings};
use crate::embed::Embedder;
use crate::face::Detector;

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
    /// Opens the networks of a run; empty lists of names mean all of that role that are at hand, but for judges
    /// without a threshold, and for surrogates that are too close to every judge ([`Self::left_out`]).
    ///
    /// # Errors
    /// Where a network is missing or damaged, is asked for in both roles, or a named judge has no threshold.
    pub fn open(library: &Library, surrogates: &[String], judges: &[String]) -> Result<Self> {
        if let Some(name) = surrogates.iter().find(|name| judges.contains(name)) {
            return Err(Error::Usage(format!(
                "{name:?} cannot be surrogate and judge at once: a judge must be unseen"
            )));
        }
        let (detector, detector_entry) = Self::detector(library)?;
        let chosen = choose(library, Role::Surrogate, surrogates, judges)?;
        let judges = choose(library, Role::Judge, judges, surrogates)?;
        let chosen = if surrogates.is_empty() { apart(chosen, &judges) } else { chosen };
        Ok(Self {
            detector,
            detector_entry,
            surrogates: chosen.into_iter().map(Recogniser::uncalibrated).collect::<Result<_>>()?,
            judges: calibrated(judges)?,
        })
    }

    /// Where the judges are tied to the surrogates, so that the verdict says less.
    pub fn warnings(&self) -> Vec<Warning> {
        let [judges, surrogates] = [&self.judges, &self.surrogates]
            .map(|recognisers| recognisers.iter().map(|r| &r.entry).collect::<Vec<_>>());
        warnings(&judges, &surrogates)
    }

    /// The surrogates at hand that a run takes only by name: every judge of this one learned from them, or they from
    /// it, or both from a third, so that nobody independent would be left to judge their cloaks.
    pub fn left_out<'l>(&self, library: &'l Library) -> Vec<&'l Entry> {
        let judges: Vec<&Entry> = self.judges.iter().map(|judge| &judge.entry).collect();
        let taken = |e: &Entry| self.surrogates.iter().any(|s| s.entry.name == e.name);
        let stored = library.stored.iter().map(|s| &s.entry);
        stored
            .filter(|e| e.role == Some(Role::Surrogate) && !taken(e) && Tie::leaves_no_judge(e, &judges))
            .collect()
    }

    /// Only the judges of a run, as [`Self::open`] opens them.
    pub fn judges(library: &Library, names: &[String]) -> Result<Vec<Recogniser>> {
        calibrated(choose(library, Role::Judge, names, &[])?)
    }

    /// The detector of a folder that was named, or else the built-in one, with which the built-in thresholds were
    /// measured, or else the user's own. [`Library::keep_detector`] chooses by name.
    pub fn detector(library: &Library) -> Result<(Detector, Entry)> {
        let detectors = library.stored.iter().filter(|s| s.entry.kind == Kind::Detector);
        let nearest = detectors.reduce(|a, b| if b.place.rank() > a.place.rank() { b } else { a });
        let stored = nearest.ok_or_else(|| missing("face detector"))?;
        Ok((Detector::new(stored.network()?), stored.entry.clone()))
    }
}

impl Recogniser {
    /// Opens an embedder.
    ///
    /// # Errors
    /// Where its file is damaged, it is no embedder, or its threshold was not measured.
    pub fn open(stored: &Stored) -> Result<Self> {
        let recogniser = Self::uncalibrated(stored)?;
        match recogniser.entry.threshold() {
            Some(_) => Ok(recogniser),
            None => Err(Error::Usage(format!(
                "{0:?} has no calibrated threshold; measure it with `visard models calibrate {0} --data DIR --save`",
                stored.entry.name
            ))),
        }
    }

    /// Opens an embedder that may lack a threshold; then it recognises every face.
    pub fn uncalibrated(stored: &Stored) -> Result<Self> {
        let entry = stored.entry.clone();
        let Some((crop, input)) = entry.embedding() else {
            return Err(Error::Usage(format!("{:?} is not an embedder", entry.name)));
        };
        let threshold = entry.threshold().unwrap_or(f32::NEG_INFINITY);
        let embedder = Embedder::new(stored.network()?, crop, input).weighted(entry.weight.unwrap_or(1.));
        Ok(Self { embedder, entry, threshold })
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
    let usable = |e: &Entry| role == Role::Surrogate || e.threshold().is_some();
    let chosen: Vec<&Stored> = library
        .stored
        .iter()
        .filter(|s| s.entry.role == Some(role) && usable(&s.entry) && !others.contains(&s.entry.name))
        .collect();
    match (chosen.is_empty(), role) {
        (false, _) => Ok(chosen),
        (true, Role::Judge) => Err(missing("judge")),
        (true, Role::Surrogate) => Err(missing("surrogate")),
    }
}

/// The surrogates whose cloaks an independent judge is left for; all where that would be none.
fn apart<'l>(surrogates: Vec<&'l Stored>, judges: &[&Stored]) -> Vec<&'l Stored> {
    let judges: Vec<&Entry> = judges.iter().map(|judge| &judge.entry).collect();
    let apart: Vec<&Stored> =
        surrogates.iter().copied().filter(|s| !Tie::leaves_no_judge(&s.entry, &judges)).collect();
    if apart.is_empty() { surrogates } else { apart }
}

fn calibrated(judges: Vec<&Stored>) -> Result<Vec<Recogniser>> {
    judges.into_iter().map(Recogniser::open).collect()
}

fn missing(what: &str) -> Error {
    Error::Missing(format!(
        "no {what} is at hand; `visard models list` says where to get one, and --models-dir names a folder"
    ))
}

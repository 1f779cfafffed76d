//! "Check my folder": a face search over the user's own photos, with the networks that judge.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use visard::embed::Embeddings;
use visard::face::Face;
use visard::models::Ensemble;
use visard::photo::{Limits, decode};
use visard::search::{Index, Networks, faces_of};

use crate::texts;

/// What is to be searched for, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    /// The folder that stands for the photos that a face search knows.
    pub(crate) gallery: PathBuf,
    /// Originals, and the protected photos made of them.
    pub(crate) photos: Vec<(PathBuf, PathBuf)>,
}

/// The most similar face of the gallery.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hit {
    /// The photo it is in.
    pub(crate) photo: PathBuf,
    /// The network that found it.
    pub(crate) network: String,
    pub(crate) similarity: f32,
    /// From here on the network takes two faces for one person.
    pub(crate) threshold: f32,
}

/// What a search finds for one face of a photo; no hit where there is nobody to be found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) original: PathBuf,
    /// Number of the face in its photo, from 1.
    pub(crate) face: usize,
    pub(crate) before: Option<Hit>,
    pub(crate) after: Option<Hit>,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    /// Faces in the gallery.
    pub(crate) faces: usize,
    /// The networks that searched.
    pub(crate) networks: Vec<String>,
    pub(crate) findings: Vec<Finding>,
}

impl Hit {
    /// Whether the network takes the two for one person.
    pub(crate) fn found(&self) -> bool {
        self.similarity >= self.threshold
    }
}

/// A face of a photo, and its embedding by each judge.
type Probe = (Face, Vec<Vec<f32>>);

/// The networks and the index of a search.
struct Search<'a> {
    ensemble: &'a Ensemble,
    networks: Networks<'a>,
    index: &'a Index,
}

/// Searches. `index` is kept for the next search, which reads only what has changed. `hook` hears how
/// far it is, `0.0..=1.0`, and may break off.
///
/// # Errors
/// In words for the user.
pub(crate) fn answer(
    question: &Question,
    ensemble: &Ensemble,
    index: &mut Option<Index>,
    hook: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Answer, String> {
    let networks = Networks {
        detector: &ensemble.detector,
        detector_entry: &ensemble.detector_entry,
        judges: &ensemble.judges,
    };
    let photos = question.photos.len();
    let index = index.get_or_insert_with(|| Index::new(&networks));
    index
        .update(std::slice::from_ref(&question.gallery), &networks, &mut |done, all| {
            hook(done as f32 / (all + photos) as f32)
        })
        .map_err(|error| error.to_string())?;
    let search = Search { ensemble, networks, index };
    let all = index.photos().len() + photos;
    let mut findings = vec![];
    for (i, (original, protected)) in question.photos.iter().enumerate() {
        findings.extend(search.compare(original, protected)?);
        if hook((index.photos().len() + i + 1) as f32 / all as f32).is_break() {
            return Err(texts::SEARCH_STOPPED.into());
        }
    }
    let names = ensemble.judges.iter().map(|judge| judge.entry.name.clone()).collect();
    Ok(Answer { faces: index.faces(), networks: names, findings })
}

impl Search<'_> {
    fn compare(&self, original: &Path, protected: &Path) -> Result<Vec<Finding>, String> {
        let (before, after) = (self.probes(original)?, self.probes(protected)?);
        // Nobody is found by the very photo that is searched for.
        let own = [original, protected].map(|path| path.canonicalize().ok());
        let faces = before.len() + after.len();
        let hit = |probe: &Probe| self.best(probe, &own, faces);
        let again = |face: &Face| {
            let overlap = |probe: &&Probe| probe.0.bounds.overlap(&face.bounds);
            let nearest = after.iter().max_by(|a, b| overlap(a).total_cmp(&overlap(b)));
            nearest.filter(|probe| probe.0.is_at(face))
        };
        let finding = |(i, probe): (usize, &Probe)| Finding {
            original: original.to_path_buf(),
            face: i + 1,
            before: hit(probe),
            // A face that the detector does not find any more cannot be searched for.
            after: again(&probe.0).and_then(hit),
        };
        Ok(before.iter().enumerate().map(finding).collect())
    }

    /// The face of the index that a judge is surest of.
    fn best(&self, (_, rows): &Probe, own: &[Option<PathBuf>], own_faces: usize) -> Option<Hit> {
        let hits = self.ensemble.judges.iter().enumerate().filter_map(|(i, judge)| {
            let query = Embeddings::from_values(rows[i].len(), rows[i].clone())?;
            let found = self.index.nearest(i, &query, own_faces + 1);
            let mut others = found.first()?.iter().filter(|f| {
                let path = f.photo.canonicalize().ok();
                path.is_none() || !own.contains(&path)
            });
            let nearest = others.next()?;
            Some(Hit {
                photo: nearest.photo.to_path_buf(),
                network: judge.entry.name.clone(),
                similarity: nearest.similarity,
                threshold: judge.threshold,
            })
        });
        let margin = |hit: &Hit| hit.similarity - hit.threshold;
        hits.max_by(|a, b| margin(a).total_cmp(&margin(b)))
    }

    fn probes(&self, path: &Path) -> Result<Vec<Probe>, String> {
        let error = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let bytes = Limits::default().read(path).map_err(|e| error(&e))?;
        let photo = decode(&bytes, &Limits::default()).map_err(|e| error(&e))?;
        faces_of(&photo, &self.networks).map_err(|e| error(&e))
    }
}

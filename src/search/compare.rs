//! Would a search find the person: with a photo, and with the photo that was made of it?

use std::path::{Path, PathBuf};

use super::index::{Index, Networks, faces_of};
use super::threshold::threshold;
use crate::embed::{Embeddings, similarity};
use crate::error::{Error, Result};
use crate::face::Face;
use crate::photo::{Limits, decode};

/// What a search says of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// The most similar face is not the person's, or there is none.
    NotFound,
    /// The most similar face is the person's, but not similar enough to be told from the likeness of strangers.
    First,
    /// The most similar face is the person's, and similar enough.
    Found,
}

/// The most similar face of a gallery.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The photo it is in.
    pub photo: PathBuf,
    /// Where it is.
    pub face: Face,
    /// The network that says so.
    pub network: String,
    /// Cosine of the embeddings.
    pub similarity: f32,
    /// [`threshold`] for the gallery.
    pub threshold: f32,
    /// What that means for the person.
    pub answer: Answer,
}

/// What a search finds for one face; no hit where there is nobody to compare with.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The face in the original.
    pub face: Face,
    /// With the original.
    pub before: Option<Hit>,
    /// The face in the other photo, if the detector still finds it there.
    pub face_after: Option<Face>,
    /// With the other photo.
    pub after: Option<Hit>,
}

/// A face, and its embedding by each judge.
type Probe = (Face, Vec<Vec<f32>>);

impl Index {
    /// Searches for each face of `original` as it is there and as it is in `protected`, never in these two files.
    ///
    /// A person is whoever the search takes for the person of the original. So a stranger who resembles a protected
    /// face most is not a find, and nobody is found who is not in the gallery. Of several judges the one that finds
    /// most counts.
    ///
    /// # Errors
    /// Where either is no photo, or a network fails.
    pub fn compare(
        &self,
        original: &Path,
        protected: &Path,
        networks: &Networks<'_>,
    ) -> Result<Vec<Compared>> {
        let (before, after) = (probes(original, networks)?, probes(protected, networks)?);
        let own = [original, protected].map(|path| path.canonicalize().ok());
        let search = Search { index: self, networks, own, own_faces: before.len() + after.len() };
        let compared = before.iter().map(|probe| {
            let again = after.iter().max_by(|a, b| overlap(a, probe).total_cmp(&overlap(b, probe)));
            // A face that the detector does not find any more cannot be searched for.
            let again = again.filter(|after| after.0.is_at(&probe.0));
            Compared {
                face: probe.0,
                before: search.best(probe, probe),
                face_after: again.map(|after| after.0),
                after: again.and_then(|after| search.best(after, probe)),
            }
        });
        Ok(compared.collect())
    }
}

fn overlap(probe: &Probe, other: &Probe) -> f32 {
    probe.0.bounds.overlap(&other.0.bounds)
}

fn probes(path: &Path, networks: &Networks<'_>) -> Result<Vec<Probe>> {
    let limits = Limits::default();
    let bytes = limits.read(path).map_err(|e| Error::file(path, e))?;
    faces_of(&decode(&bytes, &limits)?, networks)
}

struct Search<'a> {
    index: &'a Index,
    networks: &'a Networks<'a>,
    /// The files that are searched for, without links.
    own: [Option<PathBuf>; 2],
    own_faces: usize,
}

impl Search<'_> {
    /// What the judge says that finds most.
    fn best(&self, probe: &Probe, original: &Probe) -> Option<Hit> {
        let hits = (0..self.networks.judges.len()).filter_map(|judge| self.hit(judge, probe, original));
        let order = |hit: &Hit| hit.similarity - hit.threshold;
        hits.max_by(|a, b| a.answer.cmp(&b.answer).then(order(a).total_cmp(&order(b))))
    }

    fn hit(&self, i: usize, probe: &Probe, original: &Probe) -> Option<Hit> {
        let judge = &self.networks.judges[i];
        let query = Embeddings::from_values(probe.1[i].len(), probe.1[i].clone())?;
        let nearest = self.index.nearest(i, &query, self.own_faces + 1);
        let found = nearest.first()?.iter().find(|found| !self.is_own(found.photo))?;
        let threshold = threshold(&judge.entry, self.index.faces());
        let is_person = similarity(&original.1[i], self.index.embeddings(i).row(found.row)) >= threshold;
        let answer = match (is_person, found.similarity >= threshold) {
            (false, _) => Answer::NotFound,
            (true, false) => Answer::First,
            (true, true) => Answer::Found,
        };
        Some(Hit {
            photo: found.photo.to_path_buf(),
            face: *found.face,
            network: judge.entry.name.clone(),
            similarity: found.similarity,
            threshold,
            answer,
        })
    }

    fn is_own(&self, photo: &Path) -> bool {
        let photo = photo.canonicalize().ok();
        photo.is_some() && self.own.contains(&photo)
    }
}

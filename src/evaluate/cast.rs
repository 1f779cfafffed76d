//! Who plays which part in an evaluation.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::data::subject;
use super::look::push;
use super::metrics::Faces;
use super::opposition::Stranger;
use super::protocol::World;
use super::run::Evaluation;
use crate::embed::Embeddings;
use crate::error::{Error, Result};
use crate::face::Face;
use crate::search::Index;

/// Strangers on whose cloaks adversaries learn: the last ones.
pub(super) const STRANGERS: usize = 60;

/// A photo that is cloaked.
#[derive(Clone, Debug, PartialEq)]
pub struct Original {
    /// Whose photo it is: a number below that of the people of the results.
    pub person: usize,
    /// Its file.
    pub path: PathBuf,
    /// The subject's face.
    pub face: Face,
}

/// A face of a photo that was only looked at.
#[derive(Clone, Copy)]
struct Known<'i> {
    path: &'i Path,
    face: Face,
    /// Its row in the index.
    row: usize,
}

/// Who plays which part: the photos in which a face was found.
pub(super) struct Cast<'i> {
    pub(super) people: Vec<String>,
    pub(super) left_out: Vec<String>,
    pub(super) originals: Vec<Original>,
    /// Rows of `originals` in the index.
    rows: Vec<usize>,
    /// Whose they are, and their rows.
    pub(super) clean: Vec<(usize, usize)>,
    distractors: Vec<Known<'i>>,
}

impl<'i> Cast<'i> {
    pub(super) fn of(evaluation: &Evaluation<'_>, index: &'i Index) -> Result<Self> {
        let known = known(index);
        let count = evaluation.photos_per_person;
        let (mut people, mut left_out) = (vec![], vec![]);
        let (mut originals, mut rows, mut clean) = (vec![], vec![], vec![]);
        for person in &evaluation.people {
            let photos: Vec<&Known<'_>> =
                person.photos.iter().filter_map(|p| known.get(p.as_path())).collect();
            if photos.len() <= count {
                left_out.push(person.name.clone());
                continue;
            }
            let number = people.len();
            people.push(person.name.clone());
            for photo in &photos[..count] {
                originals.push(Original { person: number, path: photo.path.into(), face: photo.face });
                rows.push(photo.row);
            }
            clean.extend(photos[count..].iter().map(|photo| (number, photo.row)));
        }
        if people.len() < 2 {
            return Err(Error::Usage(format!(
                "an evaluation needs two people with more than {count} photos of faces; {} left",
                people.len()
            )));
        }
        let strangers = evaluation.distractors.iter().filter_map(|p| p.photos.first());
        let distractors = strangers.filter_map(|p| known.get(p.as_path()).copied()).collect();
        Ok(Self { people, left_out, originals, rows, clean, distractors })
    }

    /// The last strangers, by the names of their folders.
    pub(super) fn strangers(&self) -> Vec<Stranger> {
        let first = self.distractors.len().saturating_sub(STRANGERS);
        let folder = |path: &Path| path.parent().and_then(Path::file_name).unwrap_or_default().to_os_string();
        let stranger = |known: &Known<'_>| Stranger {
            name: folder(known.path).to_string_lossy().into_owned(),
            path: known.path.into(),
            face: known.face,
        };
        self.distractors[first..].iter().map(stranger).collect()
    }

    /// The faces that no method changes, by one judge.
    pub(super) fn world(&self, evaluation: &Evaluation<'_>, index: &Index, judge: usize) -> World {
        let embeddings: &Embeddings = index.embeddings(judge);
        let mut world = World {
            people: self.people.len(),
            thresholds: evaluation.ensemble.judges[judge].entry.thresholds,
            seed: evaluation.seed,
            ..World::default()
        };
        for (photo, (original, &row)) in self.originals.iter().zip(&self.rows).enumerate() {
            push(&mut world.originals, original.person, photo, embeddings.row(row));
        }
        let first = self.originals.len();
        for (photo, &(person, row)) in self.clean.iter().enumerate() {
            push(&mut world.clean, person, first + photo, embeddings.row(row));
        }
        let first = first + self.clean.len();
        world.distractors = Faces::new(embeddings.dimension());
        for (i, known) in self.distractors.iter().enumerate() {
            push(&mut world.distractors, self.people.len() + i, first + i, embeddings.row(known.row));
        }
        world
    }
}

/// The subject of each photo of an index.
fn known(index: &Index) -> HashMap<&Path, Known<'_>> {
    let mut row = 0;
    let mut known = HashMap::new();
    for photo in index.photos() {
        if let Some(face) = subject(&photo.faces, [photo.width, photo.height]) {
            let place = photo.faces.iter().position(|f| f == face).unwrap_or_default();
            known.insert(photo.path.as_path(), Known { path: &photo.path, face: *face, row: row + place });
        }
        row += photo.faces.len();
    }
    known
}

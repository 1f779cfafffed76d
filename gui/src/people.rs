//! Who is in the photos: their faces by person, as a network sees them and as the user puts it right.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use visard::face::Face;
use visard::models::Ensemble;
use visard::search::{Index, Networks};

use crate::queue::Id;
use crate::texts;

/// A face of a photo of the list.
pub(crate) type Place = (Id, Face);

/// The faces by person.
#[derive(Clone, Debug, Default)]
pub(crate) struct People {
    pub(crate) persons: Vec<Vec<Place>>,
}

impl People {
    /// All faces of a photo.
    pub(crate) fn faces(&self, id: Id) -> Vec<Face> {
        self.persons.iter().flatten().filter(|(photo, _)| *photo == id).map(|(_, face)| *face).collect()
    }

    /// Takes a face out of a person: it is somebody else.
    pub(crate) fn part(&mut self, person: usize, face: usize) {
        if self.persons[person].len() > 1 {
            let parted = self.persons[person].remove(face);
            self.persons.push(vec![parted]);
        }
    }

    /// Makes two persons one.
    pub(crate) fn join(&mut self, person: usize, other: usize) {
        if person != other {
            let joined = std::mem::take(&mut self.persons[other]);
            self.persons[person].extend(joined);
            self.persons.remove(other);
        }
    }
}

/// Looks who is in photos; `hook` hears how many are done, and may break off.
///
/// # Errors
/// In words for the user.
pub(crate) fn people(
    photos: &[(Id, PathBuf)],
    ensemble: &Ensemble,
    hook: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
) -> Result<People, String> {
    let judge = ensemble.judges.first().ok_or(texts::NO_CHECK)?;
    let networks = Networks {
        detector: &ensemble.detector,
        detector_entry: &ensemble.detector_entry,
        judges: std::slice::from_ref(judge),
    };
    let mut index = Index::new(&networks);
    let files = photos.iter().map(|(_, path)| path.clone()).collect();
    index.update_files(files, &networks, hook).map_err(|error| error.to_string())?;
    let ids: HashMap<&Path, Id> = photos.iter().map(|(id, path)| (path.as_path(), *id)).collect();
    let place = |(photo, face): (usize, Face)| Some((*ids.get(index.photos()[photo].path.as_path())?, face));
    let persons = index.people(0, &judge.entry);
    Ok(People {
        persons: persons.into_iter().map(|faces| faces.into_iter().filter_map(place).collect()).collect(),
    })
}

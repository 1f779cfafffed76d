//! The people of a batch: what the surrogates make of the faces that were, or will be, protected.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};

use candle_core::Tensor;

use crate::cloak::OtherPhoto;
use crate::embed::{Embed as _, aligned_crop, similarity};
use crate::face::{Alignment, DetectOptions, Face};
use crate::models::{Ensemble, Recogniser, sha256};
use crate::network::Result;
use crate::photo::Photo;

/// So many faces' changes are kept; a change takes 147 KiB.
const RECENT: usize = 64;

/// What was found in so many photos before their turn is kept; a face of theirs takes 150 KiB.
const LOOKS: usize = 32;

/// Faces that were protected or soon will be, so that each photo of a person is led away from the whole person and from
/// the photos that are cloaked already. It lives as long as a batch, is never written anywhere, and is used for nothing else.
#[derive(Debug, Default)]
pub struct People {
    known: Vec<OtherPhoto>,
    /// Photos that were looked at before their turn.
    seen: HashSet<PathBuf>,
    /// What was found in the last of them, until their turn comes.
    looks: VecDeque<Look>,
}

/// What was found in a photo before its turn.
#[derive(Debug)]
pub(super) struct Look {
    /// The sum of its bytes.
    pub(super) photo: String,
    /// What counted as a face.
    pub(super) options: DetectOptions,
    /// All faces.
    pub(super) found: Vec<Face>,
    /// Those that are to be protected, as the surrogates see them.
    pub(super) known: Vec<(Face, Option<Likeness>)>,
}

impl Look {
    /// The faces, if the same counts as one.
    pub(super) fn faces(&self, options: &DetectOptions) -> Option<Vec<Face>> {
        (self.options == *options).then(|| self.found.clone())
    }

    /// The face as the surrogates see it, if it was looked at.
    pub(super) fn likeness(&self, face: &Face) -> Option<Option<Likeness>> {
        self.known.iter().find(|(known, _)| known == face).map(|(_, likeness)| likeness.clone())
    }
}

impl People {
    /// All that is known, whoever it is.
    #[cfg(feature = "files")]
    pub(crate) fn everybody(&self) -> &[OtherPhoto] {
        &self.known
    }

    /// The other known photos of a person, in the order in which they came.
    pub(crate) fn others(&self, ensemble: &Ensemble, person: &Likeness) -> Vec<&OtherPhoto> {
        let same = |other: &&OtherPhoto| {
            !person.is_expected_as(other) && same_person(ensemble, &person.embeddings, &other.clean)
        };
        self.known.iter().filter(same).collect()
    }

    /// Whether a photo was looked at before its turn.
    pub(crate) fn has_seen(&self, photo: &Path) -> bool {
        self.seen.contains(photo)
    }

    /// Remembers that a photo is looked at before its turn; whether it is the first time.
    pub(crate) fn see(&mut self, photo: &Path) -> bool {
        self.seen.insert(photo.into())
    }

    /// Keeps what was found in a photo until its turn comes, and expects the faces that are to be protected. Returns how many
    /// those are.
    pub(super) fn keep(&mut self, look: Look) -> usize {
        let faces: Vec<Likeness> = look.known.iter().filter_map(|(_, likeness)| likeness.clone()).collect();
        self.looks.push_back(look);
        if self.looks.len() > LOOKS {
            self.looks.pop_front();
        }
        faces.into_iter().map(|face| self.expect(face)).count()
    }

    /// What was found in the photo with these bytes before its turn, which it is now.
    pub(super) fn look_at(&mut self, bytes: &[u8]) -> Option<Look> {
        if self.looks.is_empty() {
            return None;
        }
        let sum = sha256(bytes);
        let at = self.looks.iter().position(|look| look.photo == sum)?;
        self.looks.remove(at)
    }

    /// Takes in a face that will be protected later.
    pub(crate) fn expect(&mut self, face: Likeness) {
        self.known.push(OtherPhoto { clean: face.embeddings, ..OtherPhoto::default() });
    }

    /// Takes in a face that is protected now: as it was, and as it was written. A face that cannot be aligned is nobody.
    pub(crate) fn remember(&mut self, before: Option<Likeness>, after: Option<Likeness>) -> Result<()> {
        let Some((before, after)) = before.zip(after) else { return Ok(()) };
        let change = Some((after.crop - &before.crop)?);
        let expected = self.known.iter_mut().find(|other| before.is_expected_as(other));
        match expected {
            Some(other) => (other.cloaked, other.change) = (after.embeddings, change),
            None => {
                self.known.push(OtherPhoto { clean: before.embeddings, cloaked: after.embeddings, change });
            }
        }
        let mut changes = self.known.iter_mut().filter(|other| other.change.is_some()).rev();
        if let Some(old) = changes.nth(RECENT) {
            old.change = None;
        }
        Ok(())
    }
}

/// A face as the surrogates see it.
#[derive(Clone, Debug)]
pub(crate) struct Likeness {
    /// The aligned crop, `(3, 112, 112)` in `0.0..=1.0`.
    crop: Tensor,
    /// One for each surrogate.
    embeddings: Vec<Vec<f32>>,
}

/// The faces of a photo as the surrogates see them; none where one cannot be aligned.
pub(super) fn likenesses(
    ensemble: &Ensemble,
    photo: &Photo,
    faces: &[Face],
) -> Result<Vec<Option<Likeness>>> {
    faces.iter().map(|face| Likeness::of(ensemble, photo, face)).collect()
}

/// The same, of a photo that may have been looked at before.
pub(super) fn likenesses_after(
    look: Option<&Look>,
    ensemble: &Ensemble,
    photo: &Photo,
    faces: &[Face],
) -> Result<Vec<Option<Likeness>>> {
    let seen = |face: &Face| look.and_then(|look| look.likeness(face));
    faces.iter().map(|face| seen(face).map_or_else(|| Likeness::of(ensemble, photo, face), Ok)).collect()
}

impl Likeness {
    /// Whether this very face was expected and is not cloaked yet: the same photo gives the same embeddings.
    fn is_expected_as(&self, other: &OtherPhoto) -> bool {
        other.cloaked.is_empty() && other.clean == self.embeddings
    }

    /// `None` where the face's points do not span a face.
    pub(crate) fn of(ensemble: &Ensemble, photo: &Photo, face: &Face) -> Result<Option<Self>> {
        let Some(alignment) = Alignment::of(face) else { return Ok(None) };
        let Some(crop) = aligned_crop(photo, &alignment)? else { return Ok(None) };
        let embed = |surrogate: &Recogniser| -> Result<Vec<f32>> {
            Ok(surrogate.embedder.embed(&crop)?.flatten_all()?.to_vec1()?)
        };
        let embeddings = ensemble.surrogates.iter().map(embed).collect::<Result<_>>()?;
        Ok(Some(Self { crop: crop.squeeze(0)?, embeddings }))
    }
}

/// Whether the surrogates take two faces for one person: a mean over those whose threshold is known.
pub(crate) fn same_person(ensemble: &Ensemble, a: &[Vec<f32>], b: &[Vec<f32>]) -> bool {
    let thresholds = ensemble.surrogates.iter().map(|surrogate| surrogate.threshold);
    let above = |((a, b), threshold): ((&Vec<f32>, &Vec<f32>), f32)| similarity(a, b) - threshold;
    let margins: Vec<f32> =
        a.iter().zip(b).zip(thresholds).filter(|(_, t)| t.is_finite()).map(above).collect();
    margins.iter().sum::<f32>() > 0.
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Result};

    use super::*;
    use crate::face::{Point, Rectangle};

    #[test]
    fn changes_of_all_but_the_newest_faces_are_forgotten() -> Result<()> {
        let face = |level: f32| -> Result<Option<Likeness>> {
            let crop = Tensor::full(level, (3, 2, 2), &Device::Cpu)?;
            Ok(Some(Likeness { crop, embeddings: vec![vec![1.]] }))
        };
        let mut people = People::default();
        for _ in 0..RECENT + 2 {
            people.remember(face(0.25)?, face(0.75)?).map_err(candle_core::Error::wrap)?;
        }
        people.remember(None, face(0.5)?).map_err(candle_core::Error::wrap)?;
        let kept: Vec<&Tensor> = people.known.iter().filter_map(|other| other.change.as_ref()).collect();
        assert_eq!((people.known.len(), kept.len()), (RECENT + 2, RECENT));
        assert!(people.known[1].change.is_none() && people.known[2].change.is_some());
        assert_eq!(kept[0].to_vec3::<f32>()?, vec![vec![vec![0.5; 2]; 2]; 3]);
        Ok(())
    }

    #[test]
    fn a_face_that_was_expected_is_met_once_and_is_no_other_of_its_own() -> Result<()> {
        let face = |embedding: f32| -> Result<Likeness> {
            Ok(Likeness {
                crop: Tensor::full(embedding, (3, 2, 2), &Device::Cpu)?,
                embeddings: vec![vec![embedding]],
            })
        };
        let mut people = People::default();
        people.expect(face(1.)?);
        people.expect(face(2.)?);
        assert!(face(1.)?.is_expected_as(&people.known[0]) && !face(2.)?.is_expected_as(&people.known[0]));
        people.remember(Some(face(1.)?), Some(face(3.)?)).map_err(candle_core::Error::wrap)?;
        let cloaked: Vec<_> = people.known.iter().map(|other| other.cloaked.clone()).collect();
        assert_eq!(cloaked, [vec![vec![3.]], vec![]]);
        assert!(!face(1.)?.is_expected_as(&people.known[0]), "it is cloaked now");
        Ok(())
    }

    #[test]
    fn what_was_found_in_a_photo_is_there_once_for_these_bytes_and_these_options() {
        let face = Face {
            bounds: Rectangle { x: 1., y: 2., width: 3., height: 4. },
            points: [Point::default(); 5],
            score: 0.9,
        };
        let options = DetectOptions::default();
        let look = |photo: &[u8], found: Vec<Face>| {
            let known = found.iter().map(|face| (*face, None)).collect();
            Look { photo: sha256(photo), options, found, known }
        };
        let mut people = People::default();
        assert_eq!(people.keep(look(b"photo", vec![face])), 0, "it cannot be aligned");
        assert!(people.look_at(b"another").is_none());
        let kept = people.look_at(b"photo").unwrap();
        assert_eq!(kept.faces(&options), Some(vec![face]));
        assert_eq!(kept.faces(&DetectOptions { width: 90., ..options }), None);
        assert!(kept.likeness(&face).is_some_and(|likeness| likeness.is_none()));
        assert!(kept.likeness(&Face { score: 0.8, ..face }).is_none());
        assert!(people.look_at(b"photo").is_none());
        for photo in 0..=LOOKS as u8 {
            people.keep(look(&[photo], vec![]));
        }
        assert!(people.look_at(&[0]).is_none() && people.look_at(&[1]).is_some(), "the oldest is forgotten");
    }

    #[test]
    fn a_photo_is_looked_at_once() {
        let mut people = People::default();
        assert!(!people.has_seen(Path::new("a")) && people.see(Path::new("a")));
        assert!(people.has_seen(Path::new("a")) && !people.see(Path::new("a")));
    }
}

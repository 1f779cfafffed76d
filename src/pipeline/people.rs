//! The people of a batch: what the surrogates make of the faces that were protected so far.

use candle_core::Tensor;

use crate::cloak::Other;
use crate::embed::{Embed as _, aligned_crop, similarity};
use crate::face::{Alignment, Face};
use crate::models::{Ensemble, Recogniser};
use crate::network::Result;
use crate::photo::Photo;

/// So many faces' changes are kept; a change takes 147 KiB.
const RECENT: usize = 64;

/// Faces that were protected, so that each further photo of a person is led away from the whole person and from the
/// photos that are cloaked already. It lives as long as a batch, is never written anywhere, and is used for nothing else.
#[derive(Debug, Default)]
pub struct People {
    known: Vec<Other>,
}

impl People {
    /// The known photos of a person, the newest last.
    pub(crate) fn others(&self, ensemble: &Ensemble, person: &Likeness) -> Vec<&Other> {
        let same = |other: &&Other| same_person(ensemble, &person.embeddings, &other.clean);
        self.known.iter().filter(same).collect()
    }

    /// Takes in a face that is protected now: as it was, and as it was written. A face that cannot be aligned is nobody.
    pub(crate) fn meet(&mut self, before: Option<Likeness>, after: Option<Likeness>) -> Result<()> {
        let Some((before, after)) = before.zip(after) else { return Ok(()) };
        let change = (after.crop - before.crop)?;
        let (clean, cloaked) = (before.embeddings, after.embeddings);
        self.known.push(Other { clean, cloaked, change: Some(change) });
        if let Some(old) = self.known.len().checked_sub(RECENT + 1) {
            self.known[old].change = None;
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

impl Likeness {
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
fn same_person(ensemble: &Ensemble, a: &[Vec<f32>], b: &[Vec<f32>]) -> bool {
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

    #[test]
    fn changes_of_all_but_the_newest_faces_are_forgotten() -> Result<()> {
        let face = |level: f32| -> Result<Option<Likeness>> {
            let crop = Tensor::full(level, (3, 2, 2), &Device::Cpu)?;
            Ok(Some(Likeness { crop, embeddings: vec![vec![1.]] }))
        };
        let mut people = People::default();
        for _ in 0..RECENT + 2 {
            people.meet(face(0.25)?, face(0.75)?).map_err(candle_core::Error::wrap)?;
        }
        people.meet(None, face(0.5)?).map_err(candle_core::Error::wrap)?;
        let kept: Vec<&Tensor> = people.known.iter().filter_map(|other| other.change.as_ref()).collect();
        assert_eq!((people.known.len(), kept.len()), (RECENT + 2, RECENT));
        assert!(people.known[1].change.is_none() && people.known[2].change.is_some());
        assert_eq!(kept[0].to_vec3::<f32>()?, vec![vec![vec![0.5; 2]; 2]; 3]);
        Ok(())
    }
}

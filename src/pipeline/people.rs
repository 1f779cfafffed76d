//! The people of a batch: what the surrogates make of the faces that were protected so far.

use crate::cloak::Other;
use crate::face::Face;
use crate::models::Ensemble;
use crate::photo::Photo;
use crate::pipeline::Result;
use crate::verify::embedding;

/// Faces that were protected, so that each further photo of a person is led away from the whole person and from the
/// photos that are cloaked already. It lives as long as a batch, is never written anywhere, and is used for nothing else.
#[derive(Debug, Default)]
pub struct People {
    known: Vec<Other>,
}

impl People {
    /// The known photos of the person with these embeddings, as [`embeddings`] gives them.
    pub(crate) fn others(&self, ensemble: &Ensemble, clean: &[Vec<f32>]) -> Vec<&Other> {
        self.known.iter().filter(|other| same_person(ensemble, clean, &other.clean)).collect()
    }

    /// Takes in a face that is protected now.
    pub(crate) fn meet(&mut self, face: Other) {
        self.known.push(face);
    }
}

/// What each surrogate makes of a face; `None` where its points do not span a face.
pub(crate) fn embeddings(ensemble: &Ensemble, photo: &Photo, face: &Face) -> Result<Option<Vec<Vec<f32>>>> {
    let rows = ensemble.surrogates.iter().map(|surrogate| embedding(surrogate, photo, face));
    Ok(rows.collect::<crate::network::Result<_>>()?)
}

/// Whether the surrogates take two faces for one person: a mean over those whose threshold is known.
fn same_person(ensemble: &Ensemble, a: &[Vec<f32>], b: &[Vec<f32>]) -> bool {
    let thresholds = ensemble.surrogates.iter().map(|surrogate| surrogate.threshold);
    let above =
        |((a, b), threshold): ((&Vec<f32>, &Vec<f32>), f32)| crate::embed::similarity(a, b) - threshold;
    let margins: Vec<f32> =
        a.iter().zip(b).zip(thresholds).filter(|(_, t)| t.is_finite()).map(above).collect();
    margins.iter().sum::<f32>() > 0.
}

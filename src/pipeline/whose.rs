//! Whose faces are protected: everybody's, or those of people who are known by photos of them.

use serde::Serialize;

use crate::embed::similarity;
use crate::error::{Error, Result};
use crate::face::{DetectOptions, Face};
use crate::models::{Ensemble, Recogniser, sha256};
use crate::photo::{Limits, Photo, decode};
use crate::verify::embedding;

/// Whose faces are protected.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Whose {
    /// Everybody's.
    #[default]
    Everybody,
    /// Only those of the people in these photos.
    Only(References),
    /// All but those of the people in these photos.
    Except(References),
}

/// People, by photos of them: each face as every network sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct References {
    /// SHA-256 of the photos.
    photos: Vec<String>,
    /// Of each face the embeddings by the networks, in the order of [`asked`]. Nobody is told of them.
    #[serde(skip)]
    faces: Vec<Vec<Vec<f32>>>,
}

/// What the networks say of a face and the people of some photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// It is one of them.
    Yes,
    /// It is not.
    No,
    /// It may be.
    Unsure,
}

/// The networks that are asked who somebody is: all whose thresholds are known. Neither photo is cloaked yet, so surrogates know it as well as
/// judges do, and all together know it best.
fn asked(ensemble: &Ensemble) -> impl Iterator<Item = &Recogniser> {
    ensemble.judges.iter().chain(&ensemble.surrogates).filter(|network| network.threshold.is_finite())
}

impl Whose {
    /// Whether a face of a photo is to be protected, and whether that is unsure: then it is.
    pub(super) fn choose(&self, ensemble: &Ensemble, photo: &Photo, face: &Face) -> Result<(bool, bool)> {
        match self {
            Self::Everybody => Ok((true, false)),
            _ => Ok(self.choose_seen(ensemble, seen(ensemble, photo, face)?.as_deref())),
        }
    }

    /// The same of a face as every network sees it; none where it cannot be aligned.
    pub(crate) fn choose_seen(&self, ensemble: &Ensemble, face: Option<&[Vec<f32>]>) -> (bool, bool) {
        let (people, wanted) = match self {
            Self::Everybody => return (true, false),
            Self::Only(people) => (people, Answer::Yes),
            Self::Except(people) => (people, Answer::No),
        };
        let answer = face.map_or(Answer::Unsure, |face| people.show(ensemble, face));
        let unsure = answer == Answer::Unsure;
        (unsure || answer == wanted, unsure)
    }
}

impl References {
    /// Takes in the people of a photo: all faces that are found in it.
    ///
    /// # Errors
    /// Where it is no photo or shows no face, or a network fails.
    pub fn add(&mut self, ensemble: &Ensemble, bytes: &[u8], limits: &Limits) -> Result<()> {
        let photo = decode(bytes, limits)?;
        let before = self.faces.len();
        for face in ensemble.detector.detect(&photo, &DetectOptions::default())? {
            self.faces.extend(seen(ensemble, &photo, &face)?);
        }
        if self.faces.len() == before {
            let advice = "no face is found in it: take a photo that shows the person from the front";
            return Err(Error::Usage(advice.into()));
        }
        self.photos.push(sha256(bytes));
        Ok(())
    }

    /// Whether a face is of one of these people: that one whom it resembles most.
    fn show(&self, ensemble: &Ensemble, face: &[Vec<f32>]) -> Answer {
        let rates: Vec<[f32; 2]> = asked(ensemble).map(rates).collect();
        let alike = |known: &Vec<Vec<f32>>| -> Vec<f32> {
            known.iter().zip(face).map(|(known, face)| similarity(known, face)).collect()
        };
        let answers: Vec<Answer> = self.faces.iter().map(|known| answer(&alike(known), &rates)).collect();
        [Answer::Yes, Answer::Unsure].into_iter().find(|one| answers.contains(one)).unwrap_or(Answer::No)
    }
}

/// A network's thresholds at one false accept in 1,000 and in 100, or that of its verdicts where they are not known.
fn rates(network: &Recogniser) -> [f32; 2] {
    network.entry.thresholds.map_or([network.threshold; 2], |rates| [rates.far_1e3, rates.far_1e2])
}

/// Whether two faces are one person's: above the networks' thresholds at one false accept in 1,000 on average they are, below those at
/// one in 100 they are not.
fn answer(similarities: &[f32], rates: &[[f32; 2]]) -> Answer {
    let above =
        |which: usize| -> f32 { similarities.iter().zip(rates).map(|(s, rates)| s - rates[which]).sum() };
    match [above(0), above(1)] {
        _ if rates.is_empty() => Answer::Unsure,
        [sure, _] if sure >= 0. => Answer::Yes,
        [_, maybe] if maybe < 0. => Answer::No,
        _ => Answer::Unsure,
    }
}

/// A face as every network that is asked sees it; none where it cannot be aligned.
pub(crate) fn seen(ensemble: &Ensemble, photo: &Photo, face: &Face) -> Result<Option<Vec<Vec<f32>>>> {
    let rows: Option<Vec<Vec<f32>>> = asked(ensemble)
        .map(|network| embedding(network, photo, face))
        .collect::<crate::network::Result<_>>()?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_sure_at_one_false_accept_in_a_thousand_and_of_the_contrary_at_one_in_a_hundred() {
        let one = |similarity: f32| answer(&[similarity], &[[0.3, 0.2]]);
        let answers = [0.3, 0.29, 0.2, 0.19, f32::NAN].map(one);
        assert_eq!(answers, [Answer::Yes, Answer::Unsure, Answer::Unsure, Answer::No, Answer::Unsure]);
    }

    #[test]
    fn networks_that_differ_are_heard_on_average() {
        let two = |a: f32, b: f32| answer(&[a, b], &[[0.25, 0.125], [0.5, 0.25]]);
        assert_eq!(two(0.5, 0.25), Answer::Yes, "a quarter above and a quarter below");
        assert_eq!(two(0.5, 0.125), Answer::Unsure);
        assert_eq!(two(0.125, 0.125), Answer::No);
        assert_eq!(answer(&[], &[]), Answer::Unsure, "nobody was asked");
    }
}

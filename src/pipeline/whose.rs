//! Whose faces are protected: everybody's, or those of people who are known by photos of them.

use serde::Serialize;

use crate::embed::similarity;
use crate::error::{Error, Result};
use crate::face::{DetectOptions, Face};
use crate::models::{Ensemble, Thresholds, sha256};
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

/// People, by photos of them: each face as every judge sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct References {
    /// SHA-256 of the photos.
    photos: Vec<String>,
    /// Of each face the embeddings by the judges, in their order. Nobody is told of them.
    #[serde(skip)]
    faces: Vec<Vec<Vec<f32>>>,
}

/// What the judges say of a face and the people of some photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// Every judge takes it for one of them.
    Yes,
    /// No judge does.
    No,
    /// They differ, or are not far from it.
    Unsure,
}

impl Whose {
    /// Whether a face of a photo is to be protected, and whether that is unsure: then it is.
    pub(super) fn choose(&self, ensemble: &Ensemble, photo: &Photo, face: &Face) -> Result<(bool, bool)> {
        match self {
            Self::Everybody => Ok((true, false)),
            _ => Ok(self.choose_seen(ensemble, seen(ensemble, photo, face)?.as_deref())),
        }
    }

    /// The same of a face as every judge sees it; none where it cannot be aligned.
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

    /// Whether a face is of one of these people: above a judge's threshold at one false accept in 1,000 it is, below that
    /// at one in 100 it is not.
    fn show(&self, ensemble: &Ensemble, face: &[Vec<f32>]) -> Answer {
        let answers: Vec<Answer> = ensemble
            .judges
            .iter()
            .enumerate()
            .map(|(i, judge)| {
                let alike = self.faces.iter().map(|known| similarity(&known[i], &face[i]));
                answer(judge.entry.thresholds, judge.threshold, alike.fold(f32::NEG_INFINITY, f32::max))
            })
            .collect();
        match answers.first() {
            Some(first) if answers.iter().all(|answer| answer == first) => *first,
            _ => Answer::Unsure,
        }
    }
}

/// What a judge says, whose thresholds at false accept rates may be known beside the one of its verdicts.
fn answer(rates: Option<Thresholds>, verdict: f32, similarity: f32) -> Answer {
    let (sure, maybe) = rates.map_or((verdict, verdict), |rates| (rates.far_1e3, rates.far_1e2));
    match similarity {
        s if s >= sure => Answer::Yes,
        s if s < maybe => Answer::No,
        _ => Answer::Unsure,
    }
}

/// A face as every judge sees it; none where it cannot be aligned.
pub(crate) fn seen(ensemble: &Ensemble, photo: &Photo, face: &Face) -> Result<Option<Vec<Vec<f32>>>> {
    let rows: Option<Vec<Vec<f32>>> = ensemble
        .judges
        .iter()
        .map(|judge| embedding(judge, photo, face))
        .collect::<crate::network::Result<_>>()?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_judge_is_sure_at_one_false_accept_in_a_thousand_and_of_the_contrary_at_one_in_a_hundred() {
        let rates = Some(Thresholds { far_1e2: 0.2, far_1e3: 0.3, far_1e4: None });
        let answers = [0.3, 0.29, 0.2, 0.19, f32::NAN].map(|similarity| answer(rates, 0.1, similarity));
        assert_eq!(answers, [Answer::Yes, Answer::Unsure, Answer::Unsure, Answer::No, Answer::Unsure]);
        assert_eq!([0.1, 0.09].map(|similarity| answer(None, 0.1, similarity)), [Answer::Yes, Answer::No]);
    }
}

//! The verdict: what networks that the optimiser never saw say of the written file.
//!
//! Only decoded bytes come in: faces are found, aligned and embedded anew. `docs/verdict.md` has the rule.

mod same_photo;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::embed::{Embed as _, aligned_crop, similarity};
use crate::face::{Alignment, DetectOptions, Detector, Face};
use crate::models::{Recogniser, Role};
use crate::network::Result;
use crate::numbers;
use crate::photo::Photo;

/// What one network says of a face in the written file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// The network's name.
    pub network: String,
    /// What it was in this run.
    pub role: Role,
    /// The largest cosine that counts of the embeddings of the original face and of a face in the written file; null in
    /// JSON where it is not a number.
    #[serde(deserialize_with = "numbers::or_none")]
    pub similarity: f32,
    /// Above this it takes both for one person; null in JSON where none was measured: then every face is above it.
    #[serde(deserialize_with = "numbers::or_lowest")]
    pub threshold: f32,
}

impl Opinion {
    /// Whether the network takes the two faces for one person.
    pub fn recognises(&self) -> bool {
        // Where either is not a number no comparison holds, and that counts as recognised.
        self.similarity.is_nan() || self.threshold.is_nan() || self.similarity >= self.threshold
    }
}

/// What all networks say of one face.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the detector finds the face in the written file.
    pub found: bool,
    /// One opinion for each network that was asked.
    pub opinions: Vec<Opinion>,
}

impl Verdict {
    /// Whether there was a judge, and no judge recognises the face.
    pub fn protected(&self) -> bool {
        let mut judges = self.opinions.iter().filter(|o| o.role == Role::Judge).peekable();
        judges.peek().is_some() && judges.all(|o| !o.recognises())
    }

    /// This verdict with each network's opinion of another copy of the file, where that is more similar or no number.
    pub(crate) fn or_worse(mut self, other: Self) -> Self {
        for (own, other) in self.opinions.iter_mut().zip(other.opinions) {
            if other.similarity.is_nan() || other.similarity > own.similarity {
                *own = other;
            }
        }
        self
    }
}

/// The faces of an original, by what was to be done with them.
#[derive(Clone, Copy, Debug)]
pub struct KnownFaces<'a> {
    /// Those that are to be protected.
    pub chosen: &'a [Face],
    /// Those that are hidden: their heads look like nothing in the original.
    pub hidden: &'a [Face],
    /// Those that were left as they are, on purpose.
    pub left: &'a [Face],
}

/// What was found out about a written file.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// Why it does not show the same photo; places in it mean nothing then, and nothing in it is protected.
    pub other_photo: Option<String>,
    /// One for each chosen face, then one for each hidden one.
    pub verdicts: Vec<Verdict>,
    /// Faces of the written file that lie where no face of the original was known, in pixels of the original.
    pub unknown: Vec<Face>,
}

/// Compares every chosen or hidden face of an original with every face that is found in the written photo, and with its own place.
///
/// At its own place a face is aligned by every set of points that is found there and by the original's, and the largest
/// similarity counts. A face elsewhere counts where a network takes it for the same person at a false accept rate of
/// 1e-3, unless it is another chosen one that resembled this one in the original already.
pub fn verify(
    original: &Photo,
    faces: KnownFaces<'_>,
    written: &Photo,
    detector: &Detector,
    recognisers: &[(Role, &Recogniser)],
) -> Result<Findings> {
    let found = detector.detect(written, &DetectOptions::default())?;
    let found: Vec<Face> = found.iter().map(|face| carried(face, written, original)).collect();
    let asked = [faces.chosen, faces.hidden].concat();
    let shown = [faces.chosen, faces.left].concat();
    let mut views: Vec<View> =
        found.iter().map(|face| View { face: *face, of: owner(face, &asked) }).collect();
    views.extend(asked.iter().enumerate().map(|(i, face)| View { face: *face, of: Some(i) }));
    let photos = (original, written);
    let opinions: Vec<Vec<Opinion>> = recognisers
        .par_iter()
        .map(|(role, recogniser)| opinions(photos, &asked, &views, *role, recogniser))
        .collect::<Result<_>>()?;
    let verdict = |(i, face): (usize, &Face)| Verdict {
        found: found.iter().any(|again| again.is_at(face)),
        opinions: opinions.iter().map(|of_all| of_all[i].clone()).collect(),
    };
    let other_photo = same_photo::difference(original, written, &shown, faces.hidden)?;
    // What is seen around a hidden head is made of it.
    let of_hidden = |again: &Face| faces.hidden.iter().any(|face| face.bounds.middle_is_in(&again.bounds));
    let known =
        |again: &Face| asked.iter().chain(faces.left).any(|face| again.is_at(face)) || of_hidden(again);
    // What lies where in another photo says nothing of this one.
    let unknown = found.iter().filter(|again| other_photo.is_none() && !known(again));
    Ok(Findings {
        unknown: unknown.copied().collect(),
        verdicts: asked.iter().enumerate().map(verdict).collect(),
        other_photo,
    })
}

/// A face of the written photo as it may be seen, in pixels of the original.
struct View {
    face: Face,
    /// The chosen face at whose place it lies.
    of: Option<usize>,
}

/// The chosen face that lies where this one was found.
fn owner(found: &Face, chosen: &[Face]) -> Option<usize> {
    let overlap = |face: &Face| face.bounds.overlap(&found.bounds);
    let nearest = chosen.iter().enumerate().max_by(|(_, a), (_, b)| overlap(a).total_cmp(&overlap(b)));
    nearest.filter(|(_, face)| face.is_at(found)).map(|(i, _)| i)
}

/// What one network says of each chosen face.
fn opinions(
    (original, written): (&Photo, &Photo),
    chosen: &[Face],
    views: &[View],
    role: Role,
    recogniser: &Recogniser,
) -> Result<Vec<Opinion>> {
    let embed = |photo: &Photo, face: &Face| embedding(recogniser, photo, face);
    let before: Vec<_> = chosen.iter().map(|face| embed(original, face)).collect::<Result<_>>()?;
    let after: Vec<_> = views
        .iter()
        .map(|view| embed(written, &carried(&view.face, original, written)))
        .collect::<Result<_>>()?;
    // A network without a threshold has nothing to say about faces elsewhere.
    let elsewhere = match (recogniser.entry.thresholds, recogniser.entry.threshold()) {
        (Some(rates), _) => rates.far_1e3.max(recogniser.threshold),
        (None, verdict) => verdict.unwrap_or(f32::INFINITY),
    };
    let alike = |a: &Option<Vec<f32>>, b: &Option<Vec<f32>>| Some(similarity(a.as_ref()?, b.as_ref()?));
    let similarity_of = |i: usize| {
        let counted = views.iter().zip(&after).filter_map(|(view, after)| {
            let similarity = alike(&before[i], after)?;
            let resembled = |j: usize| alike(&before[i], &before[j]).is_some_and(|s| s >= elsewhere);
            let counts = match view.of {
                Some(own) if own == i => true,
                Some(other) => similarity >= elsewhere && !resembled(other),
                None => similarity >= elsewhere,
            };
            counts.then_some(similarity)
        });
        counted.fold(f32::NAN, f32::max)
    };
    let (network, threshold) = (&recogniser.entry.name, recogniser.threshold);
    let opinion = |i| Opinion { network: network.clone(), role, similarity: similarity_of(i), threshold };
    Ok((0..chosen.len()).map(opinion).collect())
}

/// The embedding of a face of a photo, or `None` where its points do not span a face in it.
///
/// # Shapes
/// - returns: the network's dimension, of L2 norm 1
pub fn embedding(recogniser: &Recogniser, photo: &Photo, face: &Face) -> Result<Option<Vec<f32>>> {
    let Some(alignment) = Alignment::of(face) else { return Ok(None) };
    let Some(crop) = aligned_crop(photo, &alignment)? else { return Ok(None) };
    Ok(Some(recogniser.embedder.embed(&crop)?.flatten_all()?.to_vec1()?))
}

/// A face of one photo where it lies in the same photo at another size.
fn carried(face: &Face, from: &Photo, to: &Photo) -> Face {
    let size = |photo: &Photo| (photo.width(), photo.height());
    if size(from) == size(to) {
        return *face;
    }
    face.scaled([to.width() as f32 / from.width() as f32, to.height() as f32 / from.height() as f32])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::{Point, Rectangle};

    fn opinion(role: Role, similarity: f32) -> Opinion {
        Opinion { network: "n".into(), role, similarity, threshold: 0.3 }
    }

    #[test]
    fn of_two_copies_of_a_file_the_worse_opinion_counts() {
        let verdict = |similarities: [f32; 3]| {
            let opinion = |similarity| Opinion {
                network: "judge".into(),
                role: Role::Judge,
                similarity,
                threshold: 0.3,
            };
            Verdict { found: true, opinions: similarities.map(opinion).to_vec() }
        };
        let both = verdict([0.1, 0.2, 0.1]).or_worse(verdict([0.4, 0.1, f32::NAN]));
        let similarities: Vec<f32> = both.opinions.iter().map(|opinion| opinion.similarity).collect();
        assert_eq!(similarities[..2], [0.4, 0.2]);
        assert!(similarities[2].is_nan() && !both.protected());
    }

    #[test]
    fn one_judge_that_knows_the_face_is_enough_to_leave_it_unprotected() {
        let of = |opinions| Verdict { found: true, opinions }.protected();
        assert!(of(vec![opinion(Role::Judge, 0.29), opinion(Role::Judge, -1.)]));
        assert!(!of(vec![opinion(Role::Judge, 0.29), opinion(Role::Judge, 0.3)]));
        assert!(!of(vec![opinion(Role::Judge, f32::NAN)]));
        assert!(!of(vec![Opinion { threshold: f32::NAN, ..opinion(Role::Judge, 0.1) }]));
    }

    #[test]
    fn surrogates_do_not_decide_and_nothing_is_protected_without_a_judge() {
        let of = |opinions| Verdict { found: true, opinions }.protected();
        assert!(of(vec![opinion(Role::Judge, 0.1), opinion(Role::Surrogate, 0.9)]));
        assert!(!of(vec![opinion(Role::Surrogate, 0.1)]));
        assert!(!of(vec![]));
    }

    #[test]
    fn a_face_is_sought_where_it_lies_in_a_photo_that_was_stretched() {
        let face = Face {
            bounds: Rectangle { x: -0.5, y: 9.5, width: 10., height: 20. },
            points: [Point { x: 3.5, y: 19.5 }; 5],
            score: 0.9,
        };
        let found = face.scaled([0.5, 2.]);
        assert_eq!(found.bounds, Rectangle { x: -0.5, y: 19.5, width: 5., height: 40. });
        assert_eq!(found.points, [Point { x: 1.5, y: 39.5 }; 5]);
    }
}

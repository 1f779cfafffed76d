//! The verdict: what networks that the optimiser never saw say of the written file.
//!
//! Only bytes come in: the file is decoded, its faces are found, aligned and embedded anew.

use rayon::prelude::*;
use serde::{Deserialize, Deserializer, Serialize};

use crate::embed::{Embed as _, aligned_crop};
use crate::face::{Alignment, DetectOptions, Detector, Face, Point, Rectangle};
use crate::models::{Recogniser, Role};
use crate::network::Result;
use crate::photo::Photo;

/// A face that is found again lies on the old one with at least this overlap.
const SAME_FACE: f32 = 0.3;
/// Faces are searched for in written files with this smaller confidence, so that none hides.
pub(crate) const SCORE: f32 = 0.5;

/// What one network says of a face in the written file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// The network's name.
    pub network: String,
    /// What it was in this run.
    pub role: Role,
    /// Cosine of the embeddings of the original face and of the face in the written file.
    #[serde(deserialize_with = "or_nan")]
    pub similarity: f32,
    /// Above this it takes both for one person.
    #[serde(deserialize_with = "or_lowest")]
    pub threshold: f32,
}

/// JSON has no word for what is no number.
fn or_nan<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<f32, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f32::NAN))
}

/// Nor for the threshold of a network that recognises every face, as one does whose threshold nobody knows.
fn or_lowest<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<f32, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f32::NEG_INFINITY))
}

impl Opinion {
    /// Whether the network takes the two faces for one person.
    pub fn recognises(&self) -> bool {
        // A similarity that is not a number counts as recognised.
        self.similarity.is_nan() || self.similarity >= self.threshold
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
}

/// Compares the faces of an original with the same places of a written photo.
///
/// Each face is aligned twice, by the points that are found in the written photo and by those of
/// the original, and the larger similarity counts.
///
/// # Returns
/// One verdict for each face.
pub fn verify(
    original: &Photo,
    faces: &[Face],
    written: &Photo,
    detector: &Detector,
    recognisers: &[(Role, &Recogniser)],
) -> Result<Vec<Verdict>> {
    let same_size = (written.width(), written.height()) == (original.width(), original.height());
    let across = written.width() as f32 / original.width() as f32;
    let down = written.height() as f32 / original.height() as f32;
    let found = detector.detect(written, &DetectOptions { score: SCORE, ..DetectOptions::default() })?;
    faces
        .iter()
        .map(|face| {
            let place = if same_size { *face } else { scaled(face, across, down) };
            let again = found
                .iter()
                .max_by(|a, b| a.bounds.overlap(&place.bounds).total_cmp(&b.bounds.overlap(&place.bounds)))
                .filter(|again| again.bounds.overlap(&place.bounds) > SAME_FACE);
            let views: Vec<Face> = again.copied().into_iter().chain([place]).collect();
            let opinions = recognisers
                .par_iter()
                .map(|(role, recogniser)| opinion((original, face), (written, &views), *role, recogniser))
                .collect::<Result<_>>()?;
            Ok(Verdict { found: again.is_some(), opinions })
        })
        .collect()
}

fn opinion(
    (original, face): (&Photo, &Face),
    (written, views): (&Photo, &[Face]),
    role: Role,
    recogniser: &Recogniser,
) -> Result<Opinion> {
    let before = embedding(recogniser, original, face)?;
    let mut similarity = f32::NAN;
    for view in views {
        let after = embedding(recogniser, written, view)?;
        if let (Some(before), Some(after)) = (&before, after) {
            similarity = similarity.max(crate::embed::similarity(before, &after));
        }
    }
    Ok(Opinion { network: recogniser.entry.name.clone(), role, similarity, threshold: recogniser.threshold })
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

/// The face in the same photo at another size: so many times as wide, and as high.
fn scaled(face: &Face, across: f32, down: f32) -> Face {
    // Pixel centres are at whole numbers: the edges, not the centres, of the two photos coincide.
    let place = |x: f32, y: f32| Point { x: (x + 0.5) * across - 0.5, y: (y + 0.5) * down - 0.5 };
    let corner = place(face.bounds.x, face.bounds.y);
    Face {
        points: face.points.map(|p| place(p.x, p.y)),
        bounds: Rectangle {
            x: corner.x,
            y: corner.y,
            width: face.bounds.width * across,
            height: face.bounds.height * down,
        },
        score: face.score,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opinion(role: Role, similarity: f32) -> Opinion {
        Opinion { network: "n".into(), role, similarity, threshold: 0.3 }
    }

    #[test]
    fn one_judge_that_knows_the_face_is_enough_to_leave_it_unprotected() {
        let of = |opinions| Verdict { found: true, opinions }.protected();
        assert!(of(vec![opinion(Role::Judge, 0.29), opinion(Role::Judge, -1.)]));
        assert!(!of(vec![opinion(Role::Judge, 0.29), opinion(Role::Judge, 0.3)]));
        assert!(!of(vec![opinion(Role::Judge, f32::NAN)]));
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
        let found = scaled(&face, 0.5, 2.);
        assert_eq!(found.bounds, Rectangle { x: -0.5, y: 19.5, width: 5., height: 40. });
        assert_eq!(found.points, [Point { x: 1.5, y: 39.5 }; 5]);
    }
}

//! What a run did with one face.

use serde::{Deserialize, Serialize};

use super::report::to_microseconds;
use crate::cloak::{Difference, Preset, Seen, Visibility};
use crate::face::{Face, Point, Rectangle};
use crate::hide::Hiding;
use crate::models::Role;
use crate::numbers;
use crate::verify::{Opinion, Verdict};

/// What a run did with one face.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaceReport {
    /// The face in the photo, in pixels of the upright photo.
    #[serde(rename = "box")]
    pub bounds: Rectangle,
    /// Left eye, right eye, tip of the nose, left and right corner of the mouth, in pixels.
    pub points: [Point; 5],
    /// The detector's confidence, `0.0..=1.0`.
    #[serde(deserialize_with = "numbers::or_none")]
    pub score: f32,
    /// Whether the face was to be protected.
    pub chosen: bool,
    /// Whether the networks are not sure that it is, or is not, one of the people that were given. Then it is protected.
    #[serde(default)]
    pub unsure: bool,
    /// How the face was to be hidden, if it was.
    #[serde(default)]
    pub hiding: Option<Hiding>,
    /// Whether it is hidden, and no judge recognises it in the written file.
    #[serde(default)]
    pub hidden: bool,
    /// Whether every judge takes it for another person in the written file.
    pub protected: bool,
    /// Whether the detector still finds a face there.
    pub found_again: bool,
    /// What each network says of the written file.
    pub similarities: Vec<Opinion>,
    /// What can be seen of the cloak before encoding.
    #[serde(flatten)]
    pub visibility: Visibility,
    /// Structural similarity of the face before encoding.
    #[serde(deserialize_with = "numbers::or_none")]
    pub ssim: f32,
    /// [SSIMULACRA 2](https://github.com/cloudinary/ssimulacra2) of the face's box in the written file: 100 without a
    /// change, 90 not told apart, 70 high quality, 50 medium, 30 low. None where it was not written, or is too small.
    #[serde(default)]
    pub ssimulacra2: Option<f32>,
    /// [Butteraugli](https://github.com/libjxl/libjxl) of the same pixels, the largest of its map: 0 without a change, 1
    /// hardly noticed, 2 noticed. None as above.
    #[serde(default)]
    pub butteraugli: Option<f32>,
    /// Peak signal-to-noise ratio of the cloaked area before encoding, in dB; none without a change.
    pub psnr: Option<f32>,
    /// Tries that were made.
    pub attempts: usize,
    /// Gradient steps that were taken.
    pub steps: usize,
    /// Time for the optimisation of this face.
    #[serde(serialize_with = "to_microseconds")]
    pub seconds: f64,
}

/// A further try brings a face below a judge's verdict only where little is missing: docs/method.md has the figures.
const WITHIN_REACH: f32 = 0.1;

impl FaceReport {
    /// Whether a try may protect the face: the first; another one of the same strength where no judge is far above its
    /// verdict; a stronger one wherever a judge is not far enough below.
    pub(super) fn is_worth_a_try(&self, preset: Preset) -> bool {
        let mut judges = self.similarities.iter().filter(|o| o.role == Role::Judge).peekable();
        let judged = judges.peek().is_some();
        self.attempts == 0
            || judged
                && match preset {
                    Preset::Auto => judges.any(|o| o.similarity >= o.threshold - Preset::MARGIN),
                    _ => !self.protected && judges.all(|o| o.similarity < o.threshold + WITHIN_REACH),
                }
    }

    /// A face that was found, before anything was done with it.
    pub(super) fn found(face: &Face, chosen: bool) -> Self {
        Self {
            bounds: face.bounds,
            points: face.points,
            score: face.score,
            chosen,
            unsure: false,
            hiding: None,
            hidden: false,
            protected: false,
            found_again: false,
            similarities: vec![],
            visibility: Visibility::default(),
            ssim: 1.,
            ssimulacra2: None,
            butteraugli: None,
            psnr: None,
            attempts: 0,
            steps: 0,
            seconds: 0.,
        }
    }

    /// The face as it was found.
    pub(super) fn face(&self) -> Face {
        Face { bounds: self.bounds, points: self.points, score: self.score }
    }

    /// Puts the face where it lies in the same photo at another size.
    pub(super) fn put(&mut self, face: Face) {
        (self.bounds, self.points) = (face.bounds, face.points);
    }

    /// Chooses the face, whatever was to become of it.
    pub(super) fn choose(&mut self) {
        (self.chosen, self.hiding) = (true, None);
    }

    /// Whether the face was to be protected or hidden, and is not.
    pub(super) fn is_open(&self) -> bool {
        self.chosen && !self.protected || self.hiding.is_some() && !self.hidden
    }

    /// Takes over what the networks say of the written file.
    pub(super) fn judged(&mut self, verdict: Verdict) {
        self.protected = self.chosen && verdict.protected();
        self.hidden = self.hiding.is_some() && verdict.protected();
        self.found_again = verdict.found;
        self.similarities = verdict.opinions;
    }

    /// Takes over how different the face looks in the written file.
    pub(super) fn looks(&mut self, difference: Difference) {
        (self.ssimulacra2, self.butteraugli) = (difference.ssimulacra2, difference.butteraugli);
    }

    /// Takes over what can be seen of the cloak.
    pub(super) fn seen(&mut self, seen: &Seen) {
        (self.visibility, self.psnr) = (seen.visibility, seen.psnr);
        self.ssim = 1. - 2. * seen.visibility.dssim;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::{Point, Rectangle};

    /// A face after its first try, of which two judges with verdicts of 0.4 and 0.3 think this.
    fn judged(similarities: [f32; 2]) -> FaceReport {
        let bounds = Rectangle { x: 0., y: 0., width: 10., height: 10. };
        let face = Face { bounds, points: [Point::default(); 5], score: 1. };
        let opinion = |(similarity, threshold)| Opinion {
            network: "judge".into(),
            role: Role::Judge,
            similarity,
            threshold,
        };
        let similarities: Vec<Opinion> = similarities.into_iter().zip([0.4, 0.3]).map(opinion).collect();
        let protected = similarities.iter().all(|o| o.similarity < o.threshold);
        FaceReport { attempts: 1, protected, similarities, ..FaceReport::found(&face, true) }
    }

    #[test]
    fn auto_goes_on_until_every_judge_is_below_its_verdict_by_the_margin() {
        let below = 0.3 - Preset::MARGIN;
        for (similarities, worth) in [
            ([0.0, below - 0.01], false),
            ([0.0, below + 0.01], true),
            ([0.4 - 0.01, 0.0], true),
            ([0.9, 0.9], true),
        ] {
            assert_eq!(judged(similarities).is_worth_a_try(Preset::Auto), worth, "{similarities:?}");
        }
    }

    #[test]
    fn a_fixed_strength_tries_again_where_little_is_missing() {
        for (similarities, worth) in
            [([0.39, 0.29], false), ([0.49, 0.39], true), ([0.49, 0.41], false), ([0.41, 0.0], true)]
        {
            assert_eq!(judged(similarities).is_worth_a_try(Preset::Standard), worth, "{similarities:?}");
        }
        let untried = FaceReport { attempts: 0, ..judged([0.9, 0.9]) };
        assert!(untried.is_worth_a_try(Preset::Standard) && untried.is_worth_a_try(Preset::Auto));
    }
}

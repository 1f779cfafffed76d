//! The faces of a photo, and which of them are to be protected.

use serde::{Deserialize, Serialize};
use visard::face::Face;

/// A face of a photo, and what the user wants for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Mark {
    pub(crate) face: Face,
    /// Whether it is to be protected.
    pub(crate) chosen: bool,
    /// Whether the user drew a box around it, because the detector had missed it.
    pub(crate) drawn: bool,
    /// What was there before the user drew the box: it comes back when that is deleted.
    #[serde(default)]
    pub(crate) instead_of: Vec<Mark>,
}

impl Mark {
    /// Faces that were found; all are chosen, or only the largest.
    pub(crate) fn all(faces: &[Face], largest_only: bool) -> Vec<Self> {
        let largest = faces.iter().copied().max_by(|a, b| a.bounds.area().total_cmp(&b.bounds.area()));
        let chosen = |face: &Face| !largest_only || Some(*face) == largest;
        faces
            .iter()
            .map(|face| Self { face: *face, chosen: chosen(face), drawn: false, instead_of: vec![] })
            .collect()
    }

    /// The faces with one that the user drew; it takes the place of one that was found there.
    pub(crate) fn with_drawn(marks: Vec<Self>, face: Face) -> Vec<Self> {
        let is_there = |mark: &Self| mark.face.bounds.overlap(&face.bounds) >= 0.5;
        let (instead_of, mut marks): (Vec<Self>, Vec<Self>) = marks.into_iter().partition(is_there);
        marks.push(Self { face, chosen: true, drawn: true, instead_of });
        marks
    }

    /// The faces without one that the user drew, and with what was there before.
    pub(crate) fn without_drawn(mut marks: Vec<Self>, at: usize) -> Vec<Self> {
        let deleted = marks.remove(at);
        marks.extend(deleted.instead_of);
        marks
    }
}

//! Faces that somebody drew a box around, where the detector finds none by itself.

use super::FaceReport;
use crate::error::{Error, Result};
use crate::face::Rectangle;
use crate::models::Ensemble;
use crate::photo::Photo;

/// Adds the face in a box that somebody drew around it, or chooses the one that is known there.
pub(super) fn add_boxed(
    photo: &Photo,
    ensemble: &Ensemble,
    bounds: Rectangle,
    reports: &mut Vec<FaceReport>,
) -> Result<()> {
    let Some(face) = ensemble.detector.detect_in(photo, bounds)? else {
        let Rectangle { x, y, width, height } = bounds;
        return Err(Error::Usage(format!(
            "no eyes, nose and mouth can be found in the box {x},{y},{width},{height}: try a larger one, with the whole head in it"
        )));
    };
    match reports.iter_mut().find(|report| report.face().is_at(&face)) {
        Some(known) => known.choose(),
        None => reports.push(FaceReport::found(&face, true)),
    }
    Ok(())
}

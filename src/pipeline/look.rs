//! The people in a photo before its turn, or in one that is never protected.

use super::choice::{chosen, reports_of};
use super::opened::Opened;
use super::people::{Look, People, likenesses};
use super::settings::Settings;
use crate::error::Result;
use crate::face::Face;
use crate::models::{Ensemble, sha256};

/// Takes the faces of a photo that is protected later, or never, into `people`: those that `settings` would have
/// protected. Returns how many there are.
///
/// # Errors
/// Where the bytes are no photo, or a network fails.
pub fn look(bytes: &[u8], ensemble: &Ensemble, settings: &Settings, people: &mut People) -> Result<usize> {
    Ok(people.keep(look_into(bytes, ensemble, settings)?))
}

/// Looks for the people in a photo.
pub(super) fn look_into(bytes: &[u8], ensemble: &Ensemble, settings: &Settings) -> Result<Look> {
    let Opened { photo, settings, .. } = &Opened::of(bytes, settings)?;
    let options = settings.detect;
    let found = ensemble.detector.detect(photo, &options)?;
    let mut reports = reports_of(photo, ensemble, found.clone(), settings)?;
    let faces: Vec<Face> = chosen(&mut reports).map(|report| report.face()).collect();
    let likenesses = likenesses(ensemble, photo, &faces)?;
    let known = faces.into_iter().zip(likenesses).collect();
    Ok(Look { photo: sha256(bytes), options, found, known })
}

//! What judges see of cloaked photos.

use super::cast::Original;
use super::cloaks::Cloaked;
use super::condition::{Condition, moved};
use super::metrics::Faces;
use super::run::{Evaluation, Meter};
use crate::error::{Error, Result};
use crate::face::{DetectOptions, Face};
use crate::photo::{Limits, Photo, decode};
use crate::verify::embedding;

impl Evaluation<'_> {
    /// The faces of cloaked photos after what happened to them, by each judge.
    pub(super) fn look(
        &self,
        photos: &[Cloaked],
        originals: &[Original],
        condition: Condition,
        meter: &mut Meter<'_>,
    ) -> Result<Vec<Faces>> {
        let mut faces = vec![Faces::default(); self.ensemble.judges.len()];
        for (number, (cloaked, original)) in photos.iter().zip(originals).enumerate() {
            let bytes = Limits::default().read(&cloaked.path).map_err(|e| Error::file(&cloaked.path, e))?;
            let written = decode(&bytes, &Limits::default())?;
            let (photo, place) = condition.apply(&written, &original.face)?;
            let face = self.find_again(&photo, &moved(&original.face, &place))?;
            for (judge, faces) in self.ensemble.judges.iter().zip(&mut faces) {
                let row = embedding(judge, &photo, &face)?.unwrap_or_default();
                push(faces, original.person, number, &row);
            }
            meter.add(1., &condition.name())?;
        }
        Ok(faces)
    }

    /// The face that the detector finds at a place; where it finds none the place itself, so that no
    /// cloak is credited with hiding from this one detector.
    pub(super) fn find_again(&self, photo: &Photo, place: &Face) -> Result<Face> {
        let options = DetectOptions { width: 8., ..DetectOptions::default() };
        let found = self.ensemble.detector.detect(photo, &options)?;
        let overlap = |face: &Face| face.bounds.overlap(&place.bounds);
        let nearest = found.into_iter().max_by(|a, b| overlap(a).total_cmp(&overlap(b)));
        Ok(nearest.filter(|face| face.is_at(place)).unwrap_or(*place))
    }
}

/// Adds a face; one that cannot be aligned, lying outside its photo, resembles nobody.
pub(super) fn push(faces: &mut Faces, person: usize, photo: usize, row: &[f32]) {
    if faces.is_empty() {
        *faces = Faces::new(row.len());
    }
    let nobody = vec![0.; faces.embeddings.dimension()];
    faces.push(person, photo, if row.is_empty() { &nobody } else { row });
}

//! Which faces of a photo are protected, and what becomes of the others.

use super::FaceReport;
use super::settings::{Others, Settings};
use crate::error::Result;
use crate::face::Face;
use crate::models::Ensemble;
use crate::photo::Photo;
use crate::verify::Verdict;

/// The reports of all faces of a photo.
pub(super) fn find(photo: &Photo, ensemble: &Ensemble, settings: &Settings) -> Result<Vec<FaceReport>> {
    reports_of(photo, ensemble, ensemble.detector.detect(photo, &settings.detect)?, settings)
}

/// The reports of all faces that were found in a photo.
pub(super) fn reports_of(
    photo: &Photo,
    ensemble: &Ensemble,
    found: Vec<Face>,
    settings: &Settings,
) -> Result<Vec<FaceReport>> {
    reports((photo, ensemble, settings), settings.faces.choose(found))
}

/// The reports of faces that only the check of a written file found.
pub(super) fn reports_of_late(
    photo: &Photo,
    ensemble: &Ensemble,
    late: &[Face],
    settings: &Settings,
) -> Result<Vec<FaceReport>> {
    let chosen = settings.faces.takes_late_ones();
    reports((photo, ensemble, settings), late.iter().map(|face| (*face, chosen)).collect())
}

/// The reports of the faces that are to be protected, in the order of [`find`].
pub(super) fn chosen(reports: &mut [FaceReport]) -> impl Iterator<Item = &mut FaceReport> {
    reports.iter_mut().filter(|r| r.chosen)
}

/// Tells the faces that were judged the verdicts, which come in the order of [`judge`].
pub(super) fn tell(reports: &mut [FaceReport], verdicts: Vec<Verdict>) {
    let (chosen, others): (Vec<_>, Vec<_>) = reports.iter_mut().partition(|report| report.chosen);
    let hidden = others.into_iter().filter(|report| report.hiding.is_some());
    chosen.into_iter().chain(hidden).zip(verdicts).for_each(|(report, verdict)| report.judged(verdict));
}

/// The reports of faces that are chosen by their places, as far as their owners are to be protected.
fn reports(
    (photo, ensemble, settings): (&Photo, &Ensemble, &Settings),
    faces: Vec<(Face, bool)>,
) -> Result<Vec<FaceReport>> {
    let report = |(face, chosen): (Face, bool)| {
        let mut report = FaceReport::found(&face, chosen);
        if chosen {
            (report.chosen, report.unsure) = settings.whose.choose(ensemble, photo, &face)?;
        }
        if !report.chosen {
            report.chosen = settings.others == Others::Cloak;
            report.hiding = settings.others.hiding();
        }
        Ok(report)
    };
    faces.into_iter().map(report).collect()
}

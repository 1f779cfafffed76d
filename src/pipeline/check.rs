//! The verdict on a photo that somebody else wrote.

use super::PhotoReport;
use super::choice::{chosen, find, reports_of_late, tell};
use super::people::{Likeness, People};
use super::protect::judge;
use super::settings::Settings;
use crate::cloak::Difference;
use crate::error::Result;
use crate::models::{Ensemble, sha256};
use crate::photo::{decode, traces};

/// Judges a cloaked photo against its original; its faces join `people`.
///
/// # Errors
/// Where either is no photo, or a network fails.
pub fn check(
    original: &[u8],
    cloaked: &[u8],
    ensemble: &Ensemble,
    settings: &Settings,
    people: &mut People,
) -> Result<PhotoReport> {
    let photo = decode(original, &settings.limits)?;
    let written = decode(cloaked, &settings.limits)?;
    let mut reports = find(&photo, ensemble, settings)?;
    let mut findings = judge(ensemble, &photo, &reports, &written)?;
    if !findings.unknown.is_empty() {
        // What the written file shows besides is asked about as well.
        reports.extend(reports_of_late(&photo, ensemble, &findings.unknown, settings)?);
        findings = judge(ensemble, &photo, &reports, &written)?;
    }
    for report in chosen(&mut reports) {
        let face = report.face();
        let [before, after] = [&photo, &written].map(|photo| Likeness::of(ensemble, photo, &face));
        people.remember(before?, after?)?;
    }
    tell(&mut reports, findings.verdicts);
    if findings.other_photo.is_none() {
        for report in chosen(&mut reports) {
            report.looks(Difference::of_face(&photo, &written, &report.face()));
        }
    }
    let mut report = PhotoReport::of(reports, findings.other_photo);
    report.holds(&traces(cloaked));
    report.input_sha256 = Some(sha256(original));
    report.output_sha256 = Some(sha256(cloaked));
    report.output_bytes = Some(cloaked.len() as u64);
    Ok(report)
}

//! A report that was written can be read.

use visard::cloak::{Preset, Visibility};
use visard::models::Role;
use visard::pipeline::{PhotoReport, Report};
use visard::verify::Opinion;

use crate::support::models::{Judge, models};
use crate::support::{png, portrait};
use crate::{ensemble, run, settings};

fn json(photo: &PhotoReport) -> String {
    serde_json::to_string(photo).unwrap()
}

fn photo() -> PhotoReport {
    let mut photo =
        run(&png(&portrait(160, 160)), Judge::TakesAllForStrangers, &settings(Preset::Subtle)).report;
    // Times are written to the microsecond.
    photo.faces[0].seconds = 1.25;
    photo
}

#[test]
fn what_was_written_is_read_as_it_was() {
    let folder = models(Judge::TakesAllForStrangers);
    let mut report = Report::new(&ensemble(&folder), Preset::Subtle, 7);
    report.photos.push(photo());
    let read: Report = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    assert_eq!(read, report);
}

#[test]
fn a_network_without_a_threshold_leaves_the_report_readable() {
    let mut photo = photo();
    let without =
        Opinion { network: "n".into(), role: Role::Surrogate, similarity: 0.5, threshold: f32::NEG_INFINITY };
    assert!(without.recognises());
    photo.faces[0].similarities.push(without);
    assert!(json(&photo).contains("\"threshold\":null"));
    assert_eq!(serde_json::from_str::<PhotoReport>(&json(&photo)).unwrap(), photo);
}

#[test]
fn numbers_that_json_does_not_know_leave_the_report_readable_and_nothing_protected() {
    let mut photo = photo();
    let face = &mut photo.faces[0];
    (face.score, face.ssim, face.psnr) = (f32::NAN, f32::NAN, Some(f32::NAN));
    let nan = f32::NAN;
    face.visibility = Visibility { dssim: nan, dssim_afar: nan, largest_change: nan, chroma: nan };
    face.similarities.iter_mut().for_each(|o| (o.similarity, o.threshold) = (nan, nan));
    let read: PhotoReport = serde_json::from_str(&json(&photo)).unwrap();
    assert_eq!(json(&read), json(&photo));
    assert!(read.faces[0].similarities.iter().all(Opinion::recognises));
}

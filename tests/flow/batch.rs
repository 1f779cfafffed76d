//! Files one after the other.

use std::ops::ControlFlow;
use std::path::PathBuf;

use image::ImageFormat;
use tempfile::TempDir;
use visard::cloak::Preset;
use visard::pipeline::{Batch, Existing, People, Report, Status, jobs};

use crate::support::models::{Judge, models};
use crate::support::{black, file, png, portrait};
use crate::{ensemble, settings};

/// Runs a batch over files with these contents.
fn batch(contents: &[(&str, Vec<u8>)]) -> (TempDir, Report) {
    let folder = models(Judge::TakesAllForStrangers);
    let inputs: Vec<PathBuf> = contents.iter().map(|(name, _)| folder.path().join(name)).collect();
    for (path, (_, bytes)) in inputs.iter().zip(contents) {
        std::fs::write(path, bytes).unwrap();
    }
    let (ensemble, settings) = (ensemble(&folder), settings(Preset::Subtle));
    let jobs = jobs(&inputs, &folder.path().join("out"), settings.encode.format).unwrap();
    let batch = Batch { ensemble: &ensemble, settings: &settings, existing: Existing::Refuse };
    let report = batch.run(&jobs, &mut People::default(), &mut |_| ControlFlow::Continue(()));
    (folder, report)
}

#[test]
fn a_further_photo_of_a_person_is_cloaked_otherwise_than_alone() {
    let a = png(&portrait(160, 160));
    let cloaked = |photos: &[(&str, Vec<u8>)]| {
        let (folder, report) = batch(photos);
        let last = report.photos.last().and_then(|p| p.output.clone()).unwrap();
        drop(report);
        let bytes = std::fs::read(last).unwrap();
        drop(folder);
        bytes
    };
    let alone = cloaked(&[("b.png", a.clone())]);
    assert!(alone != cloaked(&[("a.png", a.clone()), ("b.png", a.clone())]));
    assert!(alone == cloaked(&[("a.png", png(&black())), ("b.png", a)]));
}

#[test]
fn one_bad_photo_never_stops_a_batch() {
    let good = png(&portrait(160, 160));
    let (folder, report) = batch(&[
        ("a-good.png", good.clone()),
        ("b-broken.png", good[..good.len() / 2].to_vec()),
        ("c-black.png", png(&black())),
        ("d-good.jpg", file(&portrait(160, 160), ImageFormat::Jpeg)),
    ]);
    let statuses: Vec<Status> = report.photos.iter().map(|p| p.status).collect();
    assert_eq!(statuses, [Status::Protected, Status::Failed, Status::NoFace, Status::Protected]);
    assert!(
        report.photos[1].reason.as_deref().unwrap().contains("cut short"),
        "{:?}",
        report.photos[1].reason
    );
    let mut written: Vec<_> =
        std::fs::read_dir(folder.path().join("out")).unwrap().map(|f| f.unwrap().file_name()).collect();
    written.sort();
    assert_eq!(written, ["a-good.png", "d-good.jpg"]);
    for photo in &report.photos {
        assert_eq!(photo.output.is_some(), photo.status == Status::Protected);
    }
}

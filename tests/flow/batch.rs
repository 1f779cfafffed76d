//! Files one after the other.

use std::ops::ControlFlow;
use std::path::PathBuf;

use image::ImageFormat;
use tempfile::TempDir;
use visard::cloak::Preset;
use visard::pipeline::{Event, People, Report, Status, jobs};

use crate::support::models::{Judge, models};
use crate::support::{black, file, png, portrait};
use crate::{alone, ensemble, settings};

/// Runs a batch over files with these contents.
fn batch(contents: &[(&str, Vec<u8>)]) -> (TempDir, Report) {
    let folder = models(Judge::TakesAllForStrangers);
    let inputs: Vec<PathBuf> = contents.iter().map(|(name, _)| folder.path().join(name)).collect();
    for (path, (_, bytes)) in inputs.iter().zip(contents) {
        std::fs::write(path, bytes).unwrap();
    }
    let (ensemble, settings) = (ensemble(&folder), settings(Preset::Subtle));
    let jobs = jobs(&inputs, &folder.path().join("out"), settings.encode.format).unwrap();
    let batch = alone(&ensemble, &settings);
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
fn the_first_photo_of_a_person_is_led_away_from_the_later_ones_too() {
    let first = |photos: &[(&str, Vec<u8>)]| {
        let (_folder, report) = batch(photos);
        std::fs::read(report.photos[0].output.clone().unwrap()).unwrap()
    };
    let a = ("a.png", png(&portrait(160, 160)));
    let alone = first(std::slice::from_ref(&a));
    let later = |name, bytes| first(&[a.clone(), (name, bytes)]);
    assert!(alone != later("b.jpg", file(&portrait(160, 160), ImageFormat::Jpeg)));
    assert!(alone == later("b.png", png(&black())), "nobody is in it");
    assert!(alone == later("b.png", png(&portrait(160, 160))), "the very same face teaches nothing");
}

#[test]
fn later_photos_are_looked_at_before_the_first_is_begun_and_never_twice() {
    let folder = models(Judge::TakesAllForStrangers);
    let inputs: Vec<PathBuf> = (0..20).map(|i| folder.path().join(format!("{i:02}.png"))).collect();
    inputs.iter().for_each(|path| std::fs::write(path, png(&black())).unwrap());
    let (ensemble, settings) = (ensemble(&folder), settings(Preset::Subtle));
    let jobs = jobs(&inputs, &folder.path().join("out"), settings.encode.format).unwrap();
    let batch = alone(&ensemble, &settings);
    let mut told = String::new();
    batch.run(&jobs, &mut People::default(), &mut |event| {
        match event {
            Event::Looking(job) => told += &format!("{} ", job.input.file_stem().unwrap().display()),
            Event::Started(job) => told += &format!("<{}> ", job.input.file_stem().unwrap().display()),
            Event::Step(_) | Event::Finished(_) | Event::Kept(_) => {}
        }
        ControlFlow::Continue(())
    });
    // The others are looked at beside the photos in work.
    let begin = "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 <00> <01> <02> <03> <04> <05> ";
    assert!(told.starts_with(begin), "{told}");
}

#[test]
fn a_photo_that_comes_into_sight_beside_the_first_counts_for_the_second() {
    let person = png(&portrait(160, 160));
    let cloak_of = |at: usize, last: Vec<u8>| {
        let names: Vec<String> = (0..18).map(|i| format!("{i:02}.png")).collect();
        let photos = names.iter().enumerate().map(|(i, name)| {
            (
                name.as_str(),
                if i == at {
                    person.clone()
                } else if i == 17 {
                    last.clone()
                } else {
                    png(&black())
                },
            )
        });
        let (folder, _) = batch(&photos.collect::<Vec<_>>());
        std::fs::read(folder.path().join(format!("out/{at:02}.png"))).unwrap()
    };
    let again = file(&portrait(160, 160), ImageFormat::Jpeg);
    assert!(cloak_of(0, again.clone()) == cloak_of(0, png(&black())), "it is too far ahead of the first");
    assert!(cloak_of(1, again) != cloak_of(1, png(&black())));
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

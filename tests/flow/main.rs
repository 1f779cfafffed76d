//! The whole flow, as a user of the library has it, on tiny networks that the test makes.

#![expect(clippy::unwrap_used, reason = "what is made for a test fails with it")]

mod batch;
mod destination;
mod faces;
mod found;
mod hidden;
mod journal;
mod measure;
mod places;
mod presets;
mod report;
#[path = "../support/mod.rs"]
mod support;
mod ties;

use std::ops::ControlFlow;

use image::{DynamicImage, GenericImageView as _, ImageFormat};
use measure::{dssim, largest_change, radius};
use support::models::{Judge, models};
use support::{black, file, png, portrait};
use tempfile::TempDir;
use visard::Error;
use visard::cloak::Preset;
use visard::face::{Face, Point, Rectangle};
use visard::models::{Ensemble, Library, Role};
use visard::pipeline::{
    Batch, Existing, Faces, Job, People, PhotoReport, Protected, Settings, Status, protect,
};

/// All networks of a folder in their usual roles.
fn ensemble(folder: &TempDir) -> Ensemble {
    let library = Library::open(&[folder.path().to_path_buf()]).unwrap();
    Ensemble::open(&library, &[], &[]).unwrap()
}

fn settings(preset: Preset) -> Settings {
    Settings { preset, ..Settings::default() }
}

/// A batch that keeps no journal, and finds nothing in its outputs' places.
fn alone<'a>(ensemble: &'a Ensemble, settings: &'a Settings) -> Batch<'a> {
    Batch { ensemble, settings, existing: Existing::Refuse, journal: None, left_out: &[] }
}

fn run(photo: &[u8], judge: Judge, settings: &Settings) -> Protected {
    let folder = models(judge);
    protect(photo, &ensemble(&folder), settings, &mut People::default(), &mut |_| ControlFlow::Continue(()))
        .unwrap()
}

/// Protects a photo, which must succeed, and gives the report and the written picture.
fn protected(photo: &[u8], settings: &Settings) -> (PhotoReport, DynamicImage) {
    let Protected { report, encoded, .. } = run(photo, Judge::TakesAllForStrangers, settings);
    assert_eq!(report.status, Status::Protected, "{:?}", report.reason);
    (report, image::load_from_memory(&encoded.unwrap().bytes).unwrap())
}

#[test]
fn pixels_away_from_the_face_do_not_change() {
    let photo = portrait(200, 160);
    let (_, written) = protected(&png(&photo), &settings(Preset::Strong));
    let changed: Vec<_> = photo.pixels().zip(written.pixels()).filter(|(a, b)| a != b).collect();
    assert!(changed.len() > 1000, "{}", changed.len());
    for ((x, y, _), _) in changed {
        assert!(radius(x, y) < 1., "({x}, {y})");
    }
}

#[test]
fn what_can_be_seen_stays_within_each_preset_and_is_what_the_report_says() {
    let photo = portrait(160, 160);
    for (preset, limit, largest) in
        [(Preset::Subtle, 0.006, 14), (Preset::Standard, 0.015, 20), (Preset::Strong, 0.020, 28)]
    {
        let (report, written) = protected(&png(&photo), &settings(preset));
        let (measured, told) = (dssim(&photo, &written), f64::from(report.faces[0].visibility.dssim));
        // At the edge of the grid, the report's window sees nothing where this one sees the photo.
        assert!(measured > 0.8 * limit && measured < 1.04 * limit, "{preset:?}: {measured}");
        assert!(told <= limit + 1e-6, "{preset:?}: {told}");
        assert!((measured - told).abs() < 0.04 * limit, "{preset:?}: {measured}, told {told}");
        let change = largest_change(&photo, &written);
        assert!(change <= largest && change > largest / 3, "{preset:?}: {change}");
        assert!((report.faces[0].visibility.largest_change - change as f32).abs() < 0.01);
    }
}

#[test]
fn the_surrogate_finds_the_face_less_like_itself() {
    let (report, _) = protected(&png(&portrait(160, 160)), &settings(Preset::Standard));
    let face = &report.faces[0];
    let surrogate = face.similarities.iter().find(|o| o.role == Role::Surrogate).unwrap();
    // Without a cloak it is 1.
    assert!(surrogate.similarity < 0.8, "{}", surrogate.similarity);
    assert_eq!((face.attempts, face.steps, face.found_again), (1, 45, true));
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let photo = png(&portrait(160, 160));
    let bytes = |seed| {
        let settings = Settings { seed, ..settings(Preset::Subtle) };
        run(&photo, Judge::TakesAllForStrangers, &settings).encoded.unwrap().bytes
    };
    let first = bytes(7);
    assert!(first == bytes(7));
    assert!(first != bytes(8));
}

#[test]
fn breaking_off_is_reported_as_cancelled_and_leaves_no_file() {
    let folder = models(Judge::TakesAllForStrangers);
    let (ensemble, settings) = (ensemble(&folder), settings(Preset::Standard));
    let photo = png(&portrait(160, 160));
    let mut steps = 0;
    let result = protect(&photo, &ensemble, &settings, &mut People::default(), &mut |step| {
        assert_eq!((step.face, step.faces, step.attempt), (0, 1, 0));
        steps += 1;
        if steps == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(result, Err(Error::Cancelled)));
    assert_eq!(steps, 3);

    let (input, output) = (folder.path().join("in.png"), folder.path().join("out/in.png"));
    std::fs::write(&input, photo).unwrap();
    let batch = alone(&ensemble, &settings);
    let report =
        batch.run(
            &[Job { input, output: output.clone() }],
            &mut People::default(),
            &mut |event| match event {
                visard::pipeline::Event::Step(_) => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            },
        );
    assert!(report.cancelled && report.photos.is_empty() && !report.all_protected());
    assert!(!output.exists());
}

#[test]
fn a_grey_photo_stays_grey() {
    let photo = DynamicImage::from(portrait(160, 160).into_luma8());
    let (_, written) = protected(&png(&photo), &settings(Preset::Subtle));
    assert_eq!(written.color(), image::ColorType::L8);
    assert!((4..=14).contains(&largest_change(&photo, &written)));
}

#[test]
fn a_photo_of_16_bits_stays_at_16_bits_with_every_bit_away_from_the_face() {
    let mut photo = portrait(160, 160).into_rgb16();
    photo.pixels_mut().enumerate().for_each(|(i, p)| p.0[0] ^= i as u16 & 0xff);
    let photo = DynamicImage::from(photo);
    let (_, written) = protected(&png(&photo), &settings(Preset::Subtle));
    assert_eq!(written.color(), image::ColorType::Rgb16);
    let (a, b) = (photo.into_rgb16(), written.into_rgb16());
    let changed: Vec<_> =
        a.enumerate_pixels().zip(b.pixels()).filter(|((.., a), b)| a != b).map(|(a, _)| a).collect();
    assert!(changed.len() > 1000);
    assert!(changed.iter().all(|(x, y, _)| radius(*x, *y) < 1.));
}

#[test]
fn transparency_is_not_touched() {
    let mut photo = portrait(160, 160).into_rgba8();
    photo.enumerate_pixels_mut().for_each(|(x, y, p)| p.0[3] = 255 - ((x + y) % 64) as u8);
    let (_, written) = protected(&png(&photo.clone().into()), &settings(Preset::Subtle));
    let written = written.as_rgba8().unwrap();
    assert!(photo.pixels().zip(written.pixels()).all(|(a, b)| a.0[3] == b.0[3]));
    assert!(photo != *written);
}

/// A JPEG whose EXIF block says that it must be turned by 90 degrees clockwise to be upright.
fn lying_jpeg(picture: &DynamicImage) -> Vec<u8> {
    let jpeg = file(picture, ImageFormat::Jpeg);
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    exif.extend(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0");
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
}

#[test]
fn a_jpeg_that_lies_on_its_side_is_protected_and_written_upright() {
    let upright = portrait(220, 160);
    let (report, written) = protected(&lying_jpeg(&upright.rotate270()), &settings(Preset::Standard));
    assert_eq!((written.width(), written.height()), (220, 160));
    assert_eq!(report.quality, Some(90));
    // The detector finds its face in the upright photo, so that is where the change must be.
    let error = |near: bool| {
        let pairs = upright.pixels().zip(written.pixels());
        let chosen = pairs.filter(|((x, y, _), _)| (radius(*x, *y) < 0.8) == near && (near || *x > 130));
        let errors: Vec<f64> = chosen.map(|(a, b)| f64::from(a.2.0[1].abs_diff(b.2.0[1]))).collect();
        errors.iter().sum::<f64>() / errors.len() as f64
    };
    assert!(error(true) > 1.5 * error(false), "{} {}", error(true), error(false));
}

#[test]
fn a_photo_without_a_face_is_not_written_unless_asked_for() {
    let photo = png(&black());
    let none = run(&photo, Judge::TakesAllForStrangers, &Settings::default());
    assert_eq!((none.report.status, none.report.faces.len()), (Status::NoFace, 0));
    assert!(none.encoded.is_none() && none.report.output_sha256.is_none());

    let kept = Settings { keep_faceless: true, ..Settings::default() };
    let written = run(&photo, Judge::TakesAllForStrangers, &kept);
    assert_eq!(written.report.status, Status::NoFace);
    let bytes = written.encoded.unwrap().bytes;
    assert!(image::load_from_memory(&bytes).unwrap() == black());
}

#[test]
fn a_judge_that_knows_the_face_well_is_told_after_one_try() {
    let result = run(&png(&portrait(160, 160)), Judge::RecognisesFrom(-1.), &settings(Preset::Subtle));
    assert_eq!(result.report.status, Status::StillRecognisable);
    assert_eq!(result.report.reason.as_deref(), Some("1 of 1 faces still recognised"));
    let face = &result.report.faces[0];
    assert!(!face.protected);
    assert_eq!((face.attempts, face.steps), (1, 45));
    assert!(result.encoded.is_some());
}

#[test]
fn a_face_that_a_judge_narrowly_knows_gets_a_second_try() {
    let photo = png(&portrait(160, 160));
    let similarity = |result: &Protected| {
        let opinions = &result.report.faces[0].similarities;
        opinions.iter().find(|o| o.role == Role::Judge).unwrap().similarity
    };
    let first = similarity(&run(&photo, Judge::RecognisesFrom(-1.), &settings(Preset::Subtle)));
    for (missing, tries) in [(0.09, (2, 135)), (0.11, (1, 45))] {
        let result = run(&photo, Judge::RecognisesFrom(first - missing), &settings(Preset::Subtle));
        let face = &result.report.faces[0];
        assert_eq!((face.attempts, face.steps), tries, "{missing} missing");
    }
}

#[test]
fn a_network_is_never_surrogate_and_judge_at_once() {
    let folder = models(Judge::TakesAllForStrangers);
    let library = Library::open(&[folder.path().to_path_buf()]).unwrap();
    let both = ["judge".to_string()];
    let error = Ensemble::open(&library, &both, &both).unwrap_err().to_string();
    assert!(error.contains("\"judge\" cannot be surrogate and judge at once"), "{error}");
    // Named as a surrogate, it is no judge any more, and then there is none.
    let error = Ensemble::open(&library, &both, &[]).unwrap_err().to_string();
    assert!(error.contains("no judge is at hand"), "{error}");
}

#[test]
fn a_photo_of_one_pixel_is_no_reason_to_panic() {
    let points = [[68., 72.], [92., 72.], [80., 82.], [70., 94.], [90., 94.]].map(|[x, y]| Point { x, y });
    let given = Face { bounds: Rectangle { x: 48., y: 48., width: 64., height: 64. }, points, score: 0.9 };
    for (width, height) in [(1, 1), (1, 300), (300, 1), (20, 20), (90, 90)] {
        let settings = Settings { faces: Faces::These(vec![given]), ..settings(Preset::Subtle) };
        let report = run(&png(&portrait(width, height)), Judge::TakesAllForStrangers, &settings).report;
        // The face that is given lies outside or at the edge: nothing may be promised.
        if width.min(height) < 40 {
            assert_eq!(report.status, Status::StillRecognisable, "{width} x {height}");
        }
    }
}

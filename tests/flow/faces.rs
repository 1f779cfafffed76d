//! Which faces are protected.

use std::ops::ControlFlow;

use visard::cloak::Preset;
use visard::face::{Face, Point, Rectangle};
use visard::pipeline::{Faces, People, Settings, Status, check, protect};

use crate::support::models::{Judge, models};
use crate::support::{black, png, portrait};
use crate::{ensemble, run, settings};

#[test]
fn exactly_the_given_faces_are_protected_and_the_others_left() {
    let folder = models(Judge::TakesAllForStrangers);
    let ensemble = ensemble(&folder);
    let photo = png(&portrait(300, 300));
    let found = run(&photo, Judge::TakesAllForStrangers, &settings(Preset::Subtle)).report.faces;
    let moved = |p: Point| Point { x: p.x + 150., y: p.y + 150. };
    let bounds = Rectangle { x: found[0].bounds.x + 150., y: found[0].bounds.y + 150., ..found[0].bounds };
    let given = Face { bounds, points: found[0].points.map(moved), score: 0.1 };
    let settings = Settings { faces: Faces::These(vec![given]), ..settings(Preset::Subtle) };
    let done =
        protect(&photo, &ensemble, &settings, &mut People::default(), &mut |_| ControlFlow::Continue(()))
            .unwrap();
    let faces = done.report.faces;
    assert_eq!(faces.len(), found.len() + 1);
    let (last, others) = faces.split_last().unwrap();
    assert_eq!((last.bounds, last.chosen, last.protected, last.steps), (bounds, true, true, 45));
    assert!(others.iter().all(|face| !face.chosen && face.steps == 0));
}

#[test]
fn a_given_face_takes_the_place_of_the_one_that_is_found_there() {
    let folder = models(Judge::TakesAllForStrangers);
    let photo = png(&portrait(160, 160));
    let face = run(&photo, Judge::TakesAllForStrangers, &settings(Preset::Subtle)).report.faces[0].clone();
    let bounds = Rectangle { x: face.bounds.x + 2., ..face.bounds };
    let given = Face { bounds, points: face.points, score: face.score };
    let settings = Settings { faces: Faces::These(vec![given]), ..settings(Preset::Subtle) };
    let done = protect(&photo, &ensemble(&folder), &settings, &mut People::default(), &mut |_| {
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(done.report.faces.iter().map(|f| f.bounds).collect::<Vec<_>>(), [bounds]);
}

#[test]
fn a_face_is_found_in_a_drawn_box_and_none_in_a_black_one() {
    let folder = models(Judge::TakesAllForStrangers);
    let detector = ensemble(&folder).detector;
    let limits = visard::photo::Limits::default();
    let photo = visard::photo::decode(&png(&portrait(400, 400)), &limits).unwrap();
    let drawn = Rectangle { x: 200., y: 100., width: 100., height: 100. };
    let face = detector.detect_in(&photo, drawn).unwrap().unwrap();
    // The made-up detector sees a face at a quarter of the side of what it is shown.
    let middle = [face.bounds.x + face.bounds.width / 2., face.bounds.y + face.bounds.height / 2.];
    let shown = 160.;
    for (found, corner) in middle.into_iter().zip([250. - shown / 2., 150. - shown / 2.]) {
        assert!((found - (corner + shown / 4.)).abs() < 1., "{face:?}");
    }
    let nothing = visard::photo::decode(&png(&black()), &limits).unwrap();
    assert_eq!(detector.detect_in(&nothing, drawn).unwrap(), None);
    let outside = Rectangle { x: 500., ..drawn };
    assert_eq!(detector.detect_in(&photo, outside).unwrap(), None);
}

#[test]
fn a_face_in_a_box_is_protected_besides_the_others_and_a_box_without_one_is_refused() {
    let folder = models(Judge::TakesAllForStrangers);
    let photo = png(&portrait(400, 400));
    let protected = |boxes| {
        let settings = Settings { faces: Faces::Largest, boxes, ..settings(Preset::Subtle) };
        protect(&photo, &ensemble(&folder), &settings, &mut People::default(), &mut |_| {
            ControlFlow::Continue(())
        })
    };
    let alone = protected(vec![]).unwrap().report.faces;
    let drawn = Rectangle { x: 200., y: 100., width: 100., height: 100. };
    let faces = protected(vec![drawn]).unwrap().report.faces;
    assert_eq!(faces.len(), alone.len() + 1);
    let last = faces.last().unwrap();
    assert!(last.chosen && last.steps > 0 && last.bounds.middle_is_in(&drawn), "{last:?}");
    let outside = protected(vec![Rectangle { x: 500., ..drawn }]).unwrap_err().to_string();
    assert!(outside.contains("in the box 500,100,100,100"), "{outside}");
}

#[test]
fn where_only_the_largest_face_was_to_be_protected_only_it_is_judged_again() {
    // The detector finds a face of 64 pixels at full size, and one of 64 in a copy of 224 pixels.
    let photo = png(&portrait(400, 400));
    let folder = models(Judge::RecognisesFrom(-1.));
    let settings = Settings { faces: Faces::Largest, ..Settings::default() };
    let report = check(&photo, &photo, &ensemble(&folder), &settings, &mut People::default()).unwrap();
    let judged: Vec<_> = report
        .faces
        .iter()
        .map(|f| (f.bounds.width.round() as u32, f.chosen, f.similarities.len()))
        .collect();
    assert_eq!(judged, [(64, false, 0), (114, true, 2)]);
    assert_eq!(report.reason.as_deref(), Some("1 of 1 faces still recognised"));
}

/// A picture whose green grows by so much a row: the detector finds a face in the steeper one alone.
fn slope(growth: f32) -> Vec<u8> {
    let mut picture = portrait(160, 160).to_rgb8();
    for (_, y, pixel) in picture.enumerate_pixels_mut() {
        pixel.0[1] = (110. + (y as f32 - 80.) * growth).round() as u8;
    }
    png(&picture.into())
}

#[test]
fn a_face_that_only_the_check_finds_is_judged_or_named_once() {
    let folder = models(Judge::RecognisesFrom(0.9));
    let ensemble = ensemble(&folder);
    let faces_by = |faces| {
        let settings = Settings { faces, ..settings(Preset::Subtle) };
        check(&slope(0.05), &slope(0.1), &ensemble, &settings, &mut People::default()).unwrap()
    };
    let report = faces_by(Faces::All);
    let judged: Vec<_> = report.faces.iter().map(|face| (face.chosen, face.protected)).collect();
    assert_eq!((report.status, judged), (Status::StillRecognisable, vec![(true, false)]));
    assert!(report.faces[0].similarities[0].similarity > 0.9);
    let report = faces_by(Faces::Largest);
    let left: Vec<_> = report.faces.iter().map(|face| (face.chosen, face.protected)).collect();
    assert_eq!((report.status, left), (Status::NobodyChosen, vec![(false, false)]));
}

//! Faces that are not to be protected: whose they are, and how they are hidden.

use std::ops::ControlFlow;

use image::DynamicImage;
use visard::cloak::Preset;
use visard::hide::Hiding;
use visard::photo::Limits;
use visard::pipeline::{Faces, Others, People, Protected, References, Settings, Status, Whose, protect};

use crate::support::models::{Judge, models};
use crate::support::{black, png, portrait};
use crate::{ensemble, settings};

/// Protects a photo of 400 x 400 pixels, in which a face of 64 and one of 114 pixels are found.
fn of_two(judge: Judge, wanted: &Settings) -> Protected {
    let folder = models(judge);
    let photo = png(&portrait(400, 400));
    protect(&photo, &ensemble(&folder), wanted, &mut People::default(), &mut |_| ControlFlow::Continue(()))
        .unwrap()
}

fn largest(others: Others) -> Settings {
    Settings { faces: Faces::Largest, others, ..settings(Preset::Subtle) }
}

#[test]
fn all_other_faces_are_hidden_and_the_judges_are_asked_about_them() {
    for (others, hiding) in
        [(Others::Blur, Hiding::Blur), (Others::Pixelate, Hiding::Pixelate), (Others::Cover, Hiding::Cover)]
    {
        let done = of_two(Judge::TakesAllForStrangers, &largest(others));
        let told: Vec<_> = done
            .report
            .faces
            .iter()
            .map(|f| (f.bounds.width.round() as u32, f.chosen, f.protected, f.hiding, f.hidden))
            .collect();
        assert_eq!(told, [(64, false, false, Some(hiding), true), (114, true, true, None, false)]);
        assert!(done.report.faces.iter().all(|face| face.similarities.len() == 2));
        assert_eq!(done.report.status, Status::Protected, "{:?}", done.report.reason);
        let written = image::load_from_memory(done.bytes().unwrap()).unwrap().to_rgb8();
        let before = portrait(400, 400).to_rgb8();
        let apart = |x, y| {
            written
                .get_pixel(x, y)
                .0
                .iter()
                .zip(before.get_pixel(x, y).0)
                .map(|(a, b)| a.abs_diff(b))
                .sum::<u8>()
        };
        assert_eq!(apart(20, 300), 0);
        assert!((60..75).any(|x| apart(x, 66) > 30), "{others:?}");
    }
}

#[test]
fn a_hidden_face_that_a_judge_still_recognises_is_not_called_hidden() {
    let done = of_two(Judge::RecognisesFrom(-1.), &largest(Others::Cover));
    assert_eq!(done.report.status, Status::StillRecognisable);
    assert_eq!(done.report.reason.as_deref(), Some("2 of 2 faces still recognised"));
    assert!(done.report.faces.iter().all(|face| !face.hidden && !face.protected));
}

#[test]
fn others_may_be_protected_too_or_left() {
    let cloaked = of_two(Judge::TakesAllForStrangers, &largest(Others::Cloak)).report.faces;
    assert!(cloaked.iter().all(|face| face.chosen && face.protected && face.steps == 45));
    let left = of_two(Judge::TakesAllForStrangers, &largest(Others::Leave)).report.faces;
    assert_eq!((left[0].chosen, left[0].hiding, left[0].similarities.len()), (false, None, 0));
}

/// What becomes of a photo of one face where the person in another photo is given: whether the face is chosen, and the status.
fn of_one(
    given: &DynamicImage,
    whose: fn(References) -> Whose,
    others: Others,
) -> (bool, bool, Status, bool) {
    let folder = models(Judge::RecognisesFrom(0.999));
    let (ensemble, photo) = (ensemble(&folder), png(&portrait(160, 160)));
    let mut people = References::default();
    people.add(&ensemble, &png(given), &Limits::default()).unwrap();
    let wanted = Settings { whose: whose(people), others, ..settings(Preset::Subtle) };
    let done =
        protect(&photo, &ensemble, &wanted, &mut People::default(), &mut |_| ControlFlow::Continue(()));
    let Protected { report, encoded, .. } = done.unwrap();
    (report.faces[0].chosen, report.faces[0].unsure, report.status, encoded.is_some())
}

#[test]
fn people_are_known_by_photos_of_them() {
    let (same, another) = (portrait(160, 160), portrait(160, 160).brighten(20));
    let nobody = (false, false, Status::NobodyChosen, false);
    let cloaked = (true, false, Status::Protected, true);
    assert_eq!(of_one(&same, Whose::Only, Others::Leave), cloaked);
    assert_eq!(of_one(&another, Whose::Only, Others::Leave), nobody);
    assert_eq!(of_one(&same, Whose::Except, Others::Leave), nobody);
    assert_eq!(of_one(&another, Whose::Except, Others::Leave), cloaked);
    assert_eq!(of_one(&another, Whose::Only, Others::Cloak), cloaked);
    assert_eq!(of_one(&another, Whose::Only, Others::Cover), (false, false, Status::Hidden, true));
}

#[test]
fn a_photo_without_a_face_shows_nobody_to_know_people_by() {
    let folder = models(Judge::TakesAllForStrangers);
    let refused = References::default().add(&ensemble(&folder), &png(&black()), &Limits::default());
    let why = "no face is found in it: take a photo that shows the person from the front";
    assert_eq!(refused.unwrap_err().to_string(), why);
}

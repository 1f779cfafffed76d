//! Photos that are made for where they are shown.

use image::ImageFormat;
use image::imageops::FilterType;
use visard::cloak::Preset;
use visard::face::Rectangle;
use visard::photo::Destination;
use visard::pipeline::{Settings, Status};

use crate::support::models::Judge;
use crate::support::{file, png, portrait};
use crate::{run, settings};

#[test]
fn a_photo_is_reduced_before_it_is_cloaked_and_its_faces_are_told_where_they_lie_in_the_file() {
    let photo = portrait(400, 300);
    let reduced = photo.resize_exact(200, 150, FilterType::Lanczos3);
    let wanted = Settings { max_side: Some(200), ..settings(Preset::Subtle) };
    let made = run(&png(&photo), Judge::TakesAllForStrangers, &wanted);
    let same = run(&png(&reduced), Judge::TakesAllForStrangers, &settings(Preset::Subtle));
    assert_eq!(made.report.status, Status::Protected);
    assert!(made.bytes().is_some() && made.bytes() == same.bytes());
    for (made, same) in made.report.faces.iter().zip(&same.report.faces) {
        let Rectangle { x, y, width, height } = same.bounds;
        assert!((made.bounds.x - (2. * x + 0.5)).abs() < 1e-3, "{made:?}");
        assert!((made.bounds.y - (2. * y + 0.5)).abs() < 1e-3, "{made:?}");
        assert!(
            (made.bounds.width - 2. * width).abs() < 1e-3 && (made.bounds.height - 2. * height).abs() < 1e-3
        );
        assert_eq!(made.similarities, same.similarities);
    }
}

#[test]
fn a_box_is_drawn_in_the_file_s_own_pixels_however_the_photo_is_reduced() {
    let photo = png(&portrait(400, 400));
    let boxes = vec![Rectangle { x: 200., y: 100., width: 100., height: 100. }];
    let whole = Settings { boxes, ..settings(Preset::Subtle) };
    let reduced = Settings { max_side: Some(200), ..whole.clone() };
    let places = |settings: &Settings| {
        let report = run(&photo, Judge::TakesAllForStrangers, settings).report;
        report.faces.iter().filter(|face| face.chosen).map(|face| face.bounds).collect::<Vec<_>>()
    };
    let (whole, reduced) = (places(&whole), places(&reduced));
    let middle = |bounds: &Rectangle| [bounds.x + bounds.width / 2., bounds.y + bounds.height / 2.];
    let drawn = |all: &[Rectangle]| {
        all.iter().map(middle).filter(|at| at[0] > 190. && at[1] > 90.).collect::<Vec<_>>()
    };
    assert_eq!((drawn(&whole).len(), drawn(&reduced).len()), (1, 1), "{whole:?} {reduced:?}");
}

#[test]
fn a_photo_for_a_social_network_is_a_jpeg_of_its_size_and_is_judged_as_it_is_shown_there() {
    let wanted = Settings { destination: Destination::Social, ..settings(Preset::Subtle) };
    let photo = file(&portrait(1200, 300), ImageFormat::Png);
    let made = run(&photo, Judge::TakesAllForStrangers, &wanted);
    let written = image::load_from_memory_with_format(made.bytes().unwrap(), ImageFormat::Jpeg).unwrap();
    assert_eq!((written.width(), written.height()), (1080, 270));
    assert_eq!(
        made.report.notes,
        ["judged also as it is shown there, at most 1080 pixels at JPEG quality 75"]
    );
    let known = run(&photo, Judge::RecognisesFrom(-1.), &wanted).report;
    assert_eq!(known.status, Status::StillRecognisable);
}

//! "Check my folder".

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use image::ImageFormat;

use super::stage::{Stage, good, jpeg};
use super::support::models::Judge;
use super::support::{file, portrait};
use crate::model::Screen;

/// Chooses a folder of the stage, and searches it.
fn search(stage: &mut Stage, folder: &str) {
    stage.answers.borrow_mut().paths = vec![stage.path(folder)];
    stage.press("Choose…");
    stage.press("Search");
}

/// "Check my folder" of a protected photo, and a folder that takes seconds to read.
fn beside_a_large_folder() -> Stage {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    std::fs::create_dir(stage.path("large")).unwrap();
    let photo = file(&portrait(700, 700), ImageFormat::Jpeg);
    for i in 0..120 {
        std::fs::write(stage.path(&format!("large/{i}.jpg")), &photo).unwrap();
    }
    stage.drop_folder();
    stage.protect_all();
    stage.key(Modifiers::COMMAND, Key::Num2);
    stage
}

#[test]
fn a_search_of_the_folder_says_who_is_found_before_and_after() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good()), ("b.jpg", jpeg())]);
    stage.drop_folder();
    stage.key(Modifiers::COMMAND, Key::Num2);
    assert!(stage.sees("Protect some photos first: then there is something to search for."));
    stage.key(Modifiers::COMMAND, Key::Num1);
    stage.protect_all();
    stage.key(Modifiers::COMMAND, Key::Num2);
    search(&mut stage, "in");
    stage.until_seen(
        "Of 2 faces in your photos, the search finds 0 with the originals and 0 with the saved photos.",
    );
    assert!(stage.sees("a.png, face 1"));
    // Each face is compared with the other photo, never with its own.
    for name in ["a.png", "b.jpg"] {
        let stranger = format!("The most similar face, on {name}, counts as a stranger’s.");
        assert_eq!(stage.window.query_all_by_label(&stranger).count(), 2);
    }
    assert!(!stage.sees("Searched with judge"), "networks are named behind “More”");
    stage.press("More");
    stage.until_seen("Searched with judge");
}

#[test]
fn a_judge_that_knows_everybody_finds_everybody() {
    let mut stage = Stage::new(Judge::RecognisesFrom(-1.), &[("a.png", good()), ("b.jpg", jpeg())]);
    stage.drop_folder();
    stage.protect_all();
    stage.key(Modifiers::COMMAND, Key::Num2);
    search(&mut stage, "in");
    stage.until_seen("the search finds 2 with the originals and 2 with the saved photos");
    assert_eq!(stage.window.query_all_by_label("Found").count(), 4);
}

#[test]
fn a_search_can_be_stopped_and_asked_for_again() {
    let mut stage = beside_a_large_folder();
    search(&mut stage, "large");
    stage.until_seen("Reading the folder: 1 of 120 photos. About ");
    stage.press("Stop the search");
    stage.until_seen("The search was stopped.");
    assert!(!stage.sees("Reading the folder") && !stage.sees("Stop the search"));
    search(&mut stage, "in");
    stage.until_seen("Of 1 face in your photos, the search finds");
    assert!(!stage.sees("The search was stopped."));
}

#[test]
fn how_far_a_search_is_can_be_seen_beside_the_list_and_leads_back_to_it() {
    let mut stage = beside_a_large_folder();
    search(&mut stage, "large");
    stage.key(Modifiers::COMMAND, Key::Num1);
    stage.until_seen("Reading the folder: ");
    assert_eq!(stage.window.state().model.screen, Screen::Photos);
    stage.window.get_by_label_contains("Go there: ").click_accesskit();
    stage.window.run_steps(4);
    assert_eq!(stage.window.state().model.screen, Screen::Check);
    stage.key(Modifiers::COMMAND, Key::Period);
    stage.until_seen("The search was stopped.");
}

#[test]
fn a_search_that_waits_for_the_photo_in_work_can_be_stopped_too() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good()), ("b.jpg", jpeg())]);
    stage.drop_folder();
    stage.until_ready();
    stage.press("Protect");
    stage.until_seen("b.jpg: Working");
    stage.press("Pause");
    stage.key(Modifiers::COMMAND, Key::Num2);
    search(&mut stage, "in");
    assert!(stage.sees("Waiting for the photo in work…"));
    stage.press("Stop the search");
    assert!(!stage.sees("Waiting for the photo in work…") && !stage.sees("The search was stopped."));
    stage.key(Modifiers::COMMAND, Key::Num1);
    stage.press("Go on");
    stage.until_seen("All 2 photos are protected.");
}

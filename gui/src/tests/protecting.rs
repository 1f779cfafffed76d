//! Start, pause, cancel, try again, remove; what the list and the summary say.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use image::{Frame, codecs::gif::GifEncoder};
use visard::pipeline::{Report, Status};

use super::stage::{Stage, broken, good, mixed};
use super::support::{models::Judge, png, portrait};
use crate::model::Screen;
use crate::queue::State;

#[test]
fn the_summary_answers_plainly_and_names_who_was_asked() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    stage.protect_all();
    assert!(stage.sees("2 of 4 photos are protected."), "{:?}", stage.labels());
    assert!(stage.sees("A check looked at the saved photos, with no part in changing them."));
    assert!(stage.sees("It says nothing about networks that were not asked."));
    assert!(stage.sees("2 photos not protected: 1 no face found, 1 failed"));
    assert!(stage.sees("c.png: No face found. Nothing was changed and nothing was saved"));
    assert_eq!(stage.files("in-protected"), ["a.png", "b.jpg"]);
}

#[test]
fn what_is_not_protected_is_impossible_to_overlook() {
    let mut stage = mixed(Judge::RecognisesFrom(-1.));
    stage.protect_all();
    assert!(stage.sees("None of the 4 photos is protected."));
    assert!(stage.sees("4 photos not protected: 2 still recognisable, 1 no face found, 1 failed"));
    stage.press("Show them in the list");
    assert_eq!(stage.window.state().model.visible().len(), 4);
    assert!(stage.sees("a.png: Still recognisable. 1 of 1 face still recognised, saved apart"));
    assert!(stage.sees("d.png: Failed. It could not be protected: this is not a photo"));
}

#[test]
fn only_what_needs_attention_can_be_shown() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    stage.protect_all();
    stage.key(Modifiers::NONE, Key::Escape);
    assert!(stage.sees("a.png: Protected. 1 face"));
    stage.press("Show only these");
    assert!(!stage.sees("a.png"));
    assert!(stage.sees("c.png: No face found"));
    stage.key(Modifiers::COMMAND, Key::F);
    assert!(stage.sees("a.png"));
}

#[test]
fn everything_can_be_done_with_the_keyboard() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    stage.until_ready();
    stage.answers.borrow_mut().paths = vec![stage.path("in/a.png")];
    stage.key(Modifiers::COMMAND, Key::O);
    stage.until_seen("a.png: Waiting");
    stage.key(Modifiers::COMMAND, Key::Enter);
    stage.until_seen("The photo is protected.");
    assert_eq!(stage.files("in/protected"), ["a.png"]);
    stage.key(Modifiers::COMMAND, Key::E);
    assert_eq!(stage.answers.borrow().shown, [stage.path("in/protected")]);
    stage.key(Modifiers::NONE, Key::Escape);
    stage.window.get_by_label_contains("a.png: Protected").focus();
    stage.window.run_steps(2);
    stage.key(Modifiers::NONE, Key::Enter);
    assert!(matches!(stage.window.state().model.screen, Screen::Look(_)));
    stage.key(Modifiers::NONE, Key::Escape);
    stage.window.get_by_label_contains("a.png: Protected").focus();
    stage.window.run_steps(2);
    stage.key(Modifiers::NONE, Key::Delete);
    assert!(stage.sees("Drop photos or a folder here"));
}

/// A list that is longer than the screen.
fn long() -> Stage {
    let names: Vec<String> = (0..40).map(|i| format!("{i:02}.png")).collect();
    let photos: Vec<_> = names.iter().map(|name| (name.as_str(), broken())).collect();
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &photos);
    stage.drop_folder();
    stage.key(Modifiers::NONE, Key::ArrowDown);
    stage
}

#[test]
fn the_arrows_lead_through_the_list_beyond_what_is_on_the_screen() {
    let mut stage = long();
    assert!(stage.at_row("00.png") && !stage.sees("25.png"));
    for _ in 0..25 {
        stage.key(Modifiers::NONE, Key::ArrowDown);
    }
    assert!(stage.at_row("25.png"), "{:?}", stage.labels());
    stage.key(Modifiers::NONE, Key::ArrowUp);
    assert!(stage.at_row("24.png"));
    stage.key(Modifiers::NONE, Key::End);
    assert!(stage.at_row("39.png"));
    stage.key(Modifiers::NONE, Key::Home);
    assert!(stage.at_row("00.png"));
    stage.key(Modifiers::NONE, Key::Delete);
    assert_eq!(stage.window.state().model.queue.rows.len(), 39);
}

#[test]
fn the_row_of_a_photo_that_is_left_has_the_keyboard() {
    let mut stage = long();
    stage.key(Modifiers::NONE, Key::Enter);
    assert_eq!(stage.window.state().model.screen, Screen::Look(0));
    for _ in 0..20 {
        stage.key(Modifiers::NONE, Key::PageDown);
    }
    stage.key(Modifiers::NONE, Key::Escape);
    assert!(stage.at_row("20.png"), "{:?}", stage.labels());
    stage.key(Modifiers::NONE, Key::ArrowDown);
    assert!(stage.at_row("21.png"));
    // Looked at with the pointer, too.
    stage.press_row("21.png");
    stage.press("Back to the list");
    assert!(stage.at_row("21.png"));
}

#[test]
fn pausing_rests_within_a_photo_and_going_on_ends_it() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    stage.until_ready();
    stage.press("Protect");
    stage.until_seen("a.png: Working");
    stage.press("Pause");
    assert!(stage.sees("Paused"));
    stage.window.run_steps(50);
    assert!(stage.files("in-protected").is_empty());
    stage.press("Go on");
    stage.until_seen("2 of 4 photos are protected.");
}

#[test]
fn cancelling_in_the_middle_keeps_what_is_finished() {
    let photos: Vec<(String, Vec<u8>)> = (0..6).map(|i| (format!("{i}.png"), good())).collect();
    let photos: Vec<(&str, Vec<u8>)> = photos.iter().map(|(n, b)| (n.as_str(), b.clone())).collect();
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &photos);
    stage.drop_folder();
    stage.until_ready();
    stage.press("Protect");
    stage.until_seen("2.png: Working");
    stage.press("Pause");
    stage.window.run_steps(50);
    let done = stage.files("in-protected");
    assert!((2..=3).contains(&done.len()), "{:?}", stage.states());
    stage.press("Cancel");
    stage.until("work has stopped", |stage| !stage.window.state().model.queue.running());
    // Neither the photo in work nor another one is finished after that.
    for _ in 0..50 {
        stage.window.step();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(stage.files("in-protected"), done);
    let protected = stage.states().iter().filter(|&&s| s == State::Protected).count();
    assert_eq!(protected, done.len(), "{:?}", stage.states());
    // What is left can be done later.
    stage.press("Photos");
    stage.press("Protect");
    stage.until_seen("All 6 photos are protected.");
    assert_eq!(stage.files("in-protected").len(), 6);
}

#[test]
fn a_photo_in_work_can_be_removed() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    stage.until_ready();
    stage.press("Protect");
    stage.until_seen("a.png: Working");
    stage.press_in_row("a.png", "Remove");
    stage.until_seen("1 of 3 photos is protected.");
    assert_eq!(stage.files("in-protected"), ["b.jpg"]);
}

#[test]
fn trying_again_replaces_the_photos_own_output_only() {
    let mut stage = Stage::new(Judge::RecognisesFrom(-1.), &[("a.png", good())]);
    std::fs::create_dir(stage.path("in-protected")).unwrap();
    std::fs::write(stage.path("in-protected/a.png"), "somebody's").unwrap();
    stage.drop_folder();
    stage.protect_all();
    assert_eq!(stage.files("in-protected"), ["a.png", "not protected"]);
    assert_eq!(std::fs::read(stage.path("in-protected/a.png")).unwrap(), b"somebody's");
    stage.press("Back to the list");
    let first = std::fs::read(stage.path("in-protected/not protected/a-2.png")).unwrap();
    stage.press_in_row("a.png", "Try stronger");
    stage.until("it was tried", |stage| stage.states() == [State::StillRecognisable]);
    assert_eq!(stage.files("in-protected/not protected"), ["a-2.png"]);
    assert_ne!(std::fs::read(stage.path("in-protected/not protected/a-2.png")).unwrap(), first);
}

#[test]
fn originals_are_never_written_to_even_if_they_are_saved_beside() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    stage.drop_folder();
    stage.answers.borrow_mut().paths = vec![stage.path("in")];
    stage.press("Choose…");
    stage.window.state_mut().model.choices.replace = true;
    stage.protect_all();
    assert_eq!(std::fs::read(stage.path("in/a.png")).unwrap(), good());
    assert_eq!(stage.files("in"), ["a-2.png", "a.png"]);
}

#[test]
fn the_report_is_that_of_the_command_line() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    stage.protect_all();
    stage.answers.borrow_mut().paths = vec![stage.path("report.json")];
    stage.press("Save for programs…");
    stage.window.run_steps(2);
    let report: Report = serde_json::from_slice(&std::fs::read(stage.path("report.json")).unwrap()).unwrap();
    assert_eq!((report.schema, report.cancelled, report.photos.len()), (1, false, 4));
    assert_eq!((report.count(Status::Protected), report.count(Status::NoFace)), (2, 1));
    let judges: Vec<&str> =
        report.networks.iter().filter(|n| n.threshold == Some(1.)).map(|n| n.name.as_str()).collect();
    assert_eq!(judges, ["judge"]);
}

#[test]
fn the_list_can_be_cleared() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    stage.press("Clear the list");
    assert!(stage.sees("Drop photos or a folder here"));
}

#[test]
fn a_folder_that_cannot_be_written_to_is_named_and_another_one_lets_work_go_on() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    stage.drop_folder();
    std::fs::write(stage.path("file"), "").unwrap();
    stage.answers.borrow_mut().paths = vec![stage.path("file/out")];
    stage.press("Choose…");
    stage.until_ready();
    stage.press("Protect");
    stage.until_seen("Nothing can be saved in");
    assert!(stage.sees("Paused"));
    stage.answers.borrow_mut().paths = vec![stage.path("out")];
    stage.press("Choose…");
    stage.press("Go on");
    stage.until_seen("The photo is protected.");
    assert_eq!(stage.files("out"), ["a.png"]);
}

/// An animation of two pictures.
fn film() -> Vec<u8> {
    let mut bytes = vec![];
    let mut encoder = GifEncoder::new(&mut bytes);
    for _ in 0..2 {
        encoder.encode_frame(Frame::new(portrait(160, 160).to_rgba8())).unwrap();
    }
    drop(encoder);
    bytes
}

#[test]
fn of_an_animation_the_first_picture_is_protected_where_that_is_chosen() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.gif", film())]);
    stage.drop_folder();
    stage.until_seen("It cannot be read: this GIF is animated");
    assert!(stage.sees("its first picture alone (More options)"), "{:?}", stage.labels());
    stage.press("More options");
    stage.press("Protect their first picture alone, and leave the others out");
    stage.press("Close");
    stage.until_seen("1 face found");
    stage.protect_all();
    assert_eq!((stage.states(), stage.files("in-protected")), (vec![State::Protected], vec!["a.png".into()]));
}

#[test]
fn a_photo_is_made_for_where_it_is_shown_and_seen_beside_the_original_at_its_size() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", png(&portrait(1200, 200)))]);
    stage.drop_folder();
    stage.press("More options");
    stage.press("A social network (1080 pixels)");
    stage.press("Close");
    stage.until_seen("found");
    stage.protect_all();
    assert_eq!((stage.states(), stage.files("in-protected")), (vec![State::Protected], vec!["a.jpg".into()]));
    let written = image::open(stage.path("in-protected/a.jpg")).unwrap();
    assert_eq!((written.width(), written.height()), (1080, 180));
}

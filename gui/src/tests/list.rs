//! The list: what is ticked, sorted, removed and tried again stays where it is.

use std::path::PathBuf;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use visard::cloak::Preset;

use super::stage::{Stage, broken, good, jpeg, mixed};
use super::support::models::Judge;
use crate::model::Screen;
use crate::queue::State;

fn names(stage: &Stage) -> Vec<String> {
    stage.window.state().model.visible().iter().map(|row| row.name()).collect()
}

#[test]
fn trying_again_keeps_the_filter_and_the_screen() {
    let mut stage = mixed(Judge::RecognisesFrom(-1.));
    stage.protect_all();
    stage.press("Show them in the list");
    let before = names(&stage);
    stage.press_in_row("a.png", "Try stronger");
    stage.until("it was tried", |stage| !stage.window.state().model.queue.running());
    assert_eq!((names(&stage), stage.window.state().model.screen), (before, Screen::Photos));
    assert!(stage.window.state().model.only.is_some());
}

#[test]
fn a_higher_strength_is_proposed_where_one_is_left() {
    let mut stage = Stage::new(Judge::RecognisesFrom(-1.), &[("a.png", good())]);
    stage.drop_folder();
    stage.protect_all();
    assert!(stage.sees("A higher strength protects more"));
    stage.press("Back to the list");
    stage.press_in_row("a.png", "Try stronger");
    stage.until("it was tried", |stage| stage.states() == [State::StillRecognisable]);
    let (row, choices) =
        (stage.window.state().model.queue.rows[0].clone(), stage.window.state().model.choices.clone());
    assert_eq!((row.preset, row.strength), (Some(Preset::Strong), Some(Preset::Strong)));
    assert_eq!(choices.strength, Preset::Standard, "the strength of one retry is not that of all");
    // Nothing is left to try.
    stage.focus_row("a.png");
    assert!(!stage.sees("Try stronger") && !stage.sees("Try again"), "{:?}", stage.labels());
    stage.key(Modifiers::COMMAND, Key::I);
    assert!(stage.sees("The strongest was tried."));
}

#[test]
fn what_nothing_can_be_done_about_is_not_offered_again() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    stage.protect_all();
    stage.press("Back to the list");
    for name in ["a.png", "c.png", "d.png"] {
        stage.focus_row(name);
        assert!(!stage.sees(&format!("Try again {name}")), "{name}");
    }
    assert!(!stage.sees("Try again where it may help"));
}

#[test]
fn what_was_removed_or_cleared_comes_back() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    let before = names(&stage);
    stage.press("Choose b.jpg");
    stage.press("Choose c.png");
    stage.focus_row("b.jpg");
    stage.key(Modifiers::NONE, Key::Delete);
    assert_eq!(names(&stage), ["a.png", "d.png"]);
    stage.press("Undo");
    assert_eq!(names(&stage), before);
    stage.press("Clear the list");
    assert!(stage.sees("4 photos removed from the list."));
    stage.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(names(&stage), before);
}

#[test]
fn a_strength_is_given_to_the_photos_that_are_ticked_alone() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    stage.focus_row("b.jpg");
    stage.key(Modifiers::NONE, Key::Space);
    assert!(stage.sees("1 photo chosen:"));
    stage.press("Strength: That of all");
    stage.window.get_all_by_label("Strong").last().unwrap().click_accesskit();
    stage.window.run_steps(4);
    let rows = &stage.window.state().model.queue.rows;
    assert_eq!(
        rows.iter().map(|row| row.strength).collect::<Vec<_>>(),
        [None, Some(Preset::Strong), None, None]
    );
    assert_eq!(stage.window.state().model.choices.strength, Preset::Standard);
    stage.protect_all();
    let presets: Vec<_> =
        stage.window.state().model.queue.rows[..2].iter().map(|row| row.preset.unwrap()).collect();
    assert_eq!(presets, [Preset::Standard, Preset::Strong]);
}

#[test]
fn strengths_are_made_of_the_first_photo_and_can_be_looked_at_before_one_is_chosen() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    stage.until_ready();
    stage.until_seen("a.png: Waiting. 1 face found");
    stage.press("See what each looks like");
    stage.until_seen("Take for this photo: Strong");
    let seen = "Every check takes it for somebody else";
    stage.until("the first is made", |stage| stage.sees(seen));
    assert!(stage.window.state().model.choices.seconds(Preset::Subtle).is_some_and(|seconds| seconds > 0.));
    stage.press("Take for this photo: Strong");
    let model = &stage.window.state().model;
    assert_eq!(
        (model.queue.rows[0].strength, model.choices.strength),
        (Some(Preset::Strong), Preset::Standard)
    );
    assert!(stage.files("in-protected").is_empty(), "nothing was saved");
    stage.press("See what each looks like");
    stage.until_seen("Take for all photos: Subtle");
    stage.press("Take for all photos: Subtle");
    let model = &stage.window.state().model;
    assert_eq!((model.queue.rows[0].strength, model.choices.strength), (None, Preset::Subtle));
}

#[test]
fn the_list_is_reached_and_left_by_tab() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    let row = |stage: &Stage| ["a.png", "b.jpg", "c.png", "d.png"].iter().position(|name| stage.at_row(name));
    let mut reached = vec![];
    for _ in 0..90 {
        stage.key(Modifiers::NONE, Key::Tab);
        if let Some(at) = row(&stage).filter(|at| reached.last() != Some(at)) {
            reached.push(at);
        }
    }
    assert_eq!(reached[..4], [0, 1, 2, 3], "{:?}", stage.labels());
}

#[test]
fn the_grid_is_walked_in_both_directions() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    stage.key(Modifiers::COMMAND, Key::G);
    stage.key(Modifiers::NONE, Key::ArrowDown);
    assert!(stage.at_row("a.png"));
    stage.key(Modifiers::NONE, Key::ArrowRight);
    assert!(stage.at_row("b.jpg"));
    stage.key(Modifiers::NONE, Key::ArrowLeft);
    assert!(stage.at_row("a.png"));
}

#[test]
fn outputs_of_an_earlier_run_are_not_taken_as_photos() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    stage.protect_all();
    let parent: PathBuf = stage.folder.path().to_path_buf();
    stage.drop_paths(&[parent]);
    stage.until("photos are added", |stage| stage.window.state().model.adding == 0);
    let outputs = stage.path("in-protected");
    assert!(stage.window.state().model.queue.rows.iter().all(|row| !row.source.input.starts_with(&outputs)));
}

#[cfg(unix)]
#[test]
fn no_picture_of_a_folder_vanishes_and_each_row_says_where_it_lies() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good()), ("b.avif", broken())]);
    std::fs::create_dir(stage.path("in/2019")).unwrap();
    std::fs::write(stage.path("in/2019/c.jpg"), jpeg()).unwrap();
    std::fs::write(stage.path("elsewhere.png"), good()).unwrap();
    std::os::unix::fs::symlink(stage.path("elsewhere.png"), stage.path("in/link.png")).unwrap();
    stage.drop_folder();
    assert_eq!(names(&stage), ["c.jpg", "a.png", "b.avif"]);
    assert!(stage.sees("link.png (a link to a file: give the file itself)."), "{:?}", stage.labels());
    assert!(stage.sees(" · in/2019"));
}

#[test]
fn all_keys_are_told_on_one_page() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    stage.key(Modifiers::NONE, Key::F1);
    for text in ["Ctrl+Enter", "Protect, go on, or search", "Ctrl+Z", "Undo"] {
        assert!(stage.sees(text), "{text}: {:?}", stage.labels());
    }
    stage.key(Modifiers::NONE, Key::Escape);
    assert!(!stage.sees("Protect, go on, or search"));
}

#[test]
fn protecting_a_folder_once_more_goes_on_from_what_is_there() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    stage.protect_all();
    let time =
        |stage: &Stage| std::fs::metadata(stage.path("in-protected/a.png")).unwrap().modified().unwrap();
    let before = time(&stage);
    stage.key(Modifiers::NONE, Key::Escape);
    stage.press("Clear the list");
    stage.drop_folder();
    stage.protect_all();
    assert_eq!(stage.files("in-protected"), ["a.png", "b.jpg"]);
    assert_eq!(time(&stage), before, "it was written once");
    assert_eq!(stage.states()[..2], [State::Protected; 2]);
}

#[test]
fn what_was_left_is_offered_beside_photos_that_are_given_at_the_start() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    stage.window.step();
    let mut stage = stage.reopen();
    std::fs::create_dir(stage.path("other")).unwrap();
    std::fs::write(stage.path("other/e.png"), good()).unwrap();
    stage.drop_paths(&[stage.path("other")]);
    stage.until_seen("e.png: Waiting");
    assert!(stage.sees("Last time 4 of 4 photos were left to do."));
    stage.until_ready();
    stage.press("Continue");
    stage.until("all is done", |stage| stage.window.state().model.queue.done() == 5);
}

#[test]
fn the_result_can_be_saved_as_a_page_with_pictures() {
    let mut stage = mixed(Judge::TakesAllForStrangers);
    stage.protect_all();
    stage.answers.borrow_mut().paths = vec![stage.path("result.html")];
    stage.press("Save as a page…");
    stage.until("the page is written", |stage| stage.path("result.html").exists());
    let page = std::fs::read_to_string(stage.path("result.html")).unwrap();
    assert!(page.contains("<h1>2 of 4 photos are protected.</h1>"));
    // Two photos before and after, and one that was not saved.
    assert_eq!(page.matches("src=\"data:image/jpeg;base64,").count(), 5);
    assert_eq!(page.matches("src=\"").count(), 5, "nothing is loaded from elsewhere");
    assert!(
        page.contains("Not saved") && page.contains("It says nothing about networks that were not asked.")
    );
}

#[test]
fn what_is_not_protected_is_not_saved_where_that_is_chosen() {
    let mut stage = mixed(Judge::RecognisesFrom(-1.));
    stage.press("Do not save");
    stage.protect_all();
    assert!(stage.files("in-protected").is_empty());
    assert_eq!(stage.states()[0], State::StillRecognisable);
}

#[test]
fn a_person_is_left_on_all_photos_and_who_is_who_is_put_right() {
    let mut stage = Stage::new(Judge::RecognisesFrom(-1.), &[("a.png", good()), ("b.jpg", jpeg())]);
    stage.until_ready();
    stage.drop_folder();
    stage.press("People");
    stage.until_seen("Person 1: 2 faces");
    stage.press("Somebody else: b.jpg, Person 1, 2");
    assert!(stage.sees("Person 1: 1 face") && stage.sees("Person 2: 1 face"));
    stage.press("Protect Person 2");
    stage.press("Back to the list");
    assert!(stage.sees("b.jpg: Waiting. no face of it is to be protected"), "{:?}", stage.labels());
    stage.press("Protect");
    stage.until("the other is done", |stage| !stage.window.state().model.queue.running());
    assert_eq!(stage.states(), [State::StillRecognisable, State::Waiting]);
}

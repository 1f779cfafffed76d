//! The viewer.

use egui::{Key, Modifiers, pos2};
use egui_kittest::kittest::Queryable as _;

use super::drawn::texts;
use super::stage::{Stage, broken, good, jpeg};
use super::support::models::Judge;
use crate::model::{Mode, Screen};

fn looking(judge: Judge) -> Stage {
    let mut stage = Stage::new(judge, &[("a.png", good()), ("b.jpg", jpeg())]);
    stage.drop_folder();
    stage.protect_all();
    stage.press("Back to the list");
    open(&mut stage, "a.png");
    stage
}

pub(super) fn open(stage: &mut Stage, name: &str) {
    stage.window.get_by_label_contains(&format!("{name}: ")).click();
    stage.window.run_steps(2);
    assert!(matches!(stage.window.state().model.screen, Screen::Look(_)));
    stage.until("the photo is read", |stage| stage.window.state().model.viewer.fitting > 1.5);
}

#[test]
fn a_protected_photo_says_who_was_asked_about_each_face() {
    let mut stage = looking(Judge::TakesAllForStrangers);
    assert!(stage.sees("The check that was asked no longer recognises the face in the saved photo."));
    assert!(stage.sees("Every check takes it for somebody else"), "{:?}", stage.labels());
    assert!(!stage.sees("judge:") && !stage.sees("DSSIM"), "numbers stand behind “More”");
    stage.press("More: Face 1");
    stage.until_seen("recognised from 1.00 on");
    assert!(stage.sees("judge: similarity") && stage.sees("DSSIM"));
}

#[test]
fn a_photo_that_is_still_recognised_names_the_network() {
    let stage = looking(Judge::RecognisesFrom(-1.));
    assert!(stage.sees("NOT protected: 1 of 1 face still recognised in the saved photo."));
    assert!(stage.sees("A check recognises it clearly."));
}

#[test]
fn before_and_after_difference_and_size_have_keys_and_buttons() {
    let mut stage = looking(Judge::TakesAllForStrangers);
    let viewer = |stage: &Stage| {
        let v = &stage.window.state().model.viewer;
        (v.mode, v.zoom)
    };
    stage.press("Difference");
    assert_eq!(viewer(&stage), (Mode::Difference, None));
    stage.until_seen("What was changed, 8 times as strong. Grey: nothing.");
    stage.key(Modifiers::NONE, Key::C);
    assert_eq!(viewer(&stage).0, Mode::Compare);
    stage.press("Full size");
    assert_eq!(viewer(&stage).1, Some(1.));
    stage.key(Modifiers::NONE, Key::Plus);
    assert_eq!(viewer(&stage).1, Some(1.25));
    for _ in 0..20 {
        stage.key(Modifiers::NONE, Key::Minus);
    }
    assert_eq!(viewer(&stage).1, Some(0.5));
    stage.key(Modifiers::NONE, Key::F);
    assert_eq!(viewer(&stage).1, None);
    assert!(!stage.window.state().model.viewer.hold);
    stage.window.key_down(Key::O);
    stage.window.run_steps(2);
    assert!(stage.window.state().model.viewer.hold);
    stage.window.key_up(Key::O);
    stage.window.run_steps(2);
    assert!(!stage.window.state().model.viewer.hold);
}

#[test]
fn the_line_is_moved_by_the_slider_and_by_dragging_it() {
    let mut stage = looking(Judge::TakesAllForStrangers);
    let slider = "Position of the line between original and protected photo, in percent";
    stage.window.get_by_label(slider).set_value_accesskit(20.);
    stage.window.run_steps(2);
    let split = stage.window.state().model.viewer.split;
    assert!((split - 0.2).abs() < 0.01, "{split}");
    let canvas = stage.window.get_by_role(egui::Role::Image).rect();
    let shown = 160. * stage.window.state().model.viewer.fitting;
    let line = |split: f32| pos2(canvas.center().x + (split - 0.5) * shown, canvas.center().y);
    stage.window.hover_at(line(split));
    stage.window.drag_at(line(split));
    stage.window.step();
    stage.window.hover_at(line(0.75));
    stage.window.step();
    stage.window.drop_at(line(0.75));
    stage.window.run_steps(2);
    let split = stage.window.state().model.viewer.split;
    assert!((split - 0.75).abs() < 0.02, "{split}");
}

#[test]
fn which_of_both_is_seen_stands_there_also_where_the_line_is_not() {
    let mut stage = looking(Judge::TakesAllForStrangers);
    let both = |stage: &Stage| {
        let canvas = stage.window.get_by_role(egui::Role::Image).rect();
        let texts = texts(&stage.window.output().shapes);
        ["Original", "Saved photo"]
            .map(|name| texts.iter().any(|text| text.text == name && canvas.contains_rect(text.rect)))
    };
    assert_eq!(both(&stage), [true, true]);
    for _ in 0..8 {
        stage.key(Modifiers::NONE, Key::Plus);
    }
    let slider = "Position of the line between original and protected photo, in percent";
    for (percent, seen) in [(0., [false, true]), (100., [true, false])] {
        stage.window.get_by_label(slider).set_value_accesskit(percent);
        stage.window.run_steps(2);
        assert_eq!(both(&stage), seen, "the line at {percent} %");
    }
}

#[test]
fn one_photo_leads_to_the_next() {
    let mut stage = looking(Judge::TakesAllForStrangers);
    stage.key(Modifiers::NONE, Key::PageDown);
    assert_eq!(stage.window.state().model.screen, Screen::Look(1));
    stage.press("Previous photo");
    assert_eq!(stage.window.state().model.screen, Screen::Look(0));
    stage.press("Back to the list");
    assert_eq!(stage.window.state().model.screen, Screen::Photos);
}

#[test]
fn a_broken_photo_says_why_it_cannot_be_shown() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("d.png", broken())]);
    stage.until_ready();
    stage.drop_folder();
    stage.until_seen("d.png: Waiting. It cannot be read");
    stage.window.get_by_label_contains("d.png: ").click();
    stage.window.run_steps(3);
    assert!(stage.sees("It cannot be read: this is not a photo"));
}

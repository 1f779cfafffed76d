//! The viewer.

use egui::{Key, Modifiers, pos2, vec2};
use egui_kittest::kittest::Queryable as _;

use super::stage::{Stage, broken, good, jpeg};
use super::support::models::Judge;
use super::support::{file, portrait};
use crate::model::{Mode, Screen};
use crate::queue::State;

fn looking(judge: Judge) -> Stage {
    let mut stage = Stage::new(judge, &[("a.png", good()), ("b.jpg", jpeg())]);
    stage.drop_folder();
    stage.protect_all();
    stage.press("Back to the list");
    open(&mut stage, "a.png");
    stage
}

fn open(stage: &mut Stage, name: &str) {
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
fn one_photo_leads_to_the_next() {
    let mut stage = looking(Judge::TakesAllForStrangers);
    stage.key(Modifiers::NONE, Key::PageDown);
    assert_eq!(stage.window.state().model.screen, Screen::Look(1));
    stage.press("Previous photo");
    assert_eq!(stage.window.state().model.screen, Screen::Look(0));
    stage.press("Back to the list");
    assert_eq!(stage.window.state().model.screen, Screen::Photos);
}

/// A photo with room for a second face, and a black corner in which there is none.
fn wide() -> Stage {
    let mut photo = portrait(500, 320).to_rgb8();
    for (x, y) in (0..130).flat_map(|x| (190..320).map(move |y| (x, y))) {
        photo.put_pixel(x, y, image::Rgb([0; 3]));
    }
    let photo = file(&photo.into(), image::ImageFormat::Png);
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("wide.png", photo)]);
    stage.until_ready();
    stage.drop_folder();
    stage.until_seen("wide.png: Waiting. ");
    stage.until("faces are known", |stage| stage.window.state().model.queue.rows[0].marks.is_some());
    stage.window.get_by_label_contains("wide.png: ").click();
    stage.window.run_steps(2);
    stage.until("the photo is read", |stage| stage.window.state().model.viewer.fitting > 1.5);
    stage
}

/// Draws a box whose corners are places of the photo.
fn draw(stage: &mut Stage, from: [f32; 2], to: [f32; 2]) {
    let canvas = stage.window.get_by_role(egui::Role::Image).rect();
    let scale = stage.window.state().model.viewer.fitting;
    let at = |p: [f32; 2]| canvas.center() + (vec2(p[0], p[1]) - vec2(250., 160.)) * scale;
    stage.window.hover_at(at(from));
    stage.window.drag_at(at(from));
    stage.window.step();
    stage.window.hover_at(at(to));
    stage.window.step();
    stage.window.drop_at(at(to));
    stage.window.run_steps(2);
}

#[test]
fn a_missed_face_is_added_by_drawing_a_box_and_protected_with_the_others() {
    let mut stage = wide();
    let before = stage.window.state().model.queue.rows[0].marks.clone().unwrap();
    stage.press("Add a missed face");
    assert!(stage.sees("Draw a box around the face."));
    draw(&mut stage, [260., 40.], [460., 240.]);
    stage.until_seen("The face was added. It will be protected with the others.");
    let marks = stage.window.state().model.queue.rows[0].marks.clone().unwrap();
    assert_eq!(marks.len(), before.len() + 1);
    let drawn = marks.last().unwrap();
    assert!(drawn.drawn && drawn.chosen && drawn.face.bounds.x > 200., "{drawn:?}");
    stage.press("Back to the list");
    stage.protect_all();
    let row = &stage.window.state().model.queue.rows[0];
    let faces = &row.report.as_ref().unwrap().photo().unwrap().faces;
    assert_eq!(row.state(), State::Protected);
    assert!(faces.iter().any(|f| f.bounds == drawn.face.bounds && f.protected && f.steps > 0), "{faces:?}");
}

#[test]
fn the_keyboard_alone_moves_to_a_missed_face_and_adds_it() {
    let mut stage = wide();
    let before = stage.window.state().model.queue.rows[0].marks.clone().unwrap();
    stage.key(Modifiers::NONE, Key::B);
    for _ in 0..3 {
        stage.key(Modifiers::NONE, Key::Plus);
    }
    let seen = |stage: &Stage| stage.window.state().model.viewer.in_view.unwrap();
    let middle = seen(&stage);
    for _ in 0..3 {
        stage.key(Modifiers::NONE, Key::ArrowRight);
    }
    stage.key(Modifiers::NONE, Key::ArrowUp);
    let view = seen(&stage);
    assert!(view.x > middle.x + 30. && view.y < middle.y, "{middle:?} {view:?}");
    stage.key(Modifiers::NONE, Key::V);
    stage.until_seen("The face was added. It will be protected with the others.");
    let marks = stage.window.state().model.queue.rows[0].marks.clone().unwrap();
    let drawn = marks.last().unwrap();
    assert!(drawn.drawn && drawn.face.bounds.middle_is_in(&view) && marks.len() >= before.len(), "{marks:?}");
}

#[test]
fn a_box_without_eyes_nose_and_mouth_is_answered_plainly() {
    let mut stage = wide();
    stage.key(Modifiers::NONE, Key::B);
    draw(&mut stage, [20., 240.], [60., 300.]);
    stage.until_seen("No eyes, nose and mouth could be found in that box");
}

#[test]
fn a_face_that_is_not_chosen_is_left_as_it_was() {
    let mut stage = wide();
    stage.press("Add a missed face");
    draw(&mut stage, [260., 40.], [460., 240.]);
    stage.until_seen("The face was added.");
    stage.press("Protect face 1");
    stage.press("Back to the list");
    stage.protect_all();
    let row = &stage.window.state().model.queue.rows[0];
    let faces = &row.report.as_ref().unwrap().photo().unwrap().faces;
    let left: Vec<_> = faces.iter().filter(|f| !f.chosen).collect();
    assert_eq!(left.len(), 1);
    assert!(left.iter().all(|f| f.steps == 0));
    stage.press("Back to the list");
    assert!(stage.sees("left as before"), "{:?}", stage.labels());
}

#[test]
fn at_least_one_face_stays_chosen() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    stage.until_ready();
    stage.drop_folder();
    stage.until_seen("a.png: Waiting. 1 face found");
    open(&mut stage, "a.png");
    stage.press("Protect face 1");
    assert!(stage.window.state().model.queue.rows[0].marks.as_ref().unwrap()[0].chosen);
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

//! The faces of the open photo: shown or hidden, chosen, added by drawing a box, and deleted again.

use egui::{Key, Modifiers, Pos2, Rect, Shape, epaint::ClippedShape, vec2};
use egui_kittest::kittest::Queryable as _;

use super::looking::open;
use super::stage::{Stage, good};
use super::support::models::Judge;
use super::support::{file, portrait};
use crate::queue::{Mark, State};

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

/// Where a place of the photo is on the screen.
fn on_screen(stage: &Stage, [x, y]: [f32; 2]) -> Pos2 {
    let canvas = stage.window.get_by_role(egui::Role::Image).rect();
    canvas.center() + (vec2(x, y) - vec2(250., 160.)) * stage.window.state().model.viewer.fitting
}

/// Draws a box whose corners are places of the photo.
fn draw(stage: &mut Stage, from: [f32; 2], to: [f32; 2]) {
    let [from, to] = [from, to].map(|place| on_screen(stage, place));
    stage.window.hover_at(from);
    stage.window.drag_at(from);
    stage.window.step();
    stage.window.hover_at(to);
    stage.window.step();
    stage.window.drop_at(to);
    stage.window.run_steps(2);
}

fn marks(stage: &Stage) -> Vec<Mark> {
    stage.window.state().model.queue.rows[0].marks.clone().unwrap()
}

/// Whether there is a box around the first face.
fn is_outlined(stage: &Stage) -> bool {
    let face = marks(stage)[0].face.bounds;
    let place = Rect::from_two_pos(
        on_screen(stage, [face.x, face.y]),
        on_screen(stage, [face.x + face.width, face.y + face.height]),
    );
    let is_box = |shape: &ClippedShape| matches!(&shape.shape, Shape::Rect(drawn) if drawn.rect.min.distance(place.min) < 2. && drawn.rect.max.distance(place.max) < 2.);
    stage.window.output().shapes.iter().any(is_box)
}

#[test]
fn a_missed_face_is_added_by_drawing_a_box_and_protected_with_the_others() {
    let mut stage = wide();
    let before = marks(&stage);
    stage.press("Add a missed face");
    assert!(stage.sees("Draw a box around the face."));
    draw(&mut stage, [260., 40.], [460., 240.]);
    stage.until_seen("The face was added. It will be protected with the others.");
    let marks = marks(&stage);
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
    let before = marks(&stage);
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
    let marks = marks(&stage);
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
    assert!(marks(&stage)[0].chosen);
    assert!(stage.sees("Choose at least one face."));
}

#[test]
fn boxes_around_faces_can_be_hidden_and_stay_hidden() {
    let mut stage = wide();
    assert!(is_outlined(&stage));
    stage.press("Show faces");
    assert!(!is_outlined(&stage));
    stage.press("Back to the list");
    open(&mut stage, "wide.png");
    assert!(!is_outlined(&stage));
    stage.key(Modifiers::NONE, Key::X);
    assert!(is_outlined(&stage));
}

#[test]
fn a_drawn_box_can_be_deleted() {
    let mut stage = wide();
    let before = marks(&stage);
    stage.press("Add a missed face");
    draw(&mut stage, [260., 40.], [460., 240.]);
    stage.until_seen("The face was added.");
    assert!(stage.sees("Added by you"));
    stage.press(&format!("Delete Face {}", before.len() + 1));
    assert_eq!(marks(&stage), before);
    assert!(!stage.sees("Added by you") && !stage.sees("Delete Face"));
}

#[test]
fn a_drawn_box_can_be_deleted_where_no_other_face_is_chosen() {
    let mut stage = wide();
    stage.press("Add a missed face");
    draw(&mut stage, [260., 40.], [460., 240.]);
    stage.until_seen("The face was added.");
    let found = marks(&stage).len() - 1;
    (1..=found).for_each(|face| stage.press(&format!("Protect face {face}")));
    stage.press(&format!("Delete Face {}", found + 1));
    assert_eq!(marks(&stage).iter().map(|mark| mark.chosen).collect::<Vec<_>>(), vec![false; found]);
}

#[test]
fn a_face_that_is_added_to_a_finished_photo_lets_it_be_tried_again() {
    let mut stage = wide();
    stage.press("Back to the list");
    stage.protect_all();
    stage.press("Back to the list");
    open(&mut stage, "wide.png");
    assert!(!stage.sees("Try again"));
    stage.press("Add a missed face");
    draw(&mut stage, [260., 40.], [460., 240.]);
    stage.until_seen("Your choice of faces counts from the next try on.");
    let drawn = marks(&stage).last().unwrap().face;
    stage.press("Try again");
    stage.until("it was tried", |stage| !stage.window.state().model.queue.running());
    let row = &stage.window.state().model.queue.rows[0];
    let faces = &row.report.as_ref().unwrap().photo().unwrap().faces;
    assert!(faces.iter().any(|face| face.bounds == drawn.bounds && face.protected), "{faces:?}");
}

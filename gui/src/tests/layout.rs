//! No text is cut off, runs downwards or lies on another one, from 800 x 600 pixels at 200 % up.

use egui::{Key, Modifiers, Rangef, Rect, Shape, epaint::ClippedShape, pos2, vec2};
use egui_kittest::Harness;

use super::drawn::{Text, draws, texts};
use super::stage::{Stage, broken, faceless, good, jpeg};
use super::support::models::Judge;

/// Sizes of the window in points: of two sizes in pixels at 100, 150 and 200 %.
const SIZES: [[f32; 2]; 6] =
    [[1280., 800.], [853., 533.], [640., 400.], [800., 600.], [533., 400.], [400., 300.]];

/// What is over everything else: all of the window, or the dialog that lies over it.
fn uppermost(shapes: &[ClippedShape], screen: Rect) -> &[ClippedShape] {
    let veil = |shape: &ClippedShape| matches!(&shape.shape, Shape::Rect(rect) if rect.rect.contains_rect(screen) && !rect.fill.is_opaque() && rect.fill.a() > 0);
    let last = shapes.iter().rposition(veil).map_or(0, |at| at + 1);
    &shapes[last..]
}

/// What is wrong with the texts of a window of this size.
fn complaints(shapes: &[ClippedShape], window: Rect) -> Vec<String> {
    let shapes = uppermost(shapes, window);
    let mut texts = texts(shapes);
    texts.retain(|text| text.rect.intersects(text.clip.intersect(window)));
    let mut wrong = vec![];
    for (i, Text { text, rect, clip, rows }) in texts.iter().enumerate() {
        let seen = clip.intersect(window);
        let beyond = |range: Rangef, seen: Rangef| range.min < seen.min - 1. || range.max > seen.max + 1.;
        if beyond(rect.x_range(), seen.x_range())
            || beyond(rect.y_range(), seen.y_range()) && !is_scrolled(shapes, seen)
        {
            wrong.push(format!("{text:?} is cut off: {rect:?} in {seen:?}"));
        }
        if *rows >= 4 && rect.width() <= 60. {
            wrong.push(format!("{text:?} runs downwards"));
        }
        for other in &texts[..i] {
            let both = rect.intersect(*clip).intersect(other.rect.intersect(other.clip));
            if both.width() >= 2. && both.height() >= 2. {
                wrong.push(format!("{text:?} lies on {:?}", other.text));
            }
        }
    }
    wrong
}

/// Whether there is a bar beside this part of the window that tells that there is more above or below.
fn is_scrolled(shapes: &[ClippedShape], part: Rect) -> bool {
    let bar = |rect: Rect| {
        let beside = Rangef::new(part.left(), part.right() + 20.);
        rect.width() < 14. && beside.contains(rect.center().x) && rect.height() > part.height() - 8.
    };
    shapes.iter().any(|shape| matches!(&shape.shape, Shape::Rect(shape) if bar(shape.rect)))
}

fn check(stage: &Stage, screen: &str, size: [f32; 2]) {
    let (shapes, window) =
        (&stage.window.output().shapes, Rect::from_min_size(egui::Pos2::ZERO, size.into()));
    assert!(texts(uppermost(shapes, window)).len() > 3, "{screen} at {size:?} shows hardly any text");
    let wrong = complaints(shapes, window);
    assert!(wrong.is_empty(), "{screen} at {size:?}: {wrong:#?}");
}

/// The screen at all sizes.
fn at_all_sizes(stage: &mut Stage, screen: &str) {
    for size in SIZES {
        stage.resize(size);
        check(stage, screen, size);
    }
}

/// What is wrong with a window that shows this.
fn wrong(content: impl FnMut(&mut egui::Ui) + 'static) -> Vec<String> {
    let size = vec2(300., 200.);
    let mut window = Harness::builder().with_size(size).build_ui(content);
    window.run_steps(2);
    complaints(&window.output().shapes, Rect::from_min_size(egui::Pos2::ZERO, size))
}

#[test]
fn a_text_that_is_cut_off_covered_or_narrow_is_noticed() {
    let put = |ui: &mut egui::Ui, at: [f32; 2], size: [f32; 2], text: &str| {
        let place = Rect::from_min_size(pos2(at[0], at[1]), size.into());
        let mut child = ui.new_child(egui::UiBuilder::new().max_rect(place));
        child.set_clip_rect(place);
        child.add(egui::Label::new(text).wrap_mode(egui::TextWrapMode::Extend));
    };
    assert_eq!(wrong(move |ui| put(ui, [10., 10.], [200., 40.], "It fits")), Vec::<String>::new());
    let beyond = wrong(move |ui| put(ui, [10., 10.], [30., 40.], "too wide for its place"));
    assert!(beyond[0].starts_with("\"too wide for its place\" is cut off: "), "{beyond:?}");
    let below = wrong(move |ui| put(ui, [10., 10.], [200., 9.], "too low for its place"));
    assert!(below[0].starts_with("\"too low for its place\" is cut off: "), "{below:?}");
    let covered = wrong(move |ui| {
        put(ui, [10., 10.], [200., 40.], "one");
        put(ui, [14., 12.], [200., 40.], "another");
    });
    assert_eq!(covered, ["\"another\" lies on \"one\""]);
    let narrow = wrong(|ui| {
        ui.set_max_width(30.);
        ui.label("one word below the other one");
    });
    assert!(narrow.contains(&"\"one word below the other one\" runs downwards".into()), "{narrow:?}");
}

#[test]
fn what_is_scrolled_may_be_cut_off_above_and_below_alone() {
    let rows = |ui: &mut egui::Ui| {
        crate::theme::apply(ui);
        egui::ScrollArea::vertical().max_height(50.).show(ui, |ui| {
            (0..20).for_each(|i| drop(ui.label(format!("{i}"))));
        });
    };
    assert_eq!(wrong(rows), Vec::<String>::new());
}

#[test]
fn no_text_of_the_list_is_cut_off_or_covered() {
    let photos = [
        ("a photo with a very long name that was taken on a holiday IMG_20190704_112233_0123.png", good()),
        ("b.jpg", jpeg()),
        ("c.png", faceless()),
        ("d.png", broken()),
    ];
    let mut stage = Stage::new(Judge::RecognisesFrom(-1.), &photos);
    at_all_sizes(&mut stage, "start");
    stage.resize(SIZES[0]);
    stage.until_ready();
    stage.drop_folder();
    stage.until_seen("d.png: Waiting. It cannot be read");
    at_all_sizes(&mut stage, "list");
    stage.key(Modifiers::NONE, Key::ArrowDown);
    at_all_sizes(&mut stage, "list with a row that has the keyboard");
    stage.resize(SIZES[0]);
    stage.press("Choose b.jpg");
    at_all_sizes(&mut stage, "list with a ticked row");
    stage.key(Modifiers::COMMAND, Key::G);
    at_all_sizes(&mut stage, "grid");
    stage.press("Choices");
    at_all_sizes(&mut stage, "choices");
    stage.press("Close");
    stage.key(Modifiers::COMMAND, Key::Comma);
    at_all_sizes(&mut stage, "more");
    stage.key(Modifiers::NONE, Key::Escape);
    stage.key(Modifiers::NONE, Key::F1);
    at_all_sizes(&mut stage, "keys");
}

#[test]
fn in_the_smallest_window_the_keyboard_still_leads_to_every_photo() {
    let photos = [("a.png", good()), ("b.jpg", jpeg()), ("c.png", faceless()), ("d.png", broken())];
    let mut stage = Stage::new(Judge::RecognisesFrom(-1.), &photos);
    stage.drop_folder();
    stage.protect_all();
    stage.key(Modifiers::NONE, Key::Escape);
    let notice =
        "Left out, and not protected: a link in a folder with a rather long name (give the file itself).";
    stage.window.state_mut().model.notices.push(notice.into());
    stage.resize(SIZES[5]);
    for name in ["a.png", "b.jpg", "c.png", "d.png"] {
        stage.key(Modifiers::NONE, Key::ArrowDown);
        assert!(draws(&stage, name), "{name} is not on the screen");
    }
}

#[test]
fn no_text_of_the_results_is_cut_off_or_covered() {
    let photos = [("a.png", good()), ("b.jpg", jpeg()), ("c.png", faceless())];
    let mut stage = Stage::new(Judge::RecognisesFrom(-1.), &photos);
    stage.drop_folder();
    stage.protect_all();
    at_all_sizes(&mut stage, "summary");
    stage.key(Modifiers::NONE, Key::Escape);
    at_all_sizes(&mut stage, "list with results");
    stage.press_row("a.png");
    stage.until("the photo is read", |stage| (stage.window.state().model.viewer.fitting - 1.).abs() > 1e-3);
    at_all_sizes(&mut stage, "viewer");
    stage.key(Modifiers::NONE, Key::I);
    at_all_sizes(&mut stage, "viewer with details");
    stage.key(Modifiers::NONE, Key::Escape);
    stage.press_in_row("a.png", "Strengths");
    stage.until_seen("Take for this photo: Strong");
    at_all_sizes(&mut stage, "strengths");
    stage.key(Modifiers::NONE, Key::Escape);
    stage.key(Modifiers::COMMAND, Key::Num2);
    stage.answers.borrow_mut().paths = vec![stage.path("in")];
    stage.press("Choose…");
    stage.press("Search");
    stage.until_seen("the search finds 2 with the originals");
    at_all_sizes(&mut stage, "check");
    stage.resize(SIZES[0]);
    stage.key(Modifiers::COMMAND, Key::Num1);
    stage.press("People");
    stage.until_seen("Person 1: ");
    at_all_sizes(&mut stage, "people");
}

#[test]
fn no_text_is_cut_off_or_covered_while_photos_are_protected() {
    let mut stage = Stage::new(Judge::RecognisesFrom(-1.), &[("a.png", good()), ("b.jpg", jpeg())]);
    stage.drop_folder();
    let mut stage = stage.reopen();
    stage.until_ready();
    at_all_sizes(&mut stage, "what was left");
    stage.resize(SIZES[0]);
    stage.press("Continue");
    stage.until_seen("b.jpg: Working");
    stage.press("Pause");
    at_all_sizes(&mut stage, "list at work");
    stage.key(Modifiers::COMMAND, Key::Num2);
    at_all_sizes(&mut stage, "check at work");
    stage.close_window();
    at_all_sizes(&mut stage, "question before quitting");
}

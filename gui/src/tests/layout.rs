//! No text is cut off, runs downwards or lies on another one, from 800 x 600 pixels at 200 % up.

use egui::{Key, Modifiers, Rect, Shape, epaint::ClippedShape, epaint::TextShape};

use super::stage::{Stage, broken, faceless, good, jpeg};
use super::support::models::Judge;

/// Sizes of the window in points: of two sizes in pixels at 100, 150 and 200 %.
const SIZES: [[f32; 2]; 6] =
    [[1280., 800.], [853., 533.], [640., 400.], [800., 600.], [533., 400.], [400., 300.]];

/// A text on the screen: where it lies, and the part of the screen in which it is seen.
struct Text {
    text: String,
    rect: Rect,
    clip: Rect,
    rows: usize,
}

fn collect(clip: Rect, shape: &Shape, texts: &mut Vec<Text>) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(clip, shape, texts)),
        Shape::Text(TextShape { pos, galley, .. }) if !galley.text().trim().is_empty() => texts.push(Text {
            text: galley.text().into(),
            rect: galley.mesh_bounds.translate(pos.to_vec2()),
            clip,
            rows: galley.rows.len(),
        }),
        _ => {}
    }
}

/// What is over everything else: all of the window, or the dialog that lies over it.
fn uppermost(shapes: &[ClippedShape], screen: Rect) -> &[ClippedShape] {
    let veil = |shape: &ClippedShape| matches!(&shape.shape, Shape::Rect(rect) if rect.rect.contains_rect(screen) && !rect.fill.is_opaque() && rect.fill.a() > 0);
    let last = shapes.iter().rposition(veil).map_or(0, |at| at + 1);
    &shapes[last..]
}

fn check(stage: &Stage, screen: &str, size: [f32; 2]) {
    let window = Rect::from_min_size(egui::Pos2::ZERO, size.into());
    let mut texts = vec![];
    for ClippedShape { clip_rect, shape, .. } in uppermost(&stage.window.output().shapes, window) {
        collect(*clip_rect, shape, &mut texts);
    }
    texts.retain(|text| text.rect.intersects(text.clip.intersect(window)));
    assert!(texts.len() > 3, "{screen} at {size:?} shows hardly any text");
    for Text { text, rect, clip, rows } in &texts {
        let seen = clip.intersect(window);
        assert!(
            rect.left() >= seen.left() - 1. && rect.right() <= seen.right() + 1.,
            "{screen} at {size:?}: {text:?} is cut off: {rect:?} in {seen:?}"
        );
        assert!(*rows < 4 || rect.width() > 60., "{screen} at {size:?}: {text:?} runs downwards");
    }
    for (i, one) in texts.iter().enumerate() {
        for other in &texts[..i] {
            let both = one.rect.intersect(one.clip).intersect(other.rect.intersect(other.clip));
            assert!(
                both.width() < 2. || both.height() < 2.,
                "{screen} at {size:?}: {:?} lies on {:?}",
                one.text,
                other.text
            );
        }
    }
}

/// The screen at all sizes.
fn at_all_sizes(stage: &mut Stage, screen: &str) {
    for size in SIZES {
        stage.resize(size);
        check(stage, screen, size);
    }
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
    let [width, height] = SIZES[5];
    stage.resize([width, height]);
    for name in ["a.png", "b.jpg", "c.png", "d.png"] {
        stage.key(Modifiers::NONE, Key::ArrowDown);
        let mut texts = vec![];
        for ClippedShape { clip_rect, shape, .. } in &stage.window.output().shapes {
            collect(*clip_rect, shape, &mut texts);
        }
        let seen = texts.iter().any(|text| text.text == name && text.clip.contains_rect(text.rect));
        assert!(seen, "{name} is not on the screen");
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
}

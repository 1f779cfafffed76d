//! What is drawn, whether a screen reader reads it or not.

use egui::{Rect, Shape, epaint::ClippedShape, epaint::TextShape};

use super::stage::Stage;

/// A text on the screen: where it lies, and the part of the screen in which it is seen.
pub(super) struct Text {
    pub(super) text: String,
    pub(super) rect: Rect,
    pub(super) clip: Rect,
    pub(super) rows: usize,
}

/// The texts among what is drawn.
pub(super) fn texts(shapes: &[ClippedShape]) -> Vec<Text> {
    let mut texts = vec![];
    shapes.iter().for_each(|ClippedShape { clip_rect, shape, .. }| collect(*clip_rect, shape, &mut texts));
    texts
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

/// Whether a text is drawn with all of its letters on the screen.
pub(super) fn draws(stage: &Stage, text: &str) -> bool {
    let texts = texts(&stage.window.output().shapes);
    texts.iter().any(|drawn| drawn.text == text && drawn.clip.contains_rect(drawn.rect))
}

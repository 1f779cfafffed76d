//! What is drawn over the open photo: the line between before and after, the faces with their verdicts.

use egui::{Align2, Color32, CornerRadius, FontId, Painter, Pos2, Rect, Stroke, StrokeKind, pos2, vec2};

use super::lens::Lens;
use crate::queue::{Outcome, Row, State};
use crate::theme::Palette;
use crate::{icons, texts};

/// Text on a plate of its own, so that it can be read on any photo.
pub(super) fn plate(painter: &Painter, at: Pos2, anchor: Align2, text: &str, [ink, ground]: [Color32; 2]) {
    let galley = painter.layout_no_wrap(text.into(), FontId::proportional(13.), ink);
    let rect = anchor.anchor_size(at, galley.size() + vec2(12., 6.));
    painter.rect_filled(rect, CornerRadius::same(4), ground);
    painter.galley(rect.min + vec2(6., 3.), galley, ink);
}

pub(super) fn line(painter: &Painter, lens: Lens, x: f32, colours: &Palette) {
    let photo = lens.photo();
    let top = pos2(x, photo.top().max(painter.clip_rect().top()));
    let bottom = pos2(x, photo.bottom().min(painter.clip_rect().bottom()));
    painter.line_segment([top, bottom], Stroke::new(4., colours.card));
    painter.line_segment([top, bottom], Stroke::new(2., colours.accent));
    let middle = top + (bottom - top) / 2.;
    painter.circle(middle, 11., colours.card, Stroke::new(2., colours.accent));
    for side in [-1., 1.] {
        let tip = middle + vec2(side * 6., 0.);
        let arrow = [tip + vec2(-side * 4., -4.), tip, tip + vec2(-side * 4., 4.)];
        painter.add(egui::Shape::line(arrow.to_vec(), Stroke::new(2., colours.accent)));
    }
}

/// Which of both is seen left and right of the line, also where the line itself is not seen.
pub(super) fn names(painter: &Painter, line: f32, colours: &Palette) {
    let screen = painter.clip_rect().shrink(8.);
    let ink = [colours.text, colours.card];
    if line > screen.left() {
        plate(painter, screen.left_top(), Align2::LEFT_TOP, texts::ORIGINAL, ink);
    }
    if line < screen.right() {
        plate(painter, screen.right_top(), Align2::RIGHT_TOP, texts::SAVED_PHOTO, ink);
    }
}

pub(super) fn faces(painter: &Painter, lens: Lens, row: &Row, colours: &Palette) {
    for (i, mark) in row.all_marks().iter().enumerate() {
        let faces = row.report.iter().filter_map(Outcome::photo).flat_map(|photo| &photo.faces);
        let report = faces.into_iter().find(|f| f.bounds == mark.face.bounds);
        let (sign, colour, words) = match report {
            _ if !mark.chosen => (State::Failed, colours.weak, texts::NOT_CHOSEN.into()),
            Some(face) if face.protected => (State::Protected, colours.good, texts::face_verdict(face)),
            Some(face) => (State::StillRecognisable, colours.bad, texts::face_verdict(face)),
            None => (State::Waiting, colours.accent, texts::TO_PROTECT.into()),
        };
        let rect = lens.rect(&mark.face.bounds);
        let round = CornerRadius::same(3);
        painter.rect_stroke(
            rect,
            round,
            Stroke::new(4., colours.card.gamma_multiply(0.8)),
            StrokeKind::Middle,
        );
        painter.rect_stroke(rect, round, Stroke::new(2., colour), StrokeKind::Middle);
        name_face(painter, rect, (i, sign, &words), [colour, colours.card]);
    }
}

/// Number and verdict below a face. Where they are wider than the face, the verdict is an icon: names of
/// neighbours must not cover each other.
fn name_face(
    painter: &Painter,
    face: Rect,
    (i, sign, words): (usize, State, &str),
    [ink, ground]: [Color32; 2],
) {
    let below = face.left_bottom() + vec2(0., 4.);
    let full = format!("{}: {words}", texts::face_number(i));
    let line = |text| painter.layout_no_wrap(text, FontId::proportional(13.), ink);
    if line(full.clone()).size().x + 12. <= face.width() {
        return plate(painter, below, Align2::LEFT_TOP, &full, [ink, ground]);
    }
    let number = line((i + 1).to_string());
    let rect = Rect::from_min_size(below, number.size() + vec2(30., 6.));
    painter.rect_filled(rect, CornerRadius::same(4), ground);
    icons::state(painter, icons::square(rect.left_center() + vec2(13., 0.), 14.), sign, ink);
    painter.galley(rect.min + vec2(24., 3.), number, ink);
}

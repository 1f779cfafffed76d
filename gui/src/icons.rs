//! Small drawings: no font has to have them, and they are sharp at every scale.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, Vec2, pos2, vec2};

use crate::queue::State;

/// What stands beside the word of a state.
pub(crate) fn state(painter: &Painter, rect: Rect, state: State, colour: Color32) {
    let pen = Pen { painter, rect, stroke: Stroke::new(rect.width() / 9., colour) };
    match state {
        State::Waiting => {
            pen.circle();
            pen.line(&[(0.5, 0.25), (0.5, 0.5), (0.68, 0.62)]);
        }
        State::Working => {
            pen.circle();
            painter.circle_filled(rect.center(), rect.width() * 0.22, colour);
        }
        State::Protected => {
            pen.shield();
            pen.line(&[(0.32, 0.48), (0.46, 0.63), (0.70, 0.34)]);
        }
        State::NoFace => {
            pen.circle();
            pen.line(&[(0.36, 0.38), (0.42, 0.26), (0.58, 0.26), (0.64, 0.38), (0.5, 0.5), (0.5, 0.6)]);
            painter.circle_filled(pen.at(0.5, 0.76), rect.width() * 0.07, colour);
        }
        State::StillRecognisable => {
            pen.closed(&[(0.5, 0.06), (0.98, 0.92), (0.02, 0.92)]);
            pen.line(&[(0.5, 0.36), (0.5, 0.62)]);
            painter.circle_filled(pen.at(0.5, 0.78), rect.width() * 0.07, colour);
        }
        State::Failed => {
            pen.circle();
            pen.line(&[(0.33, 0.33), (0.67, 0.67)]);
            pen.line(&[(0.67, 0.33), (0.33, 0.67)]);
        }
    }
}

/// A picture frame, where a thumbnail is still lacking.
pub(crate) fn picture(painter: &Painter, rect: Rect, colour: Color32) {
    let pen = Pen { painter, rect, stroke: Stroke::new(1.5, colour) };
    pen.closed(&[(0.1, 0.2), (0.9, 0.2), (0.9, 0.8), (0.1, 0.8)]);
    pen.line(&[(0.1, 0.72), (0.38, 0.45), (0.6, 0.66), (0.72, 0.55), (0.9, 0.72)]);
}

/// What stands on the picture of a clip: a triangle on a disc.
pub(crate) fn clip(painter: &Painter, rect: Rect, [ink, ground]: [Color32; 2]) {
    let pen = Pen { painter, rect, stroke: Stroke::NONE };
    painter.circle_filled(rect.center(), rect.width() / 2., ground);
    let corners = [(0.36, 0.25), (0.78, 0.5), (0.36, 0.75)].map(|(x, y)| pen.at(x, y));
    painter.add(Shape::convex_polygon(corners.to_vec(), ink, Stroke::NONE));
}

/// A mask: the sign of the program.
pub(crate) fn mask(painter: &Painter, rect: Rect, colour: Color32) {
    let pen = Pen { painter, rect, stroke: Stroke::new(rect.width() / 24., colour) };
    pen.closed(&[
        (0.06, 0.34),
        (0.28, 0.27),
        (0.5, 0.33),
        (0.72, 0.27),
        (0.94, 0.34),
        (0.90, 0.56),
        (0.74, 0.70),
        (0.59, 0.64),
        (0.5, 0.55),
        (0.41, 0.64),
        (0.26, 0.70),
        (0.10, 0.56),
    ]);
    for x in [0.29, 0.71] {
        painter.add(Shape::ellipse_stroke(pen.at(x, 0.47), rect.size() * vec2(0.1, 0.06), pen.stroke));
    }
}

struct Pen<'a> {
    painter: &'a Painter,
    rect: Rect,
    stroke: Stroke,
}

impl Pen<'_> {
    /// A place given in shares of the square.
    fn at(&self, x: f32, y: f32) -> Pos2 {
        self.rect.min + Vec2::new(x * self.rect.width(), y * self.rect.height())
    }

    fn line(&self, places: &[(f32, f32)]) {
        let points = places.iter().map(|&(x, y)| self.at(x, y)).collect();
        self.painter.add(Shape::line(points, self.stroke));
    }

    fn closed(&self, places: &[(f32, f32)]) {
        let points = places.iter().map(|&(x, y)| self.at(x, y)).collect();
        self.painter.add(Shape::closed_line(points, self.stroke));
    }

    fn circle(&self) {
        self.painter.circle_stroke(self.rect.center(), self.rect.width() * 0.45, self.stroke);
    }

    fn shield(&self) {
        let places = [(0.5, 0.03), (0.92, 0.18), (0.88, 0.58), (0.5, 0.97), (0.12, 0.58), (0.08, 0.18)];
        self.closed(&places);
    }
}

/// A square of a side around a point.
pub(crate) fn square(middle: Pos2, side: f32) -> Rect {
    Rect::from_center_size(pos2(middle.x, middle.y), vec2(side, side))
}

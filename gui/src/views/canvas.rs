//! The open photo itself: the line between before and after, moving, zooming, outlines, boxes.

use egui::{
    Align2, Color32, CornerRadius, EventFilter, FontId, Key, Painter, Pos2, Rect, Response, Role, Sense,
    Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};
use visard::face::Rectangle;

use crate::batch::{Row, State};
use crate::model::{Mode, Model, Viewer};
use crate::pictures::Wish;
use crate::textures::{Look, Textures};
use crate::theme::{Palette, palette};
use crate::{icons, texts};

/// How near the line a drag must begin to move it, in points.
const GRIP: f32 = 14.;
/// How far an arrow key moves the photo, in points.
const STEP: f32 = 60.;
/// Boxes smaller than this many pixels are slips of the hand.
const SMALLEST_BOX: f32 = 12.;

/// How photo pixels lie on the screen.
#[derive(Clone, Copy)]
struct Lens {
    corner: Pos2,
    scale: f32,
    size: Vec2,
}

impl Lens {
    fn new(viewer: &Viewer, screen: Rect, size: Vec2) -> Self {
        let scale = viewer.zoom.unwrap_or(viewer.fitting);
        let middle = viewer.middle.unwrap_or(pos2(size.x / 2., size.y / 2.));
        Self { corner: screen.center() - middle.to_vec2() * scale, scale, size }
    }

    fn to_screen(self, at: Pos2) -> Pos2 {
        self.corner + at.to_vec2() * self.scale
    }

    fn to_photo(self, at: Pos2) -> Pos2 {
        ((at - self.corner) / self.scale).to_pos2()
    }

    fn rect(self, bounds: &Rectangle) -> Rect {
        let corner = self.to_screen(pos2(bounds.x, bounds.y));
        Rect::from_min_size(corner, vec2(bounds.width, bounds.height) * self.scale)
    }

    /// The part of the photo that lies in a part of the screen.
    fn seen(self, screen: Rect) -> Rectangle {
        let part = Rect::from_min_max(self.to_photo(screen.min), self.to_photo(screen.max));
        bounds(part.intersect(Rect::from_min_size(Pos2::ZERO, self.size)))
    }

    fn photo(self) -> Rect {
        Rect::from_min_size(self.corner, self.size * self.scale)
    }
}

pub(super) fn show(ui: &mut Ui, model: &mut Model, textures: &mut Textures, row: &Row) {
    let (screen, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, texts::row_label(row)));
    let painter = ui.painter_at(screen);
    let original = Wish::Full(row.source.input.clone());
    let output = row.output().map(|path| path.to_path_buf());
    let size = match textures.picture(&original) {
        Look::Ready(shown) => vec2(shown.size[0] as f32, shown.size[1] as f32),
        Look::Coming => return say(ui, &painter, texts::READING),
        Look::Failed(error) => return say(ui, &painter, error),
    };
    model.viewer.fitting = ((screen.width() - 24.) / size.x).min((screen.height() - 24.) / size.y);
    let lens = Lens::new(&model.viewer, screen, size);
    model.viewer.in_view = Some(lens.seen(screen));
    let compare = model.viewer.mode == Mode::Compare;
    match output {
        Some(output) if compare => {
            let line = if model.viewer.hold { size.x } else { size.x * model.viewer.split };
            let line = lens.to_screen(pos2(line, 0.)).x;
            let (left, right) = screen.split_left_right_at_x(line);
            draw(textures, &original, &painter.with_clip_rect(left), lens);
            let protected = Wish::Full(output);
            let coming = draw(textures, &protected, &painter.with_clip_rect(right), lens);
            if let Some(text) = coming {
                say(ui, &painter, &text);
            }
            if !model.viewer.hold {
                outline_line(&painter, lens, line, palette(ui));
            }
        }
        Some(output) => {
            let wish = Wish::Difference(row.source.input.clone(), output);
            if let Some(text) = draw(textures, &wish, &painter, lens) {
                say(ui, &painter, &text);
            }
        }
        None => {
            draw(textures, &original, &painter, lens);
        }
    }
    outlines(&painter, lens, row, palette(ui));
    hands(ui, &response, &painter, lens, &mut model.viewer, row.output().is_some() && compare);
}

/// Draws a picture; what to say where it is not there.
fn draw(textures: &mut Textures, wish: &Wish, painter: &Painter, lens: Lens) -> Option<String> {
    match textures.picture(wish) {
        Look::Ready(shown) => {
            shown.draw(painter, lens.corner, lens.scale);
            None
        }
        Look::Coming => Some(texts::READING.into()),
        Look::Failed(error) => Some(error.into()),
    }
}

fn say(ui: &Ui, painter: &Painter, text: &str) {
    let colours = palette(ui);
    let at = painter.clip_rect().center();
    plate(painter, at, Align2::CENTER_CENTER, text, [colours.text, colours.card]);
}

/// Text on a plate of its own, so that it can be read on any photo.
fn plate(painter: &Painter, at: Pos2, anchor: Align2, text: &str, [ink, ground]: [Color32; 2]) {
    let galley = painter.layout_no_wrap(text.into(), FontId::proportional(13.), ink);
    let rect = anchor.anchor_size(at, galley.size() + vec2(12., 6.));
    painter.rect_filled(rect, CornerRadius::same(4), ground);
    painter.galley(rect.min + vec2(6., 3.), galley, ink);
}

fn outline_line(painter: &Painter, lens: Lens, x: f32, colours: &Palette) {
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
    let y = top.y + 6.;
    plate(painter, pos2(x - 8., y), Align2::RIGHT_TOP, texts::ORIGINAL, [colours.text, colours.card]);
    plate(painter, pos2(x + 8., y), Align2::LEFT_TOP, texts::PROTECTED_PHOTO, [colours.text, colours.card]);
}

fn outlines(painter: &Painter, lens: Lens, row: &Row, colours: &Palette) {
    for (i, mark) in row.all_marks().iter().enumerate() {
        let report = row.report.iter().flat_map(|r| &r.faces).find(|f| f.bounds == mark.face.bounds);
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

/// What the pointer does: moves the line or the photo, zooms, or draws a box.
fn hands(ui: &Ui, response: &Response, painter: &Painter, lens: Lens, viewer: &mut Viewer, line: bool) {
    let pointer = response.interact_pointer_pos();
    move_by_keys(ui, response, lens, viewer);
    if viewer.drawing {
        return draw_box(ui, response, painter, lens, viewer);
    }
    let x = lens.to_screen(pos2(lens.size.x * viewer.split, 0.)).x;
    if let Some(at) = pressed_at(ui).filter(|_| response.drag_started()) {
        viewer.sliding = line && (at.x - x).abs() < GRIP;
    }
    if let Some(at) = pointer.filter(|_| response.dragged()) {
        if viewer.sliding {
            viewer.split = (lens.to_photo(at).x / lens.size.x).clamp(0., 1.);
        } else {
            let middle = viewer.middle.unwrap_or((lens.size / 2.).to_pos2());
            viewer.middle = Some(middle - response.drag_delta() / lens.scale);
        }
    }
    if let Some(at) = response.hover_pos() {
        if line && (at.x - x).abs() < GRIP {
            ui.set_cursor_icon(egui::CursorIcon::ResizeHorizontal);
        }
        zoom_at(ui, viewer, lens, at, painter.clip_rect());
    }
}

/// The arrows move the photo, unless another widget has the keyboard.
fn move_by_keys(ui: &Ui, response: &Response, lens: Lens, viewer: &mut Viewer) {
    if !ui.is_enabled() || ui.memory(|memory| memory.focused().is_some_and(|id| id != response.id)) {
        return;
    }
    let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    let way = ui.input(|input| {
        let presses = |key| input.num_presses(key) as f32;
        vec2(
            presses(Key::ArrowRight) - presses(Key::ArrowLeft),
            presses(Key::ArrowDown) - presses(Key::ArrowUp),
        )
    });
    if way != Vec2::ZERO {
        let middle = viewer.middle.unwrap_or((lens.size / 2.).to_pos2()) + way * STEP / lens.scale;
        viewer.middle = Some(middle.clamp(Pos2::ZERO, lens.size.to_pos2()));
    }
}

/// Where the button went down: a drag is known as one only after some way.
fn pressed_at(ui: &Ui) -> Option<Pos2> {
    ui.input(|input| input.pointer.press_origin())
}

/// The wheel zooms; what is under the pointer stays there.
fn zoom_at(ui: &Ui, viewer: &mut Viewer, lens: Lens, at: Pos2, screen: Rect) {
    let factor = ui.input(|i| i.zoom_delta() * (i.smooth_scroll_delta().y / 200.).exp());
    if (factor - 1.).abs() < 1e-3 {
        return;
    }
    let scale = (lens.scale * factor).clamp(viewer.fitting.min(1.) / 2., 32.);
    let fixed = lens.to_photo(at);
    viewer.middle = Some(fixed + (screen.center() - at) / scale);
    viewer.zoom = Some(scale);
}

fn draw_box(ui: &Ui, response: &Response, painter: &Painter, lens: Lens, viewer: &mut Viewer) {
    if response.hovered() {
        ui.set_cursor_icon(egui::CursorIcon::Crosshair);
    }
    let Some(at) = response.interact_pointer_pos().map(|at| lens.to_photo(at)) else { return };
    if response.drag_started() {
        viewer.corner = pressed_at(ui).map(|at| lens.to_photo(at));
    }
    let Some(corner) = viewer.corner else { return };
    let drawn = Rect::from_two_pos(corner, at).intersect(Rect::from_min_size(Pos2::ZERO, lens.size));
    let bounds = bounds(drawn);
    let stroke = Stroke::new(2., palette(ui).accent);
    painter.rect_stroke(lens.rect(&bounds), CornerRadius::ZERO, stroke, StrokeKind::Middle);
    if response.drag_stopped() {
        (viewer.corner, viewer.drawing) = (None, false);
        viewer.boxed = (drawn.width().min(drawn.height()) >= SMALLEST_BOX).then_some(bounds);
    }
}

fn bounds(rect: Rect) -> Rectangle {
    Rectangle { x: rect.min.x, y: rect.min.y, width: rect.width(), height: rect.height() }
}

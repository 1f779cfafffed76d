//! What pointer and keys do to the open photo: they move the line or the photo, zoom, or draw a box.

use egui::{
    CornerRadius, CursorIcon, EventFilter, Key, Painter, Pos2, Rect, Response, Stroke, StrokeKind, Ui, Vec2,
    pos2, vec2,
};

use super::lens::{Lens, bounds};
use crate::model::Viewer;
use crate::theme::palette;

/// How near the line a drag must begin to move it, in points.
const GRIP: f32 = 14.;
/// How far an arrow key moves the photo, in points.
const STEP: f32 = 60.;
/// Boxes smaller than this many pixels are slips of the hand.
const SMALLEST_BOX: f32 = 12.;

/// `line`: whether there is one to be moved.
pub(super) fn show(
    ui: &Ui,
    response: &Response,
    painter: &Painter,
    lens: Lens,
    viewer: &mut Viewer,
    line: bool,
) {
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
            shift(viewer, lens, -response.drag_delta());
        }
    }
    if let Some(at) = response.hover_pos() {
        if line && (at.x - x).abs() < GRIP {
            ui.set_cursor_icon(CursorIcon::ResizeHorizontal);
        }
        zoom_at(ui, viewer, lens, at, painter.clip_rect());
    }
}

/// Where there is nothing but the photo: dragging moves it, the wheel zooms.
pub(super) fn look_around(ui: &Ui, response: &Response, painter: &Painter, lens: Lens, viewer: &mut Viewer) {
    if response.dragged() {
        shift(viewer, lens, -response.drag_delta());
    }
    if let Some(at) = response.hover_pos().filter(|_| ui.input(|input| input.modifiers.command)) {
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
        shift(viewer, lens, way * STEP);
    }
}

/// Looks at another place of the photo, some points away; never beside it.
fn shift(viewer: &mut Viewer, lens: Lens, way: Vec2) {
    let middle = viewer.middle.unwrap_or((lens.size / 2.).to_pos2()) + way / lens.scale;
    viewer.middle = Some(middle.clamp(Pos2::ZERO, lens.size.to_pos2()));
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
    viewer.zoom_to(lens.scale * factor);
    viewer.middle = Some(lens.to_photo(at) + (screen.center() - at) / viewer.scale());
}

fn draw_box(ui: &Ui, response: &Response, painter: &Painter, lens: Lens, viewer: &mut Viewer) {
    if response.hovered() {
        ui.set_cursor_icon(CursorIcon::Crosshair);
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

//! The open photo itself: before and after with the line between them, or what differs.

use std::path::Path;

use egui::{Align2, Painter, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::hands;
use super::lens::Lens;
use super::outlines::{self, plate};
use crate::model::{Mode, Model};
use crate::queue::Row;
use crate::sight::Sight;
use crate::texts;
use crate::textures::{Look, Textures};
use crate::theme::palette;

pub(super) fn show(ui: &mut Ui, model: &mut Model, textures: &mut Textures, row: &Row) {
    let (screen, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, texts::row_label(row)));
    let painter = ui.painter_at(screen);
    let original = Sight::Photo(row.source.input.clone());
    let size = match textures.whole(&original) {
        Look::Ready(shown) => vec2(shown.size[0] as f32, shown.size[1] as f32),
        Look::Coming => return say(ui, &painter, texts::READING),
        Look::Failed(error) => return say(ui, &painter, &texts::plain(error)),
    };
    model.viewer.fitting = ((screen.width() - 24.) / size.x).min((screen.height() - 24.) / size.y);
    let lens = Lens::new(&model.viewer, screen, size);
    model.viewer.in_view = Some(lens.seen(screen));
    let mut draw = |sight: &Sight, painter: &Painter| {
        if let Some(text) = draw(textures, sight, painter, lens, (screen, ui.pixels_per_point())) {
            say(ui, painter, &text);
        }
    };
    let compare = model.viewer.mode == Mode::Compare;
    match row.output().map(Path::to_path_buf) {
        Some(output) if compare => {
            let line = if model.viewer.hold { size.x } else { size.x * model.viewer.split };
            let line = lens.to_screen(pos2(line, 0.)).x;
            let (left, right) = screen.split_left_right_at_x(line);
            draw(&original, &painter.with_clip_rect(left));
            draw(&Sight::Photo(output), &painter.with_clip_rect(right));
            if !model.viewer.hold {
                outlines::line(&painter, lens, line, palette(ui));
            }
            outlines::names(&painter, line, palette(ui));
        }
        Some(output) => draw(&Sight::Difference(row.source.input.clone(), output), &painter),
        None => {
            draw(&original, &painter);
            outlines::names(&painter, screen.right(), palette(ui));
        }
    }
    if model.viewer.boxes {
        outlines::faces(&painter, lens, row, palette(ui));
    }
    hands::show(ui, &response, &painter, lens, &mut model.viewer, row.output().is_some() && compare);
}

/// Draws a picture, sharp where it is seen larger than it was read; what to say where it is not there.
pub(super) fn draw(
    textures: &mut Textures,
    sight: &Sight,
    painter: &Painter,
    lens: Lens,
    (screen, density): (Rect, f32),
) -> Option<String> {
    let whole = match textures.whole(sight) {
        Look::Ready(whole) => whole,
        Look::Coming => return Some(texts::READING.into()),
        Look::Failed(error) => return Some(texts::plain(error)),
    };
    let lens = lens.onto(whole.size);
    whole.draw(painter, lens.corner, lens.scale);
    let part = lens.part(screen, density);
    if part.factor < whole.factor
        && let Some(part) = textures.part(sight, part)
    {
        part.draw(painter, lens.corner, lens.scale);
    }
    None
}

pub(super) fn say(ui: &Ui, painter: &Painter, text: &str) {
    let colours = palette(ui);
    let at = painter.clip_rect().center();
    plate(painter, at, Align2::CENTER_CENTER, text, [colours.text, colours.card]);
}

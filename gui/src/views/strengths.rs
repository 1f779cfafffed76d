//! One photo at each strength, side by side: to be looked at before one is chosen.

use egui::{
    Align, CentralPanel, Frame, Label, Layout, Margin, Panel, Rect, RichText, Role, ScrollArea, Sense,
    Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use visard::cloak::Preset;

use super::lens::Lens;
use super::{canvas, hands};
use crate::model::{Action, Model, Screen, Viewer};
use crate::queue::{Id, Row};
use crate::sight::Sight;
use crate::textures::{Look, Textures};
use crate::theme::palette;
use crate::trial::Tried;
use crate::widgets::{Kind, button, button_named, hint};
use crate::{keys, texts};

/// As they lie side by side, the weakest first.
const SHOWN: [Preset; 4] = [Preset::Subtle, Preset::Standard, Preset::Strong, Preset::Auto];
/// Width of a picture with its words, and height of the picture, in points.
const CELL: f32 = 236.;
const PICTURE: f32 = 236.;
/// Height of the words and buttons below, in points.
const WORDS: f32 = 170.;

pub(super) fn show(
    ui: &mut Ui,
    model: &mut Model,
    textures: &mut Textures,
    id: Id,
    actions: &mut Vec<Action>,
) {
    let Some(row) = model.queue.row(id).cloned() else { return actions.push(Action::Go(Screen::Photos)) };
    let margin = Frame::new().inner_margin(Margin::symmetric(16, 8));
    Panel::top("strengths-top").frame(margin).show(ui, |ui| {
        ui.horizontal(|ui| {
            if button(ui, texts::BACK, Some(&keys::BACK), Kind::Usual) {
                actions.push(Action::Go(Screen::Photos));
            }
            ui.add(Label::new(RichText::new(row.name()).strong()).truncate());
        });
    });
    CentralPanel::default().frame(margin).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            hint(ui, texts::TRIED_ALONE);
            let original = Sight::Photo(row.source.input.clone());
            let size = match textures.whole(&original) {
                Look::Ready(shown) => vec2(shown.size[0] as f32, shown.size[1] as f32),
                Look::Coming => return drop(ui.label(texts::READING)),
                Look::Failed(error) => return drop(ui.label(texts::plain(error))),
            };
            look_at_face(ui, &mut model.viewer, &row, size);
            ui.horizontal_wrapped(|ui| {
                cell(ui, false, |ui| {
                    ui.label(RichText::new(texts::ORIGINAL).strong());
                    picture(ui, &mut model.viewer, textures, (&original, texts::ORIGINAL), size);
                });
                for strength in SHOWN {
                    let chosen = row.strength.unwrap_or(model.choices.strength) == strength;
                    cell(ui, chosen, |ui| one(ui, model, textures, (&row, strength, size), actions));
                }
            });
        });
    });
}

/// At first the largest face is seen, in full size.
fn look_at_face(ui: &Ui, viewer: &mut Viewer, row: &Row, size: egui::Vec2) {
    viewer.fitting = (CELL / size.x).min(PICTURE / size.y);
    if viewer.zoom.is_some() {
        return;
    }
    let faces = row.all_marks();
    let largest = faces.iter().map(|mark| mark.face.bounds).max_by(|a, b| a.area().total_cmp(&b.area()));
    viewer.zoom_to(1. / ui.pixels_per_point());
    viewer.middle = largest.map(|face| pos2(face.x + face.width / 2., face.y + face.height / 2.));
}

fn cell(ui: &mut Ui, chosen: bool, content: impl FnOnce(&mut Ui)) {
    let size = vec2(CELL, PICTURE + WORDS);
    let inner = ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
        ui.set_min_size(size);
        ui.set_max_width(CELL);
        content(ui);
    });
    if chosen {
        let stroke = Stroke::new(2., palette(ui).accent);
        ui.painter().rect_stroke(inner.response.rect.expand(4.), 6., stroke, StrokeKind::Outside);
    }
}

/// A strength: the photo, what is seen of the change, how sure it is, and the choice.
fn one(
    ui: &mut Ui,
    model: &mut Model,
    textures: &mut Textures,
    (row, strength, size): (&Row, Preset, egui::Vec2),
    actions: &mut Vec<Action>,
) {
    let name = texts::strength(strength);
    ui.label(RichText::new(name).strong());
    let (file, words) = match model.tried.get((row.id, strength)) {
        Some(Ok(Tried { report, file })) => (file.clone(), texts::tried(report)),
        Some(Err(error)) => (None, texts::plain(error)),
        _ if model.queue.running() => (None, texts::TRYING_LATER.into()),
        _ => (None, texts::TRYING.into()),
    };
    match file {
        Some(file) => picture(ui, &mut model.viewer, textures, (&Sight::Photo(file), name), size),
        None => {
            let (rect, _) = ui.allocate_exact_size(vec2(CELL, PICTURE), Sense::hover());
            ui.painter().rect_filled(rect, 4., palette(ui).field);
        }
    }
    ui.add(Label::new(RichText::new(words).small()).wrap());
    let choice = |action: Action| [action, Action::Go(Screen::Photos)];
    let label = format!("{}: {name}", texts::TAKE_FOR_PHOTO);
    if button_named(ui, texts::TAKE_FOR_PHOTO, &label, None, Kind::Usual).clicked() {
        actions.extend(choice(Action::SetStrength(vec![row.id], Some(strength))));
    }
    let label = format!("{}: {name}", texts::TAKE_FOR_ALL);
    if button_named(ui, texts::TAKE_FOR_ALL, &label, None, Kind::Usual).clicked() {
        model.choices.strength = strength;
        actions.extend(choice(Action::SetStrength(vec![row.id], None)));
    }
}

/// A part of a photo; all are moved and zoomed together.
fn picture(
    ui: &mut Ui,
    viewer: &mut Viewer,
    textures: &mut Textures,
    (sight, name): (&Sight, &str),
    size: egui::Vec2,
) {
    let (rect, response): (Rect, _) = ui.allocate_exact_size(vec2(CELL, PICTURE), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 4., palette(ui).field);
    let lens = Lens::new(viewer, rect, size);
    if let Some(text) = canvas::draw(textures, sight, &painter, lens, (rect, ui.pixels_per_point())) {
        canvas::say(ui, &painter, &text);
    }
    hands::look_around(ui, &response, &painter, lens, viewer);
}

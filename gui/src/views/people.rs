//! The faces by person: protect them or leave them, and put right who is who.

use egui::{Align, Button, ComboBox, Layout, Rect, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::row::picture;
use crate::model::{Action, Model, Screen};
use crate::people::Place;
use crate::queue::Row;
use crate::sight::Small;
use crate::textures::Textures;
use crate::theme::palette;
use crate::widgets::{Kind, bar, button, card, hint};
use crate::{keys, texts};

/// Side of a face's picture in points.
const FACE: f32 = 64.;
/// Faces of a person that are shown; the buttons are for all.
const MOST: usize = 24;

pub(super) fn show(ui: &mut Ui, model: &Model, textures: &mut Textures, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        if button(ui, texts::BACK, Some(&keys::BACK), Kind::Usual) {
            actions.push(Action::Go(Screen::Photos));
        }
        ui.label(RichText::new(texts::PEOPLE).size(18.).strong());
    });
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| match &model.people {
        None => {
            let (done, all) = model.grouping.unwrap_or((0, 1));
            let words = texts::looking_for_people(done, all);
            hint(ui, &words);
            bar(ui, done as f32 / all.max(1) as f32, &words);
        }
        Some(Err(error)) => {
            ui.label(RichText::new(texts::plain(error)).color(palette(ui).bad));
        }
        Some(Ok(people)) => {
            ui.label(texts::PEOPLE_HINT);
            if model.queue.rows.iter().any(Row::is_clip) {
                hint(ui, texts::CLIPS_NOT_GROUPED);
            }
            for (number, faces) in people.persons.iter().enumerate() {
                card(ui, |ui| person(ui, model, (number, faces), textures, actions));
            }
        }
    });
}

fn person(
    ui: &mut Ui,
    model: &Model,
    (number, faces): (usize, &[Place]),
    textures: &mut Textures,
    actions: &mut Vec<Action>,
) {
    ui.set_min_width(ui.available_width());
    let name = texts::person(number);
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(format!("{name}: {}", texts::faces(faces.len()))).strong());
        let mut protect = faces.iter().any(|face| model.is_protected(face));
        let response = ui.checkbox(&mut protect, texts::PROTECT_PERSON);
        let label = format!("{} {name}", texts::PROTECT_PERSON);
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, protect, &label));
        if response.changed() {
            actions.push(Action::SetPerson(number, protect));
        }
        same_as(ui, model, number, actions);
    });
    ui.horizontal_wrapped(|ui| {
        for (i, (id, face)) in faces.iter().take(MOST).enumerate() {
            let Some(row) = model.queue.row(*id) else { continue };
            let response =
                ui.add(Button::new("").frame(false).min_size(vec2(FACE, FACE)).sense(Sense::click()));
            let at = Rect::from_center_size(response.rect.center(), vec2(FACE, FACE));
            picture(ui, at, &Small::face(&row.source.input, &face.bounds), textures);
            let label = format!("{}: {}, {name}, {}", texts::SOMEBODY_ELSE, row.name(), i + 1);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
            if response.on_hover_text(&label).clicked() {
                actions.push(Action::Part(number, i));
            }
        }
        if faces.len() > MOST {
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                hint(ui, texts::and_more(faces.len() - MOST));
            });
        }
    });
}

/// Two that are one person.
fn same_as(ui: &mut Ui, model: &Model, number: usize, actions: &mut Vec<Action>) {
    let count = match &model.people {
        Some(Ok(people)) => people.persons.len(),
        _ => 0,
    };
    let shown = ComboBox::from_id_salt(("same", number)).selected_text(texts::SAME_AS).width(110.);
    let response = shown.show_ui(ui, |ui| {
        for other in (0..count).filter(|other| *other != number) {
            if ui.selectable_label(false, texts::person(other)).clicked() {
                actions.push(Action::Join(number, other));
            }
        }
    });
    let label = format!("{} {}", texts::person(number), texts::SAME_AS);
    response.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &label));
}

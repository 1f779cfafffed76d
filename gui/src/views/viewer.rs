//! One photo: before and after, what changed, and which faces.

use egui::{CentralPanel, Frame, Margin, Panel, RichText, ScrollArea, Slider, Ui, Widget as _};

use super::{canvas, faces};
use crate::batch::{Id, Row, State};
use crate::model::{Action, Mode, Model, Screen, Viewer};
use crate::pictures::{AMPLIFICATION, Errand};
use crate::textures::Textures;
use crate::theme::palette;
use crate::widgets::{Kind, button, hint, state, switch};
use crate::{keys, texts};

pub(super) fn show(
    ui: &mut Ui,
    model: &mut Model,
    textures: &mut Textures,
    id: Id,
    actions: &mut Vec<Action>,
) {
    let Some(row) = model.batch.row(id).cloned() else { return actions.push(Action::Go(Screen::Photos)) };
    look_for_faces(model, textures, &row);
    let margin = Frame::new().inner_margin(Margin::symmetric(16, 8));
    Panel::top("viewer-top").frame(margin).show(ui, |ui| top(ui, model, &row, actions));
    Panel::bottom("viewer-bottom").frame(margin).show(ui, |ui| tools(ui, model, &row));
    let side =
        Panel::right("viewer-side").exact_size(292.).resizable(false).frame(margin.fill(palette(ui).card));
    side.show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            verdict(ui, &row, actions);
            faces::show(ui, model, &row, actions);
        });
    });
    let ground = Frame::new().fill(palette(ui).field);
    CentralPanel::default().frame(ground).show(ui, |ui| canvas::show(ui, model, textures, &row));
}

fn look_for_faces(model: &Model, textures: &mut Textures, row: &Row) {
    let path = || row.source.input.clone();
    if let Some(bounds) = model.viewer.boxed {
        textures.want(Errand::InBox(row.id, path(), bounds));
    } else if model.ready() && row.marks.is_none() && row.report.is_none() && row.unreadable.is_none() {
        textures.want(Errand::Faces(row.id, path(), model.choices.limits()));
    }
}

fn top(ui: &mut Ui, model: &Model, row: &Row, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        if button(ui, texts::BACK, Some(&keys::BACK), Kind::Usual) {
            actions.push(Action::Go(Screen::Photos));
        }
        let [before, after] = model.neighbours(row.id);
        for (id, text, key) in [(before, texts::PREVIOUS, &keys::PREVIOUS), (after, texts::NEXT, &keys::NEXT)]
        {
            ui.add_enabled_ui(id.is_some(), |ui| {
                if button(ui, text, Some(key), Kind::Usual) {
                    actions.extend(id.map(|id| Action::Go(Screen::Look(id))));
                }
            });
        }
        ui.add(egui::Label::new(RichText::new(row.name()).strong()).truncate());
    });
}

fn verdict(ui: &mut Ui, row: &Row, actions: &mut Vec<Action>) {
    state(ui, row.state());
    match &row.report {
        Some(report) if row.state() != State::Waiting && row.state() != State::Working => {
            ui.label(texts::verdict(report));
            if row.could_be_stronger() {
                hint(ui, texts::STRONGER);
            }
        }
        _ => {
            ui.label(texts::row_detail(row));
        }
    }
    ui.horizontal_wrapped(|ui| {
        if row.state() != State::Waiting
            && row.state() != State::Working
            && button(ui, texts::RETRY, Some(&keys::RETRY), Kind::Usual)
        {
            actions.push(Action::Retry(row.id));
        }
        if let Some(folder) = row.output().and_then(|output| output.parent())
            && button(ui, texts::SHOW_FOLDER, Some(&keys::SHOW), Kind::Usual)
        {
            actions.push(Action::ShowFolder(folder.to_path_buf()));
        }
    });
    ui.separator();
}

fn tools(ui: &mut Ui, model: &mut Model, row: &Row) {
    let viewer = &mut model.viewer;
    ui.horizontal_wrapped(|ui| {
        if row.output().is_some() {
            let modes = [
                (Mode::Compare, texts::COMPARE, &keys::COMPARE),
                (Mode::Difference, texts::DIFFERENCE, &keys::DIFFERENCE),
            ];
            viewer.mode = switch(ui, viewer.mode, &modes).unwrap_or(viewer.mode);
        }
        if row.output().is_some() && viewer.mode == Mode::Compare {
            let mut percent = viewer.split * 100.;
            ui.spacing_mut().slider_width = 120.;
            let slider = Slider::new(&mut percent, 0.0..=100.).show_value(false).ui(ui);
            slider.widget_info(|| egui::WidgetInfo::slider(true, f64::from(percent), texts::SLIDER));
            viewer.split = percent / 100.;
            viewer.hold = hold(ui);
        } else {
            viewer.hold = false;
        }
        if row.output().is_some() && viewer.mode == Mode::Difference {
            hint(ui, texts::difference_hint(AMPLIFICATION));
        }
        zoom(ui, viewer);
        if viewer.zoom.is_some() {
            hint(ui, texts::MOVE_HINT);
        }
    });
}

/// Whether the button, or its key, is held down.
fn hold(ui: &mut Ui) -> bool {
    let button = crate::widgets::button_named(ui, texts::HOLD, texts::HOLD, Some(&keys::HOLD), Kind::Usual);
    button.is_pointer_button_down_on() || ui.input(|i| i.key_down(keys::HOLD.logical_key))
}

fn zoom(ui: &mut Ui, viewer: &mut Viewer) {
    let step = 1.25;
    if button(ui, texts::FIT, Some(&keys::FIT), Kind::Usual) {
        (viewer.zoom, viewer.middle) = (None, None);
    }
    if button(ui, texts::FULL_SIZE, Some(&keys::FULL), Kind::Usual) {
        viewer.zoom_to(1. / ui.pixels_per_point());
    }
    let larger = button(ui, texts::LARGER, Some(&keys::LARGER), Kind::Usual);
    // The plus is an equals sign where the keyboard wants a shift for it.
    if larger || ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, egui::Key::Equals)) {
        viewer.zoom_to(viewer.scale() * step);
    }
    if button(ui, texts::SMALLER, Some(&keys::SMALLER), Kind::Usual) {
        viewer.zoom_to(viewer.scale() / step);
    }
}

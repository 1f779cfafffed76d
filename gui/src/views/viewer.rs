//! One photo: before and after, what changed, and which faces.

use egui::{CentralPanel, Frame, Margin, Panel, RichText, ScrollArea, Slider, Ui, Widget as _};

use super::{canvas, faces, tracks};
use crate::model::{Action, Mode, Model, Screen, Viewer};
use crate::pictures::{AMPLIFICATION, Errand};
use crate::queue::{Id, Row, State};
use crate::textures::Textures;
use crate::theme::{NARROW, palette};
use crate::widgets::{Kind, button, button_named, hint, pressed, state, switch, tick};
use crate::{keys, texts};

pub(super) fn show(
    ui: &mut Ui,
    model: &mut Model,
    textures: &mut Textures,
    id: Id,
    actions: &mut Vec<Action>,
) {
    let Some(row) = model.queue.row(id).cloned() else { return actions.push(Action::Go(Screen::Photos)) };
    look_for_faces(model, textures, &row);
    let margin = Frame::new().inner_margin(Margin::symmetric(16, 8));
    Panel::top("viewer-top").frame(margin).show(ui, |ui| top(ui, model, &row, actions));
    Panel::bottom("viewer-bottom").frame(margin).show(ui, |ui| tools(ui, model, &row));
    let narrow = ui.available_width() < NARROW;
    if !narrow {
        let frame = margin.fill(palette(ui).card);
        let side = Panel::right("viewer-side").exact_size(292.).resizable(false).frame(frame);
        side.show(ui, |ui| details(ui, model, &row, actions));
    }
    let hidden = narrow && model.viewer.details;
    let ground = if hidden { margin } else { Frame::new() }.fill(palette(ui).field);
    CentralPanel::default().frame(ground).show(ui, |ui| match hidden {
        true => details(ui, model, &row, actions),
        false => canvas::show(ui, model, textures, &row),
    });
}

/// What is said of the photo and its faces.
fn details(ui: &mut Ui, model: &mut Model, row: &Row, actions: &mut Vec<Action>) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        verdict(ui, row, actions);
        match row.is_clip() {
            true => tracks::show(ui, row),
            false => faces::show(ui, model, row, actions),
        }
    });
}

fn look_for_faces(model: &Model, textures: &mut Textures, row: &Row) {
    let path = || row.source.input.clone();
    if let Some(bounds) = model.viewer.boxed {
        textures.want(Errand::InBox(row.id, path(), bounds));
    } else if model.ready() && row.lacks_faces() {
        textures.want(Errand::Faces(row.id, path(), model.choices.limits()));
    }
}

fn top(ui: &mut Ui, model: &mut Model, row: &Row, actions: &mut Vec<Action>) {
    let narrow = ui.available_width() < NARROW;
    ui.horizontal_wrapped(|ui| {
        if button(ui, texts::BACK, Some(&keys::BACK), Kind::Usual) {
            actions.push(Action::Go(Screen::Photos));
        }
        let [before, after] = model.neighbours(row.id);
        for (id, text, key) in [(before, texts::PREVIOUS, &keys::PREVIOUS), (after, texts::NEXT, &keys::NEXT)]
        {
            ui.add_enabled_ui(id.is_some(), |ui| {
                let shown = if text == texts::NEXT { ">" } else { "<" };
                if button_named(ui, shown, text, Some(key), Kind::Usual).clicked() | pressed(ui, key) {
                    actions.extend(id.map(|id| Action::Go(Screen::Look(id))));
                }
            });
        }
        if narrow && tick(ui, model.viewer.details, texts::DETAILS, &keys::DETAILS) {
            model.viewer.details = !model.viewer.details;
        }
        ui.add(egui::Label::new(RichText::new(row.name()).strong()).truncate());
    });
}

fn verdict(ui: &mut Ui, row: &Row, actions: &mut Vec<Action>) {
    state(ui, row.state());
    match &row.report {
        Some(report) if row.state() != State::Waiting && row.state() != State::Working => {
            ui.label(texts::said(&report.sum()));
            if row.state() == State::StillRecognisable {
                hint(ui, if row.again().is_some() { texts::STRONGER } else { texts::STRONGEST });
            }
        }
        _ => {
            ui.label(texts::row_detail(row));
        }
    }
    ui.horizontal_wrapped(|ui| {
        if let Some(strength) = row.again() {
            let text = if row.preset == Some(strength) { texts::RETRY } else { texts::RETRY_STRONGER };
            if button(ui, text, Some(&keys::RETRY), Kind::Usual) {
                actions.push(Action::Retry(vec![row.id]));
            }
        }
        if row.has_strengths() && button(ui, texts::STRENGTHS_OF, Some(&keys::STRENGTHS), Kind::Usual) {
            actions.push(Action::Go(Screen::Strengths(row.id)));
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
        if tick(ui, viewer.boxes, texts::BOXES, &keys::BOXES) {
            viewer.boxes = !viewer.boxes;
        }
    });
}

/// Whether the button, or its key, is held down.
fn hold(ui: &mut Ui) -> bool {
    let button = button_named(ui, texts::HOLD_SHORT, texts::HOLD, Some(&keys::HOLD), Kind::Usual);
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
    let mut zoomed = |sign: &str, name: &str, key: &egui::KeyboardShortcut| {
        button_named(ui, sign, name, Some(key), Kind::Usual).clicked() | pressed(ui, key)
    };
    let larger = zoomed("+", texts::LARGER, &keys::LARGER);
    let smaller = zoomed("-", texts::SMALLER, &keys::SMALLER);
    // The plus is an equals sign where the keyboard wants a shift for it.
    if larger || ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, egui::Key::Equals)) {
        viewer.zoom_to(viewer.scale() * step);
    }
    if smaller {
        viewer.zoom_to(viewer.scale() / step);
    }
}

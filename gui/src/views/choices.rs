//! The choices that everybody understands, beside the list.

use egui::{Frame, Margin, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo};
use visard::cloak::Preset;

use crate::choices::{Format, STRENGTHS, SaveTo, Theme};
use crate::model::{Action, Model, Screen};
use crate::theme::palette;
use crate::update::Purpose;
use crate::widgets::{Kind, button, hint, title};
use crate::{keys, plan, texts, widgets};

pub(super) fn show(ui: &mut Ui, model: &mut Model, actions: &mut Vec<Action>) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| all(ui, model, actions));
}

/// The same over the window, where there is no room beside the list.
pub(super) fn dialog(ui: &Ui, model: &mut Model, actions: &mut Vec<Action>) {
    let (mut close, mut asked) = (false, vec![]);
    let left = widgets::dialog(
        ui,
        texts::CHOICES,
        360.,
        |ui| all(ui, model, &mut asked),
        |ui| close = button(ui, texts::CLOSE, Some(&keys::BACK), Kind::Primary),
    );
    let goes = asked.iter().any(|action| matches!(action, Action::Go(_)));
    if left || close || goes {
        actions.push(Action::CloseDialog);
    }
    actions.extend(asked);
}

fn all(ui: &mut Ui, model: &mut Model, actions: &mut Vec<Action>) {
    ui.add_enabled_ui(!model.queue.running() || model.queue.paused, |ui| {
        strength(ui, model, actions);
        save_to(ui, model, actions);
        unprotected(ui, model);
        metadata(ui, model);
        format(ui, model);
    });
    appearance(ui, model);
}

fn strength(ui: &mut Ui, model: &mut Model, actions: &mut Vec<Action>) {
    title(ui, texts::STRENGTH);
    for strength in STRENGTHS {
        if option(ui, strength, model.choices.strength == strength, model.choices.seconds(strength)) {
            model.choices.strength = strength;
        }
    }
    if let Some(id) = model.first_photo()
        && button(ui, texts::LOOK_FIRST, Some(&keys::STRENGTHS), Kind::Usual)
    {
        actions.push(Action::Go(Screen::Strengths(id)));
    }
}

/// A strength with what it costs; whether it was chosen.
fn option(ui: &mut Ui, strength: Preset, chosen: bool, seconds: Option<f64>) -> bool {
    let colours = palette(ui);
    let frame = Frame::new().fill(colours.card).corner_radius(8).inner_margin(Margin::symmetric(10, 6));
    let inner = frame.show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 2.;
        let enabled = ui.is_enabled();
        ui.horizontal(|ui| {
            let dot = ui.allocate_exact_size(egui::vec2(16., 16.), Sense::hover()).0.center();
            let ring = if chosen { colours.accent } else { colours.weak };
            ui.painter().circle_stroke(dot, 6.5, Stroke::new(1.5, ring));
            if chosen {
                ui.painter().circle_filled(dot, 3.5, if enabled { colours.accent } else { colours.weak });
            }
            ui.add(egui::Label::new(RichText::new(texts::strength(strength)).strong()).selectable(false));
        });
        let cost = format!("{} {}", texts::visibility(strength), texts::pace(seconds));
        ui.add(egui::Label::new(RichText::new(cost).small().color(colours.weak)).wrap().selectable(false));
    });
    let rect = inner.response.rect;
    let response = ui.interact(rect, egui::Id::unique(("strength", strength.name())), Sense::click());
    let enabled = ui.is_enabled();
    let label = format!("{}: {}", texts::STRENGTH, texts::strength(strength));
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, chosen, &label));
    let (width, colour) = if response.has_focus() {
        (2.5, colours.accent)
    } else if chosen {
        (1.5, colours.accent)
    } else {
        (1., colours.outline)
    };
    ui.painter().rect_stroke(rect, 8., Stroke::new(width, colour), StrokeKind::Inside);
    response.clicked()
}

fn save_to(ui: &mut Ui, model: &mut Model, actions: &mut Vec<Action>) {
    title(ui, texts::SAVE_TO);
    let beside = model.choices.save_to == SaveTo::Beside;
    if ui.radio(beside, texts::BESIDE).clicked() {
        model.choices.save_to = SaveTo::Beside;
    }
    ui.horizontal_wrapped(|ui| {
        if ui.radio(!beside, texts::OTHER_FOLDER).clicked() && beside {
            actions.push(Action::Choose(Purpose::SaveTo));
        }
        if button(ui, texts::CHOOSE, None, Kind::Usual) {
            actions.push(Action::Choose(Purpose::SaveTo));
        }
    });
    if let Some(row) = model.queue.rows.first() {
        hint(ui, plan::folder(&row.source, &model.choices.save_to).display().to_string());
    }
}

fn unprotected(ui: &mut Ui, model: &mut Model) {
    title(ui, texts::UNPROTECTED);
    ui.radio_value(&mut model.choices.save_unprotected, true, texts::APART);
    ui.radio_value(&mut model.choices.save_unprotected, false, texts::NOWHERE);
}

fn appearance(ui: &mut Ui, model: &mut Model) {
    title(ui, texts::THEME);
    ui.horizontal_wrapped(|ui| {
        for (theme, name) in [Theme::System, Theme::Light, Theme::Dark].into_iter().zip(texts::THEMES) {
            ui.radio_value(&mut model.choices.theme, theme, name);
        }
    });
    title(ui, texts::TEXT_SIZE);
    ui.horizontal_wrapped(|ui| {
        for (percent, zoom) in [(75, 0.75), (100, 1.), (125, 1.25), (150, 1.5), (200, 2.)] {
            let chosen = (model.choices.zoom - zoom).abs() < 0.01;
            if ui.radio(chosen, format!("{percent} %")).clicked() {
                model.choices.zoom = zoom;
            }
        }
    });
}

fn metadata(ui: &mut Ui, model: &mut Model) {
    title(ui, texts::METADATA);
    ui.radio_value(&mut model.choices.keep_metadata, false, texts::STRIP);
    ui.radio_value(&mut model.choices.keep_metadata, true, texts::KEEP);
}

fn format(ui: &mut Ui, model: &mut Model) {
    title(ui, texts::FORMAT);
    let all = [Format::Keep, Format::Jpeg, Format::Png, Format::WebP, Format::Avif];
    let name = |format| all.iter().position(|&f| f == format).map_or("", |i| texts::FORMATS[i]);
    let chosen = name(model.choices.format);
    let shown = egui::ComboBox::from_id_salt("format").selected_text(chosen).width(ui.available_width() - 8.);
    let response = shown.show_ui(ui, |ui| {
        for format in all {
            ui.selectable_value(&mut model.choices.format, format, name(format));
        }
    });
    let enabled = ui.is_enabled();
    let label = format!("{}: {chosen}", texts::FORMAT);
    response.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, enabled, &label));
}

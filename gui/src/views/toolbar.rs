//! What stands above the list: what needs attention, what was ticked, and how the list is shown.

use egui::{ComboBox, Role, Ui, WidgetInfo};
use visard::cloak::Preset;

use crate::choices::{Order, STRENGTHS};
use crate::model::{Action, Model, Screen};
use crate::queue::{Id, State};
use crate::theme::NARROW;
use crate::update::Purpose;
use crate::widgets::{Kind, banner, button, pressed, tick};
use crate::{keys, texts};

pub(super) fn show(ui: &mut Ui, model: &mut Model, actions: &mut Vec<Action>) {
    attention(ui, model, actions);
    ui.horizontal_wrapped(|ui| {
        if button(ui, texts::ADD_PHOTOS, Some(&keys::ADD_PHOTOS), Kind::Usual) {
            actions.push(Action::ChoosePhotos);
        }
        if button(ui, texts::ADD_FOLDER, Some(&keys::ADD_FOLDER), Kind::Usual) {
            actions.push(Action::Choose(Purpose::Add));
        }
        let roomy = ui.max_rect().width() > NARROW * 0.6;
        if roomy && button(ui, texts::CLEAR, Some(&keys::CLEAR), Kind::Usual)
            || !roomy && pressed(ui, &keys::CLEAR)
        {
            actions.push(Action::Clear);
        }
        ui.add_enabled_ui(model.ready(), |ui| {
            if button(ui, texts::PEOPLE, Some(&keys::PEOPLE), Kind::Usual) {
                actions.push(Action::Go(Screen::People));
            }
        });
        order(ui, model);
        if tick(ui, model.choices.grid, texts::GRID, &keys::GRID) {
            model.choices.grid = !model.choices.grid;
        }
        if model.adding > 0 {
            ui.spinner();
        }
    });
    undo(ui, model, actions);
    ticked(ui, model, actions);
}

fn attention(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    if model.queue.needing_attention() == 0 && model.only.is_none() {
        return;
    }
    banner(ui, State::StillRecognisable, &texts::attention(&model.queue), |ui| {
        if tick(ui, model.only.is_some(), texts::ONLY_ATTENTION, &keys::ATTENTION) {
            actions.push(Action::OnlyAttention(model.only.is_none()));
        }
        let helped = model.worth_a_try();
        if !helped.is_empty() && button(ui, texts::RETRY_ALL, Some(&keys::RETRY), Kind::Usual) {
            actions.push(Action::Retry(helped));
        }
    });
}

fn order(ui: &mut Ui, model: &mut Model) {
    let all = [Order::Added, Order::Name, Order::Folder, Order::Result];
    let name = |order| all.iter().position(|&o| o == order).map_or("", |i| texts::ORDERS[i]);
    let chosen = name(model.choices.order);
    let shown = ComboBox::from_id_salt("order").selected_text(chosen).width(120.);
    let response = shown.show_ui(ui, |ui| {
        for order in all {
            ui.selectable_value(&mut model.choices.order, order, name(order));
        }
    });
    let label = format!("{}: {chosen}", texts::ORDER);
    response.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &label));
}

/// What was taken from the list can be put back.
pub(super) fn undo(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    if model.removed.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.label(texts::removed(&model.removed));
        if button(ui, texts::UNDO, Some(&keys::UNDO), Kind::Usual) {
            actions.push(Action::Undo);
        }
    });
}

/// What can be done with the photos that are ticked.
fn ticked(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    if pressed(ui, &keys::TICK_ALL) {
        actions.push(Action::Tick(model.visible().iter().map(|row| row.id).collect(), true));
    }
    let ids = model.ticked();
    if ids.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.label(texts::ticked(model.queue.rows.iter().filter(|row| ids.contains(&row.id))));
        strength(ui, model, &ids, actions);
        let helped: Vec<Id> = model.worth_a_try().into_iter().filter(|id| ids.contains(id)).collect();
        if !helped.is_empty() && button(ui, texts::RETRY, None, Kind::Usual) {
            actions.push(Action::Retry(helped));
        }
        if button(ui, texts::REMOVE, None, Kind::Usual) {
            actions.push(Action::Remove(ids.clone()));
        }
        if button(ui, texts::TICK_NONE, None, Kind::Usual) {
            actions.push(Action::Tick(ids, false));
        }
    });
}

/// The strength of the photos that are ticked, theirs alone.
fn strength(ui: &mut Ui, model: &Model, ids: &[Id], actions: &mut Vec<Action>) {
    let own: Vec<Option<Preset>> =
        model.queue.rows.iter().filter(|row| ids.contains(&row.id)).map(|row| row.strength).collect();
    let same = own.iter().all(|strength| *strength == own[0]);
    let name = |strength: Option<Preset>| strength.map_or(texts::STRENGTH_OF_ALL, texts::strength);
    let chosen = if same { name(own[0]) } else { "" };
    let shown = ComboBox::from_id_salt("strength of ticked").selected_text(chosen).width(150.);
    let response = shown.show_ui(ui, |ui| {
        for strength in std::iter::once(None).chain(STRENGTHS.map(Some)) {
            if ui.selectable_label(same && own[0] == strength, name(strength)).clicked() {
                actions.push(Action::SetStrength(ids.to_vec(), strength));
            }
        }
    });
    let label = format!("{}: {chosen}", texts::STRENGTH);
    response.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &label));
}

//! Everything that most people never need.

use egui::{DragValue, Slider, Ui};
use visard::models::Role;
use visard::photo::Destination;
use visard::pipeline::Others;

use crate::keys;
use crate::model::{Action, Model};
use crate::texts;
use crate::update::Purpose;
use crate::widgets::{Kind, button, dialog, hint, title};

pub(super) fn show(ui: &Ui, model: &mut Model, actions: &mut Vec<Action>) {
    let (mut close, mut asked) = (false, vec![]);
    let left = dialog(
        ui,
        texts::MORE,
        460.,
        |ui| {
            ui.add_enabled_ui(!model.queue.running() || model.queue.paused, |ui| {
                photos(ui, model);
                networks(ui, model, &mut asked);
            });
        },
        |ui| close = button(ui, texts::CLOSE, Some(&keys::BACK), Kind::Primary),
    );
    if left || close {
        actions.push(Action::CloseDialog);
    }
    actions.extend(asked);
}

fn photos(ui: &mut Ui, model: &mut Model) {
    let choices = &mut model.choices;
    title(ui, texts::DESTINATION);
    for destination in Destination::ALL {
        ui.radio_value(&mut choices.destination, destination, texts::destination(destination));
    }
    title(ui, texts::FACES);
    ui.radio_value(&mut choices.largest_only, false, texts::ALL_FACES);
    ui.radio_value(&mut choices.largest_only, true, texts::LARGEST_FACE);
    title(ui, texts::OTHERS);
    for others in [Others::Leave, Others::Blur, Others::Pixelate, Others::Cover] {
        ui.radio_value(&mut choices.others, others, texts::others(others));
    }
    title(ui, texts::FACELESS);
    ui.checkbox(&mut choices.keep_faceless, texts::SAVE_FACELESS);
    title(ui, texts::ANIMATED);
    ui.checkbox(&mut choices.first_picture, texts::FIRST_PICTURE);
    title(ui, texts::EXISTING);
    ui.radio_value(&mut choices.replace, false, texts::NEW_NAME);
    ui.radio_value(&mut choices.replace, true, texts::REPLACE);
    title(ui, texts::QUALITY);
    if ui.radio(choices.quality.is_none(), texts::QUALITY_AUTO).clicked() {
        choices.quality = None;
    }
    ui.horizontal_wrapped(|ui| {
        if ui.radio(choices.quality.is_some(), texts::QUALITY_OWN).clicked() {
            choices.quality = Some(choices.quality.unwrap_or(95));
        }
        if let Some(quality) = &mut choices.quality {
            ui.add(Slider::new(quality, 50..=100).text(texts::QUALITY));
        }
    });
    title(ui, texts::CHANCE);
    ui.horizontal(|ui| {
        let label = ui.label(texts::SEED);
        ui.add(DragValue::new(&mut choices.seed)).labelled_by(label.id);
    });
}

fn networks(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    title(ui, texts::NETWORKS);
    if let Some(error) = &model.no_networks {
        ui.label(texts::no_networks(error));
    } else if !model.ready() {
        ui.label(texts::OPENING);
    } else {
        hint(ui, texts::networks_change(&model.networks(Role::Surrogate)));
        hint(ui, texts::networks_check(&model.networks(Role::Judge)));
    }
    ui.horizontal_wrapped(|ui| {
        if button(ui, texts::ADD_NETWORKS, None, Kind::Usual) {
            actions.push(Action::Choose(Purpose::Networks));
        }
        if !model.choices.networks.is_empty() && button(ui, texts::FORGET_NETWORKS, None, Kind::Usual) {
            actions.push(Action::ForgetNetworks);
        }
    });
}

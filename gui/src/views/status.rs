//! Work that goes on elsewhere: seen from every part of the window.

use egui::Ui;

use crate::model::{Action, Model, Screen};
use crate::texts;
use crate::widgets::{Kind, bar, button_named, hint};

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    if model.queue.running() && model.screen != Screen::Photos {
        line(ui, &texts::progress(&model.queue), model.queue.share(), Screen::Photos, actions);
    }
    if let Some(searching) = model.check.searching.as_ref().filter(|_| model.screen != Screen::Check) {
        line(ui, &texts::searching(searching), searching.share(), Screen::Check, actions);
    }
}

/// How far it is, and the way there.
fn line(ui: &mut Ui, words: &str, share: f32, screen: Screen, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let name = format!("{}: {words}", texts::GO_THERE);
        if button_named(ui, texts::GO_THERE, &name, None, Kind::Usual).clicked() {
            actions.push(Action::Go(screen));
        }
        ui.vertical(|ui| {
            hint(ui, words);
            bar(ui, share, words);
        });
    });
}

//! Asks before work is broken off.

use egui::Ui;

use crate::keys;
use crate::model::Action;
use crate::texts;
use crate::widgets::{Kind, button, dialog};

pub(super) fn show(ui: &Ui, actions: &mut Vec<Action>) {
    let modal = dialog(ui, "quit").show(ui, |ui| {
        ui.set_max_width(380.);
        ui.label(egui::RichText::new(texts::QUIT_TITLE).size(18.).strong());
        ui.label(texts::QUIT_TEXT);
        ui.add_space(8.);
        ui.horizontal(|ui| {
            if button(ui, texts::STAY, Some(&keys::BACK), Kind::Primary) {
                actions.push(Action::Stay);
            }
            if button(ui, texts::QUIT, None, Kind::Usual) {
                actions.push(Action::Quit);
            }
        });
    });
    if modal.should_close() {
        actions.push(Action::Stay);
    }
}

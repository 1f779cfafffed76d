//! Asks before work is broken off.

use egui::Ui;

use crate::keys;
use crate::model::{Action, Asking};
use crate::texts;
use crate::widgets::{Kind, button, dialog};

pub(super) fn show(ui: &Ui, asking: Asking, actions: &mut Vec<Action>) {
    let [title, text, sure] = match asking {
        Asking::Quit => [texts::QUIT_TITLE, texts::QUIT_TEXT, texts::QUIT],
        Asking::Clear => [texts::CLEAR_TITLE, texts::CLEAR_TEXT, texts::CLEAR_SURE],
    };
    let modal = dialog(ui, "ask").show(ui, |ui| {
        ui.set_max_width(380.);
        ui.label(egui::RichText::new(title).size(18.).strong());
        ui.label(text);
        ui.add_space(8.);
        ui.horizontal(|ui| {
            if button(ui, texts::STAY, Some(&keys::BACK), Kind::Primary) {
                actions.push(Action::Stay);
            }
            if button(ui, sure, None, Kind::Usual) {
                actions.push(Action::Sure);
            }
        });
    });
    if modal.should_close() {
        actions.push(Action::Stay);
    }
}

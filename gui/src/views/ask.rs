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
    let (mut stay, mut go) = (false, false);
    let left = dialog(
        ui,
        title,
        380.,
        |ui| drop(ui.label(text)),
        |ui| {
            stay = button(ui, texts::STAY, Some(&keys::BACK), Kind::Primary);
            go = button(ui, sure, None, Kind::Usual);
        },
    );
    if go {
        actions.push(Action::Sure);
    } else if left || stay {
        actions.push(Action::Stay);
    }
}

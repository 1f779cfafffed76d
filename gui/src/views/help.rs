//! All keys on one page.

use egui::{Grid, KeyboardShortcut, RichText, Ui};

use crate::model::Action;
use crate::widgets::{Kind, button, dialog, keys as written};
use crate::{keys, texts};

/// What there is to press, in the order of use.
const ALL: [(&KeyboardShortcut, &str); 35] = [
    (&keys::ADD_PHOTOS, texts::ADD_PHOTOS),
    (&keys::ADD_FOLDER, texts::ADD_FOLDER),
    (&keys::START, texts::KEY_START),
    (&keys::PAUSE, texts::PAUSE),
    (&keys::CANCEL, texts::KEY_CANCEL),
    (&keys::STRENGTHS, texts::STRENGTHS_OF),
    (&keys::PEOPLE, texts::PEOPLE),
    (&keys::ATTENTION, texts::KEY_ATTENTION),
    (&keys::RETRY, texts::RETRY_ALL),
    (&keys::SUMMARY, texts::SHOW_SUMMARY),
    (&keys::TICK_ALL, texts::TICK_ALL),
    (&keys::GRID, texts::GRID),
    (&keys::UNDO, texts::UNDO),
    (&keys::CLEAR, texts::CLEAR),
    (&keys::SHOW, texts::SHOW_FOLDER),
    (&keys::SAVE_PAGE, texts::SAVE_PAGE),
    (&keys::SAVE_REPORT, texts::SAVE_REPORT),
    (&keys::PROTECT, texts::PROTECT),
    (&keys::CHECK, texts::CHECK),
    (&keys::MORE, texts::MORE),
    (&keys::KEYS, texts::KEYS),
    (&keys::BACK, texts::BACK),
    (&keys::PREVIOUS, texts::PREVIOUS),
    (&keys::NEXT, texts::NEXT),
    (&keys::COMPARE, texts::COMPARE),
    (&keys::DIFFERENCE, texts::DIFFERENCE),
    (&keys::HOLD, texts::HOLD),
    (&keys::FIT, texts::FIT),
    (&keys::FULL, texts::FULL_SIZE),
    (&keys::LARGER, texts::LARGER),
    (&keys::SMALLER, texts::SMALLER),
    (&keys::BOXES, texts::BOXES),
    (&keys::DETAILS, texts::DETAILS),
    (&keys::DRAW, texts::DRAW),
    (&keys::TAKE_VIEW, texts::TAKE_VIEW),
];

pub(super) fn show(ui: &Ui, actions: &mut Vec<Action>) {
    let mut close = false;
    let left = dialog(
        ui,
        texts::KEYS,
        460.,
        |ui| {
            ui.label(texts::KEYS_IN_LIST);
            Grid::new("keys").num_columns(2).spacing([24., 4.]).show(ui, |ui| {
                for (shortcut, what) in ALL {
                    ui.label(RichText::new(written(ui, shortcut)).strong());
                    ui.label(what);
                    ui.end_row();
                }
            });
        },
        |ui| close = button(ui, texts::CLOSE, Some(&keys::BACK), Kind::Primary),
    );
    if left || close {
        actions.push(Action::CloseDialog);
    }
}

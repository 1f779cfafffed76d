//! Keyboard shortcuts: for everything, and told by tooltips and by one overview.

use egui::{Key, KeyboardShortcut, Modifiers};

const fn plain(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn command(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

pub(crate) const ADD_PHOTOS: KeyboardShortcut = command(Key::O);
pub(crate) const ADD_FOLDER: KeyboardShortcut = command(Key::D);
pub(crate) const START: KeyboardShortcut = command(Key::Enter);
pub(crate) const PAUSE: KeyboardShortcut = command(Key::P);
pub(crate) const CANCEL: KeyboardShortcut = command(Key::Period);
pub(crate) const RETRY: KeyboardShortcut = command(Key::R);
pub(crate) const CLEAR: KeyboardShortcut = command(Key::Delete);
pub(crate) const SAVE_REPORT: KeyboardShortcut = command(Key::S);
pub(crate) const SAVE_PAGE: KeyboardShortcut =
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::S);
pub(crate) const SHOW: KeyboardShortcut = command(Key::E);
pub(crate) const PROTECT: KeyboardShortcut = command(Key::Num1);
pub(crate) const CHECK: KeyboardShortcut = command(Key::Num2);
pub(crate) const MORE: KeyboardShortcut = command(Key::Comma);
pub(crate) const ATTENTION: KeyboardShortcut = command(Key::F);
pub(crate) const SUMMARY: KeyboardShortcut = command(Key::I);
pub(crate) const UNDO: KeyboardShortcut = command(Key::Z);
pub(crate) const TICK_ALL: KeyboardShortcut = command(Key::A);
pub(crate) const GRID: KeyboardShortcut = command(Key::G);
pub(crate) const STRENGTHS: KeyboardShortcut = command(Key::L);
pub(crate) const PEOPLE: KeyboardShortcut = command(Key::H);
pub(crate) const KEYS: KeyboardShortcut = plain(Key::F1);

pub(crate) const BACK: KeyboardShortcut = plain(Key::Escape);
pub(crate) const NEXT: KeyboardShortcut = plain(Key::PageDown);
pub(crate) const PREVIOUS: KeyboardShortcut = plain(Key::PageUp);
pub(crate) const COMPARE: KeyboardShortcut = plain(Key::C);
pub(crate) const DIFFERENCE: KeyboardShortcut = plain(Key::D);
pub(crate) const HOLD: KeyboardShortcut = plain(Key::O);
pub(crate) const FIT: KeyboardShortcut = plain(Key::F);
pub(crate) const FULL: KeyboardShortcut = plain(Key::Num1);
pub(crate) const LARGER: KeyboardShortcut = plain(Key::Plus);
pub(crate) const SMALLER: KeyboardShortcut = plain(Key::Minus);
pub(crate) const TAKE_VIEW: KeyboardShortcut = plain(Key::V);
pub(crate) const DRAW: KeyboardShortcut = plain(Key::B);
pub(crate) const BOXES: KeyboardShortcut = plain(Key::X);
pub(crate) const DETAILS: KeyboardShortcut = plain(Key::I);

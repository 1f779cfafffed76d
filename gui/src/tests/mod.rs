//! Every flow of the window, driven by the labels that a screen reader reads, on tiny networks; the
//! state and the worker without a window.

mod check;
mod clips;
mod drawn;
mod ending;
mod faces;
mod layout;
mod list;
mod looking;
mod names;
mod pictures;
mod protecting;
mod stage;
mod starting;
mod state;
#[path = "../../../tests/support/mod.rs"]
mod support;
mod working;

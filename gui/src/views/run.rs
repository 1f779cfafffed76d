//! The bar at the bottom: start, pause, cancel, and how far everything is.

use egui::{Align, Layout, RichText, Ui, vec2};

use crate::batch::State;
use crate::model::{Action, Model, Screen};
use crate::theme::palette;
use crate::widgets::{Kind, banner, bar, button, hint};
use crate::{keys, texts};

/// Height of the bar in points.
const HEIGHT: f32 = 40.;

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    if let Some(reason) = &model.batch.halted {
        banner(ui, State::Failed, reason, |_| {});
    }
    let size = vec2(ui.available_width(), HEIGHT);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        buttons(ui, model, actions);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if model.batch.done() > 0
                && !model.batch.running()
                && button(ui, texts::SHOW_SUMMARY, Some(&keys::SUMMARY), Kind::Usual)
            {
                actions.push(Action::Go(Screen::Summary));
            }
            ui.allocate_ui_with_layout(ui.available_size(), Layout::top_down(Align::Min), |ui| {
                progress(ui, model);
            });
        });
    });
}

fn buttons(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let batch = &model.batch;
    let waiting = batch.count(State::Waiting) > 0;
    if batch.running() && !batch.paused {
        if button(ui, texts::PAUSE, Some(&keys::PAUSE), Kind::Usual) {
            actions.push(Action::Pause);
        }
    } else {
        let text = if batch.running() { texts::RESUME } else { texts::START };
        ui.add_enabled_ui(model.ready() && (waiting || batch.running()), |ui| {
            if button(ui, text, Some(&keys::START), Kind::Primary) {
                actions.push(Action::Start);
            }
        });
    }
    if batch.running() && button(ui, texts::CANCEL, Some(&keys::CANCEL), Kind::Usual) {
        actions.push(Action::Cancel);
    }
}

fn progress(ui: &mut Ui, model: &Model) {
    let batch = &model.batch;
    let mut words = texts::progress(batch);
    let time = match batch.seconds_left() {
        _ if batch.paused => texts::PAUSED.into(),
        Some(seconds) if batch.running() => texts::remaining(seconds),
        None if batch.running() => texts::PACE_UNKNOWN.into(),
        _ if !model.ready() && model.no_networks.is_none() => texts::OPENING.into(),
        _ => String::new(),
    };
    if !time.is_empty() {
        words = format!("{words}. {time}");
    }
    bar(ui, batch.share(), &words);
    ui.horizontal(|ui| {
        hint(ui, words);
        let attention = batch.needing_attention();
        if attention > 0 {
            let text = texts::count(attention, "photo not protected", "photos not protected");
            ui.label(RichText::new(text).small().strong().color(palette(ui).bad));
        }
    });
}

//! The bar at the bottom: start, pause, cancel, and how far everything is.

use egui::{RichText, Ui};

use crate::model::{Action, Dialog, Model, Screen};
use crate::queue::State;
use crate::theme::palette;
use crate::widgets::{Kind, banner, bar, button, hint};
use crate::{keys, texts};

pub(super) fn show(ui: &mut Ui, model: &Model, narrow: bool, actions: &mut Vec<Action>) {
    if let Some(reason) = &model.queue.halted {
        banner(ui, State::Failed, reason, |_| {});
    }
    ui.horizontal_wrapped(|ui| {
        buttons(ui, model, actions);
        if narrow && button(ui, texts::CHOICES, None, Kind::Usual) {
            actions.push(Action::Show(Dialog::Choices));
        }
        if model.queue.done() > 0
            && !model.queue.running()
            && button(ui, texts::SHOW_SUMMARY, Some(&keys::SUMMARY), Kind::Usual)
        {
            actions.push(Action::Go(Screen::Summary));
        }
        if !narrow {
            ui.vertical(|ui| progress(ui, model));
        }
    });
    if narrow {
        progress(ui, model);
    }
}

fn buttons(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let queue = &model.queue;
    let waiting = queue.count(State::Waiting) > 0;
    if queue.running() && !queue.paused {
        if button(ui, texts::PAUSE, Some(&keys::PAUSE), Kind::Usual) {
            actions.push(Action::Pause);
        }
    } else {
        let text = if queue.running() { texts::RESUME } else { texts::START };
        ui.add_enabled_ui(model.ready() && (waiting || queue.running()), |ui| {
            if button(ui, text, Some(&keys::START), Kind::Primary) {
                actions.push(Action::Start);
            }
        });
    }
    if queue.running() && button(ui, texts::CANCEL, Some(&keys::CANCEL), Kind::Usual) {
        actions.push(Action::Cancel);
    }
}

fn progress(ui: &mut Ui, model: &Model) {
    let queue = &model.queue;
    let mut words = texts::progress(queue);
    let time = match queue.seconds_left(model.choices.seconds(model.choices.strength)) {
        _ if queue.paused => texts::PAUSED.into(),
        Some(seconds) if queue.running() => texts::remaining(seconds),
        None if queue.clips_to_do() => texts::CLIPS_TAKE_LONG.into(),
        None if queue.running() => texts::PACE_UNKNOWN.into(),
        _ if !model.ready() && model.no_networks.is_none() => texts::OPENING.into(),
        _ => String::new(),
    };
    if !time.is_empty() {
        words = format!("{words}. {time}");
    }
    ui.horizontal_wrapped(|ui| {
        hint(ui, &words);
        let attention = queue.needing_attention();
        if attention > 0 {
            let text = format!("{} not protected", texts::these(queue.overlooked()));
            ui.label(RichText::new(text).small().strong().color(palette(ui).bad));
        }
    });
    bar(ui, queue.share(), &words);
}

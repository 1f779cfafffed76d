//! The views: each draws the model and says what the user asks for; none does any work.

mod ask;
mod canvas;
mod check;
mod choices;
mod faces;
mod hands;
mod help;
mod lens;
mod more;
mod outlines;
mod people;
mod queue;
mod row;
mod run;
mod start;
mod status;
mod strengths;
mod summary;
mod toolbar;
mod tracks;
mod viewer;

use egui::{CentralPanel, Frame, Margin, Panel, RichText, Ui};

use crate::keys;
use crate::model::{Action, Dialog, Model, Screen};
use crate::queue::State;
use crate::texts;
use crate::textures::Textures;
use crate::theme::{GAP, NARROW, palette};
use crate::update::Purpose;
use crate::widgets::{Kind, banner, button, button_named, pressed, switch};

/// Draws the window.
pub(crate) fn show(ui: &mut Ui, model: &mut Model, textures: &mut Textures, actions: &mut Vec<Action>) {
    let dialog = model.asking.is_some() || model.dialog.is_some();
    ui.add_enabled_ui(!dialog, |ui| screen(ui, model, textures, actions));
    match (model.asking, model.dialog) {
        (Some(asking), _) => ask::show(ui, asking, actions),
        (None, Some(Dialog::Choices)) => choices::dialog(ui, model, actions),
        (None, Some(Dialog::More)) => more::show(ui, model, actions),
        (None, Some(Dialog::Keys)) => help::show(ui, actions),
        (None, None) => {}
    }
}

fn screen(ui: &mut Ui, model: &mut Model, textures: &mut Textures, actions: &mut Vec<Action>) {
    match model.screen {
        Screen::Look(id) => return viewer::show(ui, model, textures, id, actions),
        Screen::Strengths(id) => return strengths::show(ui, model, textures, id, actions),
        _ => {}
    }
    let margin = Frame::new().inner_margin(Margin::symmetric(16, 8));
    let narrow = ui.available_width() < NARROW;
    Panel::top("top").frame(margin).show(ui, |ui| {
        top(ui, model, actions);
        status::show(ui, model, actions);
    });
    if model.screen == Screen::Photos && !model.queue.rows.is_empty() {
        Panel::bottom("run")
            .frame(margin.fill(palette(ui).card))
            .show(ui, |ui| run::show(ui, model, narrow, actions));
        if !narrow && model.dialog != Some(Dialog::Choices) {
            let side = Panel::right("choices").exact_size(292.).resizable(false).frame(margin);
            side.show(ui, |ui| choices::show(ui, model, actions));
        }
    }
    CentralPanel::default().frame(margin).show(ui, |ui| {
        // Those of the list may have to go with it.
        let list = model.screen == Screen::Photos && !model.queue.rows.is_empty();
        if !list {
            banners(ui, model, actions);
        }
        match model.screen {
            Screen::Check => check::show(ui, model, textures, actions),
            Screen::Summary => summary::show(ui, model, actions),
            Screen::People => people::show(ui, model, textures, actions),
            _ if model.queue.rows.is_empty() => start::show(ui, model, actions),
            _ => queue::show(ui, model, textures, actions),
        }
    });
}

fn top(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let roomy = ui.available_width() > 480.;
        if roomy {
            ui.label(RichText::new(texts::TITLE).size(20.).strong().color(palette(ui).accent));
            ui.add_space(GAP);
        }
        let tabs =
            [(Screen::Photos, texts::PROTECT, &keys::PROTECT), (Screen::Check, texts::CHECK, &keys::CHECK)];
        let current = if model.screen == Screen::Check { Screen::Check } else { Screen::Photos };
        actions.extend(switch(ui, current, &tabs).map(Action::Go));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let more = if roomy { texts::MORE } else { texts::MORE_SHORT };
            for (text, name, key, dialog) in [
                (texts::KEYS_SHORT, texts::KEYS, &keys::KEYS, Dialog::Keys),
                (more, texts::MORE, &keys::MORE, Dialog::More),
            ] {
                let clicked = button_named(ui, text, name, Some(key), Kind::Usual).clicked();
                if clicked | pressed(ui, key) {
                    actions.push(Action::Show(dialog));
                }
            }
        });
    });
}

fn banners(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    if let Some(error) = &model.no_networks {
        banner(ui, State::Failed, &texts::no_networks(error), |ui| {
            if button(ui, texts::CHOOSE_NETWORKS, None, Kind::Primary) {
                actions.push(Action::Choose(Purpose::Networks));
            }
        });
    }
    for (i, notice) in model.notices.iter().take(3).enumerate() {
        banner(ui, State::Failed, notice, |ui| {
            let name = format!("{} {}", texts::HIDE, i + 1);
            if button_named(ui, texts::HIDE, &name, None, Kind::Usual).clicked() {
                actions.push(Action::DropNotice(i));
            }
        });
    }
    if let Some(session) = model.session.as_ref().filter(|_| model.screen == Screen::Photos) {
        banner(ui, State::Waiting, &texts::continue_offer(session), |ui| {
            let text = if session.left() > 0 { texts::CONTINUE } else { texts::SHOW_LAST };
            if button(ui, text, None, Kind::Primary) {
                actions.push(Action::Continue);
            }
            if button(ui, texts::FORGET, None, Kind::Usual) {
                actions.push(Action::Forget);
            }
        });
    }
}

//! The views: each draws the model and says what the user asks for; none does any work.

mod ask;
mod canvas;
mod check;
mod choices;
mod faces;
mod hands;
mod lens;
mod more;
mod outlines;
mod queue;
mod run;
mod start;
mod summary;
mod viewer;

use egui::{CentralPanel, Frame, Margin, Panel, RichText, Ui};

use crate::batch::State;
use crate::keys;
use crate::model::{Action, Model, Screen};
use crate::texts;
use crate::textures::Textures;
use crate::theme::{GAP, palette};
use crate::update::Purpose;
use crate::widgets::{Kind, banner, button, switch};

/// Draws the window.
pub(crate) fn show(ui: &mut Ui, model: &mut Model, textures: &mut Textures, actions: &mut Vec<Action>) {
    let dialog = model.asking.is_some() || model.more;
    ui.add_enabled_ui(!dialog, |ui| screen(ui, model, textures, actions));
    if let Some(asking) = model.asking {
        ask::show(ui, asking, actions);
    } else if model.more {
        more::show(ui, model, actions);
    }
}

fn screen(ui: &mut Ui, model: &mut Model, textures: &mut Textures, actions: &mut Vec<Action>) {
    if let Screen::Look(id) = model.screen {
        return viewer::show(ui, model, textures, id, actions);
    }
    let margin = Frame::new().inner_margin(Margin::symmetric(16, 8));
    Panel::top("top").frame(margin).show(ui, |ui| top(ui, model, actions));
    if model.screen == Screen::Photos && !model.batch.rows.is_empty() {
        Panel::bottom("run")
            .frame(margin.fill(palette(ui).card))
            .show(ui, |ui| run::show(ui, model, actions));
        let side = Panel::right("choices").exact_size(292.).resizable(false).frame(margin);
        side.show(ui, |ui| choices::show(ui, model, actions));
    }
    CentralPanel::default().frame(margin).show(ui, |ui| {
        banners(ui, model, actions);
        match model.screen {
            Screen::Check => check::show(ui, model, actions),
            Screen::Summary => summary::show(ui, model, actions),
            _ if model.batch.rows.is_empty() => start::show(ui, model, actions),
            _ => queue::show(ui, model, textures, actions),
        }
    });
}

fn top(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(texts::TITLE).size(20.).strong().color(palette(ui).accent));
        ui.add_space(GAP);
        let tabs =
            [(Screen::Photos, texts::PROTECT, &keys::PROTECT), (Screen::Check, texts::CHECK, &keys::CHECK)];
        let current = if model.screen == Screen::Check { Screen::Check } else { Screen::Photos };
        actions.extend(switch(ui, current, &tabs).map(Action::Go));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if button(ui, texts::MORE, Some(&keys::MORE), Kind::Usual) {
                actions.push(Action::More(true));
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
            if button(ui, texts::HIDE, None, Kind::Usual) {
                actions.push(Action::DropNotice(i));
            }
        });
    }
}

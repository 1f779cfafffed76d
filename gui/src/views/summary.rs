//! The end of a run: the plain answer first.

use egui::{CollapsingHeader, RichText, ScrollArea, Ui};

use crate::model::{Action, Model, Screen};
use crate::queue::State;
use crate::theme::{GAP, palette};
use crate::widgets::{Kind, button, card, centred, hint, state};
use crate::{keys, texts};

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        centred(ui, 680., |ui| {
            answer(ui, model);
            buttons(ui, model, actions);
            attention(ui, model, actions);
            meaning(ui);
        });
    });
}

fn answer(ui: &mut Ui, model: &Model) {
    let colours = palette(ui);
    let all_well = model.queue.needing_attention() == 0 && model.queue.done() > 0;
    ui.add_space(GAP);
    let colour = if all_well { colours.good } else { colours.bad };
    ui.label(RichText::new(texts::answer(&model.queue)).heading().strong().color(colour));
    ui.label(texts::asked(model.blank.as_ref()));
    if let Some(report) = &model.blank {
        CollapsingHeader::new(texts::DETAILS_MORE).show(ui, |ui| {
            texts::checked_by(report).into_iter().for_each(|line| hint(ui, line));
        });
    }
    card(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 18.;
            for kind in
                [State::Protected, State::StillRecognisable, State::NoFace, State::Failed, State::Waiting]
            {
                let n = model.queue.count(kind);
                if n > 0 {
                    ui.horizontal(|ui| {
                        ui.spacing_mut().item_spacing.x = 6.;
                        ui.label(RichText::new(n.to_string()).size(20.).strong());
                        state(ui, kind);
                    });
                }
            }
        });
    });
}

fn buttons(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        let protected = model.queue.rows.iter().filter(|row| row.state() == State::Protected);
        let saved = protected.chain(&model.queue.rows).find_map(|row| row.output()?.parent());
        if let Some(folder) = saved
            && button(ui, texts::SHOW_FOLDER, Some(&keys::SHOW), Kind::Primary)
        {
            actions.push(Action::ShowFolder(folder.to_path_buf()));
        }
        if button(ui, texts::SAVE_PAGE, Some(&keys::SAVE_PAGE), Kind::Usual) {
            actions.push(Action::SavePage);
        }
        if button(ui, texts::SAVE_REPORT, Some(&keys::SAVE_REPORT), Kind::Usual) {
            actions.push(Action::SaveReport);
        }
        if button(ui, texts::BACK_TO_LIST, Some(&keys::BACK), Kind::Usual) {
            actions.push(Action::Go(Screen::Photos));
        }
    });
}

fn attention(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let rows: Vec<_> = model.queue.rows.iter().filter(|row| row.state().needs_attention()).collect();
    if rows.is_empty() {
        return;
    }
    card(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.label(RichText::new(texts::attention(&model.queue)).strong().color(palette(ui).bad));
        hint_list(ui, &rows);
        let helped = model.worth_a_try();
        let recognised = rows.iter().any(|row| row.state() == State::StillRecognisable);
        if recognised {
            ui.label(if helped.is_empty() { texts::STRONGEST } else { texts::STRONGER });
        }
        ui.horizontal_wrapped(|ui| {
            if button(ui, texts::LOOK_AT_THEM, Some(&keys::ATTENTION), Kind::Usual) {
                actions.extend([Action::OnlyAttention(true), Action::Go(Screen::Photos)]);
            }
            if !helped.is_empty() && button(ui, texts::RETRY_ALL, Some(&keys::RETRY), Kind::Usual) {
                actions.extend([
                    Action::OnlyAttention(true),
                    Action::Retry(helped),
                    Action::Go(Screen::Photos),
                ]);
            }
        });
    });
}

/// The first few; the list itself shows all.
fn hint_list(ui: &mut Ui, rows: &[&crate::queue::Row]) {
    const MOST: usize = 5;
    for row in rows.iter().take(MOST) {
        ui.label(texts::row_label(row));
    }
    if rows.len() > MOST {
        ui.label(texts::and_more(rows.len() - MOST));
    }
}

fn meaning(ui: &mut Ui) {
    card(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.label(RichText::new(texts::MEANING).strong());
        for limit in texts::LIMITS {
            ui.horizontal_top(|ui| {
                ui.label("•");
                ui.add(egui::Label::new(limit).wrap());
            });
        }
    });
}

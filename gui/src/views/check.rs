//! "Check my folder": who would be found, before and after.

use egui::{Align, Layout, RichText, ScrollArea, Ui};

use crate::batch::State;
use crate::keys;
use crate::model::{Action, Model};
use crate::search::{Answer, Finding, Hit};
use crate::texts;
use crate::theme::{GAP, palette};
use crate::update::Purpose;
use crate::widgets::{Kind, bar, button, card, centred, hint};

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        centred(ui, 760., |ui| {
            ui.add_space(GAP);
            ui.label(RichText::new(texts::CHECK).heading().strong());
            ui.label(texts::CHECK_INTRO);
            ui.add_space(4.);
            question(ui, model, actions);
            match &model.check.answer {
                Some(Ok(answer)) => result(ui, answer),
                Some(Err(error)) => {
                    ui.label(RichText::new(error).color(palette(ui).bad));
                }
                None => {}
            }
        });
    });
}

fn question(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let gallery = model.gallery();
    card(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(texts::GALLERY).strong());
            let name = gallery.map_or(texts::NO_GALLERY.into(), |path| path.display().to_string());
            ui.label(name);
            if button(ui, texts::CHOOSE, Some(&keys::ADD_FOLDER), Kind::Usual) {
                actions.push(Action::Choose(Purpose::Gallery));
            }
        });
        let pairs = model.pairs().len();
        if pairs == 0 {
            ui.label(texts::NOTHING_TO_CHECK);
        } else {
            ui.label(texts::to_check(pairs));
        }
        let ready = pairs > 0 && gallery.is_some() && model.ready() && model.check.searching.is_none();
        ui.horizontal(|ui| {
            ui.add_enabled_ui(ready, |ui| {
                if button(ui, texts::SEARCH, Some(&keys::START), Kind::Primary) {
                    actions.push(Action::Search);
                }
            });
            if let Some(share) = model.check.searching {
                let text = if model.batch.running() { texts::SEARCH_WAITS } else { texts::SEARCHING };
                ui.vertical(|ui| {
                    ui.set_width(220.);
                    bar(ui, share, text);
                    hint(ui, text);
                });
            }
        });
    });
}

fn result(ui: &mut Ui, answer: &Answer) {
    let found = |hit: fn(&Finding) -> Option<&Hit>| {
        answer.findings.iter().filter(|f| hit(f).is_some_and(Hit::found)).count()
    };
    let (before, after) = (found(|f| f.before.as_ref()), found(|f| f.after.as_ref()));
    ui.add_space(4.);
    let sentence = texts::search_answer(before, after, answer.findings.len(), answer.faces);
    ui.label(RichText::new(sentence).size(17.).strong());
    ui.label(texts::searched_with(&answer.networks));
    hint(ui, texts::CHECK_MEANING);
    for finding in &answer.findings {
        card(ui, |ui| {
            ui.set_min_width(ui.available_width());
            let name = finding.original.file_name().unwrap_or_default().to_string_lossy();
            ui.label(RichText::new(texts::face_of(&name, finding.face)).strong());
            ui.columns(2, |columns| {
                let sides = [(texts::BEFORE, &finding.before), (texts::AFTER, &finding.after)];
                for (column, (name, hit)) in columns.iter_mut().zip(sides) {
                    column.with_layout(Layout::top_down(Align::Min), |ui| side(ui, name, hit.as_ref()));
                }
            });
        });
    }
}

fn side(ui: &mut Ui, name: &str, hit: Option<&Hit>) {
    hint(ui, name);
    let found = hit.is_some_and(Hit::found);
    ui.horizontal(|ui| {
        let (kind, word) = if found {
            (State::StillRecognisable, texts::FOUND)
        } else {
            (State::Protected, texts::NOT_FOUND)
        };
        crate::widgets::sign(ui, kind, word);
    });
    hint(ui, hit.map_or(texts::NOBODY.into(), texts::hit));
}

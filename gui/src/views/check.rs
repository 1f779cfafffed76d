//! "Check my folder": would a search find the people, before and after?

use egui::{Align, CollapsingHeader, Layout, Rect, RichText, ScrollArea, Sense, Ui, pos2, vec2};
use visard::search::{Answer, Hit};

use super::row::picture;
use crate::keys;
use crate::model::{Action, Model};
use crate::queue::{Row, State};
use crate::search::{Finding, Searched};
use crate::sight::Small;
use crate::texts;
use crate::textures::Textures;
use crate::theme::{NARROW, palette};
use crate::update::Purpose;
use crate::widgets::{Kind, bar, button, card, centred, hint, sign};

/// Side of a face's picture in points.
const FACE: f32 = 84.;
/// Height of one side of a finding in points.
const SIDE: f32 = 128.;

pub(super) fn show(ui: &mut Ui, model: &Model, textures: &mut Textures, actions: &mut Vec<Action>) {
    let narrow = ui.available_width() < NARROW;
    let findings = match &model.check.answer {
        Some(Ok(searched)) => searched.findings.as_slice(),
        _ => &[],
    };
    let height = if narrow { 2. * SIDE } else { SIDE } + 64.;
    ScrollArea::vertical().auto_shrink(false).show_viewport(ui, |ui, seen| {
        let top = ui.cursor().top();
        centred(ui, 860., |ui| {
            ui.label(RichText::new(texts::CHECK).heading().strong());
            ui.label(texts::CHECK_INTRO);
            question(ui, model, actions);
            match &model.check.answer {
                Some(Ok(searched)) => answer(ui, searched),
                Some(Err(error)) => {
                    ui.label(RichText::new(error).color(palette(ui).bad));
                }
                None => {}
            }
            let begin = ui.cursor().top() - top;
            let step = height + ui.spacing().item_spacing.y;
            for (i, finding) in findings.iter().enumerate() {
                let (from, place) = (begin + i as f32 * step, vec2(ui.available_width(), height));
                if from > seen.bottom() || from + height < seen.top() {
                    // Only what is on the screen is made.
                    ui.allocate_space(place);
                } else {
                    ui.allocate_ui(place, |ui| {
                        ui.set_min_size(place);
                        card(ui, |ui| found(ui, finding, textures, narrow));
                    });
                }
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
        if model.queue.rows.iter().any(Row::is_clip) {
            hint(ui, texts::CLIPS_NOT_SEARCHED);
        }
        let Some(searching) = &model.check.searching else {
            let ready = pairs > 0 && gallery.is_some() && model.ready();
            ui.add_enabled_ui(ready, |ui| {
                if button(ui, texts::SEARCH, Some(&keys::START), Kind::Primary) {
                    actions.push(Action::Search);
                }
            });
            return;
        };
        if button(ui, texts::STOP_SEARCH, Some(&keys::CANCEL), Kind::Usual) {
            actions.push(Action::StopSearch);
        }
        let words = texts::searching(searching);
        hint(ui, &words);
        bar(ui, searching.share(), &words);
    });
}

fn answer(ui: &mut Ui, searched: &Searched) {
    ui.label(RichText::new(texts::search_answer(searched)).size(17.).strong());
    CollapsingHeader::new(texts::DETAILS_MORE).id_salt("search").show(ui, |ui| {
        hint(ui, texts::CHECK_MEANING);
        hint(ui, texts::looked_through(searched));
        hint(ui, texts::searched_with(&searched.networks));
    });
}

fn found(ui: &mut Ui, finding: &Finding, textures: &mut Textures, narrow: bool) {
    ui.label(RichText::new(texts::face_of(&finding.original, finding.number)).strong());
    let compared = &finding.compared;
    let sides = [
        (texts::BEFORE, &finding.original, Some(&compared.face), &compared.before),
        (texts::AFTER, &finding.protected, compared.face_after.as_ref(), &compared.after),
    ];
    let width = if narrow { ui.available_width() } else { (ui.available_width() - 8.) / 2. };
    let layout = if narrow { Layout::top_down(Align::Min) } else { Layout::left_to_right(Align::Min) };
    ui.with_layout(layout, |ui| {
        for (name, path, face, hit) in sides {
            let query = face.map(|face| Small::face(path, &face.bounds));
            ui.allocate_ui_with_layout(vec2(width, SIDE), Layout::top_down(Align::Min), |ui| {
                ui.set_width(width);
                side(ui, name, query, hit.as_ref(), textures);
            });
        }
    });
}

/// What was searched for and what is most similar to it, beside each other, and what the search says.
fn side(ui: &mut Ui, name: &str, query: Option<Small>, hit: Option<&Hit>, textures: &mut Textures) {
    hint(ui, name);
    let nearest = hit.map(|hit| Small::face(&hit.photo, &hit.face.bounds));
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(2. * FACE + 4., FACE), Sense::hover());
        for (i, small) in [query, nearest].into_iter().enumerate() {
            let corner = pos2(rect.left() + i as f32 * (FACE + 4.), rect.top());
            if let Some(small) = small {
                picture(ui, Rect::from_min_size(corner, vec2(FACE, FACE)), &small, textures);
            }
        }
        ui.vertical(|ui| {
            let answer = hit.map_or(Answer::NotFound, |hit| hit.answer);
            let kind = match answer {
                Answer::Found => State::StillRecognisable,
                Answer::First => State::NoFace,
                Answer::NotFound => State::Protected,
            };
            sign(ui, kind, texts::found(answer));
            let said = ui.add(egui::Label::new(hit.map_or(texts::NOBODY.into(), texts::hit)).wrap());
            if let Some(hit) = hit {
                said.on_hover_text(texts::hit_measured(hit));
            }
        });
    });
}

//! The invitation.

use egui::{Align2, CornerRadius, Frame, Margin, RichText, Sense, Stroke, StrokeKind, Ui, vec2};

use crate::model::{Action, Model};
use crate::theme::{GAP, palette};
use crate::update::Purpose;
use crate::widgets::{Kind, button, centred, faint};
use crate::{icons, keys, texts};

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    super::toolbar::undo(ui, model, actions);
    let hovering = ui.input(|input| !input.raw.hovered_files.is_empty());
    let colours = palette(ui);
    let room = (ui.available_height() - 360.).max(0.);
    let frame = Frame::new()
        .fill(if hovering { faint(colours.accent) } else { colours.card })
        .corner_radius(CornerRadius::same(14))
        .inner_margin(Margin::same(24));
    let inner = egui::ScrollArea::vertical().show(ui, |ui| {
        frame.show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.add_space(room / 2.);
            ui.vertical_centered(|ui| {
                let (rect, _) = ui.allocate_exact_size(vec2(96., 72.), Sense::hover());
                icons::mask(ui.painter(), icons::square(rect.center(), 96.), colours.accent);
                let invitation = if hovering { texts::INVITATION_DROP } else { texts::INVITATION };
                ui.heading(
                    RichText::new(if model.adding > 0 { texts::READING_FOLDER } else { invitation }).strong(),
                );
            });
            ui.add_space(GAP);
            centred(ui, 238., |ui| {
                ui.horizontal_wrapped(|ui| {
                    if button(ui, texts::ADD_PHOTOS, Some(&keys::ADD_PHOTOS), Kind::Primary) {
                        actions.push(Action::ChoosePhotos);
                    }
                    if button(ui, texts::ADD_FOLDER, Some(&keys::ADD_FOLDER), Kind::Primary) {
                        actions.push(Action::Choose(Purpose::Add));
                    }
                });
            });
            ui.add_space(GAP * 1.5);
            centred(ui, 520., |ui| {
                ui.vertical_centered(|ui| {
                    ui.label(texts::PROMISE);
                    ui.label(texts::CLIPS_TOO);
                    ui.add_space(4.);
                    ui.label(RichText::new(texts::PRIVATE).strong());
                });
            });
            ui.add_space(room / 2.);
        })
    });
    let inner = inner.inner;
    dashed(ui, inner.response.rect, hovering);
}

/// A dashed outline says: things can be put here.
fn dashed(ui: &Ui, rect: egui::Rect, hovering: bool) {
    let colours = palette(ui);
    if hovering {
        let stroke = Stroke::new(2., colours.accent);
        ui.painter().rect_stroke(rect, CornerRadius::same(14), stroke, StrokeKind::Inside);
        return;
    }
    let inside = rect.shrink(6.);
    let stroke = Stroke::new(1.5, colours.weak);
    let corners = [Align2::LEFT_TOP, Align2::RIGHT_TOP, Align2::RIGHT_BOTTOM, Align2::LEFT_BOTTOM];
    let mut path = corners.map(|corner| corner.pos_in_rect(&inside)).to_vec();
    path.push(path[0]);
    ui.painter().extend(egui::Shape::dashed_line(&path, stroke, 8., 6.));
}

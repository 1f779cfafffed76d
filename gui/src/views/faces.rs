//! The faces of the open photo: which to protect, and what each network says.

use egui::{CollapsingHeader, RichText, Role, Ui, WidgetInfo};

use crate::model::{Action, Mode, Model};
use crate::queue::{Mark, Outcome, Row, State};
use crate::theme::palette;
use crate::widgets::{Kind, button, button_named, hint, title};
use crate::{keys, texts};

pub(super) fn show(ui: &mut Ui, model: &mut Model, row: &Row, actions: &mut Vec<Action>) {
    title(ui, texts::FACES);
    if row.lacks_faces() {
        ui.label(if model.ready() { texts::LOOKING } else { texts::OPENING });
    }
    let mut marks = row.all_marks();
    let before = marks.clone();
    let editable = row.state() != State::Working;
    let mut deleted = None;
    for (i, mark) in marks.iter_mut().enumerate() {
        let label = format!("{} {}", texts::PROTECT_FACE, i + 1);
        ui.add_enabled(editable, egui::Checkbox::new(&mut mark.chosen, label));
        if mark.drawn {
            ui.horizontal(|ui| {
                hint(ui, texts::DRAWN);
                let name = format!("{} {}", texts::DELETE_FACE, texts::face_number(i));
                if button_named(ui, texts::DELETE_FACE, &name, None, Kind::Usual).clicked() {
                    deleted = Some(i);
                }
            });
        }
        said(ui, row, mark, i);
    }
    if let Some(i) = deleted {
        actions.push(Action::SetFaces(row.id, Mark::without_drawn(marks, i)));
    } else if marks != before {
        let nothing_to_do = marks.iter().all(|mark| !mark.chosen) && model.choices.others.hiding().is_none();
        match nothing_to_do {
            // It has to stay for longer than the next frame.
            true => model.viewer.message = Some(texts::NO_FACES_CHOSEN),
            false => actions.push(Action::SetFaces(row.id, marks)),
        }
    }
    draw(ui, model, row, editable);
}

/// The verdict on a face in words; what they stand for behind "More".
fn said(ui: &mut Ui, row: &Row, mark: &Mark, i: usize) {
    let faces = row.report.iter().filter_map(Outcome::photo).flat_map(|photo| &photo.faces);
    let Some(face) = faces.into_iter().find(|face| face.bounds == mark.face.bounds) else { return };
    ui.indent("said", |ui| {
        ui.spacing_mut().item_spacing.y = 2.;
        let colours = palette(ui);
        let colour = match (face.chosen || face.hiding.is_some(), face.protected || face.hidden) {
            (true, true) => colours.good,
            (true, false) => colours.bad,
            (false, _) => colours.weak,
        };
        ui.label(RichText::new(texts::face_verdict(face)).color(colour));
        if face.chosen {
            hint(ui, texts::certainty(&face.similarities));
            hint(ui, texts::seen(face));
        }
        let name = format!("{}: {}", texts::DETAILS_MORE, texts::face_number(i));
        let more = CollapsingHeader::new(texts::DETAILS_MORE).id_salt(&name).show(ui, |ui| {
            texts::measured(face).into_iter().for_each(|line| hint(ui, line));
        });
        more.header_response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    });
}

fn draw(ui: &mut Ui, model: &mut Model, row: &Row, editable: bool) {
    ui.add_space(4.);
    let ready = editable && model.ready() && row.unreadable.is_none();
    ui.add_enabled_ui(ready && model.viewer.boxed.is_none(), |ui| {
        if button(ui, texts::DRAW, Some(&keys::DRAW), Kind::Usual) {
            let viewer = &mut model.viewer;
            (viewer.drawing, viewer.mode, viewer.message) = (!viewer.drawing, Mode::Compare, None);
        }
    });
    if model.viewer.drawing {
        ui.label(texts::DRAW_HINT);
        if button(ui, texts::TAKE_VIEW, Some(&keys::TAKE_VIEW), Kind::Usual) {
            (model.viewer.drawing, model.viewer.boxed) = (false, model.viewer.in_view);
        }
    }
    if model.viewer.boxed.is_some() {
        ui.label(texts::LOOKING);
    }
    if let Some(message) = model.viewer.message {
        ui.label(RichText::new(message).strong());
    }
}

//! The faces of the open clip, each as long as it was followed, with what the checks say.

use egui::{CollapsingHeader, RichText, Role, Ui, WidgetInfo};

use crate::queue::{Outcome, Row};
use crate::texts;
use crate::theme::palette;
use crate::widgets::{hint, title};

pub(super) fn show(ui: &mut Ui, row: &Row) {
    hint(ui, texts::FIRST_FRAME);
    title(ui, texts::FACES);
    let colours = palette(ui);
    for (i, track) in row.report.iter().filter_map(Outcome::clip).flat_map(|clip| &clip.tracks).enumerate() {
        let asked = track.chosen || track.hiding.is_some();
        let colour = match (asked, track.protected || track.hidden) {
            (true, true) => colours.good,
            (true, false) => colours.bad,
            (false, _) => colours.weak,
        };
        let words = format!("{}, {}", texts::face_number(i), texts::track_verdict(track));
        ui.label(RichText::new(words).color(colour));
        if asked {
            hint(ui, texts::certainty(&track.worst_frame));
        }
        let name = format!("{}: {}", texts::DETAILS_MORE, texts::face_number(i));
        let more = CollapsingHeader::new(texts::DETAILS_MORE).id_salt(&name).show(ui, |ui| {
            texts::track_measured(track).into_iter().for_each(|line| hint(ui, line));
        });
        more.header_response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    }
    hint(ui, texts::CLIP_FACES);
}

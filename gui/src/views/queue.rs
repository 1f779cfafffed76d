//! The list of photos: only the rows on the screen are made.

use egui::{
    Align, Align2, CornerRadius, EventFilter, FocusDirection, FontId, Key, Layout, Rect, Response, RichText,
    Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::batch::{Progress, Row, State};
use crate::model::{Action, Model, Screen};
use crate::pictures::Errand;
use crate::textures::{Look, Textures};
use crate::theme::{ROW, THUMBNAIL, palette};
use crate::update::Purpose;
use crate::widgets::{Kind, banner, button, button_named, tick};
use crate::{icons, keys, texts, widgets};

/// Width of the column with state and buttons in points.
const STATE: f32 = 172.;

pub(super) fn show(ui: &mut Ui, model: &mut Model, textures: &mut Textures, actions: &mut Vec<Action>) {
    attention(ui, model, actions);
    toolbar(ui, model, actions);
    let returned = model.returned.take();
    let limits = model.choices.limits();
    let rows = model.visible();
    let returned = returned.and_then(|id| rows.iter().position(|row| row.id == id));
    // A row that is to have the keyboard must be there in the next frame.
    let list = ScrollArea::vertical().auto_shrink(false).animated(false);
    list.show_rows(ui, ROW, rows.len(), |ui, range| {
        if let Some(at) = returned {
            lead_to(ui, &rows, at, ui.max_rect().top() - range.start as f32 * step(ui));
        }
        enter(ui, rows.get(range.start));
        for at in range {
            let Some(row) = rows.get(at) else { break };
            let response = show_row(ui, row, textures, actions);
            walk(ui, &response, &rows, at);
            if model.ready() && !model.batch.running() && lacks_faces(row) {
                textures.want(Errand::Faces(row.id, row.source.input.clone(), limits));
            }
        }
    });
}

/// The first arrow leads into the list.
fn enter(ui: &Ui, first: Option<&&Row>) {
    let idle = ui.is_enabled() && ui.memory(|memory| memory.focused().is_none());
    if let Some(row) = first.filter(|_| idle)
        && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::ArrowDown))
    {
        ui.memory_mut(|memory| {
            memory.request_focus(name(row));
            // The same arrow does not lead on from there.
            memory.move_focus(FocusDirection::None);
        });
    }
}

/// The arrows, Home and End lead from row to row, also to rows that are not on the screen.
fn walk(ui: &Ui, response: &Response, rows: &[&Row], at: usize) {
    if !response.has_focus() {
        return;
    }
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    let arrows = EventFilter { vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    let last = rows.len() - 1;
    let goals =
        [(Key::ArrowDown, at + 1), (Key::ArrowUp, at.saturating_sub(1)), (Key::Home, 0), (Key::End, last)];
    let goal = ui
        .input_mut(|input| goals.into_iter().find(|(key, _)| input.consume_key(egui::Modifiers::NONE, *key)));
    if let Some((_, goal)) = goal {
        lead_to(ui, rows, goal, response.rect.top() - at as f32 * step(ui));
    }
}

/// Gives a row the keyboard and brings it to the screen; `top` is where the first row begins.
fn lead_to(ui: &Ui, rows: &[&Row], at: usize, top: f32) {
    if let Some(row) = rows.get(at) {
        let place = pos2(ui.max_rect().left(), top + at as f32 * step(ui));
        ui.scroll_to_rect(Rect::from_min_size(place, vec2(1., ROW)), None);
        ui.memory_mut(|memory| memory.request_focus(name(row)));
    }
}

/// From one row to the next.
fn step(ui: &Ui) -> f32 {
    ROW + ui.spacing().item_spacing.y
}

/// What the row is called within the window.
fn name(row: &Row) -> egui::Id {
    egui::Id::unique(("row", row.id))
}

fn lacks_faces(row: &Row) -> bool {
    row.marks.is_none() && row.report.is_none() && row.unreadable.is_none()
}

fn attention(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    if model.batch.needing_attention() == 0 {
        return;
    }
    banner(ui, State::StillRecognisable, &texts::attention(&model.batch), |ui| {
        if tick(ui, model.only_attention, texts::ONLY_ATTENTION, &keys::ATTENTION) {
            actions.push(Action::OnlyAttention(!model.only_attention));
        }
        if button(ui, texts::RETRY_ALL, Some(&keys::RETRY), Kind::Usual) {
            actions.push(Action::RetryAll);
        }
    });
}

fn toolbar(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        if button(ui, texts::ADD_PHOTOS, Some(&keys::ADD_PHOTOS), Kind::Usual) {
            actions.push(Action::ChoosePhotos);
        }
        if button(ui, texts::ADD_FOLDER, Some(&keys::ADD_FOLDER), Kind::Usual) {
            actions.push(Action::Choose(Purpose::Add));
        }
        if button(ui, texts::CLEAR, Some(&keys::CLEAR), Kind::Usual) {
            actions.push(Action::Clear);
        }
        if model.adding > 0 {
            ui.spinner();
        }
    });
}

fn show_row(ui: &mut Ui, row: &Row, textures: &mut Textures, actions: &mut Vec<Action>) -> Response {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let response = ui.interact(rect, name(row), Sense::click());
    let label = texts::row_label(row);
    response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, true, &label));
    ground(ui, rect, row, response.hovered(), response.has_focus());
    let thumbnail = Rect::from_center_size(
        pos2(rect.left() + 12. + THUMBNAIL / 2., rect.center().y),
        vec2(THUMBNAIL, THUMBNAIL),
    );
    picture(ui, thumbnail, row, textures);
    let text = Rect::from_min_max(
        pos2(thumbnail.right() + 12., rect.top() + 8.),
        pos2(rect.right() - STATE, rect.bottom() - 8.),
    );
    words(ui, text, row);
    let side = Rect::from_min_max(pos2(rect.right() - STATE + 8., rect.top() + 8.), rect.max - vec2(10., 8.));
    state(ui, side, row, actions);
    if response.clicked() {
        actions.push(Action::Go(Screen::Look(row.id)));
    }
    if response.has_focus() && ui.input(|i| i.modifiers.is_none() && i.key_pressed(Key::Delete)) {
        actions.push(Action::Remove(row.id));
    }
    response
}

fn ground(ui: &Ui, rect: Rect, row: &Row, hovered: bool, focused: bool) {
    let colours = palette(ui);
    let painter = ui.painter();
    let round = CornerRadius::same(8);
    painter.rect_filled(rect, round, if hovered { colours.hover } else { colours.card });
    let stroke = if focused { Stroke::new(2., colours.accent) } else { Stroke::new(1., colours.outline) };
    painter.rect_stroke(rect, round, stroke, StrokeKind::Inside);
    if row.state().needs_attention() {
        let bar = Rect::from_min_size(rect.min, vec2(5., rect.height()));
        painter.rect_filled(bar, CornerRadius { nw: 8, sw: 8, ne: 0, se: 0 }, colours.state(row.state()));
    }
    if let Progress::Working(share) = row.progress {
        let bar = Rect::from_min_max(pos2(rect.left() + 2., rect.bottom() - 5.), rect.max - vec2(2., 2.));
        painter.rect_filled(bar, CornerRadius::same(2), colours.field);
        let done = Rect::from_min_size(bar.min, vec2(bar.width() * share, bar.height()));
        painter.rect_filled(done, CornerRadius::same(2), colours.accent);
    }
}

fn picture(ui: &Ui, rect: Rect, row: &Row, textures: &mut Textures) {
    let colours = palette(ui);
    ui.painter().rect_filled(rect, CornerRadius::same(4), colours.field);
    match textures.thumbnail(row.id, &row.source.input) {
        Look::Ready(shown) => shown.draw_in(ui.painter(), rect),
        Look::Coming => icons::picture(ui.painter(), icons::square(rect.center(), 28.), colours.outline),
        Look::Failed(_) => {
            icons::state(ui.painter(), icons::square(rect.center(), 24.), State::Failed, colours.weak);
        }
    }
}

fn words(ui: &mut Ui, rect: Rect, row: &Row) {
    let colours = palette(ui);
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::top_down(Align::Min)));
    child.spacing_mut().item_spacing.y = 2.;
    child.add(egui::Label::new(RichText::new(row.name()).strong()).truncate().selectable(false));
    let colour = if row.state().needs_attention() { colours.state(row.state()) } else { colours.weak };
    let detail = RichText::new(texts::row_detail(row)).small().color(colour);
    child.add(egui::Label::new(detail).wrap().selectable(false));
}

fn state(ui: &mut Ui, rect: Rect, row: &Row, actions: &mut Vec<Action>) {
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::top_down(Align::Min)));
    child.spacing_mut().item_spacing.y = 6.;
    child.spacing_mut().interact_size.y = 20.;
    let shown = widgets::state(&mut child, row.state());
    if let Progress::Working(share) = row.progress {
        let text = format!("{:.0} %", share * 100.);
        let at = pos2(shown.rect.right() + 8., shown.rect.center().y);
        ui.painter().text(at, Align2::LEFT_CENTER, text, FontId::proportional(13.), palette(ui).weak);
    }
    child.horizontal(|ui| {
        ui.spacing_mut().button_padding = vec2(8., 2.);
        ui.spacing_mut().interact_size.y = 24.;
        ui.style_mut().override_text_style = Some(egui::TextStyle::Small);
        let name = format!("{} {}", texts::RETRY, row.name());
        if row.state().needs_attention() && button_named(ui, texts::RETRY, &name, None, Kind::Usual).clicked()
        {
            actions.push(Action::Retry(row.id));
        }
        let name = format!("{} {}", texts::REMOVE, row.name());
        if button_named(ui, texts::REMOVE, &name, None, Kind::Usual).clicked() {
            actions.push(Action::Remove(row.id));
        }
    });
}

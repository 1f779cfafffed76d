//! One photo in the list: a row, or a picture of the grid.

use egui::{
    Align, Color32, CornerRadius, FontId, Key, Layout, Modifiers, Rect, Response, RichText, Role, Sense,
    Stroke, StrokeKind, TextFormat, TextStyle, Ui, UiBuilder, Vec2, WidgetInfo, pos2, text::LayoutJob, vec2,
};

use crate::model::{Action, Screen};
use crate::queue::{Progress, Row, State};
use crate::sight::Small;
use crate::textures::{Look, Textures};
use crate::theme::{THUMBNAIL, palette};
use crate::widgets::{Kind, button_named, elided};
use crate::{icons, texts};

/// Room for the box to tick, in points.
const TICK: f32 = 34.;
/// Room for the buttons of a row, in points.
const BUTTONS: f32 = 270.;
/// Height of a button of a row, in points.
const BUTTON: f32 = 24.;
/// Around the text of a button of a row, in points.
const PADDING: Vec2 = vec2(8., 2.);
/// Rows narrower than this show their buttons in the place of the second line, in points.
const SLIM: f32 = 620.;

/// A photo of the list with what the user did with it there.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) row: &'a Row,
    pub(super) ticked: bool,
}

/// What the photo is called within the window.
pub(super) fn id(row: &Row) -> egui::Id {
    egui::Id::unique(("row", row.id))
}

/// Where it is kept which widgets lie in the row: while one has the keyboard, its buttons stay.
fn within(row: &Row) -> egui::Id {
    id(row).with("within")
}

impl Item<'_> {
    /// A row as wide as there is room.
    pub(super) fn row(
        &self,
        ui: &mut Ui,
        rect: Rect,
        textures: &mut Textures,
        actions: &mut Vec<Action>,
    ) -> Response {
        let (response, active) = self.begin(ui, rect, actions);
        let middle = rect.center().y;
        self.tick(ui, pos2(rect.left() + 10., middle - 12.), actions);
        let mut left = rect.left() + TICK;
        let slim = rect.width() < SLIM;
        let original = Some(self.row.source.input.as_path()).filter(|_| !slim || self.row.output().is_none());
        for path in original.into_iter().chain(self.row.output()) {
            let place = Rect::from_min_size(pos2(left, middle - THUMBNAIL / 2.), vec2(THUMBNAIL, THUMBNAIL));
            picture(ui, place, &Small::photo(path), textures);
            self.sign(ui, place);
            left += THUMBNAIL + 6.;
        }
        let buttons = if active && !slim { BUTTONS } else { 0. };
        let text = Rect::from_min_max(pos2(left + 6., rect.top() + 11.), rect.max - vec2(12. + buttons, 6.));
        self.name(ui, text);
        let below = Rect::from_min_max(text.min + vec2(0., 26.), text.max);
        match (active, slim) {
            (true, true) => {
                // The word gives way to the buttons; the sign stays.
                let sign = Rect::from_min_size(below.min + vec2(0., 4.), vec2(16., 16.));
                icons::state(ui.painter(), sign, self.row.state(), palette(ui).state(self.row.state()));
                self.buttons(ui, below.with_min_x(sign.right() + 8.), false, actions);
            }
            (true, false) => {
                self.line(ui, below, true);
                let corner = pos2(rect.right() - BUTTONS, middle - BUTTON / 2.);
                self.buttons(ui, Rect::from_min_max(corner, rect.max - vec2(10., 0.)), true, actions);
            }
            (false, _) => self.line(ui, below, true),
        }
        response
    }

    /// A picture with two lines below.
    pub(super) fn tile(
        &self,
        ui: &mut Ui,
        rect: Rect,
        textures: &mut Textures,
        actions: &mut Vec<Action>,
    ) -> Response {
        let (response, active) = self.begin(ui, rect, actions);
        let inside = rect.shrink(8.);
        let picture_at = Rect::from_min_max(inside.min, inside.max - vec2(0., 50.));
        let shown = self.row.output().unwrap_or(&self.row.source.input);
        picture(ui, picture_at, &Small::photo(shown), textures);
        self.sign(ui, picture_at);
        self.tick(ui, inside.min + vec2(4., 4.), actions);
        let text = Rect::from_min_max(pos2(inside.left(), picture_at.bottom() + 4.), inside.max);
        self.name(ui, text);
        let below = Rect::from_min_max(text.min + vec2(0., 24.), text.max);
        if active {
            self.buttons(ui, below, false, actions);
        } else {
            self.line(ui, below, false);
        }
        response
    }

    /// A clip is told from a photo by a sign on its picture.
    fn sign(&self, ui: &Ui, picture: Rect) {
        if self.row.is_clip() {
            let at = icons::square(picture.center(), 22.);
            icons::clip(ui.painter(), at, [palette(ui).accent, palette(ui).card]);
        }
    }

    /// Ground, clicks and name; and whether pointer or keyboard are here.
    fn begin(&self, ui: &mut Ui, rect: Rect, actions: &mut Vec<Action>) -> (Response, bool) {
        let row = self.row;
        // First, since it would be a click.
        if ui.memory(|memory| memory.has_focus(id(row)))
            && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Space))
        {
            actions.push(Action::Tick(vec![row.id], !self.ticked));
        }
        let response = ui.interact(rect, id(row), Sense::click());
        let label = texts::row_label(row);
        response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, true, &label));
        let pointed = ui.is_enabled() && ui.rect_contains_pointer(rect);
        ground(ui, rect, self, pointed, response.has_focus());
        if response.clicked() {
            let with_others = ui.input(|input| input.modifiers.command || input.modifiers.shift);
            actions.push(match with_others {
                true => Action::Tick(vec![row.id], !self.ticked),
                false => Action::Go(Screen::Look(row.id)),
            });
        }
        let within: Vec<egui::Id> = ui.data(|data| data.get_temp(within(row))).unwrap_or_default();
        let focused = ui.memory(|memory| memory.focused().is_some_and(|id| within.contains(&id)));
        let active = pointed || response.has_focus() || focused;
        (response, active)
    }

    fn tick(&self, ui: &mut Ui, at: egui::Pos2, actions: &mut Vec<Action>) {
        let mut ticked = self.ticked;
        let mut child = ui.new_child(
            UiBuilder::new()
                .scope_id(id(self.row).with("tick"))
                .max_rect(Rect::from_min_size(at, vec2(24., 24.))),
        );
        child.spacing_mut().interact_size.y = 24.;
        let response = child.checkbox(&mut ticked, "");
        let label = format!("{} {}", texts::TICK, self.row.name());
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, ticked, &label));
        if response.changed() {
            actions.push(Action::Tick(vec![self.row.id], ticked));
        }
        ui.data_mut(|data| data.insert_temp(within(self.row), vec![response.id]));
    }

    fn name(&self, ui: &mut Ui, rect: Rect) {
        let font = FontId::proportional(15.);
        let name = self.row.name();
        let shown = elided(ui, &name, &font, rect.width());
        let mut child = ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::top_down(Align::Min)));
        let label = egui::Label::new(RichText::new(&shown).font(font).strong()).selectable(false).extend();
        let response = child.add(label);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
        if shown != name {
            response.on_hover_text(&name);
        }
    }

    /// Icon and word of the state, and what else there is to say; all of it is in the tooltip.
    fn line(&self, ui: &mut Ui, rect: Rect, all: bool) {
        let row = self.row;
        let colours = palette(ui);
        let colour = colours.state(row.state());
        let mut child =
            ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Min)));
        child.spacing_mut().item_spacing.x = 6.;
        let (icon, _) = child.allocate_exact_size(vec2(16., 16.), Sense::hover());
        icons::state(ui.painter(), icon, row.state(), colour);
        let format =
            |color| TextFormat { font_id: FontId::proportional(13.), color, ..TextFormat::default() };
        let mut job = LayoutJob::default();
        job.append(&state(row), 0., format(colour));
        if all {
            let detail = texts::row_detail(row);
            for text in [detail, row.folder()].iter().filter(|text| !text.is_empty()) {
                job.append(&format!(" · {text}"), 0., format(colours.weak));
            }
        }
        child.add(egui::Label::new(job).truncate().selectable(false));
    }

    /// What can be done with the photo here.
    fn offers(&self) -> Vec<(&'static str, Action)> {
        let row = self.row;
        let again = row.again().map(|strength| {
            let stronger = row.preset != Some(strength);
            let text = if stronger { texts::RETRY_STRONGER } else { texts::RETRY };
            (text, Action::Retry(vec![row.id]))
        });
        let strengths = row.has_strengths() && row.state() != State::Working;
        let strengths = strengths.then_some((texts::STRENGTHS_SHORT, Action::Go(Screen::Strengths(row.id))));
        let remove = (texts::REMOVE, Action::Remove(vec![row.id]));
        again.into_iter().chain(strengths).chain([remove]).collect()
    }

    /// Buttons from the left on; with `end` as far right as they go.
    fn buttons(&self, ui: &mut Ui, mut rect: Rect, end: bool, actions: &mut Vec<Action>) {
        let row = self.row;
        let offers = self.offers();
        if end {
            rect.min.x = rect.max.x - width(ui, &offers);
        }
        rect.max.y = rect.min.y + BUTTON;
        let layout = Layout::left_to_right(Align::Center);
        let mut child =
            ui.new_child(UiBuilder::new().scope_id(id(row).with("buttons")).max_rect(rect).layout(layout));
        child.spacing_mut().button_padding = PADDING;
        child.spacing_mut().interact_size.y = BUTTON;
        child.style_mut().override_text_style = Some(TextStyle::Small);
        let mut ids = vec![];
        for (text, action) in offers {
            let name = format!("{text} {}", row.name());
            let response = button_named(&mut child, text, &name, None, Kind::Usual);
            ids.push(response.id);
            if response.clicked() {
                actions.push(action);
            }
        }
        ui.data_mut(|data| data.get_temp_mut_or_default::<Vec<egui::Id>>(within(row)).extend(ids));
    }
}

/// How wide these buttons are together.
fn width(ui: &Ui, offers: &[(&str, Action)]) -> f32 {
    let font = TextStyle::Small.resolve(ui.style());
    let text = |text: &str| ui.painter().layout_no_wrap(text.into(), font.clone(), Color32::PLACEHOLDER);
    let buttons: f32 = offers.iter().map(|(name, _)| text(name).size().x + 2. * PADDING.x).sum();
    buttons + ui.spacing().item_spacing.x * offers.len().saturating_sub(1) as f32
}

/// The word of the state, and how far work is.
fn state(row: &Row) -> String {
    match row.progress {
        Progress::Working(share) => format!("{} {:.0} %", texts::state(row.state()), (share * 100.).floor()),
        _ => texts::state(row.state()).into(),
    }
}

fn ground(ui: &Ui, rect: Rect, item: &Item<'_>, pointed: bool, focused: bool) {
    let colours = palette(ui);
    let painter = ui.painter();
    let round = CornerRadius::same(8);
    painter.rect_filled(rect, round, if pointed { colours.hover } else { colours.card });
    let stroke = match (focused, item.ticked) {
        (true, _) => Stroke::new(2., colours.accent),
        (false, true) => Stroke::new(1.5, colours.accent),
        (false, false) => Stroke::new(1., colours.outline),
    };
    painter.rect_stroke(rect, round, stroke, StrokeKind::Inside);
    let state = item.row.state();
    if state.needs_attention() {
        let bar = Rect::from_min_size(rect.min, vec2(5., rect.height()));
        painter.rect_filled(bar, CornerRadius { nw: 8, sw: 8, ne: 0, se: 0 }, colours.state(state));
    }
    if let Progress::Working(share) = item.row.progress {
        let bar = Rect::from_min_max(pos2(rect.left() + 2., rect.bottom() - 5.), rect.max - vec2(2., 2.));
        painter.rect_filled(bar, CornerRadius::same(2), colours.field);
        let done = Rect::from_min_size(bar.min, vec2(bar.width() * share, bar.height()));
        painter.rect_filled(done, CornerRadius::same(2), colours.accent);
    }
}

/// A small picture, or why there is none.
pub(super) fn picture(ui: &Ui, rect: Rect, small: &Small, textures: &mut Textures) {
    let colours = palette(ui);
    ui.painter().rect_filled(rect, CornerRadius::same(4), colours.field);
    match textures.thumbnail(small) {
        Look::Ready(shown) => shown.draw_in(ui.painter(), rect),
        Look::Coming => icons::picture(ui.painter(), icons::square(rect.center(), 28.), colours.outline),
        Look::Failed(_) => {
            icons::state(ui.painter(), icons::square(rect.center(), 24.), State::Failed, colours.weak);
        }
    }
}

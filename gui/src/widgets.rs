//! The few widgets that the views share.

use egui::{
    Align, Button, Color32, CornerRadius, FontId, Frame, Id, KeyboardShortcut, Layout, Margin, Modal,
    ProgressBar, Response, RichText, Role, ScrollArea, Sense, Stroke, Ui, Widget as _, WidgetInfo, vec2,
};

use crate::queue::State;
use crate::theme::{GAP, palette};
use crate::{icons, texts};

/// Banners narrower than this have their buttons below, in points.
const SLIM: f32 = 640.;

/// How a button stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What the user most likely wants.
    Primary,
    Usual,
}

/// A button that answers to its shortcut, which its tooltip tells; whether it was pressed.
pub(crate) fn button(ui: &mut Ui, text: &str, shortcut: Option<&KeyboardShortcut>, kind: Kind) -> bool {
    button_named(ui, text, text, shortcut, kind).clicked() | shortcut.is_some_and(|s| pressed(ui, s))
}

/// A shortcut as it stands on the keys.
pub(crate) fn keys(ui: &Ui, shortcut: &KeyboardShortcut) -> String {
    let name = ui.format_shortcut(shortcut);
    [
        ("Comma", ","),
        ("Period", "."),
        ("Plus", "+"),
        ("Minus", "-"),
        ("PageUp", "Page Up"),
        ("PageDown", "Page Down"),
    ]
    .into_iter()
    .fold(name, |name, (word, sign)| name.replace(word, sign))
}

/// Whether the keys were pressed, and what they do can be done now.
pub(crate) fn pressed(ui: &Ui, shortcut: &KeyboardShortcut) -> bool {
    ui.is_enabled() && ui.input_mut(|input| input.consume_shortcut(shortcut))
}

/// A button whose name for screen readers says more than its text.
pub(crate) fn button_named(
    ui: &mut Ui,
    text: &str,
    name: &str,
    shortcut: Option<&KeyboardShortcut>,
    kind: Kind,
) -> Response {
    let colours = palette(ui);
    let label = match kind {
        Kind::Primary => RichText::new(text).color(colours.on_accent).strong(),
        Kind::Usual => RichText::new(text),
    };
    let mut button = Button::new(label);
    if kind == Kind::Primary {
        button = button.fill(colours.accent);
    }
    let response = button.ui(ui);
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    if let Some(shortcut) = shortcut {
        let keys = keys(ui, shortcut);
        ui.accesskit_node_builder(response.id, |node| node.set_keyboard_shortcut(keys.clone()));
        return response.on_hover_text(if text == name { keys } else { format!("{name} ({keys})") });
    }
    if text == name { response } else { response.on_hover_text(name) }
}

/// Two or more choices side by side of which one holds; the new one where it changed.
pub(crate) fn switch<T: PartialEq + Copy>(
    ui: &mut Ui,
    current: T,
    choices: &[(T, &str, &KeyboardShortcut)],
) -> Option<T> {
    let mut chosen = None;
    for (value, text, shortcut) in choices {
        let selected = current == *value;
        let response = Button::selectable(selected, *text).ui(ui).on_hover_text(keys(ui, shortcut));
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, selected, *text));
        if response.clicked() || pressed(ui, shortcut) {
            chosen = Some(*value);
        }
    }
    chosen
}

/// A box to tick that answers to its shortcut, which its tooltip tells; whether it was ticked or unticked.
pub(crate) fn tick(ui: &mut Ui, mut on: bool, text: &str, shortcut: &KeyboardShortcut) -> bool {
    let keys = keys(ui, shortcut);
    let response = ui.checkbox(&mut on, text).on_hover_text(&keys);
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, enabled, on, text));
    ui.accesskit_node_builder(response.id, |node| node.set_keyboard_shortcut(keys));
    response.changed() | pressed(ui, shortcut)
}

/// Icon and word of a state.
pub(crate) fn state(ui: &mut Ui, state: State) -> Response {
    sign(ui, state, texts::state(state))
}

/// The icon and colour of a state with a word.
pub(crate) fn sign(ui: &mut Ui, state: State, word: &str) -> Response {
    let colour = palette(ui).state(state);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.;
        let (rect, _) = ui.allocate_exact_size(vec2(18., 18.), Sense::hover());
        icons::state(ui.painter(), rect, state, colour);
        ui.label(RichText::new(word).color(colour).strong());
    })
    .response
}

/// A framed group on the ground of a card.
pub(crate) fn card<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let colours = palette(ui);
    Frame::new()
        .fill(colours.card)
        .stroke(Stroke::new(1., colours.outline))
        .corner_radius(CornerRadius::same(10))
        .inner_margin(Margin::same(GAP as i8))
        .show(ui, content)
        .inner
}

/// A message across the window, with a bar of its colour at the left.
pub(crate) fn banner(ui: &mut Ui, state: State, text: &str, actions: impl FnOnce(&mut Ui)) {
    let colours = palette(ui);
    let colour = colours.state(state);
    let frame = Frame::new()
        .fill(colours.card)
        .stroke(Stroke::new(1.5, colour))
        .corner_radius(CornerRadius::same(8))
        .inner_margin(Margin::symmetric(12, 8));
    frame.show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.horizontal_top(|ui| {
            let line = vec2(20., ui.spacing().interact_size.y);
            let (rect, _) = ui.allocate_exact_size(line, Sense::hover());
            icons::state(ui.painter(), icons::square(rect.center(), 20.), state, colour);
            let label = RichText::new(text).strong();
            // Beside a text of several lines there is no place for buttons.
            if ui.available_width() < SLIM {
                ui.vertical(|ui| {
                    ui.label(label);
                    ui.horizontal_wrapped(actions);
                });
            } else {
                ui.vertical(|ui| {
                    ui.horizontal_wrapped(|ui| {
                        ui.label(label);
                        actions(ui);
                    });
                });
            }
        });
    });
}

/// The share of something that is done, `0.0..=1.0`, with its name for screen readers.
pub(crate) fn bar(ui: &mut Ui, share: f32, name: &str) {
    // An empty bar would still show a dot.
    let fill = if share > 0. { palette(ui).accent } else { Color32::TRANSPARENT };
    let response = ProgressBar::new(share).desired_height(10.).fill(fill).ui(ui);
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, name);
        info.value = Some(f64::from(share * 100.).floor());
        info
    });
}

/// A dialog over the rest of the window, at most this wide: a title, what is scrolled where there is no room for all of it,
/// and buttons below. Whether the user clicked beside it or pressed Escape.
pub(crate) fn dialog(
    ui: &Ui,
    title: &str,
    width: f32,
    content: impl FnOnce(&mut Ui),
    below: impl FnOnce(&mut Ui),
) -> bool {
    let room = ui.content_rect().size();
    let modal = Modal::new(Id::unique(title)).frame(Frame::window(ui.style()).inner_margin(Margin::same(16)));
    let shown = modal.show(ui, |ui| {
        ui.set_width(width.min(room.x - 64.));
        ui.label(RichText::new(title).size(18.).strong());
        ScrollArea::vertical().max_height((room.y - 170.).max(60.)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            content(ui);
        });
        ui.add_space(4.);
        ui.horizontal_wrapped(below);
    });
    shown.should_close()
}

/// The title of a group of choices.
pub(crate) fn title(ui: &mut Ui, text: &str) {
    ui.add_space(8.);
    ui.label(RichText::new(text).strong());
}

/// Small text that explains.
pub(crate) fn hint(ui: &mut Ui, text: impl Into<String>) {
    let colour = palette(ui).weak;
    ui.label(RichText::new(text).small().color(colour));
}

/// Content in the middle of what is left, at most this wide.
pub(crate) fn centred(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui)) {
    let width = width.min(ui.available_width());
    let margin = (ui.available_width() - width) / 2.;
    ui.horizontal(|ui| {
        ui.add_space(margin);
        ui.allocate_ui_with_layout(vec2(width, 0.), Layout::top_down(Align::Min), |ui| {
            ui.set_width(width);
            content(ui);
        });
    });
}

/// A line that keeps its beginning and its end where it is too long: names often differ in their last letters.
pub(crate) fn elided(ui: &Ui, text: &str, font: &FontId, width: f32) -> String {
    let fits = |text: &str| {
        let galley = ui.painter().layout_no_wrap(text.into(), font.clone(), Color32::PLACEHOLDER);
        galley.size().x <= width
    };
    if fits(text) {
        return text.into();
    }
    let letters: Vec<char> = text.chars().collect();
    let shortened = |kept: usize| -> String {
        let head = kept * 2 / 5;
        let tail = letters.len() - (kept - head);
        letters[..head].iter().chain(&['…']).chain(&letters[tail..]).collect()
    };
    let (mut least, mut most) = (1, letters.len() - 1);
    while least < most {
        let middle = (least + most).div_ceil(2);
        if fits(&shortened(middle)) { least = middle } else { most = middle - 1 }
    }
    shortened(least)
}

/// A tint of a colour for a ground.
pub(crate) fn faint(colour: Color32) -> Color32 {
    colour.gamma_multiply(0.12)
}

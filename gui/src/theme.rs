//! Colours, sizes and the style of widgets. No view has a colour of its own.

use egui::style::ScrollStyle;
use egui::{Color32, CornerRadius, FontId, Margin, Stroke, Style, TextStyle, Ui, Visuals, vec2};

use crate::queue::State;

/// Height of a photo's row in points.
pub(crate) const ROW: f32 = 72.;
/// Side of a thumbnail in points.
pub(crate) const THUMBNAIL: f32 = 56.;
/// Width and height of a photo in the grid, in points.
pub(crate) const TILE: [f32; 2] = [172., 196.];
/// Windows narrower than this have no room for anything beside the list or the photo, in points.
pub(crate) const NARROW: f32 = 720.;
/// Space between groups in points.
pub(crate) const GAP: f32 = 12.;

/// The colours of one theme.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Palette {
    pub(crate) accent: Color32,
    pub(crate) on_accent: Color32,
    pub(crate) card: Color32,
    pub(crate) outline: Color32,
    /// The outline of what can be acted on.
    pub(crate) edge: Color32,
    pub(crate) weak: Color32,
    pub(crate) good: Color32,
    pub(crate) warn: Color32,
    pub(crate) bad: Color32,
    pub(crate) text: Color32,
    pub(crate) strong: Color32,
    pub(crate) ground: Color32,
    pub(crate) field: Color32,
    pub(crate) button: Color32,
    pub(crate) hover: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const LIGHT: Palette = Palette {
    accent: rgb(0x000f_5c7a),
    on_accent: rgb(0x00ff_ffff),
    card: rgb(0x00ff_ffff),
    outline: rgb(0x00d5_d9de),
    edge: rgb(0x008a_94a0),
    weak: rgb(0x0055_5f6b),
    good: rgb(0x0015_6b3a),
    warn: rgb(0x0094_4a00),
    bad: rgb(0x00b0_1c28),
    text: rgb(0x0024_2a31),
    strong: rgb(0x000c_1116),
    ground: rgb(0x00f4_f5f7),
    field: rgb(0x00e4_e7eb),
    button: rgb(0x00e6_e9ed),
    hover: rgb(0x00d8_dee5),
};

const DARK: Palette = Palette {
    accent: rgb(0x005c_c0e6),
    on_accent: rgb(0x0006_202b),
    card: rgb(0x0023_282e),
    outline: rgb(0x003b_434c),
    edge: rgb(0x006f_7a87),
    weak: rgb(0x00a5_b0bc),
    good: rgb(0x005f_d38d),
    warn: rgb(0x00ff_b85c),
    bad: rgb(0x00ff_8a8a),
    text: rgb(0x00d9_dfe6),
    strong: rgb(0x00ff_ffff),
    ground: rgb(0x0017_1b20),
    field: rgb(0x0010_1317),
    button: rgb(0x0032_3942),
    hover: rgb(0x003f_4954),
};

/// The colours of the theme that is on.
pub(crate) fn palette(ui: &Ui) -> &'static Palette {
    if ui.visuals().dark_mode { &DARK } else { &LIGHT }
}

impl Palette {
    /// The colour of a state; never its only sign.
    pub(crate) fn state(&self, state: State) -> Color32 {
        match state {
            State::Waiting => self.weak,
            State::Working => self.accent,
            State::Protected => self.good,
            State::NoFace => self.warn,
            State::StillRecognisable | State::Failed => self.bad,
        }
    }
}

/// Gives both themes their style.
pub(crate) fn apply(ctx: &egui::Context) {
    ctx.style_mut_of(egui::Theme::Light, |style| restyle(style, Visuals::light(), &LIGHT));
    ctx.style_mut_of(egui::Theme::Dark, |style| restyle(style, Visuals::dark(), &DARK));
}

fn restyle(style: &mut Style, visuals: Visuals, palette: &Palette) {
    for (name, size) in
        [(TextStyle::Small, 13.), (TextStyle::Body, 15.), (TextStyle::Button, 15.), (TextStyle::Heading, 24.)]
    {
        style.text_styles.insert(name, FontId::proportional(size));
    }
    style.spacing.item_spacing = vec2(8., 8.);
    style.spacing.button_padding = vec2(12., 6.);
    style.spacing.interact_size.y = 30.;
    style.spacing.icon_width = 18.;
    style.spacing.icon_width_inner = 10.;
    style.spacing.icon_spacing = 8.;
    style.spacing.scroll = scroll();
    style.spacing.window_margin = Margin::same(20);
    style.visuals = colours(visuals, palette);
}

/// A bar that is always there, in a colour that differs from its track.
fn scroll() -> ScrollStyle {
    ScrollStyle {
        handle_min_length: 32.,
        floating_width: 10.,
        floating_allocated_width: 14.,
        dormant_background_opacity: 1.,
        active_background_opacity: 1.,
        interact_background_opacity: 1.,
        dormant_handle_opacity: 0.45,
        active_handle_opacity: 0.6,
        interact_handle_opacity: 0.8,
        ..ScrollStyle::floating()
    }
}

fn colours(mut visuals: Visuals, palette: &Palette) -> Visuals {
    visuals.panel_fill = palette.ground;
    visuals.window_fill = palette.card;
    visuals.window_stroke = Stroke::new(1., palette.outline);
    visuals.window_corner_radius = CornerRadius::same(10);
    visuals.extreme_bg_color = palette.field;
    visuals.faint_bg_color = palette.card;
    visuals.weak_text_color = Some(palette.weak);
    visuals.hyperlink_color = palette.accent;
    visuals.warn_fg_color = palette.warn;
    visuals.error_fg_color = palette.bad;
    visuals.selection.bg_fill = palette.accent.gamma_multiply(0.35);
    visuals.selection.stroke = Stroke::new(1.5, palette.strong);
    visuals.slider_trailing_fill = true;
    let widgets = &mut visuals.widgets;
    for (widget, fill, text) in [
        (&mut widgets.noninteractive, palette.ground, palette.text),
        (&mut widgets.inactive, palette.button, palette.text),
        (&mut widgets.hovered, palette.hover, palette.strong),
        (&mut widgets.active, palette.hover, palette.strong),
        (&mut widgets.open, palette.hover, palette.strong),
    ] {
        (widget.bg_fill, widget.weak_bg_fill) = (fill, fill);
        widget.fg_stroke = Stroke::new(1., text);
        widget.corner_radius = CornerRadius::same(6);
        widget.expansion = 0.;
        widget.bg_stroke = Stroke::NONE;
    }
    widgets.noninteractive.bg_stroke = Stroke::new(1., palette.outline);
    widgets.inactive.bg_stroke = Stroke::new(1., palette.edge);
    widgets.hovered.bg_stroke = Stroke::new(1., palette.weak);
    // The active look is also that of the widget that has the keyboard.
    widgets.active.bg_stroke = Stroke::new(2., palette.accent);
    visuals
}

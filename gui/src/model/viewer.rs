//! The open photo, as it is looked at.

use visard::face::Rectangle;

/// How the open photo is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    #[default]
    Compare,
    Difference,
}

/// The open photo.
#[derive(Debug)]
pub(crate) struct Viewer {
    pub(crate) mode: Mode,
    /// Where the line between original and protected photo is, `0.0..=1.0` of the photo's width.
    pub(crate) split: f32,
    /// Screen points for a photo pixel; none: as large as fits.
    pub(crate) zoom: Option<f32>,
    /// The photo's place, in pixels, that is in the middle of the screen.
    pub(crate) middle: Option<egui::Pos2>,
    /// The scale at which the whole photo is seen.
    pub(crate) fitting: f32,
    /// The part of the photo that is seen, in pixels.
    pub(crate) in_view: Option<Rectangle>,
    /// The original alone is shown, for as long as a key is held.
    pub(crate) hold: bool,
    /// The line is being moved, not the photo.
    pub(crate) sliding: bool,
    /// Whether the faces are outlined.
    pub(crate) boxes: bool,
    /// Whether what is said of the photo is shown where there is no room for it beside the photo.
    pub(crate) details: bool,
    pub(crate) drawing: bool,
    /// Where the box began, in pixels.
    pub(crate) corner: Option<egui::Pos2>,
    /// A box in which a face is being looked for.
    pub(crate) boxed: Option<Rectangle>,
    pub(crate) message: Option<&'static str>,
}

impl Default for Viewer {
    fn default() -> Self {
        Self {
            mode: Mode::Compare,
            split: 0.5,
            zoom: None,
            middle: None,
            fitting: 1.,
            in_view: None,
            hold: false,
            sliding: false,
            boxes: true,
            details: false,
            drawing: false,
            corner: None,
            boxed: None,
            message: None,
        }
    }
}

impl Viewer {
    /// Screen points for a photo pixel, as it is shown now.
    pub(crate) fn scale(&self) -> f32 {
        self.zoom.unwrap_or(self.fitting)
    }

    /// Shows the photo at another scale: from half of what fits to 32 points a pixel.
    pub(crate) fn zoom_to(&mut self, scale: f32) {
        self.zoom = Some(scale.clamp(self.fitting.min(1.) / 2., 32.));
    }
}

//! All that the views draw, and what they may ask for.

use std::path::{Path, PathBuf};

use visard::face::Rectangle;
use visard::models::Role;
use visard::pipeline::Report;

use crate::batch::{Batch, Id, Mark, Row};
use crate::choices::Choices;
use crate::memory::Session;
use crate::search::Answer;
use crate::update::Purpose;

/// What fills the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Screen {
    /// The invitation, or the list of photos.
    #[default]
    Photos,
    /// One photo.
    Look(Id),
    /// "Check my folder".
    Check,
    /// The result of a run.
    Summary,
}

/// What the views draw.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) batch: Batch,
    pub(crate) choices: Choices,
    pub(crate) screen: Screen,
    /// Photos of the last session that were not finished.
    pub(crate) session: Option<Session>,
    /// A report without photos: names the networks once they are open.
    pub(crate) blank: Option<Report>,
    /// Why the networks could not be opened.
    pub(crate) no_networks: Option<String>,
    /// What went wrong beside the photos' own failures.
    pub(crate) notices: Vec<String>,
    pub(crate) viewer: Viewer,
    pub(crate) check: Check,
    pub(crate) only_attention: bool,
    pub(crate) more: bool,
    /// What the user is asked before work is broken off for it.
    pub(crate) asking: Option<Asking>,
    /// The photo that was looked at: its row is to have the keyboard again.
    pub(crate) returned: Option<Id>,
    /// Folders are being searched for photos.
    pub(crate) adding: usize,
}

/// What would break off work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    Quit,
    Clear,
}

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

/// "Check my folder".
#[derive(Debug, Default)]
pub(crate) struct Check {
    /// The folder that the user chose.
    pub(crate) gallery: Option<PathBuf>,
    /// How far a search is.
    pub(crate) searching: Option<f32>,
    pub(crate) answer: Option<Result<Answer, String>>,
}

/// What a view asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    Choose(Purpose),
    ChoosePhotos,
    Continue,
    Forget,
    Start,
    Pause,
    Cancel,
    Retry(Id),
    RetryAll,
    Remove(Id),
    Clear,
    Go(Screen),
    SaveReport,
    ShowFolder(PathBuf),
    Search,
    ForgetNetworks,
    /// Do what was asked about, or leave it.
    Sure,
    Stay,
    DropNotice(usize),
    OnlyAttention(bool),
    More(bool),
    SetFaces(Id, Vec<Mark>),
}

impl Model {
    /// Photos of the list, in its order.
    pub(crate) fn visible(&self) -> Vec<&Row> {
        let wanted = |row: &&Row| !self.only_attention || row.state().needs_attention();
        self.batch.rows.iter().filter(wanted).collect()
    }

    /// The photo before and the photo after one.
    pub(crate) fn neighbours(&self, id: Id) -> [Option<Id>; 2] {
        let rows = self.visible();
        let Some(at) = rows.iter().position(|row| row.id == id) else { return [None, None] };
        [at.checked_sub(1), at.checked_add(1)].map(|i| rows.get(i?).map(|row| row.id))
    }

    /// Whether a judge and a surrogate are open.
    pub(crate) fn ready(&self) -> bool {
        self.blank.is_some()
    }

    /// The names of the networks of a role.
    pub(crate) fn networks(&self, role: Role) -> Vec<String> {
        self.blank.as_ref().map(|report| crate::texts::names(report, role)).unwrap_or_default()
    }

    /// The folder to search: the chosen one, or the one that the photos came from.
    pub(crate) fn gallery(&self) -> Option<&Path> {
        let first = || self.batch.rows.first().map(|row| row.source.root.as_path());
        self.check.gallery.as_deref().or_else(first)
    }

    /// Photos with a written file, for a search.
    pub(crate) fn pairs(&self) -> Vec<(PathBuf, PathBuf)> {
        let pair = |row: &Row| Some((row.source.input.clone(), row.output()?.to_path_buf()));
        self.batch.rows.iter().filter_map(pair).collect()
    }
}

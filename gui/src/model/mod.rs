//! All that the views draw, and what they may ask for.

mod check;
mod viewer;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use visard::cloak::Preset;
use visard::models::Role;
use visard::pipeline::Report;

use crate::choices::{Choices, Order};
use crate::memory::Session;
use crate::people::{People, Place};
use crate::queue::{Id, Mark, Queue, Row};
use crate::trial::Tries;
use crate::update::Purpose;

pub(crate) use check::{Check, Searching};
pub(crate) use viewer::{Mode, Viewer};

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
    /// One photo at each strength.
    Strengths(Id),
    /// The faces by person.
    People,
}

/// What the views draw.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) queue: Queue,
    pub(crate) choices: Choices,
    pub(crate) screen: Screen,
    /// Photos of the last session, until the user says what becomes of them.
    pub(crate) session: Option<Session>,
    /// A report without photos: names the networks once they are open.
    pub(crate) blank: Option<Report>,
    /// Why the networks could not be opened.
    pub(crate) no_networks: Option<String>,
    /// What went wrong beside the photos' own failures.
    pub(crate) notices: Vec<String>,
    pub(crate) viewer: Viewer,
    pub(crate) check: Check,
    /// Only these photos are in the list: those that needed attention when the user asked for them. They stay while
    /// they are tried again.
    pub(crate) only: Option<HashSet<Id>>,
    /// Photos that the user ticked.
    pub(crate) ticked: HashSet<Id>,
    /// What was taken from the list last, and can be put back.
    pub(crate) removed: Vec<(usize, Row)>,
    /// Strengths that were tried on photos.
    pub(crate) tried: Tries,
    pub(crate) dialog: Option<Dialog>,
    /// Who is in the photos, once that is known.
    pub(crate) people: Option<Result<People, String>>,
    /// Of which photos that is known, or asked.
    pub(crate) grouped: HashSet<Id>,
    /// How many photos were looked at for it, of how many.
    pub(crate) grouping: Option<(usize, usize)>,
    /// What the user is asked before work is broken off for it.
    pub(crate) asking: Option<Asking>,
    /// The photo that was looked at: its row is to have the keyboard again.
    pub(crate) returned: Option<Id>,
    /// Folders are being searched for photos.
    pub(crate) adding: usize,
}

/// What lies over the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialog {
    /// The choices that stand beside the list where there is room.
    Choices,
    More,
    Keys,
}

/// What would break off work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    Quit,
    Clear,
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
    /// Try photos again where that may bring something.
    Retry(Vec<Id>),
    Remove(Vec<Id>),
    Clear,
    /// Put back what was removed last.
    Undo,
    Go(Screen),
    /// A strength for some photos alone; none: that of all.
    SetStrength(Vec<Id>, Option<Preset>),
    SaveReport,
    SavePage,
    ShowFolder(PathBuf),
    Search,
    StopSearch,
    ForgetNetworks,
    /// Protect or leave all faces of a person.
    SetPerson(usize, bool),
    /// A face of a person is somebody else.
    Part(usize, usize),
    /// Two persons are one.
    Join(usize, usize),
    /// Do what was asked about, or leave it.
    Sure,
    Stay,
    DropNotice(usize),
    OnlyAttention(bool),
    Tick(Vec<Id>, bool),
    Show(Dialog),
    CloseDialog,
    SetFaces(Id, Vec<Mark>),
}

impl Model {
    /// Photos of the list, in its order.
    pub(crate) fn visible(&self) -> Vec<&Row> {
        let wanted = |row: &&Row| self.only.as_ref().is_none_or(|only| only.contains(&row.id));
        let mut rows: Vec<&Row> = self.queue.rows.iter().filter(wanted).collect();
        match self.choices.order {
            Order::Added => {}
            Order::Name => rows.sort_by_cached_key(|row| row.name().to_lowercase()),
            Order::Folder => rows.sort_by_cached_key(|row| (row.folder(), row.name().to_lowercase())),
            Order::Result => rows.sort_by_key(|row| !row.state().needs_attention()),
        }
        rows
    }

    /// The photos that another try may help.
    pub(crate) fn worth_a_try(&self) -> Vec<Id> {
        self.queue.rows.iter().filter(|row| row.again().is_some()).map(|row| row.id).collect()
    }

    /// Whether a face is to be protected.
    pub(crate) fn is_protected(&self, (id, face): &Place) -> bool {
        let marks = self.queue.row(*id).map(Row::all_marks).unwrap_or_default();
        marks.iter().find(|mark| mark.face.is_at(face)).is_none_or(|mark| mark.chosen)
    }

    /// The photos that the user ticked, in the order of the list.
    pub(crate) fn ticked(&self) -> Vec<Id> {
        let rows = self.visible().into_iter().map(|row| row.id);
        rows.filter(|id| self.ticked.contains(id)).collect()
    }

    /// The first photo that is ticked, or that is in the list: no clip.
    pub(crate) fn first_photo(&self) -> Option<Id> {
        let photos: Vec<Id> = self.visible().iter().filter(|row| !row.is_clip()).map(|row| row.id).collect();
        photos.iter().find(|id| self.ticked.contains(id)).or(photos.first()).copied()
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
        let first = || self.queue.rows.first().map(|row| row.source.root.as_path());
        self.check.gallery.as_deref().or_else(first)
    }

    /// Photos with a written file, for a search.
    pub(crate) fn pairs(&self) -> Vec<(PathBuf, PathBuf)> {
        let pair = |row: &Row| Some((row.source.input.clone(), row.output()?.to_path_buf()));
        self.queue.rows.iter().filter(|row| !row.is_clip()).filter_map(pair).collect()
    }
}

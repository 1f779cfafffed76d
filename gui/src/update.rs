//! What the threads tell the window.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use visard::face::Face;
use visard::pipeline::Report;

use crate::people::People;
use crate::pictures::Picture;
use crate::queue::{Event, Id, Source};
use crate::search::{Searched, Stage};
use crate::sight::Wish;
use crate::trial::{Key, Tried};

/// Bounded, so that a frozen window slows the threads down instead of eating memory.
const ROOM: usize = 4096;

/// The networks that were opened.
#[derive(Debug)]
pub(crate) struct Opened {
    /// A report without photos, which names them.
    pub(crate) blank: Box<Report>,
    /// Surrogates at hand that make no cloaks, since no independent judge would be left.
    pub(crate) left_out: Vec<String>,
}

/// One thing that happened.
#[derive(Debug)]
pub(crate) enum Update {
    /// The networks are open, or why they are not.
    Opened(Result<Opened, String>),
    /// What happened to a photo.
    Photo(Id, Event),
    /// Photos that were found where the user pointed to, and what could not be read.
    Found(Vec<Source>, Vec<String>),
    /// A picture that was wished for; an error says why there is none.
    Pictured(Wish, Result<Picture, String>),
    /// The faces of a photo.
    Faces(Id, Result<Vec<Face>, String>),
    /// What was found in a box that the user drew.
    InBox(Id, Result<Option<Face>, String>),
    /// How far a search is.
    Searching(Stage),
    /// What a search found.
    Searched(Result<Searched, String>),
    /// What a strength made of a photo, to be looked at.
    Tried(Key, Result<Tried, String>),
    /// How many photos were looked at for the people in them, of how many.
    Grouping(usize, usize),
    /// The people in the photos.
    Grouped(Result<People, String>),
    /// Something was saved, or why not.
    Saved(std::io::Result<()>),
    /// Files or folders that the user chose in a dialog, and what for.
    Chosen(Purpose, Vec<PathBuf>),
}

/// What a dialog was opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Add,
    SaveTo,
    Networks,
    Gallery,
    Report,
    Page,
}

/// The threads' end of the channel: sends and wakes the window.
#[derive(Clone)]
pub(crate) struct Outbox {
    sender: SyncSender<Update>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Outbox {
    /// A channel whose sender calls `wake` after each update.
    pub(crate) fn new(wake: impl Fn() + Send + Sync + 'static) -> (Self, Receiver<Update>) {
        let (sender, receiver) = sync_channel(ROOM);
        (Self { sender, wake: Arc::new(wake) }, receiver)
    }

    /// Sends; waits where there is no room. A window that is gone misses nothing.
    pub(crate) fn send(&self, update: Update) {
        if self.sender.send(update).is_ok() {
            (self.wake)();
        }
    }

    /// Sends what may get lost.
    pub(crate) fn hint(&self, update: Update) {
        if self.sender.try_send(update).is_ok() {
            (self.wake)();
        }
    }
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outbox")
    }
}

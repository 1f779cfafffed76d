//! The desk between the window and the worker: what lies ready, and whether work rests.

use std::collections::{HashSet, VecDeque};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use visard::cloak::Preset;
use visard::pipeline::{Existing, Job, Settings};
use visard::video::ClipSettings;

use crate::queue::{Id, Written};
use crate::search::Question;
use crate::trial::Trial;

/// What is wanted of a photo, or of a clip.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Wanted {
    Photo(Settings),
    Clip(ClipSettings),
}

impl Wanted {
    pub(crate) fn strength(&self) -> Preset {
        match self {
            Self::Photo(settings) => settings.preset,
            Self::Clip(settings) => settings.preset,
        }
    }
}

/// One photo or clip to protect.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) id: Id,
    pub(crate) job: Job,
    /// The folder that the user knows as the place for protected photos.
    pub(crate) base: PathBuf,
    pub(crate) wanted: Wanted,
    pub(crate) existing: Existing,
}

/// What lies ready for the worker.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    /// Folders whose networks are to be opened.
    pub(crate) open: Option<Vec<PathBuf>>,
    /// Files that may have changed meanwhile.
    pub(crate) written: Vec<Written>,
    pub(crate) orders: VecDeque<Order>,
    pub(crate) question: Option<Question>,
    /// The search in work is to be broken off.
    pub(crate) stop_search: bool,
    /// Photos whose people are to be told apart.
    pub(crate) people: Option<Vec<(Id, PathBuf)>>,
    /// Strengths that are to be tried on a photo, when nothing else is to be done.
    pub(crate) trials: VecDeque<Trial>,
    pub(crate) paused: bool,
    /// What is in work is to be broken off.
    pub(crate) cancel: bool,
    pub(crate) working: Option<Id>,
    /// Folders that were there since work began: if one is gone, the user must know.
    pub(crate) known: HashSet<PathBuf>,
    pub(crate) closing: bool,
}

/// The desk, shared by the window and the worker.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

impl Desk {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Waiting)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    pub(crate) fn next(&self) -> Option<Task> {
        let mut waiting = self.lock();
        loop {
            if waiting.closing {
                return None;
            }
            if let Some(folders) = waiting.open.take() {
                return Some(Task::Open(folders));
            }
            if !waiting.written.is_empty() {
                return Some(Task::Recheck(std::mem::take(&mut waiting.written)));
            }
            if let Some(question) = waiting.question.take() {
                waiting.stop_search = false;
                return Some(Task::Search(question));
            }
            if let Some(photos) = waiting.people.take() {
                return Some(Task::Group(photos));
            }
            if !waiting.paused
                && let Some(order) = waiting.orders.pop_front()
            {
                (waiting.working, waiting.cancel) = (Some(order.id), false);
                return Some(Task::Protect(Box::new(order)));
            }
            if !waiting.paused
                && let Some(trial) = waiting.trials.pop_front()
            {
                return Some(Task::Try(Box::new(trial)));
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits while work rests; whether it goes on.
    pub(crate) fn go_on(&self) -> ControlFlow<()> {
        let mut waiting = self.lock();
        while waiting.paused && !waiting.cancel && !waiting.closing {
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        if waiting.cancel || waiting.closing { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// A search goes on until it is stopped or asked something else.
    pub(crate) fn search_on(&self) -> ControlFlow<()> {
        let waiting = self.lock();
        let stop = waiting.closing || waiting.stop_search || waiting.question.is_some();
        if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// A trial gives way to everything else.
    pub(crate) fn try_on(&self) -> ControlFlow<()> {
        let waiting = self.lock();
        let stop = waiting.closing || waiting.open.is_some() || waiting.question.is_some();
        let stop = stop || waiting.people.is_some() || waiting.paused || !waiting.orders.is_empty();
        if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// What the worker does next.
pub(crate) enum Task {
    Open(Vec<PathBuf>),
    Recheck(Vec<Written>),
    Search(Question),
    Group(Vec<(Id, PathBuf)>),
    Try(Box<Trial>),
    Protect(Box<Order>),
}

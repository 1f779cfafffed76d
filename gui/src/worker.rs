//! The thread that protects photos, as the window sees it: what is asked of it lies on a desk.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use visard::models::{Ensemble, Library};

use crate::bench::Bench;
use crate::desk::{Desk, Order};
use crate::queue::{Id, Written};
use crate::search::Question;
use crate::trial::Trial;
use crate::update::Outbox;

/// The networks, once they are open; shared with who looks for faces.
pub(crate) type Networks = Arc<Mutex<Option<Arc<Ensemble>>>>;

/// What the worker does with the world; tests have others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tools {
    /// The networks that are at hand, with those of some folders.
    pub(crate) library: fn(&[PathBuf]) -> visard::models::Result<Library>,
    /// Whether a file of a size can be written in a folder; makes the folder.
    pub(crate) probe: fn(&Path, u64) -> std::io::Result<()>,
    /// Whether clips can be read and written: why not, and what to do.
    pub(crate) clips: fn() -> visard::Result<()>,
}

impl Default for Tools {
    fn default() -> Self {
        Self { library: Library::at_hand, probe, clips: visard::video::check_ffmpeg }
    }
}

/// The worker, as the window sees it. Dropping it breaks off what is in work.
#[derive(Debug)]
pub(crate) struct Worker {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread, which opens the networks first.
    pub(crate) fn start(
        folders: Vec<PathBuf>,
        networks: Networks,
        outbox: Outbox,
        tools: Tools,
    ) -> std::io::Result<Self> {
        let desk = Arc::new(Desk::default());
        desk.lock().open = Some(folders);
        let bench = Bench { desk: desk.clone(), networks, outbox, tools };
        let thread = std::thread::Builder::new().name("visard-worker".into()).spawn(move || bench.work())?;
        Ok(Self { desk, thread: Some(thread) })
    }

    /// Opens the networks anew, with those of other folders.
    pub(crate) fn open(&self, folders: Vec<PathBuf>) {
        self.desk.change(|waiting| waiting.open = Some(folders));
    }

    /// Puts these orders in the place of all that are not begun, and lets work go on.
    pub(crate) fn order(&self, orders: Vec<Order>) {
        self.desk.change(|waiting| {
            waiting.orders = orders.into_iter().filter(|order| waiting.working != Some(order.id)).collect();
            waiting.paused = false;
            waiting.known.clear();
        });
    }

    /// Rests, also within a photo.
    pub(crate) fn pause(&self) {
        self.desk.change(|waiting| waiting.paused = true);
    }

    /// Takes one photo away, also if it is in work.
    pub(crate) fn cancel(&self, id: Id) {
        self.desk.change(|waiting| {
            waiting.orders.retain(|order| order.id != id);
            waiting.cancel |= waiting.working == Some(id);
        });
    }

    /// Takes all photos away, also the one in work.
    pub(crate) fn cancel_all(&self) {
        self.desk.change(|waiting| {
            waiting.orders.clear();
            waiting.cancel = waiting.working.is_some();
            waiting.paused = false;
        });
    }

    /// Tells of files that are not any more as an earlier session wrote them.
    pub(crate) fn recheck(&self, written: Vec<Written>) {
        self.desk.change(|waiting| waiting.written = written);
    }

    /// Searches a folder; what is asked later takes the place of what was asked before.
    pub(crate) fn ask(&self, question: Question) {
        self.desk.change(|waiting| waiting.question = Some(question));
    }

    /// Breaks off the search; whether it had not begun, so that nothing more will be told of it.
    pub(crate) fn stop_search(&self) -> bool {
        let mut waited = false;
        self.desk.change(|waiting| {
            waited = waiting.question.take().is_some();
            waiting.stop_search = true;
        });
        waited
    }

    /// Looks who is in photos.
    pub(crate) fn group(&self, photos: Vec<(Id, PathBuf)>) {
        self.desk.change(|waiting| waiting.people = Some(photos));
    }

    /// Tries strengths on a photo before those that wait to be tried on others.
    pub(crate) fn try_out(&self, trials: Vec<Trial>) {
        self.desk.change(|waiting| {
            waiting.trials.retain(|other| trials.iter().all(|trial| trial.key() != other.key()));
            trials.into_iter().rev().for_each(|trial| waiting.trials.push_front(trial));
        });
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.desk.change(|waiting| waiting.closing = true);
        if let Some(thread) = self.thread.take() {
            // A worker that panicked has nothing to say any more.
            let _ = thread.join();
        }
    }
}

/// Makes the folder and tries whether a file of a size can be written there.
pub(crate) fn probe(folder: &Path, size: u64) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".visard-").tempfile_in(folder)?;
    let block = vec![0x5a; 1 << 16];
    for _ in 0..size.div_ceil(block.len() as u64) {
        file.write_all(&block)?;
    }
    file.flush()
}

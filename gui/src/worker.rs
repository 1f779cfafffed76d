//! The thread that protects photos. It takes orders from a desk, one after the other, and tells
//! what happens through a channel; it knows nothing of the window but how to wake it.

use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use visard::models::{Ensemble, Library, sha256};
use visard::photo::Limits;
use visard::pipeline::{self, AHEAD, Batch, Existing, Journal, People, Report, Settings, Status};
use visard::search::Index;

use crate::batch::{Event, Id, Written};
use crate::desk::{Desk, Order, Task};
use crate::notes::Notes;
use crate::search::{self, Question};
use crate::texts;
use crate::update::{Opened, Outbox, Update};

/// Room that must be left on the disk beside the photo itself.
const SPARE: u64 = 1 << 20;

/// The networks, once they are open; shared with who looks for faces.
pub(crate) type Networks = Arc<Mutex<Option<Arc<Ensemble>>>>;

/// What the worker does with the world; tests have others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tools {
    /// The networks that are at hand, with those of some folders.
    pub(crate) library: fn(&[PathBuf]) -> visard::models::Result<Library>,
    /// Whether a file of a size can be written in a folder; makes the folder.
    pub(crate) probe: fn(&Path, u64) -> std::io::Result<()>,
}

impl Default for Tools {
    fn default() -> Self {
        Self { library: Library::at_hand, probe }
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

/// The worker's side.
struct Bench {
    desk: Arc<Desk>,
    networks: Networks,
    outbox: Outbox,
    tools: Tools,
}

impl Bench {
    fn work(self) {
        crate::give_way();
        let (mut index, mut people, mut notes) = (None, People::default(), None);
        while let Some(task) = self.desk.next() {
            match task {
                Task::Open(folders) => {
                    self.open(&folders);
                    // They were made with other networks.
                    (index, people, notes) = (None, People::default(), None);
                }
                Task::Recheck(written) => self.recheck(&written),
                Task::Search(question) => self.search(&question, &mut index),
                Task::Protect(order) => {
                    let id = order.id;
                    let event = self.protect(*order, &mut people, &mut notes);
                    // First, so that whoever hears of it can order the photo anew.
                    self.desk.change(|waiting| (waiting.working, waiting.cancel) = (None, false));
                    self.outbox.send(Update::Photo(id, event));
                }
            }
        }
    }

    fn recheck(&self, written: &[Written]) {
        for Written { id, path, sha256: sum } in written {
            if !Limits::default().read(path).is_ok_and(|bytes| sha256(&bytes) == *sum) {
                self.outbox.send(Update::Photo(*id, Event::Changed));
            }
        }
    }

    fn search(&self, question: &Question, index: &mut Option<Index>) {
        let answer = match self.ensemble() {
            Some(ensemble) => search::answer(question, &ensemble, index, &mut |done| {
                self.outbox.hint(Update::Searching(done));
                self.desk.search_on()
            }),
            None => Err(texts::NO_NETWORKS.into()),
        };
        self.outbox.send(Update::Searched(answer));
    }

    fn ensemble(&self) -> Option<Arc<Ensemble>> {
        self.networks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn open(&self, folders: &[PathBuf]) {
        let opened = (self.tools.library)(folders)
            .and_then(|library| Ok((Ensemble::open(&library, &[], &[])?, library)));
        let update = match opened {
            Ok((ensemble, library)) => {
                let left_out = ensemble.left_out(&library).into_iter().map(|entry| entry.name.clone());
                let left_out = left_out.collect();
                let blank = Report::new(&ensemble, Default::default(), 0);
                *self.networks.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(ensemble));
                Update::Opened(Ok(Opened { blank: Box::new(blank), left_out }))
            }
            Err(error) => Update::Opened(Err(error.to_string())),
        };
        self.outbox.send(update);
    }

    /// Protects a photo; what came of it.
    fn protect(&self, order: Order, people: &mut People, notes: &mut Option<Notes>) -> Event {
        let id = order.id;
        let Some(ensemble) = self.ensemble() else {
            return self.halt(order, &std::io::Error::other(texts::NO_NETWORKS));
        };
        // The second time since a journal makes its folder: one that is gone is not made anew unasked.
        if let Err(error) = self.room_for(&order).and_then(|()| self.still_there(&order.base)) {
            return self.halt(order, &error);
        }
        let journal = match Notes::of(&order, &ensemble, notes) {
            Ok(journal) => journal,
            Err(error) => return self.halt(order, &error),
        };
        self.outbox.send(Update::Photo(id, Event::Started));
        if self.look_ahead(&ensemble, people).is_break() {
            return Event::Cancelled;
        }
        let mut gone = Ok(());
        let settings = &order.settings;
        let batch = batch(&ensemble, settings, order.existing, Some(journal));
        let report = batch.run(std::slice::from_ref(&order.job), people, &mut |event| {
            if let pipeline::Event::Step(step) = event {
                self.outbox.hint(Update::Photo(id, Event::Step(step.done)));
                gone = self.still_there(&order.base);
                return if gone.is_ok() { self.desk.go_on() } else { ControlFlow::Break(()) };
            }
            ControlFlow::Continue(())
        });
        if let Err(error) = gone {
            return self.halt(order, &error);
        }
        let Some(photo) = report.photos.into_iter().next() else { return Event::Cancelled };
        // A photo that failed because nothing can be written is not the photo's fault.
        if photo.status == Status::Failed
            && order.job.input.exists()
            && let Err(error) = self.room_for(&order)
        {
            return self.halt(order, &error);
        }
        Event::Finished(Box::new(photo), settings.preset)
    }

    /// Looks at the photos whose turn comes next, for the people in them.
    fn look_ahead(&self, ensemble: &Ensemble, people: &mut People) -> ControlFlow<()> {
        let later: Vec<Order> = self.desk.lock().orders.iter().take(AHEAD).cloned().collect();
        for Order { job, settings, existing, .. } in later {
            self.desk.go_on()?;
            // What is wrong with the photo shows when its turn comes.
            batch(ensemble, &settings, existing, None).look(&job.input, people).ok();
        }
        ControlFlow::Continue(())
    }

    /// Whether there is room for the output; makes its folder.
    fn room_for(&self, order: &Order) -> std::io::Result<()> {
        self.still_there(&order.base)?;
        let size = std::fs::metadata(&order.job.input).map_or(0, |m| m.len());
        (self.tools.probe)(order.job.output.parent().unwrap_or(Path::new(".")), 2 * size + SPARE)?;
        self.desk.lock().known.insert(order.base.clone());
        Ok(())
    }

    /// An error where a folder that was written to in this run is gone.
    fn still_there(&self, folder: &Path) -> std::io::Result<()> {
        let known = self.desk.lock().known.contains(folder);
        if known && !folder.is_dir() { Err(std::io::ErrorKind::NotFound.into()) } else { Ok(()) }
    }

    /// Puts an order back and rests until the user has done something about it.
    fn halt(&self, order: Order, error: &std::io::Error) -> Event {
        let reason = texts::cannot_save(&order.base, error);
        self.desk.change(|waiting| {
            // Whoever cancelled meanwhile does not want it back.
            if !waiting.cancel {
                waiting.orders.push_front(order);
                waiting.paused = true;
            }
        });
        Event::Halted(reason)
    }
}

fn batch<'a>(
    ensemble: &'a Ensemble,
    settings: &'a Settings,
    existing: Existing,
    journal: Option<&'a Journal>,
) -> Batch<'a> {
    Batch { ensemble, settings, existing, journal, left_out: &[] }
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

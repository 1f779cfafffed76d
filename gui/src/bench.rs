//! The thread that protects photos. It takes orders from a desk, one after the other, and tells
//! what happens through a channel; it knows nothing of the window but how to wake it.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use visard::models::{Ensemble, sha256_of};
use visard::pipeline::{self, AHEAD, Batch, Existing, Journal, People, Report, Settings, Status};
use visard::search::Index;
use visard::video::{ClipEvent, Clips};

use crate::desk::{Desk, Order, Task, Wanted};
use crate::notes::Notes;
use crate::queue::{Event, Id, Outcome, Written};
use crate::search::{self, Question};
use crate::trial::Trial;
use crate::update::{Opened, Outbox, Update};
use crate::worker::{Networks, Tools};
use crate::{people, texts};

/// Room that must be left on the disk beside the photo itself.
const SPARE: u64 = 1 << 20;

/// The thread's side.
pub(crate) struct Bench {
    pub(crate) desk: Arc<Desk>,
    pub(crate) networks: Networks,
    pub(crate) outbox: Outbox,
    pub(crate) tools: Tools,
}

impl Bench {
    pub(crate) fn work(self) {
        crate::give_way();
        let (mut index, mut people, mut notes) = (None, People::default(), None);
        // Gone with the thread, and with it what was only tried.
        let tried = tempfile::Builder::new().prefix("visard-tried-").tempdir();
        while let Some(task) = self.desk.next() {
            match task {
                Task::Open(folders) => {
                    self.open(&folders);
                    // They were made with other networks.
                    (index, people, notes) = (None, People::default(), None);
                }
                Task::Recheck(written) => self.recheck(&written),
                Task::Search(question) => self.search(&question, &mut index),
                Task::Group(photos) => self.group(&photos),
                Task::Try(trial) => match &tried {
                    Ok(folder) => self.try_out(*trial, folder.path()),
                    Err(error) => self.outbox.send(Update::Tried(trial.key(), Err(error.to_string()))),
                },
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
            if !File::open(path).and_then(sha256_of).is_ok_and(|there| there == *sum) {
                self.outbox.send(Update::Photo(*id, Event::Changed));
            }
        }
    }

    fn search(&self, question: &Question, index: &mut Option<Index>) {
        let answer = match self.ensemble() {
            Some(ensemble) => search::answer(question, &ensemble, index, &mut |stage| {
                self.outbox.hint(Update::Searching(stage));
                self.desk.search_on()
            }),
            None => Err(texts::NO_NETWORKS.into()),
        };
        self.outbox.send(Update::Searched(answer));
    }

    fn group(&self, photos: &[(Id, PathBuf)]) {
        let Some(ensemble) = self.ensemble() else { return };
        let people = people::people(photos, &ensemble, &mut |done, all| {
            self.outbox.hint(Update::Grouping(done, all));
            self.desk.search_on()
        });
        self.outbox.send(Update::Grouped(people));
    }

    fn try_out(&self, trial: Trial, folder: &Path) {
        let Some(ensemble) = self.ensemble() else { return };
        match trial.run(&ensemble, folder, &mut || self.desk.try_on()) {
            Some(tried) => self.outbox.send(Update::Tried(trial.key(), tried)),
            // Its turn comes again.
            None => self.desk.change(|waiting| waiting.trials.push_front(trial)),
        }
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
        if matches!(order.wanted, Wanted::Photo(_)) && self.look_ahead(&order, &ensemble, people).is_break() {
            return Event::Cancelled;
        }
        self.outbox.send(Update::Photo(id, Event::Started));
        let mut gone = Ok(());
        let step = &mut |share| {
            self.outbox.hint(Update::Photo(id, Event::Step(share)));
            gone = self.still_there(&order.base);
            if gone.is_ok() { self.desk.go_on() } else { ControlFlow::Break(()) }
        };
        let done = outcome(&order, &ensemble, journal, people, step);
        if let Err(error) = gone {
            return self.halt(order, &error);
        }
        let Some(done) = done else { return Event::Cancelled };
        // What failed because nothing can be written is not the photo's fault.
        if done.status() == Status::Failed
            && order.job.input.exists()
            && let Err(error) = self.room_for(&order)
        {
            return self.halt(order, &error);
        }
        Event::Finished(Box::new(done), order.wanted.strength())
    }

    /// Looks at the photo and at those whose turn comes next, for the people in them.
    fn look_ahead(&self, order: &Order, ensemble: &Ensemble, people: &mut People) -> ControlFlow<()> {
        let later: Vec<Order> = self.desk.lock().orders.iter().take(AHEAD).cloned().collect();
        for (done, Order { id, job, wanted, existing, .. }) in later.iter().enumerate() {
            let Wanted::Photo(settings) = wanted else { continue };
            self.desk.go_on()?;
            self.outbox.hint(Update::Photo(order.id, Event::Looking(done, later.len())));
            // What is wrong with the photo shows when its turn comes.
            match batch(ensemble, settings, *existing, None).look(&job.input, people) {
                Ok(faces) if faces > 0 => self.outbox.hint(Update::Photo(*id, Event::Looked(faces))),
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }

    /// Whether there is room for the output; makes its folder.
    fn room_for(&self, order: &Order) -> std::io::Result<()> {
        self.still_there(&order.base)?;
        // How large a clip becomes is not known: one for which there is too little room fails alone.
        let size = match order.wanted {
            Wanted::Photo(_) => std::fs::metadata(&order.job.input).map_or(0, |m| m.len()),
            Wanted::Clip(_) => 0,
        };
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

/// Protects a photo or a clip; none where `step` broke off.
fn outcome(
    order: &Order,
    ensemble: &Ensemble,
    journal: &Journal,
    people: &mut People,
    step: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Option<Outcome> {
    let (jobs, existing, journal) = (std::slice::from_ref(&order.job), order.existing, Some(journal));
    match &order.wanted {
        Wanted::Photo(settings) => {
            let run =
                batch(ensemble, settings, existing, journal).run(jobs, people, &mut |event| match event {
                    pipeline::Event::Step(progress) => step(progress.done),
                    _ => ControlFlow::Continue(()),
                });
            run.photos.into_iter().next().map(Outcome::Photo)
        }
        Wanted::Clip(settings) => {
            let clips = Clips { ensemble, settings, people, existing, journal, left_out: &[] };
            let run = clips.run(jobs, &mut |event| match event {
                ClipEvent::Step(progress) => step(progress.done),
                _ => ControlFlow::Continue(()),
            });
            run.clips.into_iter().next().map(Outcome::Clip)
        }
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

//! The worker and the plan without a window: large batches, full disks, folders that vanish.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;

use tempfile::TempDir;
use visard::models::Library;
use visard::pipeline::{Entry, JOURNAL, entries};

use super::stage::{broken, faceless, good, jpeg};
use super::support::models::{Judge, models};
use crate::choices::{Choices, SaveTo};
use crate::plan;
use crate::queue::{Progress, Queue, State};
use crate::update::{Outbox, Update};
use crate::worker::{Networks, Tools, Worker, probe};

/// A batch and its worker, as the window has them.
struct Workshop {
    queue: Queue,
    choices: Choices,
    worker: Worker,
    updates: Receiver<Update>,
    folder: TempDir,
}

impl Workshop {
    fn new(photos: &[(String, Vec<u8>)], probe: fn(&Path, u64) -> std::io::Result<()>) -> Self {
        let folder = models(Judge::TakesAllForStrangers);
        let photos_folder = folder.path().join("in");
        std::fs::create_dir(&photos_folder).unwrap();
        for (name, bytes) in photos {
            std::fs::write(photos_folder.join(name), bytes).unwrap();
        }
        let (outbox, updates) = Outbox::new(|| {});
        let tools = Tools { library: Library::open, probe, clips: visard::video::check_ffmpeg };
        let worker = Worker::start(vec![folder.path().into()], Networks::default(), outbox, tools).unwrap();
        let opened = updates.recv().unwrap();
        assert!(matches!(opened, Update::Opened(Ok(_))), "{opened:?}");
        let mut queue = Queue::default();
        queue.add(plan::sources(&[photos_folder]).0);
        let save_to = SaveTo::Folder(folder.path().join("out"));
        let choices = Choices { save_to, ..Choices::default() };
        Self { queue, choices, worker, updates, folder }
    }

    fn start(&mut self) {
        self.queue.order_all();
        self.worker.order(plan::orders(&self.queue, &self.choices));
    }

    /// Takes in updates until something holds.
    fn until(&mut self, mut done: impl FnMut(&Queue) -> bool) {
        while !done(&self.queue) {
            if let Update::Photo(id, event) = self.updates.recv().unwrap() {
                self.queue.apply(id, event);
            }
        }
    }

    /// Opens the networks anew, and takes in updates until that is done.
    fn reopen_networks(&mut self) {
        self.worker.open(vec![self.folder.path().into()]);
        loop {
            match self.updates.recv().unwrap() {
                Update::Opened(opened) => return drop(opened.unwrap()),
                Update::Photo(id, event) => self.queue.apply(id, event),
                _ => {}
            }
        }
    }

    fn outputs(&self) -> usize {
        let Ok(files) = std::fs::read_dir(self.folder.path().join("out")) else { return 0 };
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != JOURNAL).count()
    }
}

fn many(count: usize, photo: impl Fn(usize) -> Vec<u8>) -> Vec<(String, Vec<u8>)> {
    (0..count).map(|i| (format!("{i:03}.png"), photo(i))).collect()
}

#[test]
fn two_hundred_photos_of_all_kinds_come_to_their_end() {
    let (good, broken, faceless) = (good(), broken(), faceless());
    let photos = many(200, |i| match i % 8 {
        0 => good.clone(),
        1..=3 => broken.clone(),
        4 => good[..good.len() / 2].to_vec(),
        5 => vec![],
        _ => faceless.clone(),
    });
    let mut shop = Workshop::new(&photos, probe);
    // The same folder again changes nothing.
    assert_eq!(shop.queue.add(plan::sources(&[shop.folder.path().join("in")]).0), 0);
    shop.start();
    shop.until(|queue| queue.finished);
    let counts = [State::Protected, State::NoFace, State::Failed].map(|state| shop.queue.count(state));
    assert_eq!(counts, [25, 50, 125]);
    assert_eq!(shop.outputs(), 25);
    assert!(shop.queue.rows.iter().all(|row| row.progress == Progress::Done && row.report.is_some()));
}

#[test]
fn a_photo_is_led_away_from_the_person_on_the_photos_after_it_too() {
    let first = |photos: &[(String, Vec<u8>)]| {
        let mut shop = Workshop::new(photos, probe);
        shop.start();
        shop.until(|queue| queue.finished);
        std::fs::read(shop.folder.path().join("out/a.png")).unwrap()
    };
    let both = [("a.png".into(), good()), ("b.jpg".into(), jpeg())];
    let (alone, ahead) = (first(&both[..1]), first(&both));
    assert_eq!(first(&both), ahead, "the same list gives the same file");
    assert_ne!(alone, ahead, "the second photo was not looked at before the first was cloaked");
}

#[test]
fn cancelling_in_the_middle_stops_within_the_photo_and_leaves_no_pieces() {
    let good = good();
    let mut shop = Workshop::new(&many(12, |_| good.clone()), probe);
    shop.start();
    let working = |queue: &Queue| queue.rows.iter().any(|row| row.state() == State::Working);
    shop.until(|queue| queue.done() == 4 && working(queue));
    shop.worker.cancel_all();
    shop.queue.cancel_all();
    // Networks are opened between photos: after some rounds a worker that went on would have told.
    for _ in 0..5 {
        shop.reopen_networks();
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!((shop.queue.done(), shop.queue.running()), (4, false));
    // Four photos, and no piece of a fifth.
    assert_eq!(shop.outputs(), 4);
}

/// Whether the disk of [`full_disk`] is full.
static FULL: AtomicBool = AtomicBool::new(false);

fn full_disk(folder: &Path, size: u64) -> std::io::Result<()> {
    if FULL.load(Ordering::Relaxed) {
        return Err(std::io::ErrorKind::StorageFull.into());
    }
    probe(folder, size)
}

#[test]
fn a_full_disk_halts_all_work_once_and_going_on_ends_it() {
    let photos = [("a.png".into(), good()), ("b.jpg".into(), jpeg()), ("c.png".into(), good())];
    let mut shop = Workshop::new(&photos, full_disk);
    FULL.store(true, Ordering::Relaxed);
    shop.start();
    shop.until(|queue| queue.halted.is_some());
    let reason = shop.queue.halted.clone().unwrap();
    assert!(reason.starts_with("The disk is full"), "{reason}");
    assert!(shop.queue.paused && shop.queue.running());
    assert_eq!((shop.queue.done(), shop.outputs()), (0, 0));
    FULL.store(false, Ordering::Relaxed);
    shop.start();
    shop.until(|queue| queue.finished);
    assert_eq!((shop.queue.count(State::Protected), shop.outputs()), (3, 3));
}

/// How often [`vanishing`] was asked.
static ASKED: AtomicUsize = AtomicUsize::new(0);

/// A disk whose folder is taken away when the third photo is about to be worked on.
fn vanishing(folder: &Path, size: u64) -> std::io::Result<()> {
    probe(folder, size)?;
    if ASKED.fetch_add(1, Ordering::Relaxed) == 2 {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(())
}

#[test]
fn an_output_folder_that_vanishes_halts_and_the_lost_files_are_told() {
    let good = good();
    let mut shop = Workshop::new(&many(6, |_| good.clone()), vanishing);
    shop.start();
    shop.until(|queue| queue.halted.is_some() || queue.finished);
    let reason = shop.queue.halted.clone().unwrap();
    assert!(reason.contains("has disappeared"), "{reason}");
    assert_eq!(shop.queue.done(), 2);
    shop.start();
    shop.until(|queue| queue.finished);
    shop.queue.note_lost_files("gone");
    assert_eq!([State::Protected, State::Failed].map(|state| shop.queue.count(state)), [4, 2]);
    assert_eq!(shop.outputs(), 4);
}

#[test]
fn a_folder_where_nothing_may_be_written_halts_with_a_reason() {
    let mut shop = Workshop::new(&[("a.png".into(), good())], probe);
    std::fs::write(shop.folder.path().join("file"), "").unwrap();
    shop.choices.save_to = SaveTo::Folder(shop.folder.path().join("file/out"));
    shop.start();
    shop.until(|queue| queue.halted.is_some());
    assert!(shop.queue.halted.as_ref().unwrap().contains("Nothing can be saved in"));
    // Another folder, and on it goes.
    shop.choices.save_to = SaveTo::Folder(shop.folder.path().join("out"));
    shop.start();
    shop.until(|queue| queue.finished);
    assert_eq!(shop.outputs(), 1);
}

#[test]
fn the_journal_of_the_folder_tells_what_was_written() {
    let mut shop = Workshop::new(&[("a.png".into(), good()), ("b.jpg".into(), jpeg())], probe);
    shop.start();
    shop.until(|queue| queue.finished);
    let journal = std::fs::read(shop.folder.path().join("out").join(JOURNAL)).unwrap();
    let photos = entries(&journal[..]).unwrap().photos;
    assert_eq!(photos.len(), 2);
    for row in &shop.queue.rows {
        let name = row.output().unwrap().file_name().unwrap();
        let Entry { report, .. } = &photos[Path::new(name)];
        let json = |report| serde_json::to_string(report).unwrap();
        assert_eq!(json(report), json(row.report.as_ref().unwrap().photo().unwrap()));
    }
}

#[test]
fn a_folder_that_another_visard_writes_to_halts_with_that_reason() {
    let mut shop = Workshop::new(&[("a.png".into(), good())], probe);
    std::fs::create_dir(shop.folder.path().join("out")).unwrap();
    let other = std::fs::File::create(shop.folder.path().join("out").join(JOURNAL)).unwrap();
    other.lock().unwrap();
    shop.start();
    shop.until(|queue| queue.halted.is_some());
    assert!(shop.queue.halted.as_ref().unwrap().contains("another visard is writing to"));
    drop(other);
    shop.start();
    shop.until(|queue| queue.finished);
    assert_eq!((shop.queue.count(State::Protected), shop.outputs()), (1, 1));
}

#[test]
fn photos_of_one_name_from_two_folders_get_two_files() {
    let mut shop = Workshop::new(&[("a.png".into(), good())], probe);
    let other = shop.folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("a.png"), good()).unwrap();
    shop.queue.add(plan::sources(&[other]).0);
    shop.queue.order_all();
    let orders = plan::orders(&shop.queue, &shop.choices);
    let names: Vec<_> = orders.iter().map(|o| o.job.output.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["a.png", "a-2.png"]);
}

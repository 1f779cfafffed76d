//! A window without a display, a folder of tiny networks, and a desktop that answers at once.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use egui::{Modifiers, ViewportEvent, ViewportId, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use image::ImageFormat;
use tempfile::TempDir;
use visard::models::Library;

use super::support::models::{Judge, models};
use super::support::{black, file, png, portrait};
use crate::app::{Parts, Window};
use crate::memory::Memory;
use crate::queue::State;
use crate::shell::Shell;
use crate::update::{Outbox, Purpose, Update};
use crate::worker::{Tools, probe};

/// Steps of a window that wait for something; a test that fails ends.
const PATIENCE: usize = 20_000;

/// What the desktop answers, and what it was asked to show.
#[derive(Debug, Default)]
pub(super) struct Answers {
    pub(super) paths: Vec<PathBuf>,
    pub(super) shown: Vec<PathBuf>,
}

struct Desktop(Rc<RefCell<Answers>>);

impl Desktop {
    fn answer(&self, purpose: Purpose, outbox: &Outbox) {
        outbox.send(Update::Chosen(purpose, self.0.borrow().paths.clone()));
    }
}

impl Shell for Desktop {
    fn choose_photos(&self, outbox: &Outbox) {
        self.answer(Purpose::Add, outbox);
    }

    fn choose_folder(&self, purpose: Purpose, outbox: &Outbox) {
        self.answer(purpose, outbox);
    }

    fn choose_file(&self, purpose: Purpose, outbox: &Outbox) {
        self.answer(purpose, outbox);
    }

    fn show(&self, path: &Path) -> std::io::Result<()> {
        self.0.borrow_mut().shown.push(path.to_path_buf());
        Ok(())
    }
}

/// A window and all that it can reach.
pub(super) struct Stage {
    pub(super) window: Harness<'static, Window>,
    pub(super) answers: Rc<RefCell<Answers>>,
    pub(super) folder: TempDir,
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|e| e.to_string())
    }
}

impl Stage {
    /// A window that has just been opened, with photos in `in`.
    pub(super) fn new(judge: Judge, photos: &[(&str, Vec<u8>)]) -> Self {
        Self::in_folder(filled(judge, photos))
    }

    /// A window with clips in `in`, for which this is said of ffmpeg.
    pub(super) fn with_clips(clips: fn() -> visard::Result<()>, files: &[(&str, Vec<u8>)]) -> Self {
        Self::open(filled(Judge::TakesAllForStrangers, files), clips)
    }

    fn in_folder(folder: TempDir) -> Self {
        Self::open(folder, visard::video::check_ffmpeg)
    }

    /// Opens the window; networks, photos and memory are in the folder.
    fn open(folder: TempDir, clips: fn() -> visard::Result<()>) -> Self {
        let answers = Rc::new(RefCell::new(Answers::default()));
        let parts = Parts {
            networks: vec![folder.path().to_path_buf()],
            photos: vec![],
            memory: Memory::in_folder(&folder.path().join("memory")),
            shell: Box::new(Desktop(answers.clone())),
            tools: Tools { library: Library::open, probe, clips },
            frames: None,
        };
        let builder = Harness::builder().with_size(vec2(1280., 800.));
        let window = builder.build_eframe(|creation| Window::new(&creation.egui_ctx, parts).unwrap());
        Self { window, answers, folder }
    }

    /// Makes the window as large as this, in points.
    pub(super) fn resize(&mut self, size: [f32; 2]) {
        self.window.set_size(size.into());
        self.window.run_steps(4);
    }

    /// Closes the window and opens it again.
    pub(super) fn reopen(mut self) -> Self {
        self.window.state_mut().leave_for_test();
        let Self { window, folder, .. } = self;
        drop(window);
        Self::in_folder(folder)
    }

    /// Opens the window again as if it had been killed when this was what it remembered.
    pub(super) fn reopen_with(self, session: &[u8]) -> Self {
        let Self { window, folder, .. } = self;
        drop(window);
        std::fs::write(folder.path().join("memory/session.json"), session).unwrap();
        Self::in_folder(folder)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn drop_paths(&mut self, paths: &[PathBuf]) {
        let files = paths.iter().map(|path| Arc::new(Dropped(path.clone())) as egui::DroppedFileHandle);
        self.window.input_mut().dropped_files.extend(files);
        self.window.step();
    }

    /// Drops the folder with the photos, and waits until they are in the list.
    pub(super) fn drop_folder(&mut self) {
        self.drop_paths(&[self.path("in")]);
        self.until("photos are added", |stage| stage.window.state().model.adding == 0);
    }

    pub(super) fn until(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        for _ in 0..PATIENCE {
            self.window.step();
            if done(self) {
                self.window.step();
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("never happened: {what}; on the screen: {:?}", self.labels());
    }

    pub(super) fn until_ready(&mut self) {
        self.until("networks are open", |stage| stage.window.state().model.ready());
    }

    /// Waits for a label that contains a text.
    pub(super) fn until_seen(&mut self, text: &str) {
        self.until(text, |stage| stage.sees(text));
    }

    pub(super) fn sees(&self, text: &str) -> bool {
        self.window.query_all_by_label_contains(text).next().is_some()
    }

    /// Whether the row of a photo is on the screen and has the keyboard.
    pub(super) fn at_row(&self, name: &str) -> bool {
        let label = format!("{name}: ");
        self.window.query_by_label_contains(&label).is_some_and(|row| row.is_focused())
    }

    /// All labels on the screen.
    pub(super) fn labels(&self) -> Vec<String> {
        fn collect(node: egui_kittest::Node<'_>, labels: &mut Vec<String>) {
            labels.extend(node.accesskit_node().label());
            for child in node.children() {
                collect(child, labels);
            }
        }
        let mut labels = vec![];
        collect(self.window.root(), &mut labels);
        labels
    }

    /// Presses what has exactly this label.
    pub(super) fn press(&mut self, label: &str) {
        self.window.get_by_label(label).click_accesskit();
        self.window.run_steps(4);
    }

    /// Presses the row of a photo, whatever it says of it now.
    pub(super) fn press_row(&mut self, name: &str) {
        self.window.get_by_label_contains(&format!("{name}: ")).click_accesskit();
        self.window.run_steps(4);
    }

    /// Presses a button of a photo's row, which is there while the row has the keyboard.
    pub(super) fn press_in_row(&mut self, name: &str, label: &str) {
        self.focus_row(name);
        self.press(&format!("{label} {name}"));
    }

    pub(super) fn focus_row(&mut self, name: &str) {
        self.window.get_by_label_contains(&format!("{name}: ")).focus();
        self.window.run_steps(2);
    }

    pub(super) fn key(&mut self, modifiers: Modifiers, key: egui::Key) {
        self.window.key_press_modifiers(modifiers, key);
        self.window.run_steps(4);
    }

    /// Starts, and waits for the summary.
    pub(super) fn protect_all(&mut self) {
        self.until_ready();
        self.press("Protect");
        self.until_seen("What this means, and what it does not");
    }

    pub(super) fn close_window(&mut self) {
        let viewport = self.window.input_mut().viewports.entry(ViewportId::ROOT).or_default();
        viewport.events.push(ViewportEvent::Close);
        self.window.run_steps(4);
    }

    pub(super) fn states(&self) -> Vec<State> {
        self.window.state().model.queue.rows.iter().map(|row| row.state()).collect()
    }

    /// Names of the files in a folder that are not hidden, sorted.
    pub(super) fn files(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path(folder)) else { return vec![] };
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| !name.starts_with('.'));
        names.sort();
        names
    }
}

/// A folder of tiny networks, with files in `in`.
fn filled(judge: Judge, files: &[(&str, Vec<u8>)]) -> TempDir {
    let folder = models(judge);
    std::fs::create_dir(folder.path().join("in")).unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join("in").join(name), bytes).unwrap();
    }
    folder
}

/// A photo in which the detector finds its face.
pub(super) fn good() -> Vec<u8> {
    png(&portrait(160, 160))
}

pub(super) fn jpeg() -> Vec<u8> {
    file(&portrait(170, 160), ImageFormat::Jpeg)
}

pub(super) fn faceless() -> Vec<u8> {
    png(&black())
}

pub(super) fn broken() -> Vec<u8> {
    b"no photo".to_vec()
}

/// A window with two good photos, one without a face, and one that is broken.
pub(super) fn mixed(judge: Judge) -> Stage {
    let photos = [("a.png", good()), ("b.jpg", jpeg()), ("c.png", faceless()), ("d.png", broken())];
    let mut stage = Stage::new(judge, &photos);
    stage.drop_folder();
    stage
}

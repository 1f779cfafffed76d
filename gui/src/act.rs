//! What the window does when a view asks for it.

use std::path::{Path, PathBuf};

use egui::{Context, ViewportCommand};
use visard::whole::{self, Rights};

use crate::app::Window;
use crate::batch::{Batch, Id, Mark, Progress};
use crate::model::{Action, Asking, Screen, Viewer};
use crate::search::Question;
use crate::update::Update;
use crate::{plan, texts};

impl Window {
    pub(crate) fn act(&mut self, ctx: &Context, action: Action) {
        let model = &mut self.model;
        match action {
            Action::ChoosePhotos => self.shell.choose_photos(&self.outbox),
            Action::Choose(purpose) => self.shell.choose_folder(purpose, &self.outbox),
            Action::SaveReport => self.shell.choose_report(&self.outbox),
            Action::ShowFolder(path) => {
                let shown = self.shell.show(&path);
                self.note(shown);
            }
            Action::Continue => self.take_up(),
            Action::Forget => self.forget(),
            Action::Start => {
                model.batch.order_all();
                self.start();
            }
            Action::Pause => {
                model.batch.paused = true;
                self.worker.pause();
            }
            Action::Cancel => {
                self.worker.cancel_all();
                model.batch.cancel_all();
                self.remember();
            }
            Action::Retry(id) => {
                model.batch.order_again(id);
                self.start();
            }
            Action::RetryAll => {
                model.batch.order_unprotected();
                self.start();
            }
            Action::Remove(id) => self.remove(id),
            Action::Clear if model.batch.running() => model.asking = Some(Asking::Clear),
            Action::Clear => self.clear(),
            Action::SetFaces(id, marks) => self.set_faces(id, marks),
            Action::Go(screen) => self.go(screen),
            Action::Search => self.search(),
            Action::ForgetNetworks => {
                model.choices.networks.clear();
                self.reopen();
            }
            Action::Sure => match model.asking.take() {
                Some(Asking::Quit) => self.quit(ctx),
                Some(Asking::Clear) => self.clear(),
                None => {}
            },
            Action::Stay => model.asking = None,
            Action::DropNotice(i) => drop(model.notices.remove(i)),
            Action::OnlyAttention(on) => model.only_attention = on,
            Action::More(on) => model.more = on,
        }
    }

    /// Takes up the session that was left.
    fn take_up(&mut self) {
        if let Some(session) = self.model.session.take() {
            self.model.batch = Batch::restore(session.rows);
            self.worker.recheck(self.model.batch.written());
            self.model.batch.order_all();
            self.start();
        }
    }

    /// Forgets the session that was left.
    fn forget(&mut self) {
        self.model.session = None;
        let forgotten = self.memory.forget_session();
        self.note(forgotten);
    }

    fn remove(&mut self, id: Id) {
        self.worker.cancel(id);
        self.model.batch.remove(id);
        if self.model.screen == Screen::Look(id) {
            self.go(Screen::Photos);
        }
        if self.model.batch.finished {
            self.finish();
        }
    }

    fn clear(&mut self) {
        self.worker.cancel_all();
        self.model.batch = Batch::after(&self.model.batch);
        self.go(Screen::Photos);
        self.forget();
    }

    fn set_faces(&mut self, id: Id, marks: Vec<Mark>) {
        if let Some(row) = self.model.batch.row_mut(id) {
            row.marks = Some(marks);
            let done = row.progress == Progress::Done;
            self.model.viewer.message = done.then_some(texts::FACES_CHANGED);
        }
    }

    fn quit(&mut self, ctx: &Context) {
        self.leaving = true;
        self.remember();
        ctx.send_viewport_cmd(ViewportCommand::Close);
    }

    /// Starts, or goes on with, what is ordered, with the choices of now.
    fn start(&mut self) {
        self.model.only_attention = false;
        self.worker.order(plan::orders(&self.model.batch, &self.model.choices));
        self.remember();
    }

    fn go(&mut self, screen: Screen) {
        if self.model.screen != screen {
            if let Screen::Look(id) = self.model.screen {
                self.model.returned = Some(id);
            }
            self.textures.close_photo();
            let split = self.model.viewer.split;
            self.model.viewer = Viewer { split, ..Viewer::default() };
        }
        self.model.screen = screen;
    }

    fn search(&mut self) {
        if let Some(gallery) = self.model.gallery().map(Path::to_path_buf) {
            self.model.check.searching = Some(0.);
            self.model.check.answer = None;
            self.worker.ask(Question { gallery, photos: self.model.pairs() });
        }
    }

    pub(crate) fn reopen(&mut self) {
        (self.model.blank, self.model.no_networks) = (None, None);
        self.worker.open(self.model.choices.networks.clone());
        self.keep_choices();
    }

    /// Looks for photos under paths, in a thread of its own: folders may be large and far away.
    pub(crate) fn add(&mut self, paths: Vec<PathBuf>) {
        if paths.is_empty() {
            return;
        }
        self.model.adding += 1;
        if self.model.screen != Screen::Photos {
            self.go(Screen::Photos);
        }
        let outbox = self.outbox.clone();
        let look = move || {
            let (sources, errors) = plan::sources(&paths);
            outbox.send(Update::Found(sources, errors));
        };
        let started = std::thread::Builder::new().name("visard-add".into()).spawn(look);
        self.note(started.map(|_| ()));
    }

    pub(crate) fn save_reports(&mut self, path: &Path) {
        let Some(blank) = &self.model.blank else { return };
        let reports = self.model.batch.reports(blank);
        let alone = reports.len() == 1;
        for report in reports {
            let name = if alone { path.to_path_buf() } else { with_strength(path, report.preset.name()) };
            let written = serde_json::to_vec_pretty(&report)
                .map_err(Into::into)
                .and_then(|bytes| whole::replace(&name, &bytes, Rights::PRIVATE));
            self.note(written);
        }
    }
}

fn with_strength(path: &Path, strength: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-{strength}.json"))
}

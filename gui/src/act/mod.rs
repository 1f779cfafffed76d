//! What the window does when a view asks for it.

mod list;

use std::path::{Path, PathBuf};

use egui::{Context, ViewportCommand};

use crate::app::Window;
use crate::model::{Action, Asking, Screen, Searching, Viewer};
use crate::plan;
use crate::search::Question;
use crate::update::{Purpose, Update};

impl Window {
    pub(crate) fn act(&mut self, ctx: &Context, action: Action) {
        let model = &mut self.model;
        match action {
            Action::ChoosePhotos => self.shell.choose_photos(&self.outbox),
            Action::Choose(purpose) => self.shell.choose_folder(purpose, &self.outbox),
            Action::SaveReport => self.shell.choose_file(Purpose::Report, &self.outbox),
            Action::SavePage => self.shell.choose_file(Purpose::Page, &self.outbox),
            Action::ShowFolder(path) => self.show_folder(&path),
            Action::Continue => self.take_up(),
            Action::Forget => self.forget(),
            Action::Start => self.start_all(),
            Action::Pause => self.pause(),
            Action::Cancel => self.cancel(),
            Action::Retry(ids) => self.retry(&ids),
            Action::Remove(ids) => self.remove(ctx, &ids),
            Action::Undo => self.undo(),
            Action::SetStrength(ids, strength) => self.set_strength(&ids, strength),
            Action::Clear if model.queue.running() => model.asking = Some(Asking::Clear),
            Action::Clear => self.clear(),
            Action::SetFaces(id, marks) => self.set_faces(id, marks),
            Action::Go(screen) => self.go(screen),
            Action::SetPerson(person, protect) => self.set_person(person, protect),
            Action::Part(person, face) => self.correct(|people| people.part(person, face)),
            Action::Join(person, other) => self.correct(|people| people.join(person, other)),
            Action::Search => self.search(),
            Action::StopSearch => self.stop_search(),
            Action::ForgetNetworks => self.forget_networks(),
            Action::Sure => match model.asking.take() {
                Some(Asking::Quit) => self.quit(ctx),
                Some(Asking::Clear) => self.clear(),
                None => {}
            },
            Action::Stay => model.asking = None,
            Action::DropNotice(i) => drop(model.notices.remove(i)),
            Action::OnlyAttention(on) => self.filter(on),
            Action::Tick(ids, true) => model.ticked.extend(ids),
            Action::Tick(ids, false) => model.ticked.retain(|id| !ids.contains(id)),
            Action::Show(dialog) => model.dialog = Some(dialog),
            Action::CloseDialog => model.dialog = None,
        }
    }

    fn show_folder(&mut self, path: &Path) {
        let shown = self.shell.show(path);
        self.note(shown);
    }

    /// Protects all photos that wait.
    fn start_all(&mut self) {
        self.model.queue.order_all();
        self.start();
    }

    fn pause(&mut self) {
        self.model.queue.paused = true;
        self.worker.pause();
    }

    fn cancel(&mut self) {
        self.worker.cancel_all();
        self.model.queue.cancel_all();
        self.remember();
    }

    fn stop_search(&mut self) {
        if self.worker.stop_search() {
            self.model.check.searching = None;
        }
    }

    fn forget_networks(&mut self) {
        self.model.choices.networks.clear();
        self.reopen();
    }

    /// Takes up the session that was left: goes on with it, or shows its result.
    fn take_up(&mut self) {
        let Some(session) = self.model.session.take() else { return };
        let done = session.left() == 0;
        self.model.queue.take_up(session.rows);
        self.worker.recheck(self.model.queue.written());
        if done {
            self.go(Screen::Summary);
        } else {
            self.model.queue.order_all();
            self.start();
        }
    }

    /// Forgets the session that was left.
    fn forget(&mut self) {
        self.model.session = None;
        let forgotten = self.memory.forget_session();
        self.note(forgotten);
    }

    fn quit(&mut self, ctx: &Context) {
        self.leaving = true;
        self.remember();
        ctx.send_viewport_cmd(ViewportCommand::Close);
    }

    /// Starts, or goes on with, what is ordered, with the choices of now.
    fn start(&mut self) {
        // What was done before the new photos were added is known by the journal.
        self.model.session.take_if(|session| session.left() == 0);
        self.worker.order(plan::orders(&self.model.queue, &self.model.choices));
        self.remember();
    }

    fn go(&mut self, screen: Screen) {
        if self.model.screen != screen {
            if let Screen::Look(id) | Screen::Strengths(id) = self.model.screen {
                self.model.returned = Some(id);
            }
            self.textures.close_photo();
            let Viewer { split, boxes, .. } = self.model.viewer;
            self.model.viewer = Viewer { split, boxes, ..Viewer::default() };
            match screen {
                Screen::Strengths(id) => self.try_out(id),
                Screen::People => self.look_for_people(),
                _ => {}
            }
        }
        self.model.screen = screen;
    }

    fn search(&mut self) {
        if let Some(gallery) = self.model.gallery().map(Path::to_path_buf) {
            self.model.check.searching = Some(Searching::waiting());
            self.model.check.answer = None;
            self.worker.ask(Question { gallery, photos: self.model.pairs() });
        }
    }

    pub(crate) fn reopen(&mut self) {
        (self.model.blank, self.model.no_networks) = (None, None);
        self.model.tried.clear();
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
        let (outbox, clips) = (self.outbox.clone(), self.clips);
        let look = move || {
            let (sources, mut errors) = plan::sources(&paths);
            if sources.iter().any(|source| source.clip) {
                errors.extend(clips().err().map(|missing| missing.to_string()));
            }
            outbox.send(Update::Found(sources, errors));
        };
        let started = std::thread::Builder::new().name("visard-add".into()).spawn(look);
        self.note(started.map(|_| ()));
    }
}

//! What the window does when a view asks for it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use egui::{Context, ViewportCommand};
use visard::cloak::Preset;

use crate::app::Window;
use crate::batch::{Batch, Id, Mark, Progress};
use crate::model::{Action, Asking, Screen, Searching, Viewer};
use crate::search::Question;
use crate::trial::Trial;
use crate::update::{Purpose, Update};
use crate::{plan, texts};

impl Window {
    pub(crate) fn act(&mut self, ctx: &Context, action: Action) {
        let model = &mut self.model;
        match action {
            Action::ChoosePhotos => self.shell.choose_photos(&self.outbox),
            Action::Choose(purpose) => self.shell.choose_folder(purpose, &self.outbox),
            Action::SaveReport => self.shell.choose_file(Purpose::Report, &self.outbox),
            Action::SavePage => self.shell.choose_file(Purpose::Page, &self.outbox),
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
            Action::Retry(ids) => {
                model.batch.order_again(&ids);
                self.start();
            }
            Action::Remove(ids) => self.remove(ctx, &ids),
            Action::Undo => {
                let removed = std::mem::take(&mut model.removed);
                model.batch.put_back(removed);
                self.remember();
            }
            Action::SetStrength(ids, strength) => {
                let rows = model.batch.rows.iter_mut().filter(|row| ids.contains(&row.id));
                rows.for_each(|row| row.strength = strength);
            }
            Action::Clear if model.batch.running() => model.asking = Some(Asking::Clear),
            Action::Clear => self.clear(),
            Action::SetFaces(id, marks) => self.set_faces(id, marks),
            Action::Go(screen) => self.go(screen),
            Action::SetPerson(person, protect) => self.set_person(person, protect),
            Action::Part(person, face) => {
                if let Some(Ok(people)) = &mut model.people {
                    people.part(person, face);
                }
            }
            Action::Join(person, other) => {
                if let Some(Ok(people)) = &mut model.people {
                    people.join(person, other);
                }
            }
            Action::Search => self.search(),
            Action::StopSearch => {
                if self.worker.stop_search() {
                    model.check.searching = None;
                }
            }
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
            Action::OnlyAttention(on) => {
                let rows = model.batch.rows.iter().filter(|row| row.state().needs_attention());
                model.only = on.then(|| rows.map(|row| row.id).collect());
            }
            Action::Tick(ids, true) => model.ticked.extend(ids),
            Action::Tick(ids, false) => model.ticked.retain(|id| !ids.contains(id)),
            Action::Show(dialog) => model.dialog = Some(dialog),
            Action::CloseDialog => model.dialog = None,
        }
    }

    /// Takes up the session that was left: goes on with it, or shows its result.
    fn take_up(&mut self) {
        let Some(session) = self.model.session.take() else { return };
        let done = session.left() == 0;
        self.model.batch.take_up(session.rows);
        self.worker.recheck(self.model.batch.written());
        if done {
            self.go(Screen::Summary);
        } else {
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

    fn remove(&mut self, ctx: &Context, ids: &[Id]) {
        ids.iter().for_each(|id| self.worker.cancel(*id));
        self.model.removed = self.model.batch.remove(ids);
        self.model.ticked.retain(|id| !ids.contains(id));
        if matches!(self.model.screen, Screen::Look(id) | Screen::Strengths(id) if ids.contains(&id)) {
            self.go(Screen::Photos);
        }
        if self.model.batch.finished {
            self.finish(ctx);
        }
        self.remember();
    }

    fn clear(&mut self) {
        self.worker.cancel_all();
        let empty = Batch::after(&self.model.batch);
        let cleared = std::mem::replace(&mut self.model.batch, empty);
        self.model.removed = cleared.rows.into_iter().enumerate().collect();
        self.model.only = None;
        self.model.ticked.clear();
        self.model.tried.clear();
        self.go(Screen::Photos);
        self.forget();
    }

    /// Tries each strength on a photo, unless that was done.
    fn try_out(&mut self, id: Id) {
        let Some(row) = self.model.batch.row(id) else { return };
        let choices = &self.model.choices;
        let trials = TRIED.map(|strength| Trial {
            id,
            input: row.source.input.clone(),
            settings: choices.settings(strength, row.chosen_faces()),
        });
        let new: Vec<Trial> =
            trials.into_iter().filter(|trial| !self.model.tried.knows(trial.key())).collect();
        new.iter().for_each(|trial| self.model.tried.ask(trial.key()));
        self.worker.try_out(new);
    }

    /// Tries the strengths on the first photo as soon as its faces are known, so that the user can look before choosing.
    pub(crate) fn try_first(&mut self) {
        let model = &self.model;
        let first = model.batch.rows.first().filter(|row| row.progress == Progress::Waiting);
        let first = first.filter(|row| row.marks.as_ref().is_some_and(|marks| !marks.is_empty()));
        if let Some(row) = first.filter(|_| model.ready() && model.tried.is_empty() && !model.batch.running())
        {
            self.try_out(row.id);
        }
    }

    fn set_faces(&mut self, id: Id, marks: Vec<Mark>) {
        if let Some(row) = self.model.batch.row_mut(id) {
            row.marks = Some(marks);
            row.rechosen = row.progress == Progress::Done;
            self.model.viewer.message = row.rechosen.then_some(texts::FACES_CHANGED);
            self.model.tried.forget(id);
        }
    }

    /// Protects or leaves all faces of a person.
    fn set_person(&mut self, person: usize, protect: bool) {
        let Some(Ok(people)) = &self.model.people else { return };
        for (id, face) in &people.persons[person] {
            let Some(row) = self.model.batch.row_mut(*id) else { continue };
            let found = || Mark::all(&people.faces(*id), false);
            let mut marks = if row.all_marks().is_empty() { found() } else { row.all_marks() };
            marks.iter_mut().filter(|mark| mark.face.is_at(face)).for_each(|mark| mark.chosen = protect);
            row.rechosen |= row.progress == Progress::Done;
            row.marks = Some(marks);
        }
    }

    /// Looks who is in the photos, unless that is known of these.
    fn look_for_people(&mut self) {
        let photos: Vec<(Id, PathBuf)> =
            self.model.batch.rows.iter().map(|row| (row.id, row.source.input.clone())).collect();
        let ids: HashSet<Id> = photos.iter().map(|(id, _)| *id).collect();
        if self.model.grouped != ids {
            (self.model.people, self.model.grouping, self.model.grouped) =
                (None, Some((0, photos.len())), ids);
            self.worker.group(photos);
        }
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
        self.worker.order(plan::orders(&self.model.batch, &self.model.choices));
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
        let outbox = self.outbox.clone();
        let look = move || {
            let (sources, errors) = plan::sources(&paths);
            outbox.send(Update::Found(sources, errors));
        };
        let started = std::thread::Builder::new().name("visard-add".into()).spawn(look);
        self.note(started.map(|_| ()));
    }
}

/// The strengths that are tried, the quickest first.
const TRIED: [Preset; 4] = [Preset::Subtle, Preset::Standard, Preset::Strong, Preset::Auto];

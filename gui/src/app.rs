//! The window: takes in what happened, draws, and does what the views asked for.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use egui::{Context, Ui, ViewportCommand};

use crate::choices::Theme;
use crate::frames::Frames;
use crate::memory::Memory;
use crate::model::{Asking, Model, Screen};
use crate::pictures::Pictures;
use crate::queue::{Event, Id, Mark, Row};
use crate::shell::Shell;
use crate::textures::Textures;
use crate::update::{Outbox, Update};
use crate::worker::{Networks, Tools, Worker};
use crate::{texts, views};

/// How often a running session is remembered.
const REMEMBER: Duration = Duration::from_secs(5);

/// The whole window.
pub(crate) struct Window {
    pub(crate) model: Model,
    pub(crate) textures: Textures,
    pub(crate) worker: Worker,
    pictures: Pictures,
    updates: Receiver<Update>,
    pub(crate) outbox: Outbox,
    pub(crate) memory: Memory,
    pub(crate) shell: Box<dyn Shell>,
    remembered: Instant,
    named: String,
    /// The user has decided to quit.
    pub(crate) leaving: bool,
    frames: Option<Frames>,
    /// Whether clips can be read and written.
    pub(crate) clips: fn() -> visard::Result<()>,
}

/// What the window is made of besides what it remembers.
pub(crate) struct Parts {
    /// Folders with networks, from the command line.
    pub(crate) networks: Vec<PathBuf>,
    /// Photos and folders, from the command line.
    pub(crate) photos: Vec<PathBuf>,
    pub(crate) memory: Memory,
    pub(crate) shell: Box<dyn Shell>,
    pub(crate) tools: Tools,
    pub(crate) frames: Option<Frames>,
}

impl Window {
    /// Starts the threads; the networks are opened in the background.
    pub(crate) fn new(ctx: &Context, parts: Parts) -> std::io::Result<Self> {
        crate::theme::apply(ctx);
        let waker = ctx.clone();
        let (outbox, updates) = Outbox::new(move || waker.request_repaint());
        let mut choices = parts.memory.choices();
        for folder in parts.networks {
            if !choices.networks.contains(&folder) {
                choices.networks.push(folder);
            }
        }
        let networks = Networks::default();
        let worker = Worker::start(choices.networks.clone(), networks.clone(), outbox.clone(), parts.tools)?;
        let pictures = Pictures::start(networks, outbox.clone())?;
        let session = parts.memory.session();
        let mut window = Self {
            model: Model { choices, session, ..Model::default() },
            textures: Textures::default(),
            worker,
            pictures,
            updates,
            outbox,
            memory: parts.memory,
            shell: parts.shell,
            remembered: Instant::now(),
            named: texts::TITLE.into(),
            leaving: false,
            frames: parts.frames,
            clips: parts.tools.clips,
        };
        window.show_choices(ctx);
        window.add(parts.photos);
        Ok(window)
    }

    /// Takes in what happened since the last frame.
    pub(crate) fn take_in(&mut self, ctx: &Context) {
        let dropped = ctx.input_mut(|input| std::mem::take(&mut input.raw.dropped_files));
        self.add(dropped.iter().map(|file| file.path().to_path_buf()).collect());
        let updates: Vec<Update> = self.updates.try_iter().collect();
        for update in updates {
            self.apply(ctx, update);
        }
        self.try_first();
        if self.model.queue.running() && self.remembered.elapsed() > REMEMBER {
            self.remember();
        }
        if ctx.input(|input| input.viewport().close_requested()) && !self.leaving {
            if self.model.queue.running() {
                ctx.send_viewport_cmd(ViewportCommand::CancelClose);
                self.model.asking = Some(Asking::Quit);
            } else {
                self.remember();
            }
        }
    }

    /// Draws, and does what the user asked for.
    pub(crate) fn show(&mut self, ui: &mut Ui) {
        self.textures.begin_frame(ui);
        self.name_window(ui);
        let mut actions = vec![];
        let before = self.model.choices.clone();
        views::show(ui, &mut self.model, &mut self.textures, &mut actions);
        self.pictures.want(self.textures.take_missing());
        for action in actions {
            self.act(ui, action);
        }
        if self.model.choices != before {
            self.show_choices(ui);
            self.keep_choices();
            if self.model.choices.first_picture != before.first_picture {
                self.model.queue.try_unreadable();
            }
        }
    }

    fn apply(&mut self, ctx: &Context, update: Update) {
        let model = &mut self.model;
        match update {
            Update::Opened(Ok(opened)) => {
                (model.blank, model.no_networks) = (Some(*opened.blank), None);
                let notice = texts::no_part(&opened.left_out).filter(|new| !model.notices.contains(new));
                model.notices.extend(notice);
            }
            Update::Opened(Err(error)) => (model.blank, model.no_networks) = (None, Some(error)),
            Update::Photo(id, event) => self.apply_event(ctx, id, event),
            Update::Found(sources, errors) => {
                model.adding = model.adding.saturating_sub(1);
                model.queue.add(sources);
                model.notices.extend(errors);
            }
            Update::Pictured(wish, picture) => self.textures.put(ctx, wish, picture),
            Update::Faces(id, faces) => {
                if let Some(row) = model.queue.row_mut(id) {
                    match faces {
                        Ok(faces) => row.marks = Some(Mark::all(&faces, model.choices.largest_only)),
                        Err(error) => row.unreadable = Some(error),
                    }
                }
            }
            Update::InBox(id, face) => self.take_in_box(id, face.ok().flatten()),
            Update::Searching(stage) => {
                if let Some(searching) = &mut model.check.searching {
                    searching.at(stage);
                }
            }
            Update::Searched(answer) => {
                model.check.searching = None;
                model.check.answer = Some(answer);
            }
            Update::Tried(key, tried) => {
                let made = tried.as_ref().ok().map(|tried| tried.report.clone());
                model.tried.put(key, tried);
                made.into_iter().for_each(|photo| self.learn_pace(key.1, &photo));
            }
            Update::Grouping(done, all) => model.grouping = Some((done, all)),
            Update::Grouped(people) => {
                (model.people, model.grouping) = (Some(people), None);
            }
            Update::Saved(saved) => self.note(saved),
            Update::Chosen(purpose, paths) => self.chosen(purpose, paths),
        }
    }

    fn apply_event(&mut self, ctx: &Context, id: Id, event: Event) {
        if let Event::Finished(report, preset) = &event {
            report.photo().into_iter().for_each(|photo| self.learn_pace(*preset, photo));
            if let Some(output) = report.output() {
                self.textures.forget(Path::new(output));
            }
        }
        self.model.queue.apply(id, event);
        if self.model.queue.finished {
            self.finish(ctx);
        }
    }

    /// The end of a run: files that somebody took away meanwhile are not protected photos.
    ///
    /// Whoever tries some photos again stays where they are.
    pub(crate) fn finish(&mut self, ctx: &Context) {
        self.model.queue.finished = false;
        self.model.queue.note_lost_files(texts::FILE_GONE);
        self.remember();
        if self.model.screen == Screen::Photos && !self.model.queue.trying_again {
            self.model.screen = Screen::Summary;
        }
        let attention = egui::UserAttentionType::Informational;
        ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(attention));
    }

    /// The name of the window, which the desktop shows when the window is not seen.
    fn name_window(&mut self, ctx: &Context) {
        let name = texts::window_name(&self.model.queue);
        if self.named != name {
            ctx.send_viewport_cmd(ViewportCommand::Title(name.clone()));
            self.named = name;
        }
    }

    fn take_in_box(&mut self, id: Id, face: Option<visard::face::Face>) {
        self.model.viewer.boxed = None;
        let marks = self.model.queue.row(id).map(Row::all_marks);
        let said = match marks.zip(face) {
            Some((marks, face)) => {
                self.set_faces(id, Mark::with_drawn(marks, face));
                self.model.viewer.message.unwrap_or(texts::FACE_ADDED)
            }
            None => texts::NO_FACE_IN_BOX,
        };
        self.model.viewer.message = Some(said);
    }

    fn show_choices(&self, ctx: &Context) {
        ctx.set_theme(match self.model.choices.theme {
            Theme::System => egui::ThemePreference::System,
            Theme::Light => egui::ThemePreference::Light,
            Theme::Dark => egui::ThemePreference::Dark,
        });
        ctx.set_zoom_factor(self.model.choices.zoom);
    }

    pub(crate) fn keep_choices(&mut self) {
        let kept = self.memory.keep_choices(&self.model.choices);
        self.note(kept);
    }

    /// Remembers the photos, so that the next start can offer to continue.
    pub(crate) fn remember(&mut self) {
        self.remembered = Instant::now();
        let mut rows = self.model.queue.rows.clone();
        // An offer that the user has not answered stays for the next time.
        let offered = self.model.session.iter().flat_map(|session| &session.rows);
        let known: HashSet<&Path> =
            self.model.queue.rows.iter().map(|row| row.source.input.as_path()).collect();
        rows.extend(offered.filter(|row| !known.contains(row.source.input.as_path())).cloned());
        let kept = self.memory.keep_session(rows);
        self.note(kept);
    }

    pub(crate) fn note(&mut self, result: std::io::Result<()>) {
        if let Err(error) = result {
            let notice = error.to_string();
            if !self.model.notices.contains(&notice) {
                self.model.notices.push(notice);
            }
        }
    }
}

#[cfg(test)]
impl Window {
    /// What happens when the desktop closes the window.
    pub(crate) fn leave_for_test(&mut self) {
        self.remember();
    }
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &Context, _: &mut eframe::Frame) {
        self.take_in(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        self.show(ui);
        if let Some(frames) = &mut self.frames {
            frames.note(ui);
        }
    }

    /// The ground, so that no view paints it: without a graphics card every layer costs milliseconds.
    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    fn on_exit(&mut self, _: Option<&eframe::glow::Context>) {
        self.remember();
    }
}

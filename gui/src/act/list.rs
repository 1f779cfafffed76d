//! What the window does with photos of the list and the people in them.

use std::collections::HashSet;
use std::path::PathBuf;

use egui::Context;
use visard::cloak::Preset;
use visard::pipeline::PhotoReport;

use crate::app::Window;
use crate::model::Screen;
use crate::people::People;
use crate::queue::{Id, Mark, Progress, Queue};
use crate::texts;
use crate::trial::Trial;

/// The strengths that are tried, the quickest first.
const TRIED: [Preset; 4] = [Preset::Subtle, Preset::Standard, Preset::Strong, Preset::Auto];

impl Window {
    /// Tries photos again where that may bring something.
    pub(super) fn retry(&mut self, ids: &[Id]) {
        self.model.queue.order_again(ids);
        self.start();
    }

    /// Puts back what was removed last.
    pub(super) fn undo(&mut self) {
        let removed = std::mem::take(&mut self.model.removed);
        self.model.queue.put_back(removed);
        self.remember();
    }

    pub(super) fn set_strength(&mut self, ids: &[Id], strength: Option<Preset>) {
        let rows = self.model.queue.rows.iter_mut().filter(|row| ids.contains(&row.id));
        rows.for_each(|row| row.strength = strength);
    }

    /// Shows only what needs attention now, or everything again.
    pub(super) fn filter(&mut self, on: bool) {
        let rows = self.model.queue.rows.iter().filter(|row| row.state().needs_attention());
        self.model.only = on.then(|| rows.map(|row| row.id).collect());
    }

    /// Puts right who is who.
    pub(super) fn correct(&mut self, change: impl FnOnce(&mut People)) {
        if let Some(Ok(people)) = &mut self.model.people {
            change(people);
        }
    }

    pub(super) fn remove(&mut self, ctx: &Context, ids: &[Id]) {
        ids.iter().for_each(|id| self.worker.cancel(*id));
        self.model.removed = self.model.queue.remove(ids);
        self.model.ticked.retain(|id| !ids.contains(id));
        if matches!(self.model.screen, Screen::Look(id) | Screen::Strengths(id) if ids.contains(&id)) {
            self.go(Screen::Photos);
        }
        if self.model.queue.finished {
            self.finish(ctx);
        }
        self.remember();
    }

    pub(super) fn clear(&mut self) {
        self.worker.cancel_all();
        let empty = Queue::after(&self.model.queue);
        let cleared = std::mem::replace(&mut self.model.queue, empty);
        self.model.removed = cleared.rows.into_iter().enumerate().collect();
        self.model.only = None;
        self.model.ticked.clear();
        self.model.tried.clear();
        self.go(Screen::Photos);
        self.forget();
    }

    /// Tries each strength on a photo, unless that was done.
    pub(super) fn try_out(&mut self, id: Id) {
        let Some(row) = self.model.queue.row(id) else { return };
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
        let first = model.queue.rows.iter().find(|row| !row.is_clip());
        let first = first.filter(|row| row.progress == Progress::Waiting);
        let first = first.filter(|row| row.marks.as_ref().is_some_and(|marks| !marks.is_empty()));
        if let Some(row) = first.filter(|_| model.ready() && model.tried.is_empty() && !model.queue.running())
        {
            self.try_out(row.id);
        }
    }

    /// Learns from a photo how long a face takes at a strength.
    pub(crate) fn learn_pace(&mut self, strength: Preset, photo: &PhotoReport) {
        let faces = photo.faces.iter().filter(|face| face.steps > 0).count();
        if faces > 0 {
            self.model.choices.learn_pace(strength, photo.seconds / faces as f64);
            self.keep_choices();
        }
    }

    /// Takes over which faces are to be protected; of a photo that is done they count from the next try on.
    pub(crate) fn set_faces(&mut self, id: Id, marks: Vec<Mark>) {
        if let Some(row) = self.model.queue.row_mut(id) {
            row.marks = Some(marks);
            row.rechosen = row.progress == Progress::Done;
            self.model.viewer.message = row.rechosen.then_some(texts::FACES_CHANGED);
            self.model.tried.forget(id);
        }
    }

    /// Protects or leaves all faces of a person.
    pub(super) fn set_person(&mut self, person: usize, protect: bool) {
        let Some(Ok(people)) = &self.model.people else { return };
        for (id, face) in &people.persons[person] {
            let Some(row) = self.model.queue.row_mut(*id) else { continue };
            let found = || Mark::all(&people.faces(*id), false);
            let mut marks = if row.all_marks().is_empty() { found() } else { row.all_marks() };
            marks.iter_mut().filter(|mark| mark.face.is_at(face)).for_each(|mark| mark.chosen = protect);
            row.rechosen |= row.progress == Progress::Done;
            row.marks = Some(marks);
        }
    }

    /// Looks who is in the photos, unless that is known of these.
    pub(super) fn look_for_people(&mut self) {
        let photos = self.model.queue.rows.iter().filter(|row| !row.is_clip());
        let photos: Vec<(Id, PathBuf)> = photos.map(|row| (row.id, row.source.input.clone())).collect();
        let ids: HashSet<Id> = photos.iter().map(|(id, _)| *id).collect();
        if self.model.grouped != ids {
            (self.model.people, self.model.grouping, self.model.grouped) =
                (None, Some((0, photos.len())), ids);
            self.worker.group(photos);
        }
    }
}

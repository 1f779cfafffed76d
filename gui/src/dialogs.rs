//! What was chosen in a dialog; and what is saved: the result, for people and for other programs.

use std::path::{Path, PathBuf};

use visard::whole::{self, Rights};

use crate::app::Window;
use crate::choices::SaveTo;
use crate::update::{Purpose, Update};
use crate::{page, texts};

impl Window {
    /// Takes in what the user chose, and for what.
    pub(crate) fn chosen(&mut self, purpose: Purpose, paths: Vec<PathBuf>) {
        let Some(first) = paths.first().cloned() else { return };
        let model = &mut self.model;
        match purpose {
            Purpose::Add => self.add(paths),
            Purpose::SaveTo => {
                model.choices.save_to = SaveTo::Folder(first);
                self.keep_choices();
            }
            Purpose::Networks => {
                model.choices.networks.retain(|folder| *folder != first);
                model.choices.networks.push(first);
                self.reopen();
            }
            Purpose::Gallery => {
                model.check.gallery = Some(first);
                model.check.answer = None;
            }
            Purpose::Report => self.save_reports(&first),
            Purpose::Page => self.save_page(first),
        }
    }

    /// Writes the result as a page, in a thread of its own: it reads every photo.
    pub(crate) fn save_page(&mut self, path: PathBuf) {
        let (rows, head) = (self.model.queue.rows.clone(), texts::answer(&self.model.queue));
        let outbox = self.outbox.clone();
        let write = move || {
            outbox.send(Update::Saved(whole::replace(
                &path,
                page::page(&head, &rows).as_bytes(),
                Rights::PRIVATE,
            )));
        };
        let started = std::thread::Builder::new().name("visard-page".into()).spawn(write);
        self.note(started.map(|_| ()));
    }

    pub(crate) fn save_reports(&mut self, path: &Path) {
        let Some(blank) = &self.model.blank else { return };
        let queue = &self.model.queue;
        let photos = queue.reports(blank).into_iter();
        let photos =
            photos.map(|report| (report.preset.name().to_string(), serde_json::to_vec_pretty(&report)));
        let clips = queue.clip_reports(blank).into_iter();
        let clips = clips
            .map(|report| (format!("clips-{}", report.preset.name()), serde_json::to_vec_pretty(&report)));
        let reports: Vec<(String, serde_json::Result<Vec<u8>>)> = photos.chain(clips).collect();
        let alone = reports.len() == 1;
        for (kind, report) in reports {
            let name = if alone { path.to_path_buf() } else { of_kind(path, &kind) };
            let written =
                report.map_err(Into::into).and_then(|bytes| whole::replace(&name, &bytes, Rights::PRIVATE));
            self.note(written);
        }
    }
}

fn of_kind(path: &Path, kind: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-{kind}.json"))
}

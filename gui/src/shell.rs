//! What the window asks of the desktop: dialogs, and showing a folder. Tests answer in its place.

use std::path::{Path, PathBuf};

use visard::listing::VIDEOS;
use visard::photo::Format;

use crate::update::{Outbox, Purpose, Update};

/// The desktop.
pub(crate) trait Shell {
    fn choose_photos(&self, outbox: &Outbox);
    fn choose_folder(&self, purpose: Purpose, outbox: &Outbox);
    fn choose_file(&self, purpose: Purpose, outbox: &Outbox);
    fn show(&self, path: &Path) -> std::io::Result<()>;
}

/// The real one. A dialog waits in a thread of its own.
#[derive(Debug)]
pub(crate) struct Desktop;

impl Shell for Desktop {
    fn choose_photos(&self, outbox: &Outbox) {
        ask(Purpose::Add, outbox, || {
            let endings: Vec<&str> = Format::endings().chain(VIDEOS).collect();
            rfd::FileDialog::new().add_filter("Photos and clips", &endings).pick_files().unwrap_or_default()
        });
    }

    fn choose_folder(&self, purpose: Purpose, outbox: &Outbox) {
        ask(purpose, outbox, || rfd::FileDialog::new().pick_folder().into_iter().collect());
    }

    fn choose_file(&self, purpose: Purpose, outbox: &Outbox) {
        let [name, kind, ending] = match purpose {
            Purpose::Page => ["visard-result.html", "HTML", "html"],
            _ => ["visard-report.json", "JSON", "json"],
        };
        ask(purpose, outbox, move || {
            let dialog = rfd::FileDialog::new().set_file_name(name).add_filter(kind, &[ending]);
            dialog.save_file().into_iter().collect()
        });
    }

    fn show(&self, path: &Path) -> std::io::Result<()> {
        open::that_detached(path)
    }
}

fn ask(purpose: Purpose, outbox: &Outbox, dialog: impl FnOnce() -> Vec<PathBuf> + Send + 'static) {
    let outbox = outbox.clone();
    let ask = move || outbox.send(Update::Chosen(purpose, dialog()));
    // Without a thread there is no dialog: the user will press again.
    let _ = std::thread::Builder::new().name("visard-dialog".into()).spawn(ask);
}

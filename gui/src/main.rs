//! The window of visard.
//!
//!     visard-gui [--models-dir DIR]... [PATH]...
//!
//! The window draws on one thread (`app`, `views`); one thread protects photos (`worker`), one reads
//! pictures and looks for faces (`pictures`). They talk through channels (`update`).
//! `VISARD_FRAMES=FILE` measures how smooth it is (`frames`).

mod act;
mod app;
mod bench;
mod choices;
mod desk;
mod dialogs;
mod frames;
mod icons;
mod keys;
mod memory;
mod model;
mod notes;
mod page;
mod people;
mod pictures;
mod plan;
mod queue;
mod search;
mod shell;
mod sight;
#[cfg(test)]
mod tests;
mod texts;
mod textures;
mod theme;
mod trial;
mod update;
mod views;
mod widgets;
mod worker;

use std::path::PathBuf;

use app::{Parts, Window};

/// How much the threads that compute give way to the window, as `nice` has it.
const NICE: i32 = 5;

#[expect(unsafe_code, reason = "settings of the whole process")]
fn main() -> anyhow::Result<()> {
    let started = std::time::Instant::now();
    // SAFETY: no other thread exists yet.
    unsafe {
        visard::network::keep_candle_on_one_thread();
        visard::network::keep_memory();
    }
    rayon::ThreadPoolBuilder::new().start_handler(|_| give_way()).build_global()?;
    let (networks, photos) = arguments(std::env::args_os().skip(1).map(PathBuf::from));
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_inner_size([1100., 760.])
            .with_min_inner_size([400., 300.])
            .with_app_id("org.visard.Visard")
            .with_icon(icon())
            .with_title(texts::TITLE),
        // Nothing here runs from one colour into another, and without a graphics card it costs time.
        dithering: false,
        ..Default::default()
    };
    let memory = memory::Memory::of_user();
    let parts = Parts {
        networks,
        photos,
        memory,
        shell: Box::new(shell::Desktop),
        tools: worker::Tools::default(),
        frames: frames::Frames::from_environment(started),
    };
    eframe::run_native(
        "visard-gui",
        options,
        Box::new(|creation| Ok(Box::new(Window::new(&creation.egui_ctx, parts)?))),
    )
    .map_err(|error| anyhow::anyhow!("the window could not be opened: {error}"))
}

/// Folders with networks, and paths of photos.
fn arguments(mut arguments: impl Iterator<Item = PathBuf>) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let (mut networks, mut photos) = (vec![], vec![]);
    while let Some(argument) = arguments.next() {
        if argument.as_os_str() == "--models-dir" {
            networks.extend(arguments.next());
        } else {
            photos.push(argument);
        }
    }
    (networks, photos)
}

/// Lowers the priority of this thread, so that the window stays smooth while it computes.
pub(crate) fn give_way() {
    #[cfg(target_os = "linux")]
    {
        // On Linux this is a matter of the thread alone. Without the right to it work goes on as usual.
        let _ = rustix::process::setpriority_process(None, NICE);
    }
}

/// The sign of the program; without it the desktop shows its usual one.
fn icon() -> egui::IconData {
    let png = include_bytes!("../packaging/org.visard.Visard.png");
    eframe::icon_data::from_png_bytes(png).unwrap_or_default()
}

//! The thread that reads pictures for the screen and looks for faces before the start. It works on
//! what is visible now: each frame the window says what it lacks, and older wishes are forgotten.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use egui::{Color32, ColorImage};
use visard::face::{DetectOptions, Rectangle, shrink};
use visard::photo::{Limits, Photo, Region, decode};

use crate::batch::Id;
use crate::update::{Outbox, Update};
use crate::worker::Networks;

/// Longest side of a thumbnail in pixels.
pub(crate) const THUMBNAIL: usize = 128;
/// Pictures are cut into squares of this side: graphics memory takes no side of any length.
pub(crate) const TILE: usize = 1024;
/// Differences are shown this many times as large.
pub(crate) const AMPLIFICATION: f32 = 8.;

/// A picture that the window lacks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Wish {
    /// A small picture of a photo.
    Thumbnail(Id, PathBuf),
    /// A photo in full size.
    Full(PathBuf),
    /// The amplified difference between an original and a protected photo.
    Difference(PathBuf, PathBuf),
}

/// Work for the thread.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Errand {
    Picture(Wish),
    /// Look for faces in a photo.
    Faces(Id, PathBuf),
    /// Look for a face in a box that the user drew, in pixels.
    InBox(Id, PathBuf, Rectangle),
}

/// A picture in pieces.
#[derive(Debug)]
pub(crate) struct Picture {
    /// Columns and rows.
    pub(crate) size: [usize; 2],
    /// The pieces with their upper left corners.
    pub(crate) tiles: Vec<([usize; 2], ColorImage)>,
}

#[derive(Debug, Default)]
struct Wanted {
    errands: Vec<Errand>,
    closing: bool,
}

/// The thread, as the window sees it.
#[derive(Debug)]
pub(crate) struct Pictures {
    wanted: Arc<(Mutex<Wanted>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Pictures {
    pub(crate) fn start(networks: Networks, outbox: Outbox) -> std::io::Result<Self> {
        let wanted = Arc::new((Mutex::new(Wanted::default()), Condvar::new()));
        let shared = wanted.clone();
        let thread = std::thread::Builder::new().name("visard-pictures".into()).spawn(move || {
            crate::give_way();
            while let Some(errand) = next(&shared) {
                run(errand, &networks, &outbox);
            }
        })?;
        Ok(Self { wanted, thread: Some(thread) })
    }

    /// Says what is lacking now, the most urgent first. Returns what can be taken as under way.
    pub(crate) fn want(&self, errands: Vec<Errand>) {
        let (lock, changed) = &*self.wanted;
        lock.lock().unwrap_or_else(PoisonError::into_inner).errands = errands;
        changed.notify_all();
    }
}

impl Drop for Pictures {
    fn drop(&mut self) {
        let (lock, changed) = &*self.wanted;
        lock.lock().unwrap_or_else(PoisonError::into_inner).closing = true;
        changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn next(shared: &(Mutex<Wanted>, Condvar)) -> Option<Errand> {
    let (lock, changed) = shared;
    let mut wanted = lock.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if wanted.closing {
            return None;
        }
        if !wanted.errands.is_empty() {
            return Some(wanted.errands.remove(0));
        }
        wanted = changed.wait(wanted).unwrap_or_else(PoisonError::into_inner);
    }
}

fn run(errand: Errand, networks: &Networks, outbox: &Outbox) {
    let ensemble = || networks.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match errand {
        Errand::Picture(wish) => {
            let picture = picture(&wish);
            outbox.send(Update::Pictured(wish, picture));
        }
        Errand::Faces(id, path) => {
            // Without networks nothing is known; the window asks again when they are open.
            let Some(ensemble) = ensemble() else { return };
            let faces = read(&path).and_then(|photo| {
                ensemble.detector.detect(&photo, &DetectOptions::default()).map_err(|e| e.to_string())
            });
            outbox.send(Update::Faces(id, faces));
        }
        Errand::InBox(id, path, bounds) => {
            let Some(ensemble) = ensemble() else { return };
            let face = read(&path)
                .and_then(|photo| ensemble.detector.detect_in(&photo, bounds).map_err(|e| e.to_string()));
            outbox.send(Update::InBox(id, face));
        }
    }
}

fn picture(wish: &Wish) -> Result<Picture, String> {
    match wish {
        Wish::Thumbnail(_, path) => thumbnail(&read(path)?),
        Wish::Full(path) => Ok(full(&read(path)?)),
        Wish::Difference(original, protected) => difference(&read(original)?, &read(protected)?),
    }
}

fn read(path: &Path) -> Result<Photo, String> {
    let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
    decode(&bytes, &Limits::default()).map_err(|e| e.to_string())
}

fn thumbnail(photo: &Photo) -> Result<Picture, String> {
    let (width, height) = (photo.width(), photo.height());
    let scale = (THUMBNAIL as f32 / width.max(height) as f32).min(1.);
    let side = |length: usize| ((length as f32 * scale).round() as usize).max(1);
    let size = [side(width), side(height)];
    let whole = Rectangle { x: 0., y: 0., width: width as f32, height: height as f32 };
    let rgb = shrink(photo, whole, [size[1], size[0]]).map_err(|e| e.to_string())?;
    Ok(Picture { size, tiles: vec![([0, 0], image(size, &rgb))] })
}

fn full(photo: &Photo) -> Picture {
    tiled([photo.width(), photo.height()], |region| photo.rgb(region))
}

/// Middle grey where nothing changed.
fn difference(original: &Photo, protected: &Photo) -> Result<Picture, String> {
    let size = [original.width(), original.height()];
    if size != [protected.width(), protected.height()] {
        return Err(crate::texts::OTHER_SIZE.into());
    }
    Ok(tiled(size, |region| {
        let pairs = original.rgb(region).into_iter().zip(protected.rgb(region));
        pairs.map(|(before, after)| 128. + AMPLIFICATION * (after - before)).collect()
    }))
}

fn tiled(size: [usize; 2], rgb: impl Fn(Region) -> Vec<f32>) -> Picture {
    let mut tiles = vec![];
    for y in (0..size[1]).step_by(TILE) {
        for x in (0..size[0]).step_by(TILE) {
            let (width, height) = (TILE.min(size[0] - x), TILE.min(size[1] - y));
            tiles.push(([x, y], image([width, height], &rgb(Region { x, y, width, height }))));
        }
    }
    Picture { size, tiles }
}

fn image(size: [usize; 2], rgb: &[f32]) -> ColorImage {
    let pixels = rgb.as_chunks::<3>().0.iter();
    let [r, g, b] = [0, 1, 2];
    let colour = |p: &[f32; 3]| Color32::from_rgb(p[r].round() as u8, p[g].round() as u8, p[b].round() as u8);
    ColorImage::new(size, pixels.map(colour).collect())
}

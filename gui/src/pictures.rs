//! The thread that reads pictures for the screen and looks for faces before the start. It works on
//! what is visible now: each frame the window says what it lacks, and older wishes are forgotten.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use egui::{Color32, ColorImage};
use visard::face::{DetectOptions, Rectangle, shrink};
use visard::listing::is_clip;
use visard::photo::{self, Limits, Photo, Region, decode};
use visard::video::first_frame;

use crate::queue::Id;
use crate::sight::{Part, Sight, Small, Wish};
use crate::update::{Outbox, Update};
use crate::worker::Networks;

/// Longest side of a thumbnail in pixels.
pub(crate) const THUMBNAIL: usize = 128;
/// Most pixels along a side of an open photo that is read as a whole; where it is seen larger it is read in parts.
const WHOLE: usize = 1024;
/// Pictures are cut into squares of this side: graphics memory takes no side of any length.
const TILE: usize = 1024;
/// Differences are shown this many times as large.
pub(crate) const AMPLIFICATION: f32 = 8.;

/// Work for the thread.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Errand {
    Picture(Wish),
    /// Look for faces in a photo, if it may be read.
    Faces(Id, PathBuf, Limits),
    /// Look for a face in a box that the user drew, in pixels.
    InBox(Id, PathBuf, Rectangle),
}

/// A picture in pieces.
#[derive(Debug)]
pub(crate) struct Picture {
    /// Columns and rows of the photo.
    pub(crate) size: [usize; 2],
    /// Pixels of the photo along a side of a pixel of the pieces.
    pub(crate) factor: usize,
    /// The pieces and where they lie in the photo.
    pub(crate) tiles: Vec<(Region, ColorImage)>,
}

#[derive(Debug, Default)]
struct Wanted {
    errands: Vec<Errand>,
    /// What the thread is at.
    running: Option<Errand>,
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

    /// Says what is lacking now, the most urgent first.
    pub(crate) fn want(&self, mut errands: Vec<Errand>) {
        let (lock, changed) = &*self.wanted;
        let mut wanted = lock.lock().unwrap_or_else(PoisonError::into_inner);
        errands.retain(|errand| wanted.running.as_ref() != Some(errand));
        wanted.errands = errands;
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
        wanted.running = (!wanted.errands.is_empty()).then(|| wanted.errands.remove(0));
        if wanted.running.is_some() {
            return wanted.running.clone();
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
        Errand::Faces(id, path, limits) => {
            // Without networks nothing is known; the window asks again when they are open.
            let Some(ensemble) = ensemble() else { return };
            let faces = read(&path, &limits).and_then(|photo| {
                ensemble.detector.detect(&photo, &DetectOptions::default()).map_err(|e| e.to_string())
            });
            outbox.send(Update::Faces(id, faces));
        }
        Errand::InBox(id, path, bounds) => {
            let Some(ensemble) = ensemble() else { return };
            let face = read(&path, &shown())
                .and_then(|photo| ensemble.detector.detect_in(&photo, bounds).map_err(|e| e.to_string()));
            outbox.send(Update::InBox(id, face));
        }
    }
}

/// Reads a picture; an error is in words for the user.
pub(crate) fn picture(wish: &Wish) -> Result<Picture, String> {
    match wish {
        Wish::Thumbnail(small) => thumbnail(small),
        Wish::Whole(sight) => Scene::read(sight).map(|scene| scene.whole()),
        Wish::Part(sight, part) => Scene::read(sight).map(|scene| scene.picture(*part)),
    }
}

/// What may be shown: of an animation the first picture, whether it can be protected or not.
fn shown() -> Limits {
    Limits { first_picture: true, ..Limits::default() }
}

/// A photo, or the first frame of a clip.
fn read(path: &Path, limits: &Limits) -> Result<Photo, String> {
    if is_clip(path) {
        return first_frame(path, limits).map_err(|e| e.to_string());
    }
    let bytes = limits.read(path).map_err(|e| e.to_string())?;
    decode(&bytes, limits).map_err(|e| e.to_string())
}

fn thumbnail(Small { path, face }: &Small) -> Result<Picture, String> {
    if face.is_some() || is_clip(path) {
        let photo = read(path, &shown())?;
        return shrunk(&photo, face.map_or(photo.region(), |face| within(&photo, face)));
    }
    let bytes = shown().read(path).map_err(|e| e.to_string())?;
    let photo = || decode(&bytes, &shown()).map_err(|e| e.to_string());
    let small = photo::thumbnail(&bytes, THUMBNAIL as u32).map_or_else(photo, Ok)?;
    shrunk(&small, small.region())
}

/// The part of a photo that a face and what is around it cover.
fn within(photo: &Photo, [x, y, width, height]: [i32; 4]) -> Region {
    let span = |start: i32, length: i32, size: usize| {
        let first = (start.max(0) as usize).min(size - 1);
        (first, ((start + length).max(0) as usize).clamp(first + 1, size) - first)
    };
    let ((x, width), (y, height)) = (span(x, width, photo.width()), span(y, height, photo.height()));
    Region { x, y, width, height }
}

fn shrunk(photo: &Photo, Region { x, y, width, height }: Region) -> Result<Picture, String> {
    let scale = (THUMBNAIL as f32 / width.max(height) as f32).min(1.);
    let side = |length: usize| ((length as f32 * scale).round() as usize).max(1);
    let size = [side(width), side(height)];
    let part = Rectangle { x: x as f32, y: y as f32, width: width as f32, height: height as f32 };
    let rgb = shrink(photo, part, [size[1], size[0]]).map_err(|e| e.to_string())?;
    let pixels = rgb.as_chunks().0.iter().map(colour).collect();
    let tile = (Region { x: 0, y: 0, width, height }, ColorImage::new(size, pixels));
    Ok(Picture { size: [width, height], factor: width / size[0], tiles: vec![tile] })
}

/// The decoded photos of a sight.
struct Scene {
    photo: Photo,
    /// Shown is how much this one differs.
    protected: Option<Photo>,
}

impl Scene {
    fn read(sight: &Sight) -> Result<Self, String> {
        match sight {
            Sight::Photo(path) => Ok(Self { photo: read(path, &shown())?, protected: None }),
            Sight::Difference(original, protected) => {
                let (photo, protected) = (read(original, &shown())?, read(protected, &shown())?);
                // It may have been made smaller for where it is shown.
                let photo = photo.reduced(protected.width().max(protected.height()) as u32);
                if photo.region() == protected.region() {
                    Ok(Self { photo, protected: Some(protected) })
                } else {
                    Err(crate::texts::OTHER_SIZE.into())
                }
            }
        }
    }

    fn whole(&self) -> Picture {
        let region = self.photo.region();
        self.picture(Part { region, factor: region.width.max(region.height).div_ceil(WHOLE) })
    }

    fn picture(&self, Part { region, factor }: Part) -> Picture {
        let mut tiles = vec![];
        let (step, right, bottom) = (TILE * factor, region.x + region.width, region.y + region.height);
        for y in (region.y..bottom).step_by(step) {
            for x in (region.x..right).step_by(step) {
                let part = Region { x, y, width: step.min(right - x), height: step.min(bottom - y) };
                tiles.push((part, self.image(part, factor)));
            }
        }
        Picture { size: [self.photo.width(), self.photo.height()], factor, tiles }
    }

    fn image(&self, region: Region, factor: usize) -> ColorImage {
        let (columns, rows) = (region.width.div_ceil(factor), region.height.div_ceil(factor));
        let mut pixels = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            let below = row * factor;
            let height = factor.min(region.height - below);
            let strip = self.rgb(Region { y: region.y + below, height, ..region });
            let lines: Vec<&[[f32; 3]]> = strip.as_chunks().0.chunks(region.width).collect();
            pixels.extend((0..columns).map(|column| {
                let span = column * factor..region.width.min((column + 1) * factor);
                colour(&mean(lines.iter().flat_map(|line| &line[span.clone()])))
            }));
        }
        ColorImage::new([columns, rows], pixels)
    }

    /// Middle grey where nothing changed, if the difference is shown.
    fn rgb(&self, region: Region) -> Vec<f32> {
        let mut rgb = self.photo.rgb(region);
        if let Some(protected) = &self.protected {
            for (before, after) in rgb.iter_mut().zip(protected.rgb(region)) {
                *before = 128. + AMPLIFICATION * (after - *before);
            }
        }
        rgb
    }
}

fn mean<'a>(pixels: impl Iterator<Item = &'a [f32; 3]>) -> [f32; 3] {
    let (mut sum, mut count) = ([0.; 3], 0.);
    for pixel in pixels {
        (0..3).for_each(|c| sum[c] += pixel[c]);
        count += 1.;
    }
    sum.map(|s| s / count)
}

fn colour(rgb: &[f32; 3]) -> Color32 {
    let [r, g, b] = rgb.map(|value| value.round() as u8);
    Color32::from_rgb(r, g, b)
}

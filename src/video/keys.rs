//! The key frames of a track, each with the cloak that is made for it and its neighbours; in between, cloaks pass into each other.

use std::ops::ControlFlow;

use super::clip::Clip;
use super::colour::Colour;
use super::frame::Frame;
use super::look::Look;
use super::place::{Places, covered};
use super::track::Track;
use crate::cloak::{Attempt, Cloak, Effort, Frames, OtherPhoto, Progress, Scene, cloak_frames, numbers_of};
use crate::embed::Embed;
use crate::face::{Face, Grid, Sampler, Similarity, Warp};
use crate::models::Ensemble;
use crate::network::Result;
use crate::photo::Photo;
use crate::pipeline::same_person;
use crate::verify::embedding;

/// A face that looks so different from the last key is one itself: mean difference of its cells in 1/255.
const CHANGED: f32 = 8.;
/// One that differs so much from the frame before is another face, or in another light.
const JUMPED: f32 = 14.;
/// No frame is further from a key than this, in microseconds.
const APART: u64 = 1_000_000;
/// Steps of a key whose cloak goes on from another, as a share of those of one that begins with nothing.
const FURTHER: [usize; 2] = [2, 3];

/// A track with its key frames.
#[derive(Debug)]
pub(super) struct Keyed {
    pub(super) track: Track,
    places: Places,
    keys: Vec<Key>,
    /// What the face looked like in the last key and in the last frame, while keys are chosen.
    looks: Option<[Look; 2]>,
}

/// A key frame: so many frames after the first of its track.
#[derive(Debug)]
struct Key {
    nth: usize,
    /// The square of the face, once it was read, and the face in it.
    square: Option<(Photo, Face)>,
    /// What the surrogates make of it.
    clean: OtherPhoto,
    change: Option<Change>,
    /// Whether its cloak has to be made, or made anew.
    open: bool,
    /// Whether it looks so different from the frame before that the cloaks do not pass into each other.
    alone: bool,
}

/// A change on a grid of cells of one pixel each: in quarters of 1/255, so that those of long clips take little memory.
#[derive(Debug)]
struct Change {
    grid: Grid,
    quarters: Vec<i8>,
}

/// What cloaks are made with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Making<'a> {
    pub(super) ensemble: &'a Ensemble,
    pub(super) attempt: &'a Attempt,
    /// What is known of people.
    pub(super) others: &'a [OtherPhoto],
    pub(super) seed: u64,
}

impl Keyed {
    /// `None` where the face of the track cannot be aligned in any frame: it cannot be cloaked.
    pub(super) fn of(track: Track) -> Option<Self> {
        let places = Places::of(&track)?;
        Some(Self { track, places, keys: vec![], looks: None })
    }

    /// Makes the next frame of the track a key, if it is its first or last, if the face has changed, or if the last key is long ago.
    pub(super) fn choose(&mut self, number: usize, frame: &Frame, clip: &Clip) {
        let Some(nth) = self.nth(number) else { return };
        let look = Look::of_face(frame, &self.places.crop_to_frame(nth));
        let time = |nth: usize| clip.times[self.track.first + nth];
        let [changed, jumped] = match &self.looks {
            Some([key, last]) => [look.distance(key) > CHANGED, look.distance(last) > JUMPED],
            None => [true, false],
        };
        let late = self.keys.last().is_none_or(|key| time(nth) - time(key.nth) >= APART);
        if changed || jumped || late || number + 1 == self.track.end() {
            self.keys.push(Key { alone: jumped, ..Key::at(nth) });
            self.looks = Some([look.clone(), look]);
        } else if let Some([_, last]) = &mut self.looks {
            *last = look;
        }
    }

    /// Reads the square of a frame that is a key.
    pub(super) fn read(&mut self, number: usize, photo: &Photo, ensemble: &Ensemble) -> Result<()> {
        let Some((nth, face)) = self.nth(number).zip(self.track.face(number)) else { return Ok(()) };
        let Some(key) = self.keys.iter_mut().find(|key| key.nth == nth && key.square.is_none()) else {
            return Ok(());
        };
        let Some(square) = self.places.square(nth, photo)? else { return Ok(()) };
        let face = self.places.face(nth, face);
        for surrogate in &ensemble.surrogates {
            key.clean.clean.extend(embedding(surrogate, &square, &face)?);
        }
        key.square = Some((square, face));
        Ok(())
    }

    /// Whether a frame has to be read before cloaks can be made.
    pub(super) fn waits_for(&self, number: usize) -> bool {
        let nth = self.nth(number);
        self.keys.iter().any(|key| Some(key.nth) == nth && key.square.is_none())
    }

    fn nth(&self, number: usize) -> Option<usize> {
        number.checked_sub(self.track.first).filter(|nth| *nth < self.track.faces.len())
    }

    /// Makes a frame a key, and has the cloaks around it made anew.
    pub(super) fn reopen(&mut self, number: usize) {
        let Some(nth) = self.nth(number) else { return };
        let at = self.keys.partition_point(|key| key.nth < nth);
        if self.keys.get(at).is_none_or(|key| key.nth != nth) {
            self.keys.insert(at, Key::at(nth));
        }
        let around = at.saturating_sub(1)..(at + 2).min(self.keys.len());
        self.keys[around].iter_mut().for_each(|key| key.open = true);
    }

    /// Keys whose cloaks have to be made.
    pub(super) fn open(&self) -> usize {
        self.keys.iter().filter(|key| key.open).count()
    }

    /// All keys.
    pub(super) fn count(&self) -> usize {
        self.keys.len()
    }

    /// What is known of the person from the keys.
    pub(super) fn known(&self) -> impl Iterator<Item = &OtherPhoto> {
        self.keys.iter().map(|key| &key.clean).filter(|known| !known.clean.is_empty())
    }

    /// Makes the cloaks that are open, one after the other, each going on from one beside it. `hook` is called with the number of keys
    /// that are done, and the share of the next, and may break off; then it returns `false`.
    pub(super) fn cloak(
        &mut self,
        making: &Making<'_>,
        hook: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Result<bool> {
        let open: Vec<usize> = (0..self.keys.len()).filter(|&i| self.keys[i].open).collect();
        for (done, i) in open.into_iter().enumerate() {
            let mut broken = false;
            let mut step = |p: Progress| {
                let flow = hook(done as f32 + p.step as f32 / p.steps as f32);
                broken = flow.is_break();
                flow
            };
            let made = self.cloak_key(i, making, &mut step)?;
            if broken {
                return Ok(false);
            }
            self.keys[i].open = false;
            if let Some(cloak) = made {
                self.keys[i].change = Some(Change::of(&cloak)?);
            }
        }
        Ok(true)
    }

    fn cloak_key(
        &self,
        i: usize,
        making: &Making<'_>,
        hook: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Option<Cloak>> {
        let Making { ensemble, attempt, others, seed } = *making;
        let own = &self.keys[i];
        let same = |other: &&OtherPhoto| same_person(ensemble, &own.clean.clean, &other.clean);
        let beside = [i.checked_sub(1), Some(i + 1)].into_iter().flatten().filter_map(|j| self.keys.get(j));
        let beside: Vec<&Key> = beside.filter(|key| same(&&key.clean)).collect();
        let scenes: Vec<Scene> = std::iter::once(own)
            .chain(beside.iter().copied())
            .filter_map(|key| key.square.as_ref())
            .map(|(square, face)| Scene::of(square, face))
            .filter_map(Result::transpose)
            .collect::<Result<_>>()?;
        let before = own.change.as_ref().or_else(|| beside.iter().find_map(|key| key.change.as_ref()));
        let start = before.map(Change::tensor).transpose()?;
        let others: Vec<&OtherPhoto> = others.iter().filter(same).collect();
        let surrogates: Vec<&dyn Embed> =
            ensemble.surrogates.iter().map(|surrogate| &surrogate.embedder as &dyn Embed).collect();
        let Effort { steps, views } = attempt.effort;
        let steps = if start.is_some() { steps * FURTHER[0] / FURTHER[1] } else { steps };
        let attempt = Attempt { effort: Effort { steps, views }, ..*attempt };
        let frames = Frames { scenes: &scenes, others: &others, start: start.as_ref() };
        cloak_frames(&frames, &surrogates, &attempt, seed.wrapping_add(i as u64), hook)
    }

    /// Puts the cloak into a frame.
    pub(super) fn put(&self, number: usize, frame: &mut Frame, colour: &Colour) {
        let Some(nth) = self.nth(number) else { return };
        let Some((grid, change)) = self.change(nth) else { return };
        let to_frame = self.places.to_frame(nth);
        let Some(region) = covered(&to_frame, self.places.side(), frame.size()) else { return };
        let from_region = Similarity { a: 1., b: 0., dx: region.x as f32, dy: region.y as f32 };
        let to_grid = from_region.then(&to_frame.inverse()).then(&grid.from_photo());
        let sampler =
            Sampler::new(Warp::new(to_grid, [region.height, region.width]), [grid.height, grid.width]);
        frame.add(region, &sampler.gather(&change), colour);
    }

    /// The change of a frame, in 1/255, on its grid: that of the keys before and after it, by their nearness.
    fn change(&self, nth: usize) -> Option<(Grid, Vec<f32>)> {
        let made: Vec<(&Key, &Change)> =
            self.keys.iter().filter_map(|key| Some((key, key.change.as_ref()?))).collect();
        let next = made.partition_point(|(key, _)| key.nth <= nth);
        let (from, before) = *made.get(next.saturating_sub(1))?;
        let (to, after) = made.get(next).copied().filter(|(key, _)| !key.alone).unwrap_or((from, before));
        let passed = nth.saturating_sub(from.nth) as f32 / (to.nth - from.nth).max(1) as f32;
        let mixed = before.quarters.iter().zip(&after.quarters);
        let mixed = mixed.map(|(a, b)| (f32::from(*a) + (f32::from(*b) - f32::from(*a)) * passed) / 4.);
        Some((before.grid, mixed.collect()))
    }
}

impl Key {
    fn at(nth: usize) -> Self {
        Self { nth, square: None, clean: OtherPhoto::default(), change: None, open: true, alone: false }
    }
}

impl Change {
    fn of(cloak: &Cloak) -> Result<Self> {
        let quarter = |value: f32| (value * 255. * 4.).round() as i8;
        Ok(Self { grid: cloak.grid, quarters: numbers_of(&cloak.change)?.into_iter().map(quarter).collect() })
    }

    fn tensor(&self) -> Result<candle_core::Tensor> {
        let values = self.quarters.iter().map(|quarter| f32::from(*quarter) / 4. / 255.).collect();
        let shape = (3, self.grid.height, self.grid.width);
        Ok(candle_core::Tensor::from_vec(values, shape, &candle_core::Device::Cpu)?)
    }
}

//! Faces that are followed through a clip.
//!
//! Every few frames all faces are sought as in a photo, and each that was found is sought again near its place in the frames after
//! it, and in those just before. So the points of every frame are found, not guessed, but for short gaps. Nothing is followed
//! across a cut.

use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;

use super::clip::Clip;
use super::look::Cuts;
use super::reader::Reader;
use crate::error::{Error, Result};
use crate::face::{DetectOptions, Detector, Face, Point, Rectangle};
use crate::photo::Photo;

/// All faces are sought in every so many frames.
const EVERY: usize = 8;
/// A face that is not found in so many frames is gone.
const GONE: usize = 9;

/// A face in the frames of one shot, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Track {
    /// Its first frame.
    pub(super) first: usize,
    /// The face in this frame and each after it.
    pub(super) faces: Vec<Face>,
}

impl Track {
    /// The face in a frame, if it is there.
    pub(super) fn face(&self, frame: usize) -> Option<&Face> {
        self.faces.get(frame.checked_sub(self.first)?)
    }

    /// The frame after its last one.
    pub(super) fn end(&self) -> usize {
        self.first + self.faces.len()
    }
}

/// Faces that must be followed too, by their frames: the check of a written clip has found them.
pub(super) type Late = HashMap<usize, Vec<Face>>;

/// Follows all faces of a clip. `hook` is told of each frame and may break off.
pub(super) fn follow(
    clip: &Clip,
    detector: &Detector,
    late: &Late,
    hook: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<Vec<Track>> {
    let mut reader = Reader::of(clip)?;
    let mut follower = Follower { detector, live: vec![], done: vec![], recent: VecDeque::new() };
    let mut cuts = Cuts::default();
    let mut number = 0;
    while let Some(frame) = reader.next()? {
        let photo = frame.photo(&clip.colour)?;
        let cut = cuts.begins(&frame);
        if cut {
            follower.end_all();
        }
        let lost = follower.go_on(&photo)?;
        let mut found = late.get(&number).cloned().unwrap_or_default();
        if cut || lost || number % EVERY == 0 || number + 1 == clip.times.len() {
            found.extend(detector.detect(&photo, &DetectOptions::default())?);
        }
        for face in found {
            follower.begin(number, face)?;
        }
        follower.remember(photo);
        number += 1;
        if hook(number).is_break() {
            return Err(Error::Cancelled);
        }
    }
    follower.end_all();
    let mut tracks = follower.done;
    tracks.sort_by_key(|track| track.first);
    Ok(tracks)
}

/// A track that is not at its end; frames in which the face was not found are none.
struct Live {
    first: usize,
    faces: VecDeque<Option<Face>>,
    missing: usize,
}

struct Follower<'a> {
    detector: &'a Detector,
    live: Vec<Live>,
    done: Vec<Track>,
    /// The frames of this shot since all faces were sought for the last time.
    recent: VecDeque<Photo>,
}

impl Follower<'_> {
    /// Seeks every face in the next frame; whether one of them is lost.
    fn go_on(&mut self, photo: &Photo) -> Result<bool> {
        let mut taken: Vec<Face> = vec![];
        let mut lost = false;
        for live in &mut self.live {
            let expected = live.expected();
            let near = self.detector.detect_near(photo, &expected)?;
            let face = near.filter(|face| face.is_at(&expected) && !taken.iter().any(|t| t.is_at(face)));
            taken.extend(face);
            live.missing = if face.is_some() { 0 } else { live.missing + 1 };
            lost |= live.missing == 1;
            live.faces.push_back(face);
        }
        let (gone, live) = std::mem::take(&mut self.live).into_iter().partition(|live| live.missing > GONE);
        self.live = live;
        self.end(gone);
        Ok(lost)
    }

    /// Follows a face that was found in this frame, unless it is followed already; back into the frames before it, too.
    fn begin(&mut self, number: usize, face: Face) -> Result<()> {
        if let Some(live) = self.live.iter_mut().find(|live| live.is_at(&face)) {
            live.found(face);
            return Ok(());
        }
        if self.live.iter().any(|live| live.face(number).is_some_and(|whole| face.is_part_of(whole))) {
            return Ok(());
        }
        let mut live = Live { first: number, faces: [Some(face)].into(), missing: 0 };
        let mut last = face;
        for photo in self.recent.iter().rev() {
            let near = self.detector.detect_near(photo, &last)?;
            let Some(face) = near.filter(|face| face.is_at(&last)) else { break };
            let before = live.first - 1;
            if self.live.iter().any(|other| other.face(before).is_some_and(|other| other.is_at(&face))) {
                break;
            }
            live.first = before;
            live.faces.push_front(Some(face));
            last = face;
        }
        self.live.push(live);
        Ok(())
    }

    fn remember(&mut self, photo: Photo) {
        self.recent.push_back(photo);
        if self.recent.len() > EVERY {
            self.recent.pop_front();
        }
    }

    fn end_all(&mut self) {
        let all = std::mem::take(&mut self.live);
        self.end(all);
        self.recent.clear();
    }

    fn end(&mut self, gone: Vec<Live>) {
        self.done.extend(gone.into_iter().filter_map(Live::end));
    }
}

impl Live {
    /// Where the face should be in the next frame: it goes on as it went.
    fn expected(&self) -> Face {
        let mut known = self.faces.iter().rev().flatten();
        match (known.next(), known.next()) {
            (Some(last), Some(before)) if self.missing == 0 => mixed(before, last, 2.),
            (Some(last), _) => *last,
            // A track begins with a face.
            (None, _) => Face {
                bounds: Rectangle { x: 0., y: 0., width: 0., height: 0. },
                points: [Point::default(); 5],
                score: 0.,
            },
        }
    }

    fn face(&self, frame: usize) -> Option<&Face> {
        self.faces.get(frame.checked_sub(self.first)?)?.as_ref()
    }

    /// Whether a face lies where this one is, or was last.
    fn is_at(&self, face: &Face) -> bool {
        let last = self.faces.iter().rev().flatten().next();
        last.is_some_and(|last| last.is_at(face))
    }

    /// The face was found in the frame after all.
    fn found(&mut self, face: Face) {
        if let Some(last @ None) = self.faces.back_mut() {
            (*last, self.missing) = (Some(face), 0);
        }
    }

    /// The track, up to the last frame in which the face was found, with its gaps filled.
    fn end(mut self) -> Option<Track> {
        while self.faces.back().is_some_and(Option::is_none) {
            self.faces.pop_back();
        }
        let known: Vec<(usize, Face)> =
            self.faces.iter().enumerate().filter_map(|(i, face)| Some((i, (*face)?))).collect();
        let between = |i: usize| {
            let next = known.partition_point(|(at, _)| *at < i);
            let (to, after) = known.get(next)?;
            let (from, before) = known.get(next.saturating_sub(1))?;
            let share = if to > from { (i - from) as f32 / (to - from) as f32 } else { 0. };
            Some(mixed(before, after, share))
        };
        let faces = (0..self.faces.len()).map(between).collect::<Option<Vec<Face>>>()?;
        (!faces.is_empty()).then_some(Track { first: self.first, faces })
    }
}

/// A face on the way from one to another; beyond it where `share` is more than 1.
fn mixed(from: &Face, to: &Face, share: f32) -> Face {
    let mix = |a: f32, b: f32| a + (b - a) * share;
    let (a, b) = (&from.bounds, &to.bounds);
    let points = std::array::from_fn(|i| Point {
        x: mix(from.points[i].x, to.points[i].x),
        y: mix(from.points[i].y, to.points[i].y),
    });
    let bounds = Rectangle {
        x: mix(a.x, b.x),
        y: mix(a.y, b.y),
        width: mix(a.width, b.width).max(1.),
        height: mix(a.height, b.height).max(1.),
    };
    Face { bounds, points, score: from.score.min(to.score) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(x: f32) -> Face {
        let points = [[8., 8.], [24., 8.], [16., 16.], [10., 24.], [22., 24.]];
        let points = points.map(|[px, y]| Point { x: px + x, y });
        Face { bounds: Rectangle { x, y: 0., width: 32., height: 32. }, points, score: 0.9 }
    }

    fn live(places: &[Option<f32>]) -> Live {
        let faces: VecDeque<_> = places.iter().map(|x| x.map(face)).collect();
        Live { first: 3, faces, missing: 0 }
    }

    #[test]
    fn a_gap_is_filled_evenly_and_a_track_ends_with_its_last_face() {
        let track = live(&[Some(0.), None, None, Some(6.), None]).end().unwrap();
        let places: Vec<f32> = track.faces.iter().map(|face| face.bounds.x.round()).collect();
        assert_eq!((track.first, track.end(), places), (3, 7, vec![0., 2., 4., 6.]));
        assert_eq!(live(&[None]).end(), None);
    }

    #[test]
    fn a_face_is_expected_to_go_on_as_it_went() {
        let expected = live(&[Some(0.), Some(4.)]).expected();
        assert!((expected.bounds.x - 8.).abs() < 1e-4 && (expected.points[2].x - 24.).abs() < 1e-4);
    }
}

//! Which of the followed faces are protected, and what becomes of the others: by the same choices as those of photos.

use std::ops::ControlFlow;

use super::clip::Clip;
use super::reader::Reader;
use super::settings::ClipSettings;
use super::track::Track;
use crate::error::{Error, Result};
use crate::hide::Hiding;
use crate::models::Ensemble;
use crate::pipeline::{Faces, Others, Whose, seen};

/// In every so many frames of a track the judges are asked whose face it is; the mean of what they see counts.
const ASKED: usize = 8;

/// What becomes of a followed face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is protected, though the judges may not be sure that it has to be.
    Cloaked { unsure: bool },
    /// It is hidden.
    Hidden(Hiding),
    /// It stays as it is.
    Left,
}

/// A face as every network sees it, if it can be aligned.
type Seen = Option<Vec<Vec<f32>>>;

/// What becomes of each track. `hook` is told of each frame and may break off.
pub(super) fn fates(
    clip: &Clip,
    tracks: &[Track],
    ensemble: &Ensemble,
    settings: &ClipSettings,
    hook: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<Vec<Fate>> {
    let seen = match settings.whose {
        Whose::Everybody => vec![None; tracks.len()],
        Whose::Only(_) | Whose::Except(_) => faces_seen(clip, tracks, ensemble, hook)?,
    };
    let fate = |(wanted, seen): (bool, Seen)| {
        let (chosen, unsure) = settings.whose.choose_seen(ensemble, seen.as_deref());
        match settings.others.hiding() {
            _ if wanted && chosen => Fate::Cloaked { unsure },
            _ if settings.others == Others::Cloak => Fate::Cloaked { unsure: false },
            Some(hiding) => Fate::Hidden(hiding),
            None => Fate::Left,
        }
    };
    Ok(wanted(tracks, &settings.faces).into_iter().zip(seen).map(fate).collect())
}

/// Whether each track is to be protected, whosever it is: any, or what is the largest face of a frame.
fn wanted(tracks: &[Track], faces: &Faces) -> Vec<bool> {
    let mut wanted = vec![*faces == Faces::All; tracks.len()];
    for frame in 0..tracks.iter().map(Track::end).max().unwrap_or(0) {
        let area = |i: &usize| tracks[*i].face(frame).map(|face| face.bounds.area());
        let there = (0..tracks.len()).filter(|i| area(i).is_some());
        if let Some(largest) =
            there.max_by(|a, b| area(a).partial_cmp(&area(b)).unwrap_or(std::cmp::Ordering::Equal))
        {
            wanted[largest] = true;
        }
    }
    wanted
}

/// The mean of what every network sees of each track.
fn faces_seen(
    clip: &Clip,
    tracks: &[Track],
    ensemble: &Ensemble,
    hook: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<Vec<Seen>> {
    let mut all: Vec<Seen> = vec![None; tracks.len()];
    let mut reader = Reader::of(clip)?;
    let mut number = 0;
    while let Some(frame) = reader.next()? {
        let is_asked = |track: &Track| number >= track.first && (number - track.first).is_multiple_of(ASKED);
        let asked = tracks.iter().zip(&mut all).filter(|(track, _)| is_asked(track));
        let asked: Vec<_> = asked.filter_map(|(track, seen)| Some((track.face(number)?, seen))).collect();
        if !asked.is_empty() {
            let photo = frame.photo(&clip.colour)?;
            for (face, sum) in asked {
                if let Some(rows) = seen(ensemble, &photo, face)? {
                    add(sum, rows);
                }
            }
        }
        number += 1;
        if hook(number).is_break() {
            return Err(Error::Cancelled);
        }
    }
    Ok(all)
}

/// Adds what the networks see in a further frame: a cosine asks for no mean, the sum is enough.
fn add(sum: &mut Seen, rows: Vec<Vec<f32>>) {
    let Some(sum) = sum else { return *sum = Some(rows) };
    for (sum, row) in sum.iter_mut().flatten().zip(rows.into_iter().flatten()) {
        *sum += row;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::{Face, Point, Rectangle};

    fn track(first: usize, frames: usize, side: f32) -> Track {
        let bounds = Rectangle { x: 0., y: 0., width: side, height: side };
        Track { first, faces: vec![Face { bounds, points: [Point::default(); 5], score: 1. }; frames] }
    }

    #[test]
    fn what_is_the_largest_face_of_a_frame_is_protected_and_what_never_is_is_not() {
        let tracks = [track(0, 5, 40.), track(2, 9, 30.), track(4, 3, 20.)];
        assert_eq!(wanted(&tracks, &Faces::Largest), [true, true, false]);
        assert_eq!(wanted(&tracks, &Faces::All), [true; 3]);
    }
}

//! A followed face and what is drawn for it.

use super::choice::Fate;
use super::colour::Colour;
use super::frame::Frame;
use super::keys::Keyed;
use super::track::Track;
use crate::error::Result;
use crate::face::Face;
use crate::hide::{Hiding, Mask};

/// A followed face, by what becomes of it.
#[derive(Debug)]
pub(super) enum Followed {
    /// It is protected, though the judges may not be sure that it has to be.
    Cloaked { keyed: Keyed, unsure: bool },
    /// It is hidden; behind the mask that was made of its first frame.
    Hidden { track: Track, hiding: Hiding, mask: Option<Box<Mask>> },
    /// It stays as it is.
    Left(Track),
}

impl Followed {
    /// `None` where a face that is to be protected cannot be aligned in any frame: no cloak is possible, and the check will find it.
    pub(super) fn of(track: Track, fate: Fate) -> Option<Self> {
        Some(match fate {
            Fate::Cloaked { unsure } => Self::Cloaked { keyed: Keyed::of(track)?, unsure },
            Fate::Hidden(hiding) => Self::Hidden { track, hiding, mask: None },
            Fate::Left => Self::Left(track),
        })
    }

    pub(super) fn track(&self) -> &Track {
        match self {
            Self::Cloaked { keyed, .. } => &keyed.track,
            Self::Hidden { track, .. } | Self::Left(track) => track,
        }
    }

    /// The key frames of a face that is protected.
    pub(super) fn keyed(&self) -> Option<&Keyed> {
        match self {
            Self::Cloaked { keyed, .. } => Some(keyed),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(super) fn keyed_mut(&mut self) -> Option<&mut Keyed> {
        match self {
            Self::Cloaked { keyed, .. } => Some(keyed),
            _ => None,
        }
    }

    /// How the face is hidden, if it is.
    pub(super) fn hiding(&self) -> Option<Hiding> {
        match self {
            Self::Hidden { hiding, .. } => Some(*hiding),
            _ => None,
        }
    }

    /// Whether it stays as it is.
    pub(super) fn is_left(&self) -> bool {
        matches!(self, Self::Left(_))
    }
}

/// Puts the cloaks into a frame, and the masks over what is hidden in it.
pub(super) fn draw(
    all: &mut [Followed],
    number: usize,
    frame: &mut Frame,
    colour: &Colour,
    seed: u64,
) -> Result<()> {
    all.iter().filter_map(Followed::keyed).for_each(|keyed| keyed.put(number, frame, colour));
    if all.iter().all(|face| face.hiding().is_none() || face.track().face(number).is_none()) {
        return Ok(());
    }
    let kept = all.iter().filter(|face| face.hiding().is_none());
    let kept: Vec<Face> = kept.filter_map(|face| face.track().face(number).copied()).collect();
    let mut photo = frame.photo(colour)?;
    for face in all {
        let Followed::Hidden { track, hiding, mask } = face else { continue };
        let Some(face) = track.face(number) else { continue };
        if mask.is_none() {
            *mask = Mask::of(&photo, face, *hiding, seed).map(Box::new);
        }
        if let Some(region) = mask.as_ref().and_then(|mask| mask.draw(&mut photo, face, &kept)) {
            frame.paint(region, &photo, colour);
        }
    }
    Ok(())
}

//! Animated GIF and WebP as clips. They are decoded here, since most versions of ffmpeg read no animated WebP.

use super::clip::{Clip, refused};
use super::colour::Colour;
use super::frame::Frame;
use super::source::Source;
use super::times::{Part, chosen};
use crate::error::Result;
use crate::photo::{Animation, Picture};

/// Ticks a second: WebP counts its times in these, and GIF in ten of them.
const TICKS: u32 = 1000;

/// What an animation is as a clip.
///
/// # Errors
/// Where a picture cannot be decoded, or the part is none of it or too long.
pub(super) fn clip(animation: Animation, part: &Part) -> Result<Clip> {
    let (mut size, mut shown, mut notes) = ([0; 2], vec![], vec![]);
    for picture in animation.pictures()? {
        let Picture { photo, shown: seconds, transparent } = picture?;
        size = [photo.width(), photo.height()].map(|side| side / 2 * 2);
        shown.push(seconds.as_secs_f64());
        if transparent && notes.is_empty() {
            notes.push("what can be seen through is written as white".into());
        }
    }
    if size.iter().any(|side| *side < 16) {
        return Err(refused("its picture has less than 16 pixels a side"));
    }
    let times = times(&shown);
    let (frames, end) = chosen(&times, part)?;
    let start = times[frames.start];
    let tag = |(name, value): (&'static str, &str)| (name, value.to_string());
    let tags = [
        ("range", "tv"),
        ("colorspace", "bt709"),
        ("color_primaries", "bt709"),
        ("color_trc", "iec61966-2-1"),
    ];
    Ok(Clip {
        stream: 0,
        size,
        colour: Colour::HD,
        is_rgb: true,
        tags: tags.map(tag).to_vec(),
        aspect: None,
        times: times[frames.clone()].iter().map(|time| ((time - start) * 1e6).round() as u64).collect(),
        start,
        end,
        frames,
        ticks: TICKS,
        sound: vec![],
        removed: animation.removed().to_vec(),
        notes,
        source: Source::Animation(animation),
    })
}

/// When each picture is shown, in seconds. Versions of ffmpeg differ in how long a last frame is shown: where it is not as long as
/// the one before, the last picture is there twice, so that at least half of its time is kept.
fn times(shown: &[f64]) -> Vec<f64> {
    let mut end = 0.;
    let mut times = vec![];
    for seconds in shown {
        times.push(end);
        end += seconds;
    }
    if let [.., before, last] = shown
        && (before - last).abs() > 1e-6
    {
        times.push(end - last / 2.);
    }
    times
}

/// The frames of an animation.
pub(super) struct Pictures {
    pictures: Box<dyn Iterator<Item = Result<Picture>>>,
    last: Option<Frame>,
    size: [usize; 2],
}

impl Pictures {
    /// Begins with the first frame of a clip's part.
    pub(super) fn of(animation: &Animation, clip: &Clip) -> Result<Self> {
        let pictures = Box::new(animation.pictures()?.map(|picture| Ok(picture?)));
        let mut pictures = Self { pictures, last: None, size: clip.size };
        for _ in 0..clip.frames.start {
            pictures.next()?;
        }
        Ok(pictures)
    }

    /// The next frame; the last one again where there is none behind it.
    pub(super) fn next(&mut self) -> Result<Option<Frame>> {
        if let Some(picture) = self.pictures.next() {
            self.last = Some(Frame::of(&picture?.photo, self.size, &Colour::HD));
        }
        Ok(self.last.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_picture_that_is_not_shown_as_long_as_the_one_before_is_there_twice() {
        let rounded = |shown: &[f64]| -> Vec<f64> {
            times(shown).iter().map(|time| (time * 1000.).round() / 1000.).collect()
        };
        assert_eq!(rounded(&[0.1, 0.2, 0.2]), [0., 0.1, 0.3]);
        assert_eq!(rounded(&[0.1, 0.2, 0.8]), [0., 0.1, 0.3, 0.7]);
        assert_eq!(rounded(&[0.5]), [0.]);
    }
}

//! Frames of a clip, one after the other, as ffmpeg decodes them, or as an animation has them.

use std::ffi::OsString;
use std::io::Read as _;
use std::process::ChildStdout;

use super::animated::Pictures;
use super::clip::Clip;
use super::ffmpeg::{Running, ffmpeg};
use super::frame::Frame;
use super::source::Source;
use crate::error::{Error, Result};

/// The frames of a part of a clip; no more than one is held, and of an animation the one before.
pub(super) struct Reader {
    frames: Frames,
    left: usize,
}

/// Where frames come from.
enum Frames {
    Decoded(Decoder),
    Animated(Pictures),
}

impl Reader {
    /// Begins with the first frame of a clip's part.
    pub(super) fn of(clip: &Clip) -> Result<Self> {
        let frames = match &clip.source {
            Source::Animation(animation) => Frames::Animated(Pictures::of(animation, clip)?),
            source => Frames::Decoded(Decoder::of(clip, source.name())?),
        };
        Ok(Self { frames, left: clip.times.len() })
    }

    /// The next frame, or `None` after the last one.
    ///
    /// # Errors
    /// Where there are fewer frames than the clip has.
    pub(super) fn next(&mut self) -> Result<Option<Frame>> {
        if self.left == 0 {
            return Ok(None);
        }
        let frame = match &mut self.frames {
            Frames::Decoded(decoder) => decoder.next(self.left).map(Some),
            Frames::Animated(pictures) => pictures.next(),
        };
        self.left -= 1;
        frame
    }
}

/// ffmpeg, at work on a file.
struct Decoder {
    running: Running,
    output: ChildStdout,
    size: [usize; 2],
}

impl Decoder {
    fn of(clip: &Clip, file: Option<OsString>) -> Result<Self> {
        let [width, height] = clip.size;
        let full = if clip.colour.full { "pc" } else { "tv" };
        let matrix = if clip.is_rgb { ":out_color_matrix=bt709" } else { "" };
        // By number, since a seek to a time may miss a frame. What is not 4:2:0 keeps its matrix and range.
        let picture = format!(
            "trim=start_frame={}:end_frame={},crop={width}:{height}:0:0,\
             scale=out_range={full}{matrix}:flags=accurate_rnd+full_chroma_int",
            clip.frames.start, clip.frames.end
        );
        let mut command = ffmpeg();
        command.arg("-i").args(file).arg("-map").arg(format!("0:{}", clip.stream));
        command.args(["-vf", &picture, "-fps_mode", "passthrough"]);
        command.args(["-pix_fmt", if clip.colour.full { "yuvj420p" } else { "yuv420p" }]);
        command.args(["-f", "rawvideo", "pipe:1"]);
        let mut running = Running::start(command, [false, true])?;
        let output = running.output().ok_or_else(|| Error::Usage("ffmpeg has no output".into()))?;
        Ok(Self { running, output, size: clip.size })
    }

    /// The next frame, of so many that are left.
    fn next(&mut self, left: usize) -> Result<Frame> {
        let [width, height] = self.size;
        let mut levels = vec![0; Frame::bytes(width, height)];
        if self.output.read_exact(&mut levels).is_err() {
            let why = self.running.failure();
            return Err(Error::Usage(format!("the last {left} frames cannot be decoded: {why}")));
        }
        Ok(Frame::new(width, height, levels))
    }
}

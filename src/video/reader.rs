//! Frames of a clip, one after the other, as ffmpeg decodes them.

use std::io::Read as _;
use std::process::ChildStdout;

use super::clip::Clip;
use super::ffmpeg::{Running, ffmpeg, file};
use super::frame::Frame;
use crate::error::{Error, Result};

/// The frames of a part of a clip; no more than one is held.
#[derive(Debug)]
pub(super) struct Reader {
    running: Running,
    output: ChildStdout,
    size: [usize; 2],
    left: usize,
}

impl Reader {
    /// Begins with the first frame of a clip's part.
    pub(super) fn of(clip: &Clip) -> Result<Self> {
        let [width, height] = clip.size;
        let full = if clip.colour.full { "pc" } else { "tv" };
        // By number, since a seek to a time may miss a frame. What is not 4:2:0 keeps its matrix and range.
        let picture = format!(
            "trim=start_frame={}:end_frame={},crop={width}:{height}:0:0,\
             scale=out_range={full}:flags=accurate_rnd+full_chroma_int",
            clip.frames.start, clip.frames.end
        );
        let mut command = ffmpeg();
        command.arg("-i").arg(file(&clip.path)).arg("-map").arg(format!("0:{}", clip.stream));
        command.args(["-vf", &picture, "-fps_mode", "passthrough"]);
        command.args(["-pix_fmt", if clip.colour.full { "yuvj420p" } else { "yuv420p" }]);
        command.args(["-f", "rawvideo", "pipe:1"]);
        let mut running = Running::start(command, [false, true])?;
        let output = running.output().ok_or_else(|| Error::Usage("ffmpeg has no output".into()))?;
        Ok(Self { running, output, size: clip.size, left: clip.times.len() })
    }

    /// The next frame, or `None` after the last one.
    ///
    /// # Errors
    /// Where ffmpeg gives fewer frames than the clip has.
    pub(super) fn next(&mut self) -> Result<Option<Frame>> {
        if self.left == 0 {
            return Ok(None);
        }
        let [width, height] = self.size;
        let mut levels = vec![0; Frame::bytes(width, height)];
        if self.output.read_exact(&mut levels).is_err() {
            let why = self.running.failure();
            return Err(Error::Usage(format!("the last {} frames cannot be decoded: {why}", self.left)));
        }
        self.left -= 1;
        Ok(Some(Frame::new(width, height, levels)))
    }
}

//! Frames and the sound of the original become a file.

use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{ChildStdin, Command};

use serde::{Deserialize, Serialize};

use super::clip::Clip;
use super::ffmpeg::{Running, ffmpeg, file};
use super::frame::Frame;
use super::matroska;
use crate::error::{Error, Result};

/// Sound that an MP4 file takes as it is.
const TAKEN: [&str; 9] = ["aac", "mp3", "mp2", "ac3", "eac3", "alac", "opus", "flac", "dts"];

/// Nothing is told of where, when and by what a clip was made.
const UNTOLD: [&str; 8] =
    ["-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"];

/// How the pictures are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// H.264, which everything plays.
    #[default]
    H264,
    /// H.265.
    H265,
    /// AV1.
    Av1,
}

impl Codec {
    /// The usual quality, as its encoder counts: less is better.
    pub fn usual_quality(self) -> u8 {
        match self {
            Self::H264 => 18,
            Self::H265 => 21,
            Self::Av1 => 28,
        }
    }

    fn options(self) -> &'static [&'static str] {
        match self {
            Self::H264 => &["-c:v", "libx264", "-preset", "medium"],
            Self::H265 => {
                &["-c:v", "libx265", "-preset", "medium", "-tag:v", "hvc1", "-x265-params", "log-level=error"]
            }
            Self::Av1 => &["-c:v", "libsvtav1", "-preset", "8"],
        }
    }
}

/// A file in the making.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    clip: &'a Clip,
    running: Running,
    input: Option<BufWriter<ChildStdin>>,
    written: usize,
}

impl<'a> Writer<'a> {
    /// Begins the file of a clip's part.
    pub(super) fn begin(clip: &'a Clip, to: &Path, codec: Codec, quality: u8) -> Result<Self> {
        let mut command = ffmpeg();
        inputs(&mut command, clip);
        command.args(["-map", "0:v", "-vf", &properties(clip)]).args(codec.options());
        if clip.source.name().is_some() {
            command.args(["-map", "1:a?"]);
        }
        command.args([
            "-crf",
            &quality.to_string(),
            "-pix_fmt",
            if clip.colour.full { "yuvj420p" } else { "yuv420p" },
        ]);
        command.args(["-fps_mode", "passthrough", "-enc_time_base", "1:1000000"]);
        command.args(sound(clip));
        command.args(UNTOLD).args([
            "-video_track_timescale",
            &clip.ticks.to_string(),
            "-movflags",
            "+faststart",
            "-f",
            "mp4",
        ]);
        command.arg(file(to));
        let mut running = Running::start(command, [true, false])?;
        let input = running.input().map(|input| BufWriter::with_capacity(1 << 20, input));
        let mut writer = Self { clip, running, input, written: 0 };
        // One frame alone has no distance to the next; encoders refuse a rate that is absurd.
        let usual = match (clip.times.last(), clip.times.len() as u64) {
            (Some(last), count @ 2..) => last / (count - 1),
            _ => clip.duration(0),
        };
        writer.write(|to| matroska::begin(to, clip.size, usual.max(1)))?;
        Ok(writer)
    }

    /// Adds the next frame.
    pub(super) fn add(&mut self, frame: &Frame) -> Result<()> {
        let (time, duration) = (self.clip.times[self.written], self.clip.duration(self.written));
        self.written += 1;
        self.write(|to| matroska::frame(to, time, duration, frame.levels()))
    }

    /// Waits until the file is whole.
    pub(super) fn end(mut self) -> Result<()> {
        self.write(|to| to.flush())?;
        drop(self.input.take());
        self.running.end()
    }

    fn write(&mut self, what: impl FnOnce(&mut BufWriter<ChildStdin>) -> std::io::Result<()>) -> Result<()> {
        let input = self.input.as_mut().ok_or_else(|| Error::Usage("ffmpeg takes no frames".into()))?;
        // It went away: what it said tells more than the broken pipe.
        what(input).map_err(|_| self.running.failure())
    }
}

/// The frames, as far behind the beginning of the sound as they were; and the original, for its sound.
fn inputs(command: &mut Command, clip: &Clip) {
    let whole = clip.end.is_none() && clip.frames.start == 0;
    let behind = if whole { clip.start } else { 0. };
    command.args(["-itsoffset", &format!("{behind:.6}"), "-f", "matroska", "-i", "pipe:0"]);
    let Some(original) = clip.source.name() else { return };
    if !whole {
        command.args(["-ss", &format!("{:.6}", clip.start)]);
        command.args(["-t", &format!("{:.6}", clip.seconds())]);
    }
    command.arg("-i").arg(original);
}

/// Says of the frames what was said of the clip's; no level changes.
fn properties(clip: &Clip) -> String {
    let tags: Vec<String> = clip.tags.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let aspect = clip.aspect.as_ref().map(|aspect| format!(",setsar={aspect}")).unwrap_or_default();
    format!("setparams={}{aspect}", tags.join(":"))
}

fn sound(clip: &Clip) -> &'static [&'static str] {
    if is_taken(clip) { &["-c:a", "copy"] } else { &["-c:a", "aac", "-b:a", "192k"] }
}

/// Whether the sound is copied as it is.
pub(super) fn is_taken(clip: &Clip) -> bool {
    clip.sound.iter().all(|codec| TAKEN.contains(&codec.as_str()))
}

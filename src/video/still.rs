//! A clip at a glance.

use std::path::Path;

use super::ffmpeg::{ffmpeg, file, output_of};
use crate::error::Result;
use crate::photo::{Limits, Photo, decode};

/// The first frame of a clip, upright, for the screen: nothing else of it is read.
///
/// # Errors
/// Where ffmpeg is missing, the file is no clip, or a frame is over the limits.
pub fn first_frame(clip: &Path, limits: &Limits) -> Result<Photo> {
    let mut command = ffmpeg();
    command.arg("-i").arg(file(clip));
    let png =
        output_of(command, ["-map", "0:v:0", "-frames:v", "1", "-c:v", "png", "-f", "image2pipe", "pipe:1"])?;
    Ok(decode(&png, limits)?)
}

//! How clips are protected.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::choices::Strength;
use super::cloak::{Networks, Whom};
use super::memory::Memory;
use visard::pipeline::Existing;
use visard::video::Codec;

/// Protect the faces of short videos
///
/// Each clip, and each animated GIF or WebP, is written under the output folder as an MP4 file, with its sound and the times of its frames, and without place, camera
/// and time. The written file is decoded again and judged, frame by frame. A clip in which no face is found is not written.
/// This needs the programs ffmpeg and ffprobe, version 5.1 or newer.
///
/// For example: visard video clip.mov --output protected/
#[derive(Debug, Args)]
pub(in crate::cli) struct Video {
    /// Clips, and folders of them: whatever ffmpeg reads, animated GIF and WebP, and photos with a film inside
    #[arg(required = true, value_name = "PATH")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// The folder to write to; it is made if it is not there
    #[arg(long, short, value_name = "DIR")]
    pub(in crate::cli) output: PathBuf,
    /// Begin so many seconds after the clip's beginning; or at hours:minutes:seconds
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub(in crate::cli) from: Option<f64>,
    /// End so many seconds after the clip's beginning
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub(in crate::cli) to: Option<f64>,
    /// Refuse longer clips, or parts, than this
    #[arg(long, value_name = "TIME", value_parser = seconds, default_value = "300")]
    pub(in crate::cli) longest: f64,
    /// How strong the protection is, and how visible
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) strength: Strength,
    #[command(flatten)]
    pub(in crate::cli) whom: Whom,
    /// Photos of the same people, or folders of them, which are looked at and not written
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) beside: Vec<PathBuf>,
    /// How the pictures are compressed
    #[arg(long, value_enum, default_value_t)]
    codec: CodecChoice,
    /// Quality of the pictures as the encoder counts (CRF): less is better and larger [default: 18, 21 or 28 by the codec]
    #[arg(long, value_name = "0-51", value_parser = clap::value_parser!(u8).range(0..=51))]
    pub(in crate::cli) crf: Option<u8>,
    /// Go on with an interrupted run: clips that its journal says are done, and have not changed, are kept
    #[arg(long, conflicts_with = "overwrite")]
    resume: bool,
    /// Replace outputs that are there
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    pub(in crate::cli) networks: Networks,
    /// Write a report of everything that was done, as JSON
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) report: Option<PathBuf>,
    /// Print the report of each clip as one JSON object a line
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) memory: Memory,
    /// Seed of all random choices
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) seed: u64,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum CodecChoice {
    /// H.264, which everything plays
    #[default]
    H264,
    /// H.265
    H265,
    /// AV1
    Av1,
}

impl Video {
    pub(in crate::cli) fn codec(&self) -> Codec {
        match self.codec {
            CodecChoice::H264 => Codec::H264,
            CodecChoice::H265 => Codec::H265,
            CodecChoice::Av1 => Codec::Av1,
        }
    }

    pub(in crate::cli) fn existing(&self) -> Existing {
        match (self.resume, self.overwrite) {
            (true, _) => Existing::Resume,
            (_, true) => Existing::Overwrite,
            _ => Existing::Refuse,
        }
    }
}

/// A time in seconds, or as hours:minutes:seconds.
fn seconds(text: &str) -> Result<f64, String> {
    let parts: Vec<Option<f64>> = text.split(':').map(|part| part.parse().ok()).collect();
    let known: Option<Vec<f64>> = parts.into_iter().collect();
    let whole =
        known.filter(|parts| parts.len() <= 3 && parts.iter().all(|part| part.is_finite() && *part >= 0.));
    let whole = whole.ok_or("write seconds, or hours:minutes:seconds, for example 12.5 or 1:05")?;
    Ok(whole.iter().fold(0., |sum, part| sum * 60. + part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_seconds_or_has_minutes_and_hours() {
        for (text, expected) in [("12.5", 12.5), ("1:05", 65.), ("1:00:00.5", 3600.5)] {
            assert_eq!(seconds(text), Ok(expected));
        }
        for wrong in ["", "x", "-1", "1:2:3:4", "inf", "1:"] {
            assert!(seconds(wrong).unwrap_err().contains("for example"), "{wrong}");
        }
    }
}

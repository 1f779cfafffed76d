//! What can be said on the command line. The texts are the help that users read.

mod choices;
mod measure;
mod memory;
mod models;

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use self::choices::{FormatChoice, Metadata, Place, Strength, WhichFaces};
pub(super) use self::measure::{Evaluate, Search};
pub(super) use self::memory::Memory;
pub(super) use self::models::{Add, Calibrate, Models};
use visard::face::Rectangle;
use visard::pipeline::Existing;

/// A whole number within a range; clap says the range where it is left.
fn number(range: RangeInclusive<u64>) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(range)
}

/// Protects photos from face-search engines, and checks that it worked.
///
/// visard changes the pixels of faces slightly, so that face-recognition networks no longer match
/// the photo to the person, and then asks networks that it did not use for this whether they still
/// recognise the face in the written file. It never changes an original, and it uses the internet for
/// nothing but `visard models pull`.
///
/// Exit codes: 0 every photo protected and verified; 1 at least one was not (no face found, still
/// recognisable, or failed), all others done; 2 could not run.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub(super) struct Arguments {
    /// A folder with network files (ONNX); may be given several times
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) models_dir: Vec<PathBuf>,
    /// The face detector [default: of a folder that was named, or else the built-in one]
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) detector: Option<String>,
    /// Threads to compute with [default: one for each core]
    #[arg(long, global = true, value_name = "N", value_parser = number(1..=1024))]
    pub(super) threads: Option<usize>,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Cloak(Cloak),
    Verify(Verify),
    Detect(Detect),
    Embed(Embed),
    Search(Search),
    Evaluate(Evaluate),
    /// Look after the networks
    #[command(subcommand)]
    Models(Models),
    /// Print a completion script for a shell
    ///
    /// For example: visard completions bash > ~/.local/share/bash-completion/completions/visard
    Completions {
        shell: Shell,
    },
}

/// Protect photos and folders of photos
///
/// Each photo is written under the output folder with its own name, and only if that file is not
/// there yet. A photo in which no face is found is not written.
///
/// For example: visard cloak holiday/ --output protected/
///
/// For another program, one photo from standard input to standard output; the exit code is the verdict:
/// visard cloak - --output - < photo.jpg > protected.jpg
#[derive(Debug, Args)]
pub(super) struct Cloak {
    /// Photos, and folders of photos: JPEG, PNG, WebP, HEIC, AVIF, JPEG XL, TIFF, GIF, BMP; or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// The folder to write to; it is made if it is not there; or - for standard output, for one photo
    #[arg(long, short, value_name = "DIR")]
    pub(super) output: PathBuf,
    /// Other photos of the same people, or folders of them: they are looked at and not written
    ///
    /// A search starts from photos that the tool does not know. The more photos of a person it has seen, the
    /// less of them find the protected one; photos that are protected together know each other anyway.
    #[arg(long, value_name = "PATH")]
    pub(super) beside: Vec<PathBuf>,
    /// How strong the protection is, and how visible
    #[arg(long, value_enum, default_value_t)]
    pub(super) strength: Strength,
    /// Which faces to protect
    #[arg(long, value_enum, default_value_t)]
    pub(super) faces: WhichFaces,
    /// A face that is not found by itself: a box around it, in pixels of the upright photo; may be given several times
    ///
    /// X and Y are the left and upper edge, W and H the width and the height. It is protected besides those of --faces.
    /// For one photo only.
    #[arg(long, value_name = "X,Y,W,H", value_parser = choices::a_box)]
    pub(super) face: Vec<Rectangle>,
    /// Where the photo is to be shown
    ///
    /// Such places make photos smaller and compress them again, which wears a cloak down. So the photo is reduced first and
    /// cloaked then, written as a JPEG, and checked as the place is known to pass it on.
    #[arg(long = "for", value_enum, value_name = "PLACE", default_value_t)]
    pub(super) destination: Place,
    /// Reduce photos before they are cloaked, so that the longer side has at most so many pixels
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(16..))]
    pub(super) max_side: Option<u32>,
    #[command(flatten)]
    pub(super) networks: Networks,
    /// The format to write [default: the input's own, if it can be written]
    #[arg(long, value_enum, default_value_t, hide_default_value = true)]
    pub(super) format: FormatChoice,
    /// Quality of a JPEG, HEIC, AVIF or lossy WebP [default: a JPEG's own, at least 90]
    #[arg(long, value_name = "1-100", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(super) quality: Option<u8>,
    /// The largest file to write, for example 300K or 2M: a JPEG, HEIC, AVIF or lossy WebP gets as much less quality as it takes
    ///
    /// The verdict is made on that file. Quality is never below 30.
    #[arg(long, value_name = "SIZE", value_parser = memory::bytes)]
    pub(super) max_bytes: Option<u64>,
    /// Of an animation take its first picture: all others are left out
    #[arg(long)]
    pub(super) first_picture: bool,
    /// What becomes of GPS position, camera, time and other notes in the file
    ///
    /// Thumbnails, further pictures, films, maker notes, editing history and what cannot be understood are always
    /// removed: they may show the face as it was. The report names all that was removed.
    #[arg(long, value_enum, default_value_t)]
    pub(super) metadata: Metadata,
    /// Write a report of everything that was done, as JSON
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,
    /// Print the report of each photo as one JSON object a line
    #[arg(long)]
    pub(super) json: bool,
    /// Go on with an interrupted run: what its journal says is done, and has not changed, is kept
    ///
    /// The journal lies in the output folder and says of each photo from what, how and with which verdict it was
    /// made. A file that it does not know, or that was made with other options, is never called protected.
    #[arg(long, conflicts_with = "overwrite")]
    resume: bool,
    /// Replace outputs that are there
    #[arg(long)]
    overwrite: bool,
    /// Also write photos in which no face is found, unchanged but for their metadata
    #[arg(long)]
    pub(super) keep_faceless: bool,
    #[command(flatten)]
    pub(super) memory: Memory,
    /// Seed of all random choices: the same seed and the same photos give the same files
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) seed: u64,
}

/// Ask whether persons are still recognised in cloaked photos
///
/// For example: visard verify --original holiday/ --cloaked protected/
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The original photo, or a folder of originals
    #[arg(long, value_name = "PATH")]
    pub(super) original: PathBuf,
    /// The cloaked photo, or the folder that holds them
    #[arg(long, value_name = "PATH")]
    pub(super) cloaked: PathBuf,
    /// The networks that judge [default: all judges at hand]
    #[arg(long, value_delimiter = ',', value_name = "NAME,...")]
    pub(super) judges: Vec<String>,
    #[command(flatten)]
    pub(super) memory: Memory,
    /// Print one JSON object a line
    #[arg(long)]
    pub(super) json: bool,
}

/// Find faces: their boxes, five points and the detector's confidence
#[derive(Debug, Args)]
pub(super) struct Detect {
    /// Photos and folders
    #[arg(required = true, value_name = "PATH")]
    pub(super) photos: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) memory: Memory,
    /// Print one JSON object a line
    #[arg(long)]
    pub(super) json: bool,
}

/// Print the embeddings of faces
#[derive(Debug, Args)]
pub(super) struct Embed {
    /// Photos and folders
    #[arg(required = true, value_name = "PATH")]
    pub(super) photos: Vec<PathBuf>,
    /// The network
    #[arg(long, value_name = "NAME")]
    pub(super) model: String,
    #[command(flatten)]
    pub(super) memory: Memory,
    /// Print one JSON object a line
    #[arg(long)]
    pub(super) json: bool,
}

/// Which networks do what.
#[derive(Debug, Args)]
pub(super) struct Networks {
    /// The networks that make the cloaks [default: all surrogates at hand that leave an independent judge]
    #[arg(long, value_delimiter = ',', value_name = "NAME,...")]
    pub(super) models: Vec<String>,
    /// The networks that judge the written files [default: all judges at hand]
    #[arg(long, value_delimiter = ',', value_name = "NAME,...")]
    pub(super) judges: Vec<String>,
}

impl Cloak {
    pub(super) fn existing(&self) -> Existing {
        match (self.resume, self.overwrite) {
            (true, _) => Existing::Resume,
            (_, true) => Existing::Overwrite,
            _ => Existing::Refuse,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn absurd_numbers_are_refused_where_they_are_said() {
        for line in [
            "search p --gallery g --distractors",
            "search p --gallery g --top",
            "evaluate --data d --output o --photos-per-person",
            "models calibrate n --data d --persons",
            "cloak p --output o --threads",
            "cloak p --output o --quality",
        ] {
            for number in ["200000000000000000", "18446744073709551616", "1.5"] {
                let words = ["visard"].into_iter().chain(line.split(' ')).chain([number]);
                let error = Arguments::try_parse_from(words).unwrap_err();
                assert_eq!(error.kind(), clap::error::ErrorKind::ValueValidation, "{line} {number}: {error}");
            }
        }
    }
}

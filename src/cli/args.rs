//! What can be said on the command line. The texts are the help that users read.

mod choices;
mod cloak;
mod measure;
mod memory;
mod models;
mod video;

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub(super) use self::choices::Names;
pub(super) use self::cloak::{Cloak, Wanted, Watch, Whom};
pub(super) use self::measure::{Evaluate, Search};
pub(super) use self::memory::Memory;
pub(super) use self::models::{Add, Calibrate, Models};
pub(super) use self::video::Video;

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
/// Exit codes: 0 every photo protected or hidden, and verified; 1 at least one was not (no face found, still
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
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Cloak(Cloak),
    Watch(Watch),
    Video(Video),
    Verify(Verify),
    Detect(Detect),
    Embed(Embed),
    Search(Search),
    Evaluate(Evaluate),
    /// Look after the networks
    #[command(subcommand)]
    Models(Models),
    Page(Page),
    /// Print a completion script for a shell
    ///
    /// For example: visard completions bash > ~/.local/share/bash-completion/completions/visard
    Completions {
        shell: Shell,
    },
    /// Write the manual pages of all commands into a folder, for packages
    ///
    /// For example: visard manual /usr/share/man/man1
    Manual {
        /// The folder; it is made if it is not there
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
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

/// Serve the page for browsers to this machine, where it protects photos as the window does
///
/// For example: visard page web/dist
#[derive(Debug, Args)]
pub(super) struct Page {
    /// The folder of the page [default: `page` beside the program]
    #[arg(value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
    /// The port of 127.0.0.1 to listen on; 0 takes one that is free
    #[arg(long, value_name = "N", default_value_t = 8470)]
    pub(super) port: u16,
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

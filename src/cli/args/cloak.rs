//! How photos are protected.

use std::path::PathBuf;

use clap::Args;

use super::choices::{self, FormatChoice, Metadata, Names, OtherFaces, Place, Strength, WhichFaces};
use super::memory::{self, Memory};
use visard::face::Rectangle;
use visard::pipeline::Existing;

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
pub(in crate::cli) struct Cloak {
    /// Photos, and folders of photos: JPEG, PNG, WebP, HEIC, AVIF, JPEG XL, TIFF, GIF, BMP; or - for standard input
    ///
    /// Patterns such as 'holiday/*.jpg' are understood where the shell has not replaced them.
    #[arg(required_unless_present = "files_from", value_name = "PATH")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// A file that names more of them, one in each line; or - for standard input
    ///
    /// A list with NUL characters has one before each, as find -print0 writes.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) files_from: Option<PathBuf>,
    /// The folder to write to; it is made if it is not there; or - for standard output, for one photo
    #[arg(long, short, value_name = "DIR")]
    pub(in crate::cli) output: PathBuf,
    /// A face that is not found by itself: a box around it, in pixels of the upright photo; may be given several times
    ///
    /// X and Y are the left and upper edge, W and H the width and the height. It is protected besides those of --faces.
    /// For one photo only.
    #[arg(long, value_name = "X,Y,W,H", value_parser = choices::a_box)]
    pub(in crate::cli) face: Vec<Rectangle>,
    /// Also protect the films that a phone took with photos, in the same file or beside it: motion photos and live photos
    ///
    /// A film is written as an MP4 with the photo's name, and led away from the same people. This needs the programs ffmpeg and
    /// ffprobe. Without this option films are left out, and named.
    #[arg(long)]
    pub(in crate::cli) motion: bool,
    /// Go on with an interrupted run: what its journal says is done, and has not changed, is kept
    ///
    /// The journal lies in the output folder and says of each photo from what, how and with which verdict it was
    /// made. A file that it does not know, or that was made with other options, is never called protected.
    #[arg(long, conflicts_with = "overwrite")]
    resume: bool,
    /// Replace outputs that are there
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    pub(in crate::cli) wanted: Wanted,
}

/// Protect what appears in a folder, until it is stopped
///
/// Each photo that is there, or comes there, is protected as by cloak, as soon as it has stopped growing. Stopped and started
/// again, it goes on: what the journal of the output folder says is done is not done again.
///
/// For example: visard watch ~/Pictures/to-protect --output ~/Pictures/protected
#[derive(Debug, Args)]
pub(in crate::cli) struct Watch {
    /// The folder; all folders in it are watched, too
    #[arg(value_name = "DIR")]
    pub(in crate::cli) folder: PathBuf,
    /// The folder to write to; it is made if it is not there, and may lie in the other
    #[arg(long, short, value_name = "DIR")]
    pub(in crate::cli) output: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) wanted: Wanted,
}

/// What is wanted of every photo.
#[derive(Debug, Args)]
pub(in crate::cli) struct Wanted {
    /// Leave out what fits a pattern, by the rules of .gitignore files; may be given several times
    ///
    /// '*.tmp.jpg' anywhere, 'drafts/' folders of that name, '/2024/*' in the folder that is given, '!keep.jpg' after all.
    #[arg(long, value_name = "PATTERN")]
    pub(in crate::cli) exclude: Vec<String>,
    /// Other photos of the same people, or folders of them: they are looked at and not written
    ///
    /// A search starts from photos that the tool does not know. The more photos of a person it has seen, the
    /// less of them find the protected one; photos that are protected together know each other anyway.
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) beside: Vec<PathBuf>,
    /// How strong the protection is, and how visible
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) strength: Strength,
    #[command(flatten)]
    pub(in crate::cli) whom: Whom,
    /// Where the photo is to be shown
    ///
    /// Such places make photos smaller and compress them again, which wears a cloak down. So the photo is reduced first and
    /// cloaked then, written as a JPEG, and checked as the place is known to pass it on.
    #[arg(long = "for", value_enum, value_name = "PLACE", default_value_t)]
    pub(in crate::cli) destination: Place,
    /// Reduce photos before they are cloaked, so that the longer side has at most so many pixels
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(16..))]
    pub(in crate::cli) max_side: Option<u32>,
    #[command(flatten)]
    pub(in crate::cli) networks: Networks,
    /// The format to write [default: the input's own, if it can be written]
    #[arg(long, value_enum, default_value_t, hide_default_value = true)]
    pub(in crate::cli) format: FormatChoice,
    /// Quality of a JPEG, HEIC, AVIF or lossy WebP [default: a JPEG's own, at least 90]
    #[arg(long, value_name = "1-100", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(in crate::cli) quality: Option<u8>,
    /// The largest file to write, for example 300K or 2M: a JPEG, HEIC, AVIF or lossy WebP gets as much less quality as it takes
    ///
    /// The verdict is made on that file. Quality is never below 30.
    #[arg(long, value_name = "SIZE", value_parser = memory::bytes)]
    pub(in crate::cli) max_bytes: Option<u64>,
    /// Of an animation take its first picture: all others are left out
    #[arg(long)]
    pub(in crate::cli) first_picture: bool,
    /// What becomes of GPS position, camera, time and other notes in the file
    ///
    /// Thumbnails, further pictures, films, maker notes, editing history and what cannot be understood are always
    /// removed: they may show the face as it was. The report names all that was removed.
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) metadata: Metadata,
    /// What the written files are called
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) names: Names,
    /// Write a report of everything that was done, as JSON
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) report: Option<PathBuf>,
    /// Print the report of each photo as one JSON object a line
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// Also write photos in which no face is found or is to be protected, without their traces
    ///
    /// The picture of a JPEG or PNG is copied bit for bit, and the photo is called cleaned, never protected.
    #[arg(long)]
    pub(in crate::cli) keep_faceless: bool,
    #[command(flatten)]
    pub(in crate::cli) memory: Memory,
    /// Seed of all random choices: the same seed and the same photos give the same files
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) seed: u64,
}

/// Whose faces are protected, and what becomes of the others.
#[derive(Debug, Args)]
pub(in crate::cli) struct Whom {
    /// Which faces to protect
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) faces: WhichFaces,
    /// Protect only the people in this photo, or folder of photos; may be given several times
    ///
    /// The judges compare every face with those in these photos, so they should show nobody else. A face of which the judges are not
    /// sure is protected, and named.
    #[arg(long, value_name = "PHOTO", conflicts_with = "except")]
    pub(in crate::cli) only: Vec<PathBuf>,
    /// Protect everybody but the people in this photo, or folder of photos; may be given several times
    #[arg(long, value_name = "PHOTO")]
    pub(in crate::cli) except: Vec<PathBuf>,
    /// What becomes of all other faces
    ///
    /// What is hidden cannot be brought back, and is checked in the written file as cloaks are.
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) others: OtherFaces,
}

/// Which networks do what.
#[derive(Debug, Args)]
pub(in crate::cli) struct Networks {
    /// The networks that make the cloaks [default: all surrogates at hand that leave an independent judge]
    #[arg(long, value_delimiter = ',', value_name = "NAME,...")]
    pub(in crate::cli) models: Vec<String>,
    /// The networks that judge the written files [default: all judges at hand]
    #[arg(long, value_delimiter = ',', value_name = "NAME,...")]
    pub(in crate::cli) judges: Vec<String>,
}

impl Cloak {
    pub(in crate::cli) fn existing(&self) -> Existing {
        match (self.resume, self.overwrite) {
            (true, _) => Existing::Resume,
            (_, true) => Existing::Overwrite,
            _ => Existing::Refuse,
        }
    }
}

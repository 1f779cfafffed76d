//! What a file is, told from its name and its beginning.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::photo::{self, Format};

/// Endings of pictures that cannot be protected.
const PICTURES: [&str; 51] = [
    "jp2", "jpg2", "j2k", "j2c", "jpx", "jpf", "jxr", "wdp", "hdp", "psd", "psb", "xcf", "ico", "icns",
    "exr", "hdr", "tga", "pcx", "sgi", "ppm", "pgm", "pbm", "pnm", "pam", "qoi", "dds", "dng", "cr2", "cr3",
    "crw", "nef", "nrw", "arw", "sr2", "srf", "orf", "rw2", "rwl", "raf", "pef", "srw", "3fr", "fff", "iiq",
    "erf", "kdc", "dcr", "mef", "mrw", "x3f", "gpr",
];
/// Endings of videos.
pub const VIDEOS: [&str; 16] = [
    "mp4", "m4v", "mov", "avi", "mkv", "webm", "3gp", "3g2", "mts", "m2ts", "mpg", "mpeg", "wmv", "insv",
    "ogv", "flv",
];

/// Why a file is not taken, and whether it looks like a picture; none for a photo.
pub(super) fn refusal(path: &Path) -> Option<(String, bool)> {
    let content = content(path);
    if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")) {
        let picture = !matches!(content, Content::Else | Content::Unreadable(_));
        return Some(("hidden".into(), picture));
    }
    if is_named_photo(path) {
        return None;
    }
    match content {
        Content::Photo(Format::Tiff) => Some(("a TIFF or camera raw file by another name".into(), true)),
        Content::Photo(_) => None,
        Content::Picture(reason) => Some((reason, true)),
        _ if seems_a_picture(path) => Some(("files of this kind cannot be read".into(), true)),
        Content::Unreadable(error) => Some((format!("cannot be read: {error}"), false)),
        Content::Else => Some(("not a picture".into(), false)),
    }
}

/// Whether the ending is one of photos: those are taken from folders whatever they hold, others if they hold a photo.
pub(super) fn is_named_photo(path: &Path) -> bool {
    ending(path).is_some_and(|ending| Format::named(&ending).is_some())
}

/// The film that a phone took with a photo: it has the photo's name and shows the same faces.
pub(crate) fn film_beside(photo: &Path) -> Option<PathBuf> {
    let endings = VIDEOS.iter().flat_map(|ending| [(*ending).to_owned(), ending.to_uppercase()]);
    endings.map(|ending| photo.with_extension(ending)).find(|film| film.is_file())
}

/// Whether the ending is one of pictures or videos that cannot be protected.
pub(super) fn seems_a_picture(path: &Path) -> bool {
    has_ending(path, &PICTURES) || is_film(path)
}

pub(super) fn is_film(path: &Path) -> bool {
    has_ending(path, &VIDEOS)
}

/// Whether a file is a clip: it has the ending of a video, and is no photo by a wrong name.
pub fn is_clip(path: &Path) -> bool {
    is_film(path) && format_of(path).is_none()
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    ending(path).is_some_and(|ending| endings.contains(&ending.as_str()))
}

/// The ending of a name in small letters, without blanks.
pub(crate) fn ending(path: &Path) -> Option<String> {
    Some(path.extension()?.to_string_lossy().trim().to_lowercase())
}

enum Content {
    /// It can be read, as far as its beginning tells.
    Photo(Format),
    /// It cannot be read, and why.
    Picture(String),
    Else,
    Unreadable(std::io::Error),
}

fn content(path: &Path) -> Content {
    let mut head = vec![];
    if let Err(error) =
        File::open(path).and_then(|file| file.take(Format::HEAD as u64).read_to_end(&mut head))
    {
        return Content::Unreadable(error);
    }
    match Format::of(&head) {
        Ok(format) => Content::Photo(format),
        // A PDF is no picture.
        Err(photo::Error::UnreadableFormat { found: "PDF" }) => Content::Else,
        Err(error @ (photo::Error::UnreadableFormat { .. } | photo::Error::Video)) => {
            Content::Picture(error.to_string())
        }
        Err(_) => Content::Else,
    }
}

/// The format of a photo file, told from its beginning; none where it is no photo or cannot be read.
pub(crate) fn format_of(path: &Path) -> Option<Format> {
    match content(path) {
        Content::Photo(format) => Some(format),
        _ => None,
    }
}

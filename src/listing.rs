//! Which files of folders are photos, and what is left out: nothing goes missing without a word.

use std::collections::HashMap;
use std::fs::{DirEntry, File, FileType};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::names::{self, shown};
use crate::photo::{self, Format};

/// Endings of pictures that cannot be protected.
const PICTURES: [&str; 51] = [
    "jp2", "jpg2", "j2k", "j2c", "jpx", "jpf", "jxr", "wdp", "hdp", "psd", "psb", "xcf", "ico", "icns",
    "exr", "hdr", "tga", "pcx", "sgi", "ppm", "pgm", "pbm", "pnm", "pam", "qoi", "dds", "dng", "cr2", "cr3",
    "crw", "nef", "nrw", "arw", "sr2", "srf", "orf", "rw2", "rwl", "raf", "pef", "srw", "3fr", "fff", "iiq",
    "erf", "kdc", "dcr", "mef", "mrw", "x3f", "gpr",
];
/// Endings of videos.
const VIDEOS: [&str; 16] = [
    "mp4", "m4v", "mov", "avi", "mkv", "webm", "3gp", "3g2", "mts", "m2ts", "mpg", "mpeg", "wmv", "insv",
    "ogv", "flv",
];

/// The name of the journal of a folder that visard writes to: hidden, and without the ending of a photo.
pub const JOURNAL: &str = ".visard-journal.jsonl";

/// A photo that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file.
    pub file: PathBuf,
    /// Its place below the folder that was given; its name where the file itself was given.
    pub place: PathBuf,
}

/// Something in a folder that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// What it is.
    #[serde(with = "names")]
    pub path: PathBuf,
    /// Why.
    pub reason: String,
    /// Whether it looks like a picture or a video, or may hold some: then not every photo is protected.
    pub picture: bool,
}

/// The photos of files and folders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The photos: the inputs in their order, those of a folder sorted.
    pub photos: Vec<Found>,
    /// All else that is in the folders.
    pub left_out: Vec<LeftOut>,
}

/// The photos under `inputs` (files and folders), but nothing of the folder `except`.
///
/// A file that is given is a photo. In folders the ending decides, and elsewhere the content. Links are not followed,
/// so that loops end and no file is taken twice. A folder within them that visard writes to is left out: its photos are
/// made of others.
///
/// # Errors
/// Where an input does not exist, or a folder that was given cannot be read.
pub fn list(inputs: &[PathBuf], except: Option<&Path>) -> Result<Listing> {
    let folders: Vec<PathBuf> = inputs
        .iter()
        .filter(|input| input.is_dir())
        .filter_map(|folder| folder.canonicalize().ok())
        .collect();
    let except = except.and_then(|folder| folder.canonicalize().ok());
    let mut listing = Listing::default();
    for input in inputs {
        if input.is_dir() {
            std::fs::read_dir(input).map_err(|e| Error::file(input, e))?;
            let mut walk =
                Walk { folders: &folders, except: except.as_deref(), files: vec![], left_out: vec![] };
            walk.through(input);
            walk.name_films();
            let place = |file: &PathBuf| file.strip_prefix(input).unwrap_or(file).to_path_buf();
            walk.files.sort();
            listing.photos.extend(walk.files.into_iter().map(|file| Found { place: place(&file), file }));
            walk.left_out.sort_by(|a, b| a.path.cmp(&b.path));
            listing.left_out.extend(walk.left_out);
        } else if input.exists() {
            let place = PathBuf::from(input.file_name().unwrap_or_default());
            listing.photos.push(Found { file: input.clone(), place });
        } else {
            return Err(Error::Usage(format!("{}: no such file or folder", shown(input))));
        }
    }
    Ok(listing)
}

/// All photo files below a folder, sorted, but nothing of the folder `except`: [`list`] without what is left out.
///
/// # Errors
/// Where the folder cannot be read.
pub fn photos(folder: &Path, except: Option<&Path>) -> Result<Vec<PathBuf>> {
    let listing = list(&[folder.to_path_buf()], except)?;
    Ok(listing.photos.into_iter().map(|found| found.file).collect())
}

/// A walk through a folder and all below it.
struct Walk<'a> {
    /// All folders that were given, without links.
    folders: &'a [PathBuf],
    except: Option<&'a Path>,
    files: Vec<PathBuf>,
    left_out: Vec<LeftOut>,
}

impl Walk<'_> {
    fn through(&mut self, folder: &Path) {
        // A list, not a recursion: folders may be nested deeper than a stack is.
        let mut open = vec![folder.to_path_buf()];
        while let Some(folder) = open.pop() {
            let entries = match std::fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) => {
                    self.leave_out(folder, format!("the folder cannot be read: {error}"), true);
                    continue;
                }
            };
            for entry in entries {
                match entry.and_then(|entry| Ok((entry.file_type()?, entry))) {
                    Ok((kind, entry)) if kind.is_dir() && entry.path().join(JOURNAL).is_file() => {
                        self.leave_out(entry.path(), "photos that visard wrote".into(), false);
                    }
                    Ok((kind, entry)) if kind.is_dir() => open.extend(self.enter(entry.path())),
                    Ok((kind, entry)) => self.take(&entry, kind),
                    Err(error) => {
                        self.leave_out(folder.clone(), format!("not all of it can be read: {error}"), true);
                    }
                }
            }
        }
    }

    /// The folder, unless it is the one that is left alone.
    fn enter(&self, folder: PathBuf) -> Option<PathBuf> {
        let alone = self.except.is_some_and(|except| folder.canonicalize().is_ok_and(|path| path == except));
        (!alone).then_some(folder)
    }

    fn take(&mut self, entry: &DirEntry, kind: FileType) {
        let path = entry.path();
        if kind.is_symlink() {
            let (reason, picture) = self.link(&path);
            self.leave_out(path, reason.into(), picture);
        } else if !kind.is_file() {
            self.leave_out(path, "neither a file nor a folder".into(), false);
        } else if let Some((reason, picture)) = refusal(&path) {
            self.leave_out(path, reason, picture);
        } else {
            self.files.push(path);
        }
    }

    /// Why a link is not taken, and whether a picture is missed by that.
    fn link(&self, path: &Path) -> (&'static str, bool) {
        match path.canonicalize() {
            Ok(target) if self.folders.iter().any(|folder| target.starts_with(folder)) => {
                ("a link to what is in the folder anyway", false)
            }
            Ok(target) if target.is_dir() => ("a link to a folder: give the folder itself", true),
            Ok(target) => {
                let picture = target.is_file() && refusal(&target).is_none_or(|(_, picture)| picture);
                ("a link to a file: give the file itself", picture || is_named_photo(path))
            }
            Err(_) => {
                let named = [&PICTURES[..], &VIDEOS].iter().any(|endings| has_ending(path, endings));
                ("a link that leads nowhere", named || is_named_photo(path))
            }
        }
    }

    /// Says of films that belong to photos what they still show.
    fn name_films(&mut self) {
        let stems: HashMap<PathBuf, &PathBuf> =
            self.files.iter().map(|file| (file.with_extension(""), file)).collect();
        for left in self.left_out.iter_mut().filter(|left| has_ending(&left.path, &VIDEOS)) {
            if let Some(photo) = stems.get(&left.path.with_extension("")) {
                let name = photo.file_name().map(|name| shown(Path::new(name))).unwrap_or_default();
                left.reason = format!("the film that was taken with {name}: it still shows the faces");
            }
        }
    }

    fn leave_out(&mut self, path: PathBuf, reason: String, picture: bool) {
        self.left_out.push(LeftOut { path, reason, picture });
    }
}

/// Why a file is not taken, and whether it looks like a picture; none for a photo.
fn refusal(path: &Path) -> Option<(String, bool)> {
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
        _ if has_ending(path, &PICTURES) || has_ending(path, &VIDEOS) => {
            Some(("files of this kind cannot be read".into(), true))
        }
        Content::Unreadable(error) => Some((format!("cannot be read: {error}"), false)),
        Content::Else => Some(("not a picture".into(), false)),
    }
}

/// Whether the ending is one of photos: those are taken from folders whatever they hold, others if they hold a photo.
fn is_named_photo(path: &Path) -> bool {
    ending(path).is_some_and(|ending| Format::named(&ending).is_some())
}

/// The film that a phone took with a photo: it has the photo's name and shows the same faces.
pub(crate) fn film_beside(photo: &Path) -> Option<PathBuf> {
    let endings = VIDEOS.iter().flat_map(|ending| [(*ending).to_owned(), ending.to_uppercase()]);
    endings.map(|ending| photo.with_extension(ending)).find(|film| film.is_file())
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
        Err(error @ photo::Error::UnreadableFormat { .. }) => Content::Picture(error.to_string()),
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

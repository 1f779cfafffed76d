//! Which files of folders are photos, and what is left out: nothing goes missing without a word.

mod excluded;
mod kinds;
mod paths;

use std::collections::HashMap;
use std::fs::{DirEntry, FileType};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::names::{self, shown};
use crate::photo::{self, Animation, Format, Limits};

pub use excluded::Excluded;
pub use kinds::{VIDEOS, is_clip};
pub(crate) use kinds::{ending, film_beside, format_of};
pub use paths::paths_of;

use kinds::{is_film, is_named_photo, refusal, seems_a_picture};

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

/// Why something is not taken that the user wants left out.
pub const EXCLUDED: &str = "excluded";

/// The photos under `inputs` (files, folders, and patterns of them), but nothing of the folder `except`.
///
/// A file that is given is a photo. In folders the ending decides, and elsewhere the content. Links are not followed,
/// so that loops end and no file is taken twice. A folder within them that visard writes to is left out: its photos are
/// made of others.
///
/// # Errors
/// Where an input does not exist, or a folder that was given cannot be read.
pub fn list(inputs: &[PathBuf], except: Option<&Path>) -> Result<Listing> {
    list_without(inputs, except, &Excluded::nothing())
}

/// The same, without what is excluded: that is left out, and counts as what the user wants so.
///
/// # Errors
/// Those of [`list`].
pub fn list_without(inputs: &[PathBuf], except: Option<&Path>, excluded: &Excluded) -> Result<Listing> {
    let inputs = paths::expanded(inputs)?;
    let folders: Vec<PathBuf> = inputs
        .iter()
        .filter(|input| input.is_dir())
        .filter_map(|folder| folder.canonicalize().ok())
        .collect();
    let except = except.and_then(|folder| folder.canonicalize().ok());
    let mut listing = Listing::default();
    for input in &inputs {
        let found = if input.is_dir() { within(input, &folders, except.as_deref())? } else { alone(input)? };
        listing.take(found, input, excluded);
    }
    Ok(listing)
}

/// All that is in a folder.
fn within(folder: &Path, folders: &[PathBuf], except: Option<&Path>) -> Result<Listing> {
    std::fs::read_dir(folder).map_err(|e| Error::file(folder, e))?;
    let mut walk = Walk { folders, except, files: vec![], left_out: vec![] };
    walk.through(folder);
    walk.name_films();
    let Walk { mut files, mut left_out, .. } = walk;
    files.sort();
    left_out.sort_by(|a, b| a.path.cmp(&b.path));
    let place = |file: &PathBuf| file.strip_prefix(folder).unwrap_or(file).to_path_buf();
    let photos = files.into_iter().map(|file| Found { place: place(&file), file }).collect();
    Ok(Listing { photos, left_out })
}

/// A file that is given by its name.
fn alone(file: &Path) -> Result<Listing> {
    if !file.exists() {
        return Err(Error::Usage(format!("{}: no such file or folder", shown(file))));
    }
    let place = PathBuf::from(file.file_name().unwrap_or_default());
    Ok(Listing { photos: vec![Found { file: file.into(), place }], left_out: vec![] })
}

impl Listing {
    /// Takes what was found at an input, as far as it is not excluded.
    fn take(&mut self, found: Self, input: &Path, excluded: &Excluded) {
        let wanted_out = |path: PathBuf| LeftOut { path, reason: EXCLUDED.into(), picture: false };
        for photo in found.photos {
            match excluded.holds(&photo.place) {
                true => self.left_out.push(wanted_out(photo.file)),
                false => self.photos.push(photo),
            }
        }
        for left in found.left_out {
            let place = left.path.strip_prefix(input).unwrap_or(&left.path);
            let excluded = excluded.holds(place);
            self.left_out.push(if excluded { wanted_out(left.path) } else { left });
        }
    }

    /// Takes out the clips that were found at an input: the file itself, or what is in the folder.
    pub fn take_clips(&mut self, input: &Path) -> Vec<Found> {
        let (mut clips, photos): (Vec<Found>, _) =
            std::mem::take(&mut self.photos).into_iter().partition(|found| is_clip(&found.file));
        let (films, left_out): (Vec<LeftOut>, _) =
            std::mem::take(&mut self.left_out).into_iter().partition(LeftOut::is_a_clip);
        (self.photos, self.left_out) = (photos, left_out);
        let place = |path: &Path| path.strip_prefix(input).unwrap_or(path).to_path_buf();
        clips.extend(films.into_iter().map(|film| Found { place: place(&film.path), file: film.path }));
        clips
    }
}

/// The clips under `inputs`, in place of photos: files that are given, whatever they are, and in folders what has the ending of
/// a video, and animated GIF and WebP. All else there is left out, photos too.
///
/// # Errors
/// Those of [`list`].
pub fn clips(inputs: &[PathBuf], except: Option<&Path>) -> Result<Listing> {
    let mut clips = Listing::default();
    for input in paths::expanded(inputs)? {
        let mut found = list(std::slice::from_ref(&input), except)?;
        if !input.is_dir() {
            clips.photos.extend(found.photos);
            continue;
        }
        clips.photos.extend(found.take_clips(&input));
        let photo = |found: Found| LeftOut { path: found.file, reason: A_PHOTO.into(), picture: true };
        let (animations, photos): (Vec<Found>, Vec<Found>) =
            found.photos.into_iter().partition(|found| is_animation(&found.file));
        clips.photos.extend(animations);
        clips.left_out.extend(photos.into_iter().map(photo));
        clips.left_out.extend(found.left_out);
    }
    Ok(clips)
}

/// The films that phones took with photos, in the same file or beside it, with the photos' places.
pub fn films(photos: &[Found], limits: &Limits) -> Vec<Found> {
    let inside = |photo: &Path| limits.read(photo).is_ok_and(|bytes| photo::film(&bytes).is_some());
    let film = |photo: &Found| match inside(&photo.file) {
        true => Some(photo.clone()),
        false => film_beside(&photo.file).map(|file| Found { file, place: photo.place.clone() }),
    };
    photos.iter().filter_map(film).collect()
}

/// Whether a file is an animation, which is a clip and no photo.
fn is_animation(path: &Path) -> bool {
    let limits = Limits::default();
    let animated = || Animation::of(limits.read(path).ok()?, &limits).ok().flatten();
    matches!(format_of(path), Some(Format::Gif | Format::WebP)) && animated().is_some()
}

/// Why a photo is no clip.
const A_PHOTO: &str = "this is a photo and no video: `visard cloak` protects it";

impl LeftOut {
    /// A video that is no link, and not hidden.
    fn is_a_clip(&self) -> bool {
        let hidden = self.path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        is_film(&self.path) && !hidden && self.path.symlink_metadata().is_ok_and(|about| about.is_file())
    }
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
            Err(_) => ("a link that leads nowhere", seems_a_picture(path) || is_named_photo(path)),
        }
    }

    /// Says of films that belong to photos what they still show.
    fn name_films(&mut self) {
        let stems: HashMap<PathBuf, &PathBuf> =
            self.files.iter().map(|file| (file.with_extension(""), file)).collect();
        for left in self.left_out.iter_mut().filter(|left| is_film(&left.path)) {
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

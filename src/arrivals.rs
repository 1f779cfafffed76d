//! What appears in a folder, once it has stopped growing.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::error::{Error, Result};
use crate::listing::{Excluded, Listing, list_without};

/// A file has stopped growing when it has not changed for so long. On Linux, whoever was seen writing to it must have closed
/// it, too.
const QUIET: Duration = Duration::from_secs(2);
/// While files are growing, they are looked at so often.
const AGAIN: Duration = Duration::from_millis(500);
/// The folder is looked through so often where nothing is told of it, as on disks of other machines.
const ANYWAY: Duration = Duration::from_secs(30);

/// Photos that appear in a folder or are there already, each as soon as it has stopped growing, and what is left out.
#[derive(Debug)]
pub struct Arrivals {
    folder: PathBuf,
    except: PathBuf,
    excluded: Excluded,
    known: HashMap<PathBuf, Known>,
    writers: Writers,
    changed: Receiver<()>,
    looked: Option<Instant>,
    /// Tells of changes as long as it lives.
    _watcher: RecommendedWatcher,
}

/// A file as it was when it was last looked at.
#[derive(Debug)]
struct Known {
    size: u64,
    modified: Option<SystemTime>,
    /// Since when it is so.
    since: Instant,
    /// Whether it was handed out.
    taken: bool,
}

/// Files that somebody was seen writing to, and has not closed.
#[derive(Clone, Debug, Default)]
struct Writers(Arc<Mutex<HashSet<PathBuf>>>);

impl Arrivals {
    /// Watches a folder and all below it, but for the folder `except`.
    ///
    /// # Errors
    /// Where it is no folder, or cannot be watched.
    pub fn of(folder: &Path, except: &Path, excluded: Excluded) -> Result<Self> {
        let folder = folder.canonicalize().map_err(|error| Error::file(folder, error))?;
        let (tell, changed) = sync_channel(1);
        let writers = Writers::default();
        let noted = writers.clone();
        let failed = |error: notify::Error| Error::file(&folder, std::io::Error::other(error));
        let mut watcher =
            notify::recommended_watcher(move |event| noted.note(event, &tell)).map_err(failed)?;
        watcher.watch(&folder, RecursiveMode::Recursive).map_err(failed)?;
        let (known, except) = (HashMap::new(), except.into());
        Ok(Self { folder, except, excluded, known, writers, changed, looked: None, _watcher: watcher })
    }

    /// Waits for `patience` at most, and returns what has stopped growing and was not returned before as it is now.
    ///
    /// # Errors
    /// Where the folder cannot be read any more.
    pub fn next(&mut self, patience: Duration) -> Result<Listing> {
        let wait = if self.is_waiting() { AGAIN } else { patience };
        let told = match self.changed.recv_timeout(wait.min(patience)) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => false,
        };
        let due = self.looked.is_none_or(|looked| looked.elapsed() >= ANYWAY);
        if !(told || due || self.is_waiting()) {
            return Ok(Listing::default());
        }
        self.looked = Some(Instant::now());
        let mut listing =
            list_without(std::slice::from_ref(&self.folder), Some(&self.except), &self.excluded)?;
        self.forget_all_but(&listing);
        listing.photos.retain(|photo| self.is_ready(&photo.file));
        listing.left_out.retain(|left| self.is_ready(&left.path));
        Ok(listing)
    }

    /// Whether something is there that has not stopped growing.
    pub fn is_waiting(&self) -> bool {
        self.known.values().any(|known| !known.taken)
    }

    /// What is gone may come again.
    fn forget_all_but(&mut self, listing: &Listing) {
        let photos = listing.photos.iter().map(|photo| &photo.file);
        let there: HashSet<&PathBuf> = photos.chain(listing.left_out.iter().map(|left| &left.path)).collect();
        self.known.retain(|path, _| there.contains(path));
    }

    fn is_ready(&mut self, path: &Path) -> bool {
        let file = path.symlink_metadata().ok();
        let size = file.as_ref().map_or(0, std::fs::Metadata::len);
        let modified = file.and_then(|file| file.modified().ok());
        let now = || Known { size, modified, since: Instant::now(), taken: false };
        let known = self.known.entry(path.into()).or_insert_with(now);
        if (known.size, known.modified) != (size, modified) {
            *known = now();
        }
        let ready = !known.taken && known.since.elapsed() >= QUIET && !self.writers.write_to(path);
        known.taken |= ready;
        ready
    }
}

impl Writers {
    /// Notes what an event says of writers, and tells that something has changed.
    fn note(&self, event: notify::Result<Event>, tell: &SyncSender<()>) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            // What was missed meanwhile is seen when the folder is looked through.
            Err(_) => open.clear(),
            Ok(event) if event.need_rescan() => open.clear(),
            Ok(Event { kind, paths, .. }) => match kind {
                EventKind::Access(AccessKind::Close(AccessMode::Write)) | EventKind::Remove(_) => {
                    open.retain(|path| !paths.contains(path));
                }
                // To be read is no change.
                EventKind::Access(_) => return,
                EventKind::Modify(ModifyKind::Data(_)) if cfg!(target_os = "linux") => open.extend(paths),
                EventKind::Modify(ModifyKind::Name(_)) => open.retain(|path| !paths.contains(path)),
                _ => {}
            },
        }
        // Where it is full, there is something to look at anyway.
        tell.try_send(()).ok();
    }

    fn write_to(&self, path: &Path) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(path)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write as _;

    use super::*;

    /// Waits until something is handed out, and gives its names.
    fn names(arrivals: &mut Arrivals) -> Vec<String> {
        loop {
            let Listing { photos, left_out } = arrivals.next(AGAIN).unwrap();
            let files =
                photos.into_iter().map(|photo| photo.file).chain(left_out.into_iter().map(|l| l.path));
            let names: Vec<String> =
                files.map(|file| file.file_name().unwrap().to_str().unwrap().into()).collect();
            if !names.is_empty() {
                return names;
            }
        }
    }

    #[test]
    fn files_are_handed_out_once_and_again_when_they_have_changed() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        std::fs::create_dir(place("out")).unwrap();
        std::fs::write(place("out/mine.jpg"), b"").unwrap();
        std::fs::write(place("a.jpg"), b"").unwrap();
        let excluded = Excluded::of(&["draft*".into()]).unwrap();
        let mut arrivals = Arrivals::of(folder.path(), &place("out"), excluded).unwrap();
        assert_eq!(names(&mut arrivals), ["a.jpg"]);
        assert!(!arrivals.is_waiting());
        std::fs::write(place("b.jpg"), b"").unwrap();
        assert_eq!(names(&mut arrivals), ["b.jpg"]);
        std::fs::write(place("a.jpg"), b"longer").unwrap();
        assert_eq!(names(&mut arrivals), ["a.jpg"]);
        std::fs::write(place("draft.jpg"), b"").unwrap();
        assert_eq!(names(&mut arrivals), ["draft.jpg"], "among what is left out");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_somebody_writes_to_is_waited_for_however_slow_that_is() {
        let folder = tempfile::tempdir().unwrap();
        let mut arrivals =
            Arrivals::of(folder.path(), &folder.path().join("out"), Excluded::nothing()).unwrap();
        let mut slow = File::create(folder.path().join("slow.jpg")).unwrap();
        slow.write_all(b"begun").unwrap();
        let start = Instant::now();
        while start.elapsed() < 2 * QUIET {
            assert_eq!(arrivals.next(AGAIN).unwrap(), Listing::default());
        }
        drop(slow);
        assert_eq!(names(&mut arrivals), ["slow.jpg"]);
    }
}

//! Files that appear whole or not at all, and are as private as what they were made from: they are written beside
//! their place and renamed.

use std::io::{BufWriter, Result, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// The beginning of the names of files that are not finished yet.
pub(crate) const UNFINISHED: &str = ".visard-part-";

/// Who may read and write a new file, beside its owner. On systems other than Unix, whom the folder allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights(u32);

impl Rights {
    /// Those of ordinary new files.
    pub const USUAL: Self = Self(0o666);
    /// Nobody but the owner.
    pub const PRIVATE: Self = Self(0o600);

    /// Whoever may read a file; nobody else where that cannot be known.
    pub fn of(path: &Path) -> Self {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(path).map_or(0, |file| file.permissions().mode());
            Self(mode & 0o666 | 0o600)
        }
        #[cfg(not(unix))]
        {
            let _ = path;
            Self::USUAL
        }
    }

    /// Whoever may read all of these files.
    pub fn strictest<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Self {
        paths.into_iter().fold(Self::USUAL, |rights, path| rights.and(Self::of(path)))
    }

    /// Whoever has both rights.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Gives them to the file that these options make.
    pub(crate) fn for_new(self, options: &mut std::fs::OpenOptions) {
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(options, self.0);
        let _ = (self, options);
    }

    /// Takes from a file what these rights do not allow.
    pub(crate) fn limit(self, path: &Path) -> Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let now = std::fs::metadata(path)?.permissions().mode();
            if now & 0o666 & !self.0 != 0 {
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(now & self.0))?;
            }
        }
        let _ = path;
        Ok(())
    }
}

/// Writes a file that must not be there yet.
pub fn create(path: &Path, bytes: &[u8], rights: Rights) -> Result<()> {
    Unplaced::of(path, bytes, rights)?.create()
}

/// Writes a file, in place of the one that is there.
pub fn replace(path: &Path, bytes: &[u8], rights: Rights) -> Result<()> {
    Unplaced::of(path, bytes, rights)?.replace()
}

/// Whether a file could be written in the folder of this path, which is made.
pub fn probe(path: &Path) -> Result<()> {
    let folder = folder(path);
    std::fs::create_dir_all(folder)?;
    beside(path, Rights::PRIVATE).map(drop)
}

/// A file that is whole, but not in its place yet. Dropped, it is gone.
#[derive(Debug)]
pub(crate) struct Unplaced<'a> {
    file: NamedTempFile,
    path: &'a Path,
}

impl<'a> Unplaced<'a> {
    /// Writes these bytes beside their place.
    pub(crate) fn of(path: &'a Path, bytes: &[u8], rights: Rights) -> Result<Self> {
        Self::with(path, rights, |file| file.write_all(bytes))
    }

    /// Writes what `write` gives beside its place.
    pub(crate) fn with(
        path: &'a Path,
        rights: Rights,
        write: impl FnOnce(&mut BufWriter<&std::fs::File>) -> Result<()>,
    ) -> Result<Self> {
        let file = beside(path, rights)?;
        let mut buffer = BufWriter::new(file.as_file());
        write(&mut buffer)?;
        buffer.flush()?;
        drop(buffer);
        file.as_file().sync_all()?;
        Ok(Self { file, path })
    }

    /// Gives the file the time at which another one was changed; without this it has the time at which it is written.
    pub(crate) fn as_old_as(&self, other: &Path) -> Result<()> {
        self.file.as_file().set_modified(std::fs::metadata(other)?.modified()?)
    }

    /// The same file on its way to another place of the same disk.
    pub(crate) fn bound_for(self, path: &Path) -> Unplaced<'_> {
        Unplaced { file: self.file, path }
    }

    /// Where it lies until it is in its place.
    pub(crate) fn unfinished(&self) -> &Path {
        self.file.path()
    }

    /// Waits until what another program wrote into it is on the disk.
    pub(crate) fn sync(&self) -> Result<()> {
        self.file.as_file().sync_all()
    }

    /// Puts the file in its place, where nothing must be yet.
    pub(crate) fn create(self) -> Result<()> {
        self.file.persist_noclobber(self.path).map(|_| ()).map_err(|e| e.error)
    }

    /// Puts the file in its place, whatever is there.
    pub(crate) fn replace(self) -> Result<()> {
        self.file.persist(self.path).map(|_| ()).map_err(|e| e.error)
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A new file beside a path. It has its rights from the beginning, so that nobody else reads it meanwhile.
fn beside(path: &Path, rights: Rights) -> Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(rights.0));
    let _ = rights;
    builder.tempfile_in(folder(path))
}

/// Removes what runs that were killed left in a folder. Only for who knows that no other run writes there.
pub(crate) fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
            // What cannot be removed is in nobody's way.
            std::fs::remove_file(entry.path()).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_created_once_and_replaced_as_often_as_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        create(&path, b"one", Rights::USUAL).unwrap();
        let again = create(&path, b"two", Rights::USUAL).unwrap_err();
        assert_eq!(again.kind(), std::io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        replace(&path, b"three", Rights::USUAL).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"three");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_run_left_is_swept_away_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in [".visard-part-Ab12Cd", ".visard-journal.jsonl", "a.jpg"] {
            std::fs::write(folder.path().join(name), b"").unwrap();
        }
        sweep(folder.path());
        let mut left: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [".visard-journal.jsonl", "a.jpg"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_as_private_as_what_it_was_made_from() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for (name, rights) in [("a", 0o600), ("b", 0o640), ("c", 0o444)] {
            std::fs::write(place(name), b"").unwrap();
            std::fs::set_permissions(place(name), PermissionsExt::from_mode(rights)).unwrap();
        }
        let (a, b, c) = (place("a"), place("b"), place("c"));
        for (from, of, becomes) in [("a", &a, 0o600), ("b", &b, 0o640), ("c", &c, 0o644)] {
            let waiting = place(&format!("{from}-made"));
            let unplaced = Unplaced::of(&waiting, b"x", Rights::of(of)).unwrap();
            assert_eq!(mode(unplaced.file.path()), becomes, "{from}, before it is in its place");
            unplaced.create().unwrap();
            assert_eq!(mode(&waiting), becomes, "{from}");
        }
        assert_eq!(Rights::strictest([&*b, &*c]), Rights(0o640 & 0o644 | 0o600));
        assert_eq!(Rights::strictest([&*a, &*b, &*c]), Rights::PRIVATE);
        assert_eq!(Rights::of(&place("missing")), Rights::PRIVATE);
        Rights::PRIVATE.limit(&c).unwrap();
        assert_eq!(mode(&c), 0o400);
    }
}

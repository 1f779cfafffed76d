//! The people of an evaluation: a folder that holds one folder of photos for each person, or photos with their names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::bounded;
use crate::error::{Error, Result};
use crate::face::Face;
use crate::listing::photos;

/// A person and their photos, sorted by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Name of the folder, or the photos' names up to the first `-` or `_`.
    pub name: String,
    /// Photo files.
    pub photos: Vec<PathBuf>,
}

/// Folders and lists of who is protected, and who is a stranger.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The folder of the people.
    pub data: PathBuf,
    /// A list of those who are protected. Without one: everyone in the data who is no stranger.
    pub people: Option<PathBuf>,
    /// A list of the strangers. Without one: nobody.
    pub distractors: Option<PathBuf>,
    /// The folder of the strangers. Without one: that of the people.
    pub distractors_data: Option<PathBuf>,
}

impl Sources {
    /// Who is protected, and the strangers.
    ///
    /// # Errors
    /// Where a folder or list cannot be read, someone of a list has no photos, or is both.
    pub fn read(&self) -> Result<[Vec<Person>; 2]> {
        let strangers = self.distractors.as_deref().map(list).transpose()?.unwrap_or_default();
        let distractors = people(self.distractors_data.as_ref().unwrap_or(&self.data), Some(&strangers))?;
        let named = self.people.as_deref().map(list).transpose()?;
        let mut protected = people(&self.data, named.as_deref())?;
        if named.is_none() && self.distractors_data.is_none() {
            protected.retain(|person| !strangers.contains(&person.name));
        }
        match protected.iter().find(|person| distractors.contains(person)) {
            Some(both) => {
                Err(Error::Usage(format!("{:?} cannot be protected and a stranger at once", both.name)))
            }
            None => Ok([protected, distractors]),
        }
    }
}

/// The people of a folder, or those of a list in its order.
///
/// A folder without folders holds the photos themselves: their names begin with that of the person.
///
/// # Errors
/// Where the folder cannot be read, or has no photos of a person of the list.
pub fn people(data: &Path, list: Option<&[String]>) -> Result<Vec<Person>> {
    let folders = folders(data)?;
    let mut named = if folders.is_empty() { by_name(data)? } else { BTreeMap::new() };
    let names = match list {
        Some(list) => list.to_vec(),
        None if folders.is_empty() => named.keys().cloned().collect(),
        None => folders,
    };
    let person = |name: String| {
        let folder = data.join(&name);
        let photos =
            if folder.is_dir() { photos(&folder, None)? } else { named.remove(&name).unwrap_or_default() };
        Ok(Person { name, photos })
    };
    let people = names.into_iter().map(person).collect::<Result<Vec<_>>>()?;
    match people.iter().find(|p| p.photos.is_empty()) {
        Some(person) if list.is_some() => {
            Err(Error::Usage(format!("{} has no photos of {:?}", data.display(), person.name)))
        }
        _ => Ok(people.into_iter().filter(|p| !p.photos.is_empty()).collect()),
    }
}

/// Longer lists are not read, in bytes.
const LIST: u64 = 64 << 20;

/// The names of a list: one a line; empty lines and lines that begin with `#` do not count.
pub fn list(path: &Path) -> Result<Vec<String>> {
    let text =
        bounded::read(path, LIST).and_then(|bytes| String::from_utf8(bytes).map_err(std::io::Error::other));
    let text = text.map_err(|e| Error::file(path, e))?;
    let names = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(names.map(String::from).collect())
}

/// The photos of a folder by the beginnings of their names.
fn by_name(data: &Path) -> Result<BTreeMap<String, Vec<PathBuf>>> {
    let mut people: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for photo in photos(data, None)? {
        let name = photo.file_stem().unwrap_or_default().to_string_lossy();
        let person = name.split(['-', '_']).next().unwrap_or_default().to_string();
        people.entry(person).or_default().push(photo);
    }
    Ok(people)
}

fn folders(data: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(data).map_err(|e| Error::file(data, e))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_string()))
        .collect();
    names.sort();
    Ok(names)
}

/// Whose photo it is: the face nearest to the middle, in widths of the face, so that a small face
/// in the background does not count for more than a large one beside the middle.
pub(super) fn subject(faces: &[Face], [width, height]: [usize; 2]) -> Option<&Face> {
    let middle = (width as f32 / 2., height as f32 / 2.);
    let distance = |f: &Face| {
        let b = &f.bounds;
        (b.x + b.width / 2. - middle.0).hypot(b.y + b.height / 2. - middle.1) / b.width
    };
    faces.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::{Point, Rectangle};

    #[test]
    fn people_come_in_the_order_of_their_list_with_their_photos_sorted() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["B/2.jpg", "B/1.jpg", "A/1.png", "A/notes.txt", "C/notes.txt"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, b"").unwrap();
        }
        std::fs::write(folder.path().join("ids.txt"), "# two people\nB\n\n A \n").unwrap();
        let ids = list(&folder.path().join("ids.txt")).unwrap();
        let found = people(folder.path(), Some(&ids)).unwrap();
        let names: Vec<_> = found.iter().map(|p| (p.name.as_str(), p.photos.len())).collect();
        assert_eq!(names, [("B", 2), ("A", 1)]);
        assert!(found[0].photos[0].ends_with("B/1.jpg"));
        assert_eq!(people(folder.path(), None).unwrap().len(), 2, "those with photos");
        let error = people(folder.path(), Some(&["C".into()])).unwrap_err().to_string();
        assert!(error.contains("no photos of \"C\""), "{error}");
    }

    #[test]
    fn in_a_folder_of_photos_their_names_begin_with_that_of_the_person() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b_smiling.jpg", "b_neutral.jpg", "a-1.png", "alone.jpg", "a.txt"] {
            std::fs::write(folder.path().join(name), b"").unwrap();
        }
        let found = people(folder.path(), None).unwrap();
        let names: Vec<_> = found.iter().map(|p| (p.name.as_str(), p.photos.len())).collect();
        assert_eq!(names, [("a", 1), ("alone", 1), ("b", 2)]);
        assert!(found[2].photos[0].ends_with("b_neutral.jpg"));
        let one = people(folder.path(), Some(&["b".into()])).unwrap();
        assert_eq!(one, found[2..]);
    }

    #[test]
    fn the_subject_is_near_the_middle_for_its_size() {
        let face = |x: f32, width: f32| Face {
            bounds: Rectangle { x, y: 50. - width / 2., width, height: width },
            points: [Point::default(); 5],
            score: 1.,
        };
        // 10 pixels beside the middle with a width of 8, and 20 beside it with a width of 60.
        let faces = [face(56., 8.), face(0., 60.)];
        assert_eq!(subject(&faces, [100, 100]), Some(&faces[1]));
        assert_eq!(subject(&[], [100, 100]), None);
    }
}

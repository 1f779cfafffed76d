//! Names of outputs that tell nothing: a camera's own name often is the time, or a running number.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::listing::Found;
use crate::names::text;
use crate::photo::Limits;

/// What every name begins with.
const BEGINNING: &str = "photo-";
/// Digits of a name.
const DIGITS: usize = 12;
/// Goes before a photo's bytes, so that the name is not the beginning of the sum that others know the file by.
const PREFIX: &[u8] = b"the name of a photo\0";

/// The photos with places that are made of their content alone, in no folder: the same photo has the same name in every run.
/// Of photos that are the same, the second has `-2` behind it, and so on.
pub fn neutral(photos: Vec<Found>, limits: &Limits) -> Vec<Found> {
    let mut taken = HashSet::new();
    let name = |Found { file, place }: Found| {
        let name = name_of(&file, limits);
        let numbered = (2..).map(|number: usize| format!("{name}-{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
        let mut free = PathBuf::from(free.unwrap_or(name));
        if let Some(ending) = place.extension() {
            free.set_extension(ending);
        }
        Found { file, place: free }
    };
    photos.into_iter().map(name).collect()
}

fn name_of(file: &Path, limits: &Limits) -> String {
    // A file that cannot be read is not written either.
    let bytes = limits.read(file).unwrap_or_else(|_| text(file).into_bytes());
    let sum = Sha256::new_with_prefix(PREFIX).chain_update(bytes).finalize();
    let digits: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{BEGINNING}{}", &digits[..DIGITS])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_that_of_the_content_and_no_two_are_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let found = |name: &str, bytes: &[u8]| {
            let file = folder.path().join(name);
            std::fs::write(&file, bytes).unwrap();
            Found { file, place: Path::new("2024-06-12 Berlin").join(name) }
        };
        let names = |photos: Vec<Found>| -> Vec<String> {
            neutral(photos, &Limits::default()).iter().map(|photo| text(&photo.place)).collect()
        };
        let first =
            vec![found("IMG_20240612_101112.jpg", b"a"), found("IMG_2.jpg", b"b"), found("c.png", b"a")];
        let [a, b, again] = &names(first)[..] else { panic!() };
        assert_eq!((a.len(), a.starts_with("photo-"), a.ends_with(".jpg")), (22, true, true));
        assert_ne!(a, b);
        assert_eq!(*again, a.replace(".jpg", "-2.png"));
        assert_eq!(names(vec![found("another.jpg", b"a")]), std::slice::from_ref(a));
    }
}

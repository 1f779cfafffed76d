//! Which networks are at hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use visard::models::{Ensemble, Library, Place, own_folder};

use crate::sum;

/// A folder with files and a catalogue; of each network its name, what the file holds, and its licence.
fn folder(networks: &[(&str, &str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut catalogue = String::new();
    for (name, file, licence) in networks {
        std::fs::write(folder.path().join(format!("{file}.onnx")), file).unwrap();
        let sum = sum(file.as_bytes()).to_uppercase();
        catalogue += &format!(
            "[[network]]\nname = '{name}'\nkind = 'detector'\nfile = '{file}.onnx'\nsha256 = '{sum}'\n\
             licence = '{licence}'\nsource = 'a test'\n"
        );
    }
    std::fs::write(folder.path().join("catalogue.toml"), catalogue).unwrap();
    folder
}

fn open(folders: &[&TempDir]) -> visard::models::Result<Library> {
    Library::open(&folders.iter().map(|f| f.path().to_path_buf()).collect::<Vec<_>>())
}

fn names(library: &Library) -> Vec<&str> {
    library.stored.iter().map(|s| s.entry.name.as_str()).collect()
}

#[test]
fn a_file_is_recognised_by_its_sum_however_that_is_written_and_wherever_it_lies() {
    let (a, b) = (folder(&[("one", "1", "MIT")]), tempfile::tempdir().unwrap());
    std::fs::copy(a.path().join("1.onnx"), b.path().join("other.ONNX")).unwrap();
    std::fs::write(b.path().join("stranger.onnx"), "?").unwrap();
    std::fs::remove_file(a.path().join("1.onnx")).unwrap();
    let library = open(&[&a, &b]).unwrap();
    assert_eq!(names(&library), ["one"]);
    assert_eq!(library.stored[0].place, Place::Named(b.path().join("other.ONNX")));
    assert_eq!(library.unknown, [b.path().join("stranger.onnx")]);
}

#[test]
fn one_network_in_two_folders_is_one_network_and_the_later_description_counts() {
    let (a, b) =
        (folder(&[("one", "1", "MIT"), ("two", "2", "MIT")]), folder(&[("uno", "1", "BSD-3-Clause")]));
    let library = open(&[&a, &b]).unwrap();
    assert_eq!(names(&library), ["uno", "two"]);
    assert_eq!(library.find("uno").unwrap().entry.licence, "BSD-3-Clause");
    assert!(library.describes("one").is_err());
}

#[test]
fn a_file_in_memory_is_at_hand_if_a_catalogue_knows_it_and_else_its_sum_is_named() {
    let described = folder(&[("one", "1", "MIT")]);
    std::fs::remove_file(described.path().join("1.onnx")).unwrap();
    let mut library = open(&[&described]).unwrap();
    assert!(library.find("one").is_err());
    library.hold(Arc::from(*b"1")).unwrap();
    let one = library.find("one").unwrap();
    assert_eq!((&one.place, &*one.bytes().unwrap()), (&Place::InMemory(Arc::from(*b"1")), b"1".as_slice()));

    let error = library.hold(Arc::from(*b"2")).unwrap_err().to_string();
    assert!(error.contains(&sum(b"2")), "{error}");
    assert_eq!(names(&library), ["one"]);
}

#[test]
fn two_networks_of_one_name_are_an_error_that_names_both() {
    let (a, b) = (folder(&[("one", "1", "MIT")]), folder(&[("one", "2", "MIT")]));
    let error = open(&[&a, &b]).unwrap_err().to_string();
    let place = |folder: &Path, file: &str| folder.join(file).display().to_string();
    for part in ["called \"one\"", &place(a.path(), "1.onnx"), &place(b.path(), "2.onnx"), "another name"] {
        assert!(error.contains(part), "{error}");
    }
    let twice = folder(&[("one", "1", "MIT"), ("one", "2", "MIT")]);
    assert!(open(&[&twice]).is_err());
}

#[test]
fn a_run_without_networks_says_what_to_do() {
    let empty = tempfile::tempdir().unwrap();
    let library = open(&[&empty]).unwrap();
    let error = Ensemble::open(&library, &[], &[]).unwrap_err().to_string();
    assert!(error.starts_with("no face detector is at hand; `visard models list` says"), "{error}");
    let error = Ensemble::judges(&library, &[]).unwrap_err().to_string();
    assert!(error.starts_with("no judge is at hand"), "{error}");
}

#[test]
fn a_catalogue_beyond_its_limit_is_not_read() {
    let folder = folder(&[("one", "1", "MIT")]);
    let path = folder.path().join("catalogue.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let filled = |size: usize| format!("{text}#{}\n", " ".repeat(size - text.len() - 2));
    std::fs::write(&path, filled(1 << 20)).unwrap();
    assert_eq!(names(&open(&[&folder]).unwrap()), ["one"]);
    std::fs::write(&path, filled((1 << 20) + 1)).unwrap();
    let error = open(&[&folder]).unwrap_err().to_string();
    assert!(error.ends_with("catalogue.toml: the file is over the limit of 1 MiB"), "{error}");
    std::fs::write(&path, b"\xff").unwrap();
    assert!(open(&[&folder]).is_err());
}

#[test]
fn the_own_folder_has_a_place_of_its_own() {
    if std::env::var_os("VISARD_MODELS_DIR").is_none() {
        assert!(own_folder().unwrap().ends_with(PathBuf::from("visard/models")));
    }
}

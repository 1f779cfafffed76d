//! Which surrogates a run takes, and what is said of its judges.

use std::path::Path;

use tempfile::TempDir;
use visard::models::{Ensemble, Library, Recogniser, Tie};
use visard::pipeline::Report;

use crate::support::models::{Judge, embedder, models, sha256};

/// The usual networks and another surrogate; the judge learned from the usual one.
fn folder() -> TempDir {
    let folder = models(Judge::TakesAllForStrangers);
    let path = folder.path().join("catalogue.toml");
    let judge = "name = \"judge\"\n";
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace(judge, &format!("{judge}teacher = \"surrogate\"\n"))).unwrap();
    add(folder.path(), "other", "surrogate", 7);
    folder
}

fn add(folder: &Path, name: &str, role: &str, seed: u32) {
    let (file, path) = (embedder(seed), folder.join("catalogue.toml"));
    std::fs::write(folder.join(name).with_extension("onnx"), &file).unwrap();
    let entry = format!(
        "[[network]]\nname = \"{name}\"\nkind = \"embedder\"\nrole = \"{role}\"\nfile = \"{name}.onnx\"\n\
         sha256 = \"{}\"\ncrop = \"arcface-112\"\nmean = [0.0, 0.0, 0.0]\nstd = [1.0, 1.0, 1.0]\n\
         thresholds = {{ far_1e2 = 0.5, far_1e3 = 0.5 }}\nlicence = \"MIT\"\nsource = \"\"\n",
        sha256(&file)
    );
    std::fs::write(&path, std::fs::read_to_string(&path).unwrap() + &entry).unwrap();
}

fn library(folder: &TempDir) -> Library {
    Library::open(&[folder.path().to_path_buf()]).unwrap()
}

fn names(recognisers: &[Recogniser]) -> Vec<&str> {
    recognisers.iter().map(|r| r.entry.name.as_str()).collect()
}

#[test]
fn the_teacher_of_the_only_judge_makes_cloaks_only_where_it_is_named() {
    let folder = folder();
    let library = library(&folder);
    let usual = Ensemble::open(&library, &[], &[]).unwrap();
    assert_eq!((names(&usual.surrogates), names(&usual.judges)), (vec!["other"], vec!["judge"]));
    assert_eq!(usual.left_out(&library).iter().map(|e| &*e.name).collect::<Vec<_>>(), ["surrogate"]);
    assert_eq!(usual.warnings(), []);
    let named = Ensemble::open(&library, &["surrogate".into()], &[]).unwrap();
    assert_eq!(names(&named.surrogates), ["surrogate"]);
    let warnings = Report::new(&named, Default::default(), 0).warnings;
    assert_eq!(warnings.iter().map(|w| w.tie).collect::<Vec<_>>(), [Tie::Teacher]);
}

#[test]
fn the_teacher_of_one_judge_makes_cloaks_where_another_judge_is_independent() {
    let folder = folder();
    add(folder.path(), "second", "judge", 8);
    let library = library(&folder);
    let run = Ensemble::open(&library, &[], &[]).unwrap();
    assert_eq!(names(&run.surrogates), ["surrogate", "other"]);
    assert_eq!(run.left_out(&library), Vec::<&visard::models::Entry>::new());
    let first_alone = Ensemble::open(&library, &[], &["judge".into()]).unwrap();
    assert_eq!(names(&first_alone.surrogates), ["other"]);
}

#[test]
fn a_teacher_that_is_the_only_surrogate_makes_cloaks_and_is_told_of() {
    let folder = folder();
    std::fs::remove_file(folder.path().join("other.onnx")).unwrap();
    let run = Ensemble::open(&library(&folder), &[], &[]).unwrap();
    assert_eq!(names(&run.surrogates), ["surrogate"]);
    assert_eq!(run.warnings().len(), 1);
}

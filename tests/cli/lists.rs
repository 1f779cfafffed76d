//! Which photos are taken: lists, patterns, what is excluded; and what the outputs are called.

use assert_cmd::Command;

use crate::desk::{Desk, FAST, ended, good};
use crate::support::models::Judge;
use crate::support::{black, png, portrait};

fn desk() -> Desk {
    let other = png(&portrait(170, 160));
    Desk::new(
        Judge::TakesAllForStrangers,
        &[("a.png", good()), ("b.png", other), ("IMG_20240612.png", png(&portrait(180, 160)))],
    )
}

#[test]
fn a_list_from_a_file_or_another_program_names_the_photos() {
    let desk = desk();
    std::fs::write(desk.path("list"), "in/a.png\nin/b.png\n").unwrap();
    let told = desk.with_models(&[&["cloak", "--files-from", "list", "--output", "out"], &FAST[..]].concat());
    assert_eq!((told.code, desk.outputs(false)), (Some(0), vec!["a.png".into(), "b.png".into()]));
    let words =
        [&["--models-dir", ".", "cloak", "--files-from", "-", "--output", "piped"], &FAST[..]].concat();
    let mut command = Command::new(env!("CARGO_BIN_EXE_visard"));
    command.current_dir(desk.path(".")).env("VISARD_MODELS_DIR", "own").args(words);
    let piped = ended(command.write_stdin("in/b.png\0in/a.png\0"));
    assert_eq!(piped.code, Some(0), "{}", piped.stderr);
    assert!(piped.stdout.starts_with("in/b.png: protected"), "{}", piped.stdout);
    std::fs::write(desk.path("list"), "in/a.png\nin/gone.png\n").unwrap();
    let gone =
        desk.with_models(&[&["cloak", "--files-from", "list", "--output", "out2"], &FAST[..]].concat());
    assert_eq!((gone.code, &*gone.stderr), (Some(2), "error: in/gone.png: no such file or folder\n"));
}

#[test]
fn what_is_excluded_is_named_and_counts_as_wanted() {
    let desk = desk();
    let told = desk.cloak(&["--exclude", "IMG_*", "--exclude", "/b.*", "--report", "report.json"]);
    assert_eq!((told.code, desk.outputs(false)), (Some(0), vec!["a.png".into()]));
    assert!(
        told.stderr.starts_with("2 excluded and not taken: in/IMG_20240612.png, in/b.png\n"),
        "{}",
        told.stderr
    );
    let left = &desk.json("report.json")["left_out"][0];
    assert_eq!((&left["reason"], &left["picture"]), (&"excluded".into(), &false.into()));
}

#[test]
fn patterns_are_understood_where_no_shell_does() {
    let desk = desk();
    let told = desk.with_models(&[&["cloak", "in/?.png", "--output", "out"], &FAST[..]].concat());
    assert_eq!((told.code, desk.outputs(false)), (Some(0), vec!["a.png".into(), "b.png".into()]));
}

#[test]
fn a_neutral_name_is_the_same_in_every_run() {
    let desk = desk();
    assert_eq!(desk.cloak(&["--names", "neutral"]).code, Some(0));
    let names = desk.outputs(false);
    assert!(
        names.len() == 3 && names.iter().all(|name| name.starts_with("photo-") && name.len() == 22),
        "{names:?}"
    );
    let again = desk.cloak(&["--names", "neutral", "--resume", "--json"]);
    assert_eq!((again.code, desk.outputs(false)), (Some(0), names));
}

#[test]
fn a_file_is_as_old_as_its_writing_unless_its_metadata_is_kept() {
    let desk = desk();
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    std::fs::File::options().write(true).open(desk.path("in/a.png")).unwrap().set_modified(old).unwrap();
    let age = |metadata| {
        desk.cloak(&["--exclude", "[!a].png", "--exclude", "IMG*", "--overwrite", "--metadata", metadata]);
        std::fs::metadata(desk.path("out/a.png")).unwrap().modified().unwrap()
    };
    assert!(age("strip") > old);
    assert_eq!(age("keep"), old);
}

#[test]
fn a_photo_without_a_face_is_cleaned_and_never_called_protected() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", png(&black()))]);
    let told = desk.cloak(&["--keep-faceless", "--report", "report.json"]);
    assert_eq!(told.code, Some(1));
    let said = "in/a.png: no-face, cleaned: its traces are removed, its picture is bit for bit as it was, ";
    assert!(told.stdout.starts_with(said), "{}", told.stdout);
    let photo = &desk.json("report.json")["photos"][0];
    assert_eq!((&photo["status"], &photo["cleaned"]), (&"no-face".into(), &true.into()));
}

//! Disks that are full or take nothing, and clocks that are wrong.

use std::time::{Duration, SystemTime};

use crate::desk::{Desk, FAST, good, lines};
use crate::support::models::Judge;
use crate::support::{png, portrait};

/// Runs a script in `desk` where it may mount disks of its own; what it printed.
#[cfg(target_os = "linux")]
fn with_disk(desk: &Desk, script: &str) -> String {
    let visard = [env!("CARGO_BIN_EXE_visard"), "--models-dir", ".", "cloak", "in", "--output", "out"];
    let output = std::process::Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-uc", script])
        .current_dir(desk.path("."))
        .env("VISARD_MODELS_DIR", "own")
        .env("CLOAK", [&visard[..], &FAST[..]].concat().join(" "))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn five_photos() -> Desk {
    let photos: Vec<(String, Vec<u8>)> =
        (0..5).map(|i| (format!("{i}.png"), png(&portrait(160 + i, 160)))).collect();
    let photos: Vec<(&str, Vec<u8>)> = photos.iter().map(|(name, b)| (name.as_str(), b.clone())).collect();
    Desk::new(Judge::TakesAllForStrangers, &photos)
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs leave to mount a disk"]
fn a_disk_that_is_full_ends_the_run_and_the_next_gives_the_same_files() {
    let desk = five_photos();
    // Of about 29 kB each, a little more than two have room.
    let said = with_disk(
        &desk,
        "$CLOAK >/dev/null 2>&1; mv out whole; mkdir out; mount -t tmpfs -o size=80k disk out
         $CLOAK 2>&1; echo first: $?; ls -A out
         mount -o remount,size=8m out
         $CLOAK --resume 2>&1; echo second: $?; rm out/.visard-journal.jsonl whole/.visard-journal.jsonl
         diff -r whole out && echo the same",
    );
    let (first, second) = said.split_once("first: ").unwrap();
    assert!(first.contains("; no further photo can be written there"), "{first}");
    assert!(first.contains("2 of 5 photos protected, 1 failed, 2 not reached"), "{first}");
    let listed = ["1", ".visard-journal.jsonl", "0.png", "1.png"].join("\n");
    assert!(second.starts_with(&listed) && !second.contains(".visard-part"), "{second}");
    assert!(
        second.contains("5 of 5 photos protected") && second.ends_with("second: 0\nthe same\n"),
        "{second}"
    );
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs leave to mount a disk"]
fn a_disk_that_takes_nothing_is_noticed_before_the_first_photo() {
    let desk = five_photos();
    let said = with_disk(
        &desk,
        "mkdir out; mount -t tmpfs disk out; touch out/mine; mount -o remount,ro out
         $CLOAK 2>&1; echo code: $?; ls -A out",
    );
    assert!(said.starts_with("error: out/.visard-journal.jsonl: Read-only file system"), "{said}");
    assert!(said.ends_with("code: 2\nmine\n"), "{said}");
}

#[test]
fn what_the_clock_says_decides_nothing() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good()), ("b.png", good())]);
    let first = lines(&desk.cloak(&["--json"]).stdout);
    let far = Duration::from_secs(4_000_000_000);
    for (file, time) in [
        ("in/a.png", SystemTime::UNIX_EPOCH),
        ("in/b.png", SystemTime::now() + far),
        ("out/a.png", SystemTime::now() + far),
        ("out/b.png", SystemTime::UNIX_EPOCH),
        ("out/.visard-journal.jsonl", SystemTime::UNIX_EPOCH),
    ] {
        std::fs::File::options().append(true).open(desk.path(file)).unwrap().set_modified(time).unwrap();
    }
    assert_eq!(lines(&desk.cloak(&["--json", "--resume"]).stdout), first, "nothing was done twice");
    std::fs::write(desk.path("in/a.png"), png(&portrait(161, 160))).unwrap();
    let old = std::fs::File::options().append(true).open(desk.path("in/a.png")).unwrap();
    old.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    let again = lines(&desk.cloak(&["--json", "--resume"]).stdout);
    assert_eq!(
        again[0]["status"], "failed",
        "another photo of the same age is not the one that was protected"
    );
    assert_eq!(again[1], first[1]);
}

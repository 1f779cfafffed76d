//! What is left where a run is stopped.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::desk::{Desk, FAST, good};
use crate::support::models::{Judge, sha256};
use crate::support::{png, portrait};

#[test]
fn a_reader_that_goes_away_is_no_panic_and_no_promise() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good()), ("b.png", good())]);
    let cut = |arguments: &[&str]| {
        let mut child = desk.start(arguments);
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for arguments in [&["completions", "bash"][..], &["models", "list"], &["detect", "in/a.png"]] {
        assert_eq!(cut(arguments), (Some(0), String::new()), "{arguments:?}");
    }
    let (code, errors) = cut(&[&["cloak", "in", "-o", "out"], &FAST[..]].concat());
    assert_eq!((code, &*errors), (Some(1), ""), "not every photo is protected");
    assert_eq!(desk.outputs(false), ["a.png"]);
}

fn twelve_photos() -> Desk {
    let photos: Vec<(String, Vec<u8>)> =
        (0..12).map(|i| (format!("{i:02}.png"), png(&portrait(160 + i, 160)))).collect();
    let photos: Vec<(&str, Vec<u8>)> =
        photos.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    Desk::new(Judge::TakesAllForStrangers, &photos)
}

const LONG: [&str; 6] = ["cloak", "in", "--output", "out", "--report", "report.json"];

/// Waits until the run has written its first photo.
fn wait_for_output(desk: &Desk) {
    let start = Instant::now();
    while desk.outputs(false).is_empty() {
        assert!(start.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn assert_whole(desk: &Desk) {
    for name in desk.outputs(false) {
        let picture = image::load_from_memory(&desk.read(&format!("out/{name}")));
        assert_eq!(picture.unwrap().height(), 160, "{name}");
    }
}

#[test]
fn killing_a_run_leaves_only_whole_files_and_the_next_run_goes_on() {
    let desk = twelve_photos();
    let originals = |desk: &Desk| -> Vec<String> {
        (0..12).map(|i| sha256(&desk.read(&format!("in/{i:02}.png")))).collect()
    };
    let before = originals(&desk);
    for delay in [0, 150, 250, 400] {
        let mut child = desk.start(&[&LONG[..], &FAST, &["--resume"]].concat());
        std::thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_whole(&desk);
        if desk.path("report.json").exists() {
            assert_eq!(desk.json("report.json")["cancelled"], true, "until all is done");
        }
    }
    // A leftover of a run that was killed while it wrote.
    std::fs::create_dir_all(desk.path("out")).unwrap();
    std::fs::write(desk.path("out/.visard-part-Ab12Cd"), b"half a file").unwrap();
    let rest = desk.cloak(&["--resume", "--report", "report.json"]);
    assert_eq!(rest.code, Some(0), "{}{}", rest.stdout, rest.stderr);
    assert_eq!(desk.outputs(false).len(), 12);
    assert_eq!(desk.outputs(true), [".visard-journal.jsonl"], "nothing half written is left");
    assert_whole(&desk);
    assert_eq!(desk.json("report.json")["photos"].as_array().unwrap().len(), 12);
    assert_eq!(originals(&desk), before);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_cleanly_with_what_is_finished_in_place() {
    let desk = twelve_photos();
    let child = desk.start(&[&LONG[..], &FAST].concat());
    wait_for_output(&desk);
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.starts_with("stopping; what is finished stays"), "{errors}");
    assert!(errors.contains("not reached"), "{errors}");
    let report = desk.json("report.json");
    assert_eq!(report["cancelled"], true);
    let listed: Vec<&Path> = report["photos"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| Path::new(p["output"].as_str().unwrap()))
        .collect();
    let there = desk.outputs(false);
    assert_eq!(listed, there.iter().map(|n| Path::new("out").join(n)).collect::<Vec<_>>());
    assert!((1..12).contains(&there.len()), "{there:?}");
    assert_eq!(desk.outputs(true), [".visard-journal.jsonl"]);
    assert_whole(&desk);
}

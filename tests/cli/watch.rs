//! `visard watch`: what appears in a folder is protected once, whatever happens meanwhile.

use std::io::Write as _;
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use crate::desk::{Desk, Ended, FAST, good};
use crate::support::models::Judge;
use crate::support::{black, png, portrait};

const WATCH: [&str; 6] = ["watch", "in", "--output", "out", "--report", "report.json"];

fn start(desk: &Desk) -> Child {
    desk.start(&[&WATCH[..], &FAST].concat())
}

/// Waits until the report tells of so many photos.
fn wait_for(desk: &Desk, photos: usize) {
    let told = || {
        let report = std::fs::read(desk.path("report.json")).ok()?;
        let report: serde_json::Value = serde_json::from_slice(&report).ok()?;
        Some(report["photos"].as_array()?.len())
    };
    while told() != Some(photos) {
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn stop(child: Child) -> Ended {
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The names and verdicts in the report, sorted.
fn told(desk: &Desk) -> Vec<(String, String)> {
    let report = desk.json("report.json");
    let name = |photo: &serde_json::Value| {
        let input = Path::new(photo["input"].as_str().unwrap());
        (input.file_name().unwrap().to_str().unwrap().into(), photo["status"].as_str().unwrap().into())
    };
    let mut told: Vec<_> = report["photos"].as_array().unwrap().iter().map(name).collect();
    told.sort();
    told
}

#[cfg(unix)]
#[test]
fn what_comes_slowly_or_broken_or_across_a_kill_is_reported_once() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("there.png", good())]);
    let mut child = start(&desk);
    wait_for(&desk, 1);
    std::fs::write(desk.path("in/broken.png"), b"no photo").unwrap();
    std::fs::write(desk.path("in/nobody.png"), png(&black())).unwrap();
    wait_for(&desk, 3);
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::create_dir(desk.path("in/below")).unwrap();
    std::fs::write(desk.path("in/below/later.png"), png(&portrait(170, 160))).unwrap();
    let child = start(&desk);
    let slow = png(&portrait(180, 160));
    let mut file = std::fs::File::create(desk.path("in/slow.png")).unwrap();
    for part in slow.chunks(slow.len() / 4 + 1) {
        file.write_all(part).unwrap();
        std::thread::sleep(Duration::from_millis(800));
    }
    drop(file);
    wait_for(&desk, 5);
    let ended = stop(child);
    let expected = [
        ("broken.png", "failed"),
        ("later.png", "protected"),
        ("nobody.png", "no-face"),
        ("slow.png", "protected"),
        ("there.png", "protected"),
    ];
    assert_eq!(told(&desk), expected.map(|(name, status)| (name.into(), status.into())));
    assert_eq!(desk.json("report.json")["cancelled"], false);
    assert_eq!(desk.outputs(false), ["below", "slow.png", "there.png"]);
    // What the first run did is told of in the report alone.
    assert_eq!(ended.stdout.lines().count(), 3, "{}", ended.stdout);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("3 of 5 photos protected, 1 without a face, 1 failed"), "{}", ended.stderr);
}

#[cfg(unix)]
#[test]
fn two_watchers_do_not_write_to_one_folder() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    let child = start(&desk);
    wait_for(&desk, 1);
    let other = desk.with_models(&[&WATCH[..4], &FAST].concat());
    assert_eq!((other.code, &*other.stderr), (Some(2), "error: another visard is writing to out\n"));
    assert_eq!(stop(child).code, Some(0));
}

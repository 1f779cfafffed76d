//! Clips that are made here from the example photos, protected, and looked at again.

mod animated;
mod door;
mod others;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::desk::{Desk, ffmpeg};

/// What ffprobe says of the pictures or the frames of a clip.
fn probe(path: &Path, what: &str) -> String {
    let mut command = Command::new("ffprobe");
    command.args([
        "-v",
        "error",
        "-select_streams",
        "v:0",
        "-of",
        "default=nw=1:nk=1",
        "-show_entries",
        what,
    ]);
    String::from_utf8(command.arg(path).output().unwrap().stdout).unwrap()
}

const TIMES: &str = "frame=best_effort_timestamp_time";

/// The sum of the sound, as it is compressed.
fn sound(path: &Path) -> Vec<u8> {
    let mut command = Command::new("ffmpeg");
    command
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(path)
        .args(["-map", "0:a", "-c", "copy", "-f", "md5", "-"]);
    command.output().unwrap().stdout
}

#[test]
#[ignore = "needs ffmpeg"]
fn a_clip_is_protected_with_its_sound_and_its_times_and_without_its_place() {
    let desk = Desk::new();
    desk.clip("a.mov", "kofi-smiling.jpg", "0.8", &[]);
    let (code, said, errors) = desk.run(&["a.mov", "-o", "out", "--report", "report.json"]);
    assert_eq!(code, Some(0), "{said}{errors}");
    assert!(said.starts_with("a.mov: protected (1 track in 12 frames)"), "{said}");
    let (original, written) = (desk.path("a.mov"), desk.path("out/a.mp4"));
    assert_eq!(probe(&original, TIMES), probe(&written, TIMES));
    assert_eq!(sound(&original), sound(&written));
    let told = probe(&written, "format_tags");
    assert!(!told.contains("52.5") && !told.contains("2024"), "{told}");
    let clip = &desk.json("report.json")["clips"][0];
    assert_eq!(clip["status"], "protected");
    assert!(clip["removed"].as_array().unwrap().iter().any(|removed| removed == "creation_time"), "{clip}");
    let track = &clip["tracks"][0];
    assert_eq!((&track["first"], &track["last"], &track["recognised"]), (&0.into(), &11.into(), &0.into()));
    for kind in ["first_frame", "worst_frame", "mean"] {
        let opinion = &track[kind][0];
        assert!(opinion["similarity"].as_f64() < opinion["threshold"].as_f64(), "{kind}: {opinion}");
    }
}

#[test]
#[ignore = "needs ffmpeg"]
fn frames_at_uneven_times_stay_at_them_and_a_turned_clip_comes_out_upright() {
    let desk = Desk::new();
    desk.clip("even.mp4", "amber-neutral.jpg", "0.8", &[]);
    let uneven = ["-vf", "select='not(eq(mod(n\\,5)\\,2))',transpose=2", "-fps_mode", "vfr", "-c:a", "copy"];
    ffmpeg(&[&["-i", &desk.name("even.mp4")][..], &uneven, &[&desk.name("lying.mp4")]].concat());
    // The matrix that a player turns the picture by, as a phone writes it.
    let turn = ["-c", "copy", "-metadata:s:v:0", "rotate=270"];
    ffmpeg(&[&["-i", &desk.name("lying.mp4")][..], &turn, &[&desk.name("turned.mov")]].concat());
    let (code, said, errors) = desk.run(&["turned.mov", "-o", "out", "--strength", "subtle"]);
    assert!(code.is_some_and(|code| code < 2) && said.contains("1 track"), "{said}{errors}");
    let written = desk.path("out/turned.mp4");
    assert_eq!(probe(&desk.path("turned.mov"), TIMES), probe(&written, TIMES));
    assert_eq!(probe(&written, "stream=width,height"), "480\n320\n");
}

#[test]
#[ignore = "needs ffmpeg"]
fn what_is_no_clip_is_refused_with_what_to_do_and_stops_no_other() {
    let desk = Desk::new();
    ffmpeg(&["-f", "lavfi", "-i", "testsrc=size=160x120:rate=10", "-t", "0.5", &desk.name("nobody.mp4")]);
    let hdr = ["-color_trc", "arib-std-b67", "-color_primaries", "bt2020", "-colorspace", "bt2020nc"];
    desk.clip("hdr.mp4", "kofi-smiling.jpg", "0.4", &hdr);
    std::fs::write(desk.path("text.mp4"), "no clip").unwrap();
    let whole = std::fs::read(desk.path("hdr.mp4")).unwrap();
    std::fs::write(desk.path("half.mp4"), &whole[..whole.len() / 2]).unwrap();
    let (code, said, _) = desk.run(&["text.mp4", "hdr.mp4", "half.mp4", "nobody.mp4", "-o", "out"]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!((code, lines.len()), (Some(1), 4), "{said}");
    for (line, expected) in
        lines.iter().zip(["Invalid data", "it is HDR", "Invalid data", "NO FACE FOUND, not written"])
    {
        assert!(line.contains(expected), "{line}");
    }
    assert_eq!(desk.files("out"), [".visard-journal.jsonl"]);
    let (code, _, errors) = desk.run(&["missing.mp4", "-o", "out"]);
    assert!(code == Some(2) && errors.contains("no such file"), "{errors}");
}

#[test]
#[ignore = "needs ffmpeg"]
fn without_ffmpeg_nothing_runs_and_the_message_says_how_to_install_it() {
    let desk = Desk::new();
    std::fs::write(desk.path("a.mp4"), "anything").unwrap();
    let output = desk.command(&["a.mp4", "-o", "out"]).env("FFMPEG", "no-such-program").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("apt install ffmpeg") && said.contains("brew install ffmpeg"), "{said}");
}

#[test]
#[ignore = "needs ffmpeg"]
fn a_part_is_written_and_one_that_is_too_long_or_outside_is_refused() {
    let desk = Desk::new();
    desk.clip("a.mp4", "jonas-neutral.jpg", "1.2", &[]);
    let part = ["a.mp4", "-o", "out", "--from", "0.4", "--to", "0.8", "--strength", "subtle", "--json"];
    let (_, said, _) = desk.run(&part);
    let clip: Value = serde_json::from_str(said.trim()).unwrap();
    assert_eq!((&clip["frames"], &clip["tracks"][0]["from"]), (&6.into(), &0.4.into()), "{clip}");
    assert_eq!(probe(&desk.path("out/a.mp4"), TIMES).lines().count(), 6);
    let (_, said, _) = desk.run(&["a.mp4", "-o", "other", "--from", "5"]);
    assert!(said.contains("no frame lies in that part; the clip has 1.13 s"), "{said}");
    let (_, said, _) = desk.run(&["a.mp4", "-o", "other", "--longest", "1"]);
    assert!(said.contains("over the limit of 1 s; choose a part with --from and --to"), "{said}");
}

#[test]
#[ignore = "needs ffmpeg"]
fn a_run_that_is_killed_leaves_nothing_half_written_and_the_next_goes_on() {
    let desk = Desk::new();
    desk.clip("a.mp4", "kofi-smiling.jpg", "0.4", &[]);
    desk.clip("b.mp4", "amber-neutral.jpg", "0.8", &[]);
    let run = ["a.mp4", "b.mp4", "-o", "out", "--strength", "subtle", "--resume"];
    let mut child = desk.start(&run);
    let start = Instant::now();
    while !desk.path("out/a.mp4").exists() {
        assert!(start.elapsed() < Duration::from_secs(600));
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!desk.path("out/b.mp4").exists());
    let first = std::fs::read(desk.path("out/a.mp4")).unwrap();
    let (_, said, errors) = desk.run(&run);
    assert_eq!(said.lines().count(), 2, "{said}{errors}");
    assert_eq!(desk.files("out"), [".visard-journal.jsonl", "a.mp4", "b.mp4"], "what was begun is gone");
    assert_eq!(std::fs::read(desk.path("out/a.mp4")).unwrap(), first, "it was kept");
    std::fs::write(desk.path("out/a.mp4"), "changed").unwrap();
    let (code, said, _) = desk.run(&run);
    assert!(code == Some(1) && said.contains("has changed since it was written; use --overwrite"), "{said}");
}

#[test]
#[ignore = "needs ffmpeg"]
fn each_person_of_a_clip_with_a_cut_has_a_track_of_their_own() {
    let desk = Desk::new();
    for (name, photo) in [("a.mp4", "nadia-neutral.jpg"), ("b.mp4", "jonas-neutral.jpg")] {
        desk.clip(name, photo, "0.4", &[]);
    }
    let join = "[0:v][1:v]concat=n=2";
    ffmpeg(&[
        "-i",
        &desk.name("a.mp4"),
        "-i",
        &desk.name("b.mp4"),
        "-filter_complex",
        join,
        &desk.name("cut.mp4"),
    ]);
    let (_, said, errors) = desk.run(&["cut.mp4", "-o", "out", "--strength", "subtle", "--json"]);
    let clip: Value = serde_json::from_str(said.trim()).unwrap_or_else(|_| panic!("{said}{errors}"));
    let spans: Vec<[u64; 2]> = clip["tracks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|track| [&track["first"], &track["last"]].map(|frame| frame.as_u64().unwrap()))
        .collect();
    assert_eq!(spans, [[0, 5], [6, 11]]);
}

//! Photos with the films that phones take with them.

use crate::desk::{Desk, example, ffmpeg};

/// A photo, and a film of the same person.
fn photo_and_film(desk: &Desk) -> [Vec<u8>; 2] {
    let still = "scale=300:300,pad=480:320:60:10:gray";
    ffmpeg(&["-i", &example("kofi-neutral.jpg"), "-vf", still, "-q:v", "2", &desk.name("still.jpg")]);
    desk.clip("film.mp4", "kofi-smiling.jpg", "0.4", &[]);
    ["still.jpg", "film.mp4"].map(|name| std::fs::read(desk.path(name)).unwrap())
}

#[test]
#[ignore = "needs ffmpeg"]
fn a_motion_photo_becomes_a_photo_and_a_clip_of_one_name() {
    let desk = Desk::new();
    let [still, film] = photo_and_film(&desk);
    // What Samsung's phones write around the film.
    let behind = [&b"MotionPhoto_Data"[..], &film, b"SEFH\x00\x00\x00\x00SEFT"].concat();
    std::fs::write(desk.path("a.jpg"), [still, behind].concat()).unwrap();
    let run = ["a.jpg", "-o", "out", "--motion", "--strength", "subtle", "--report", "report.json"];
    let (code, said, errors) = desk.cloak(&run);
    assert!(code.is_some_and(|code| code < 2) && said.lines().count() == 2, "{said}{errors}");
    assert_eq!(desk.files("out"), [".visard-journal.jsonl", "a.jpg", "a.mp4"]);
    let written = std::fs::read(desk.path("out/a.jpg")).unwrap();
    assert!(!written.windows(4).any(|part| part == b"ftyp"));
    let report = desk.json("report.json");
    assert_eq!((&report["clips"][0]["frames"], &report["cancelled"]), (&6.into(), &false.into()));
    assert_eq!(report["photos"][0]["input"], report["clips"][0]["input"]);
    let (_, again, _) = desk.cloak(&[&run[..], &["--resume"]].concat());
    assert_eq!(again, said, "both are kept");
}

#[test]
#[ignore = "needs ffmpeg"]
fn a_live_photo_is_protected_with_its_film_and_without_the_option_both_kinds_are_named() {
    let desk = Desk::new();
    let [still, film] = photo_and_film(&desk);
    std::fs::create_dir(desk.path("in")).unwrap();
    std::fs::write(desk.path("in/live.jpg"), &still).unwrap();
    std::fs::write(desk.path("in/live.MOV"), &film).unwrap();
    let (code, said, errors) = desk.cloak(&["in", "-o", "out", "--motion", "--strength", "subtle"]);
    assert!(code.is_some_and(|code| code < 2) && !errors.contains("LEFT OUT"), "{said}{errors}");
    assert_eq!(desk.files("out"), [".visard-journal.jsonl", "live.jpg", "live.mp4"]);
    std::fs::write(desk.path("in/live.jpg"), [still, film].concat()).unwrap();
    let (_, said, errors) = desk.cloak(&["in", "-o", "other", "--strength", "subtle"]);
    assert!(said.contains("the film in it is left out: `visard cloak --motion` protects it, too"), "{said}");
    assert!(errors.contains("live.MOV: LEFT OUT"), "{errors}");
    assert_eq!(desk.files("other"), [".visard-journal.jsonl", "live.jpg"]);
}

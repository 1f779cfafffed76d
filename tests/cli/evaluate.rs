//! `visard evaluate`, on the composite people of `examples/photos`, cut to where the tiny detector looks.

use std::path::Path;
use std::time::{Duration, Instant};

use image::DynamicImage;
use image::imageops::FilterType;
use serde_json::Value;

use crate::desk::{Desk, Ended};
use crate::support::models::{Judge, sha256};
use crate::support::png;

const PROTECTED: [&str; 4] = ["amber", "jonas", "kofi", "marco"];
/// Two people, and the protected ones upside down, who are others to the judge.
const STRANGERS: [&str; 6] =
    ["nadia", "ruth", "upended-amber", "upended-jonas", "upended-kofi", "upended-marco"];

/// A portrait whose face lies where the tiny detector finds it.
fn portrait(name: &str, kind: &str) -> DynamicImage {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/photos");
    let own = name.strip_prefix("upended-");
    let photo = image::open(folder.join(format!("{}-{kind}.jpg", own.unwrap_or(name)))).unwrap();
    let photo = if own.is_some() { photo.flipv() } else { photo };
    let side = photo.width().min(photo.height()) * 8 / 10;
    let (x, y) = ((photo.width() - side) / 2, (photo.height() - side) / 2);
    let mut photo = photo.crop_imm(x, y, side, side).resize_exact(160, 160, FilterType::Triangle).to_rgb8();
    // By its left edge the tiny detector knows what is upright.
    (0..160).for_each(|y| (0..4).for_each(|x| photo.put_pixel(x, y, image::Rgb([0, y as u8, 0]))));
    photo.into()
}

/// Four people with four photos each, and six strangers.
fn desk() -> Desk {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[]);
    for name in PROTECTED.into_iter().chain(STRANGERS) {
        std::fs::create_dir_all(desk.path(&format!("in/{name}"))).unwrap();
        for (i, (kind, light)) in
            [("neutral", 0), ("smiling", 0), ("neutral", 4), ("smiling", -4)].into_iter().enumerate()
        {
            let photo = png(&portrait(name, kind).brighten(light));
            std::fs::write(desk.path(&format!("in/{name}/{i}.png")), photo).unwrap();
        }
    }
    std::fs::write(desk.path("people.txt"), PROTECTED.join("\n")).unwrap();
    std::fs::write(desk.path("strangers.txt"), STRANGERS.join("\n")).unwrap();
    desk
}

const EVALUATE: [&str; 11] = [
    "evaluate",
    "--data",
    "in",
    "--people",
    "people.txt",
    "--distractors",
    "strangers.txt",
    "--preset",
    "subtle",
    "--photos-per-person",
    "2",
];

/// The networks of the desk, not those that are built in.
const NETWORKS: [&str; 4] = ["--models", "surrogate", "--judges", "judge"];

/// An evaluation with the networks of the desk.
fn evaluate(desk: &Desk, more: &[&str]) -> Ended {
    evaluate_with(desk, &[&NETWORKS[..], more].concat())
}

fn evaluate_with(desk: &Desk, more: &[&str]) -> Ended {
    let ended = desk.with_models(&[&EVALUATE[..], more].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended
}

/// The value of a row, as written.
fn value(results: &Value, method: &str, scenario: &str, metric: &str) -> f64 {
    let rows = results["rows"].as_array().unwrap();
    let wanted =
        [("method", method), ("condition", "as-written"), ("scenario", scenario), ("metric", metric)];
    let row = rows.iter().find(|row| wanted.iter().all(|(field, text)| row[field] == *text));
    row.unwrap_or_else(|| panic!("no row {wanted:?}"))["value"].as_f64().unwrap()
}

#[test]
fn an_evaluation_says_who_is_found_with_and_without_a_cloak() {
    let desk = desk();
    let photos = || PROTECTED.map(|name| sha256(&desk.read(&format!("in/{name}/0.png"))));
    let before = photos();
    evaluate(&desk, &["--output", "out", "--adversaries"]);
    assert_eq!(photos(), before, "originals are never written to");
    let results = desk.json("out/results.json");
    assert_eq!((&results["protocol"], &results["data"]["cloaked"]), (&"search-v1".into(), &8.into()));
    assert_eq!((&results["data"]["clean"], &results["data"]["distractors"]), (&8.into(), &6.into()));
    // The brightness of a photo is no disguise: without a cloak everyone is found.
    assert!((value(&results, "none", "clean-finds-cloaked", "rank-1") - 1.).abs() < 1e-9);
    let (clean, cloaked) = (&results["methods"][0], &results["methods"][1]);
    assert_eq!((&clean["name"], &cloaked["name"]), (&"none".into(), &"subtle".into()));
    assert!(clean["face"]["dssim"].as_f64().unwrap() < 1e-6);
    assert!((0.004..=0.006_01).contains(&cloaked["face"]["dssim"].as_f64().unwrap()), "{cloaked}");
    // No stranger ever reaches this judge's threshold of 2, nor does anyone else.
    assert!(value(&results, "none", "verify-clean", "tar@far=1e-3") < 1e-9);
    assert_eq!(results["networks"][2]["sha256"], sha256(&desk.read("judge.onnx")));
    let adversaries = results["adversaries"].as_array().unwrap();
    for name in
        ["purified: median", "network adapted to cloaks", "cloak detector", "growing gallery, round 10"]
    {
        assert!(adversaries.iter().any(|row| row["adversary"] == name), "{name}");
    }
    let csv = String::from_utf8(desk.read("out/results.csv")).unwrap();
    assert_eq!(csv.lines().count(), results["rows"].as_array().unwrap().len() + 1);
    let report = String::from_utf8(desk.read("out/report.html")).unwrap();
    assert!(report.contains("<svg") && report.contains("data:image/png;base64,"));
    for outside in ["<script", "<link", "src=\"http", "url("] {
        assert!(!report.contains(outside), "{outside}");
    }
}

#[test]
fn the_same_seed_gives_the_same_results_and_another_seed_others() {
    let desk = desk();
    let methods = |output: &str, seed: &str| {
        evaluate(&desk, &["--output", output, "--seed", seed, "--protocol", "verify-v1"]);
        desk.read(&format!("{output}/results.json"))
    };
    let first = methods("a", "1");
    assert!(first == methods("b", "1"));
    assert!(first != methods("c", "2"));
}

#[test]
fn a_run_that_was_killed_goes_on_and_ends_as_if_it_had_not_been() {
    let desk = desk();
    let run = |output| [&EVALUATE[..], &NETWORKS, &["--output", output]].concat();
    evaluate(&desk, &["--output", "whole"]);
    let mut child = desk.start(&run("out"));
    let made = || {
        let photos = walk(&desk.path("out/cloaks"));
        photos.into_iter().filter(|p| p.to_string_lossy().contains("subtle")).collect::<Vec<_>>()
    };
    let start = Instant::now();
    while made().len() < 4 {
        assert!(start.elapsed() < Duration::from_secs(120));
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!desk.path("out/results.json").exists());
    let stamp = |path: &std::path::PathBuf| std::fs::metadata(path).unwrap().modified().unwrap();
    let kept: Vec<_> = made().into_iter().map(|path| (stamp(&path), path)).collect();
    evaluate(&desk, &["--output", "out"]);
    assert!(kept.iter().all(|(time, path)| stamp(path) == *time), "what was made is not made again");
    assert!(desk.read("out/results.json") == desk.read("whole/results.json"));
}

/// The files below a folder that are photos.
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|e| e == "png") && !path.starts_with(".visard-"))
        .collect()
}

#[test]
fn a_judge_that_makes_the_cloaks_is_refused_or_marked() {
    let desk = desk();
    let same = ["--models", "surrogate", "--judges", "judge,surrogate", "--output", "out"];
    let ended = desk.with_models(&[&EVALUATE[..], &same].concat());
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("surrogate") && ended.stderr.contains("judge"), "{}", ended.stderr);
    evaluate_with(&desk, &[&same[..], &["--white-box", "--protocol", "verify-v1"]].concat());
    let results = desk.json("out/results.json");
    for row in results["rows"].as_array().unwrap() {
        assert_eq!(row["white_box"], row["judge"] == "surrogate", "{row}");
    }
    let report = String::from_utf8(desk.read("out/report.html")).unwrap();
    assert!(report.contains("surrogate (WHITE-BOX"));
}

#[test]
fn too_few_people_and_people_in_two_parts_are_errors() {
    let desk = desk();
    let refused = |list: &str, more: &[&str]| {
        std::fs::write(desk.path("people.txt"), list).unwrap();
        let ended = desk.with_models(&[&EVALUATE[..], &["--output", "out"], more].concat());
        assert_eq!(ended.code, Some(2));
        ended.stderr
    };
    assert!(
        refused("amber", &[])
            .contains("an evaluation needs two people with more than 2 photos of faces; 1 left")
    );
    assert!(refused("amber\nruth", &[]).contains("\"ruth\" cannot be protected and a stranger at once"));
    assert!(refused("amber\nnobody", &[]).contains("no photos of \"nobody\""));
}

//! `visard cloak`: exit codes, messages, reports, outputs that are there already.

use serde_json::Value;

use crate::desk::{Desk, Ended, FAST, good, lines, mixed};
use crate::support::models::{Judge, sha256};
use crate::support::{png, portrait};

#[test]
fn photos_that_are_all_protected_end_with_0() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    let ended = desk.cloak(&[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.starts_with("in/a.png: protected (1 face), "), "{}", ended.stdout);
    assert_eq!(ended.stderr, "1 of 1 photos protected (judged by judge)\n");
    assert_eq!(desk.outputs(false), ["a.png"]);
    assert_eq!(desk.read("in/a.png"), good());
}

#[test]
fn a_photo_that_is_not_protected_ends_with_1_and_the_others_are_done() {
    let desk = mixed(Judge::TakesAllForStrangers);
    let ended = desk.cloak(&[]);
    assert_eq!(ended.code, Some(1));
    let results: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(results.len(), 4);
    assert!(results[2].starts_with("in/c.png: NO FACE FOUND, not written"), "{}", results[2]);
    assert!(results[3].starts_with("in/d.png: FAILED: this is not a photo"), "{}", results[3]);
    assert_eq!(ended.stderr, "2 of 4 photos protected, 1 without a face, 1 failed (judged by judge)\n");
    assert_eq!(desk.outputs(false), ["a.png", "b.jpg"]);
    assert_eq!(desk.outputs(true), [".visard-journal.jsonl"]);
}

#[test]
fn photos_beside_lead_the_cloak_and_are_not_written() {
    let desk = mixed(Judge::TakesAllForStrangers);
    let cloak = |output: &str, more: &[&str]| {
        desk.with_models(&[&["cloak", "in/a.png", "--output", output], &FAST[..], more].concat())
    };
    let (alone, led) = (cloak("out", &[]), cloak("led", &["--beside", "in"]));
    assert_eq!((alone.code, led.code), (Some(0), Some(0)), "{}", led.stderr);
    assert_ne!(desk.read("out/a.png"), desk.read("led/a.png"));
    assert_eq!(std::fs::read_dir(desk.path("led")).unwrap().count(), 2, "the photo and the journal");
    let said: Vec<&str> = led.stderr.lines().collect();
    assert_eq!(said[0], "in/c.png: no help, no face found");
    assert!(said[1].starts_with("in/d.png: no help, this is not a photo"), "{}", said[1]);
    assert_eq!(said[2..], ["1 of 1 photos protected (judged by judge)"]);

    let missing = cloak("out", &["--beside", "nowhere"]);
    assert_eq!((missing.code, &*missing.stderr), (Some(2), "error: nowhere: no such file or folder\n"));
}

#[test]
fn a_face_that_is_still_recognised_is_said_in_capitals() {
    let desk = Desk::new(Judge::RecognisesFrom(-1.), &[("a.png", good())]);
    let ended = desk.cloak(&[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stdout.contains("STILL RECOGNISABLE: 1 of 1 faces still recognised"), "{}", ended.stdout);
    assert_eq!(desk.outputs(false), ["a.png"]);
}

#[test]
fn the_report_holds_what_its_schema_says_and_the_sums_of_the_files() {
    let desk = mixed(Judge::TakesAllForStrangers);
    let ended = desk.cloak(&["--json", "--report", "report.json", "--seed", "5", "--keep-faceless"]);
    let report = desk.json("report.json");
    for (key, value) in [("schema", Value::from(1)), ("seed", 5.into()), ("cancelled", false.into())] {
        assert_eq!(report[key], value, "{key}");
    }
    assert_eq!((&report["preset"], &report["preset_version"]), (&"subtle".into(), &16.into()));
    let networks: Vec<_> = report["networks"].as_array().unwrap().iter().map(|n| &n["name"]).collect();
    assert_eq!(networks, ["finder", "surrogate", "judge"]);
    for network in report["networks"].as_array().unwrap() {
        let name = network["name"].as_str().unwrap();
        assert_eq!(network["sha256"], sha256(&desk.read(&format!("{name}.onnx"))));
    }
    let photos = report["photos"].as_array().unwrap();
    assert_eq!(&lines(&ended.stdout), photos, "--json prints the same objects");
    let statuses: Vec<_> = photos.iter().map(|p| p["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["protected", "protected", "no-face", "failed"]);
    for photo in &photos[..3] {
        for side in ["input", "output"] {
            let bytes = desk.read(photo[side].as_str().unwrap());
            assert_eq!(photo[format!("{side}_sha256")], sha256(&bytes));
            assert_eq!(photo[format!("{side}_bytes")], bytes.len());
        }
    }
    assert!(photos[3]["output"].is_null() && photos[3]["output_sha256"].is_null());
    check_face(&photos[0]["faces"][0]);
    assert_eq!(photos[0]["quality"], Value::Null);
    assert_eq!(photos[1]["quality"], 90);
}

fn check_face(face: &Value) {
    assert_eq!(face["box"], serde_json::json!({ "x": 48., "y": 48., "width": 64., "height": 64. }));
    assert_eq!(face["points"].as_array().unwrap().len(), 5);
    assert_eq!(
        (&face["chosen"], &face["protected"], &face["found_again"]),
        (&true.into(), &true.into(), &true.into())
    );
    assert_eq!((&face["attempts"], &face["steps"]), (&1.into(), &45.into()));
    let number = |key: &str| face[key].as_f64().unwrap();
    assert!((number("score") - 0.9).abs() < 1e-6);
    assert!(number("dssim") > 0. && number("dssim") < 0.0061);
    assert!((number("ssim") - (1. - 2. * number("dssim"))).abs() < 1e-6);
    let seen = ["psnr", "largest_change", "chroma"].map(number);
    assert!(seen[0] > 25. && seen[1] <= 14.001 && seen[2] < 1.3, "{seen:?}");
    assert!((50. ..100.).contains(&number("ssimulacra2")), "{}", number("ssimulacra2"));
    let opinions: Vec<(&str, &str, f64)> = face["similarities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| {
            (o["network"].as_str().unwrap(), o["role"].as_str().unwrap(), o["threshold"].as_f64().unwrap())
        })
        .collect();
    assert_eq!(opinions, [("judge", "judge", 1.), ("surrogate", "surrogate", 0.5)]);
}

#[test]
fn an_output_that_is_there_is_neither_replaced_nor_forgotten() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    std::fs::create_dir(desk.path("out")).unwrap();
    std::fs::write(desk.path("out/a.png"), b"precious").unwrap();
    let refused = desk.cloak(&[]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stdout.contains("out/a.png is there already; use --resume or --overwrite"),
        "{}",
        refused.stdout
    );
    assert_eq!(desk.read("out/a.png"), b"precious");

    let resumed = desk.cloak(&["--resume"]);
    assert_eq!(resumed.code, Some(1));
    let why = "FAILED: out/a.png is there already and was not written by this run; use --overwrite";
    assert!(resumed.stdout.contains(why), "{}", resumed.stdout);
    assert_eq!(desk.read("out/a.png"), b"precious");

    assert_eq!(desk.cloak(&["--overwrite"]).code, Some(0));
    let written = desk.read("out/a.png");
    assert!(image::load_from_memory(&written).is_ok());

    let resumed = desk.cloak(&["--resume", "--json"]);
    assert_eq!((resumed.code, desk.read("out/a.png") == written), (Some(0), true));
    assert_eq!(lines(&resumed.stdout)[0]["output_sha256"], sha256(&written));
    assert_eq!(desk.cloak(&["--resume", "--overwrite"]).code, Some(2));
}

#[test]
fn the_same_command_gives_the_same_files_whatever_the_threads() {
    let desk =
        Desk::new(Judge::TakesAllForStrangers, &[("a.png", good()), ("b.png", png(&portrait(170, 160)))]);
    assert_eq!(desk.cloak(&[]).code, Some(0));
    let one = ["cloak", "in", "-o", "again", "--threads", "1"];
    assert_eq!(desk.with_models(&[&one, &FAST[..]].concat()).code, Some(0));
    for photo in ["a.png", "b.png"] {
        assert!(desk.read(&format!("out/{photo}")) == desk.read(&format!("again/{photo}")), "{photo}");
    }
}

#[test]
fn a_run_that_cannot_start_ends_with_2_and_says_what_to_do() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    let cloak = ["cloak", "in", "--output", "out"];
    let says = |ended: Ended, expected: &str| {
        assert_eq!(ended.code, Some(2), "{expected}");
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
        assert!(!desk.path("out").exists());
    };
    std::fs::create_dir(desk.path("empty")).unwrap();
    says(desk.run(&[&["--models-dir", "nowhere"], &cloak[..]].concat()), "cannot read nowhere");
    says(desk.cloak(&["--judges", "nobody"]), "no network \"nobody\" is at hand (");
    says(desk.cloak(&["--models", "judge", "--judges", "judge"]), "cannot be surrogate and judge at once");
    says(desk.cloak(&["--judges", "finder"]), "\"finder\" is not an embedder");
    says(desk.cloak(&["--report", "in/a.png/report.json"]), "cannot write the report in/a.png/report.json");
    says(desk.cloak(&["--report", "in/a.png"]), "the report in/a.png would be written over a photo");
    says(desk.cloak(&["--quality", "101"]), "101 is not in 1..=100");
    says(desk.cloak(&["--threads", "0"]), "invalid value '0'");
    says(
        desk.with_models(&["cloak", "nowhere.png", "--output", "out"]),
        "nowhere.png: no such file or folder",
    );
    says(
        desk.with_models(&["cloak", "empty", "--output", "out"]),
        "no photos (JPEG, PNG, WebP, HEIC, AVIF, JPEG XL, TIFF, GIF, BMP) in empty",
    );
    says(
        desk.with_models(&["cloak", "in", "--output", "in"]),
        "would be written over; choose another --output folder",
    );
    says(desk.with_models(&["cloak", "in"]), "--output <DIR>");
    assert_eq!(desk.read("in/a.png"), good());
}

#[test]
fn an_output_folder_that_is_a_file_is_noticed_before_the_first_photo() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    std::fs::write(desk.path("out"), b"a file").unwrap();
    let ended = desk.cloak(&[]);
    assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
    assert!(ended.stderr.starts_with("error: out: "), "{}", ended.stderr);
    assert_eq!(desk.read("out"), b"a file");
}

#[test]
fn faces_that_are_left_as_they_are_are_named() {
    // The tiny detector finds two faces in a picture of this size.
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", png(&portrait(400, 400)))]);
    let ended = desk.cloak(&["--faces", "largest"]);
    assert!(ended.stdout.contains("; 1 other face left as it is"), "{}{}", ended.stdout, ended.stderr);
}

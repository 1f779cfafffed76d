//! `visard search`

use crate::desk::{Desk, good, lines};
use crate::support::models::Judge;
use crate::support::{black, png, portrait};

fn desk_of(judge: Judge) -> Desk {
    let photos = [
        ("a.png", good()),
        ("b.png", png(&portrait(200, 160))),
        ("c.png", png(&black())),
        ("d.png", b"no photo".to_vec()),
    ];
    let desk = Desk::new(judge, &photos);
    std::fs::write(desk.path("copy.png"), good()).unwrap();
    desk
}

const SEARCH: [&str; 7] = ["search", "--judges", "judge", "--gallery", "in", "--index", "kept.index"];

#[test]
fn the_best_matches_come_first_and_the_threshold_decides() {
    let desk = desk_of(Judge::RecognisesFrom(-1.));
    let ended = desk.with_models(&[&SEARCH[..], &["--json", "--distractors", "50", "copy.png"]].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("2 faces in 4 photos (4 new or changed, 0 removed, 1 not readable)"),
        "{}",
        ended.stderr
    );
    let answer = &lines(&ended.stdout)[0];
    assert_eq!(
        (&answer["judge"], &answer["gallery"], &answer["distractors"]),
        (&"judge".into(), &52.into(), &50.into())
    );
    let matches = answer["matches"].as_array().unwrap();
    assert_eq!(matches.len(), 5);
    assert_eq!((&matches[0]["file"], &matches[0]["recognised"]), (&"in/a.png".into(), &true.into()));
    assert!((matches[0]["similarity"].as_f64().unwrap() - 1.).abs() < 1e-5);
    assert!(matches.iter().any(|m| m["file"].is_null() && m["face"].is_null()));

    let strict = desk_of(Judge::RecognisesFrom(0.9999));
    let ended = strict.with_models(&[&SEARCH[..], &["--json", "--distractors", "50", "copy.png"]].concat());
    let answer = &lines(&ended.stdout)[0];
    let known = |m: &serde_json::Value| m["similarity"].as_f64().unwrap() >= 0.9999;
    let matches = answer["matches"].as_array().unwrap();
    assert!(matches.iter().all(|m| m["recognised"] == known(m)), "{answer}");
    assert!(known(&matches[0]) && !known(&matches[4]), "{answer}");
}

#[test]
fn a_second_search_reads_nothing_again_and_leaves_out_the_photo_itself() {
    let desk = desk_of(Judge::RecognisesFrom(-1.));
    desk.with_models(&[&SEARCH[..], &["copy.png"]].concat());
    let ended = desk.with_models(&[&SEARCH[..], &["in/a.png", "in/c.png", "nowhere.png"]].concat());
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("(0 new or changed, 0 removed, 1 not readable)"), "{}", ended.stderr);
    assert!(ended.stderr.contains("in/c.png: no face was found"), "{}", ended.stderr);
    assert!(ended.stderr.contains("cannot read nowhere.png"), "{}", ended.stderr);
    assert!(
        ended.stdout.contains("in/b.png") && !ended.stdout.contains("RECOGNISED  in/a.png"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_damaged_index_is_made_anew_with_a_message() {
    let desk = desk_of(Judge::RecognisesFrom(-1.));
    std::fs::write(desk.path("kept.index"), b"visard index\nhalf").unwrap();
    let ended = desk.with_models(&[&SEARCH[..], &["copy.png"]].concat());
    assert_eq!(ended.code, Some(0));
    assert!(
        ended.stderr.contains("the index kept.index cannot be used (it has version")
            && ended.stderr.contains("it is made anew")
            && ended.stderr.contains("(4 new or changed"),
        "{}",
        ended.stderr
    );
}

#[test]
fn an_index_never_takes_the_place_of_a_photo() {
    let desk = desk_of(Judge::RecognisesFrom(-1.));
    let before = desk.read("copy.png");
    let ended = desk.with_models(&["search", "--gallery", "in", "--index", "copy.png", "copy.png"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("error: copy.png is no index and is not replaced"), "{}", ended.stderr);
    assert!(desk.read("copy.png") == before);
}

#[test]
fn a_gallery_that_is_not_there_is_an_error() {
    let desk = desk_of(Judge::RecognisesFrom(-1.));
    let ended = desk.with_models(&["search", "--gallery", "nowhere", "--index", "i", "copy.png"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("nowhere"), "{}", ended.stderr);
}

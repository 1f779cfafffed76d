//! The state alone.

use std::path::PathBuf;

use visard::cloak::Preset;
use visard::face::{Face, Rectangle};
use visard::pipeline::{FaceReport, PhotoReport, Status};

use crate::choices::Choices;
use crate::queue::{Event, Mark, Outcome, Progress, Queue, Source, State};

fn queue(count: usize) -> Queue {
    let mut queue = Queue::default();
    queue.add((0..count).map(|i| source(&format!("/photos/{i}.jpg"))).collect());
    queue
}

fn source(path: &str) -> Source {
    Source { input: path.into(), root: "/photos".into(), in_folder: true, clip: path.ends_with(".mp4") }
}

fn report(status: Status, seconds: f64) -> Event {
    let json = format!(
        r#"{{"input":"i","output":null,"input_sha256":null,"output_sha256":null,"input_bytes":null,"output_bytes":null,
        "status":"protected","reason":null,"quality":null,"removed":[],"kept":[],"faces":[],"seconds":{seconds}}}"#
    );
    let report: PhotoReport = serde_json::from_str(&json).unwrap();
    Event::Finished(Box::new(Outcome::Photo(PhotoReport { status, ..report })), Preset::Standard)
}

#[test]
fn a_photo_goes_from_waiting_over_working_to_done() {
    let mut queue = queue(1);
    assert_eq!(queue.rows[0].state(), State::Waiting);
    queue.order_all();
    assert!(queue.running());
    queue.apply(0, Event::Started);
    queue.apply(0, Event::Step(0.5));
    assert_eq!(queue.rows[0].progress, Progress::Working(0.5));
    // A second try starts from the beginning; the bar does not go back.
    queue.apply(0, Event::Step(0.1));
    assert_eq!(queue.rows[0].progress, Progress::Working(0.5));
    queue.apply(0, report(Status::Protected, 1.));
    assert_eq!(queue.rows[0].state(), State::Protected);
    assert!(queue.finished && !queue.running());
}

#[test]
fn the_photo_in_work_waits_again_when_the_worker_has_let_go_of_it() {
    let mut queue = queue(2);
    queue.order_all();
    queue.apply(0, Event::Started);
    queue.cancel_all();
    assert_eq!(queue.rows[0].progress, Progress::Working(0.));
    assert_eq!(queue.rows[1].progress, Progress::Waiting);
    queue.apply(0, Event::Cancelled);
    assert_eq!(queue.rows[0].progress, Progress::Waiting);
    assert!(!queue.finished && !queue.running());
}

#[test]
fn events_of_photos_that_were_removed_are_nothing() {
    let mut queue = queue(2);
    queue.order_all();
    queue.remove(&[1]);
    queue.apply(1, Event::Started);
    assert_eq!(queue.rows.len(), 1);
}

#[test]
fn only_what_is_asked_for_is_tried_again() {
    let mut queue = queue(4);
    queue.order_all();
    for (id, status) in [(0, Status::Failed), (1, Status::Protected), (2, Status::NoFace)] {
        queue.apply(id, Event::Started);
        queue.apply(id, report(status, 1.));
    }
    queue.cancel_all();
    let ordered = |queue: &Queue| -> Vec<u64> {
        queue.rows.iter().filter(|row| row.progress == Progress::Ordered).map(|row| row.id).collect()
    };
    queue.order_again(&[0, 1, 2]);
    assert_eq!(ordered(&queue), [0u64; 0], "nothing is to be gained");
    queue.rows[1].rechosen = true;
    queue.order_again(&[0, 1, 2]);
    assert_eq!(ordered(&queue), [1]);
}

#[test]
fn another_try_is_stronger_and_ends_with_the_strongest() {
    let again = |preset: Preset| {
        let mut queue = queue(1);
        queue.order_all();
        let Event::Finished(photo, _) = report(Status::StillRecognisable, 1.) else { unreachable!() };
        queue.apply(0, Event::Finished(photo, preset));
        queue.rows[0].again()
    };
    let strengths = [Preset::Subtle, Preset::Standard, Preset::Strong, Preset::Auto];
    assert_eq!(strengths.map(again), [Some(Preset::Standard), Some(Preset::Strong), None, None]);
}

#[test]
fn what_was_removed_comes_back_to_its_place() {
    let mut queue = queue(4);
    let gone = queue.remove(&[1, 2]);
    queue.put_back(gone);
    let names: Vec<String> = queue.rows.iter().map(|row| row.name()).collect();
    assert_eq!(names, ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]);
}

/// A report of a photo that is protected, and its strength.
fn protected(seconds: f64) -> (PhotoReport, Preset) {
    match report(Status::Protected, seconds) {
        Event::Finished(outcome, preset) => (outcome.photo().unwrap().clone(), preset),
        other => panic!("{other:?}"),
    }
}

/// A report of so many faces that were worked on.
fn faces(count: usize, seconds: f64) -> Event {
    let (mut photo, preset) = protected(seconds);
    let face = r#"{"box":{"x":0,"y":0,"width":9,"height":9},"points":[{"x":1,"y":1},{"x":2,"y":1},{"x":1,"y":2},
        {"x":1,"y":3},{"x":2,"y":3}],"score":0.5,"chosen":true,"protected":true,"found_again":true,"similarities":[],
        "dssim":0,"dssim_afar":0,"largest_change":0,"chroma":0,"ssim":1,"psnr":null,"attempts":1,"steps":1,"seconds":1}"#;
    photo.faces = vec![serde_json::from_str(face).unwrap(); count];
    Event::Finished(Box::new(Outcome::Photo(photo)), preset)
}

#[test]
fn remaining_time_counts_faces() {
    let mut queue = queue(4);
    queue.order_all();
    assert_eq!(queue.seconds_left(None), None);
    // What earlier runs needed, for one face a photo.
    assert_eq!(queue.seconds_left(Some(5.)), Some(20.));
    queue.apply(3, Event::Looked(6));
    queue.apply(0, Event::Started);
    queue.apply(0, faces(4, 8.));
    // 2 seconds a face: photos that nobody looked at are expected to have 6, as the one that was.
    assert_eq!(queue.seconds_left(Some(5.)), Some(2. * 18.));
    queue.apply(1, Event::Looked(1));
    queue.apply(2, Event::Looked(2));
    queue.apply(1, Event::Started);
    queue.apply(1, Event::Step(0.5));
    assert_eq!(queue.seconds_left(Some(5.)), Some(2. * (0.5 + 2. + 6.)));
    assert!((queue.share() - 1.5 / 4.).abs() < 1e-6);
}

#[test]
fn looking_for_people_is_told_apart_from_work() {
    let mut queue = queue(2);
    queue.order_all();
    queue.apply(0, Event::Looking(0, 2));
    assert_eq!((queue.looking, queue.rows[0].state()), (Some((0, 2)), State::Waiting));
    queue.apply(0, Event::Started);
    assert_eq!((queue.looking, queue.rows[0].state()), (None, State::Working));
}

#[test]
fn a_photo_that_is_removed_last_ends_the_run() {
    let mut queue = queue(2);
    queue.order_all();
    queue.apply(0, Event::Started);
    queue.apply(0, report(Status::Protected, 1.));
    assert!(!queue.finished);
    queue.remove(&[1]);
    assert!(queue.finished);
}

#[test]
fn a_halt_keeps_the_photo_in_its_place() {
    let mut queue = queue(2);
    queue.order_all();
    queue.apply(0, Event::Halted("full".into()));
    assert_eq!(queue.rows[0].progress, Progress::Ordered);
    assert!(queue.paused && queue.running());
    queue.order_all();
    assert_eq!(queue.rows[0].progress, Progress::Ordered);
    assert!(!queue.paused && queue.halted.is_none());
}

#[test]
fn restored_photos_wait_again_unless_they_are_done() {
    let mut queue = queue(2);
    queue.order_all();
    queue.apply(0, Event::Started);
    queue.apply(0, report(Status::StillRecognisable, 1.));
    queue.apply(1, Event::Started);
    let mut restored = Queue::default();
    restored.take_up(queue.rows);
    let progress: Vec<_> = restored.rows.iter().map(|row| row.progress).collect();
    assert_eq!(progress, [Progress::Done, Progress::Waiting]);
}

fn face(x: f32, side: f32) -> Face {
    let bounds = Rectangle { x, y: 0., width: side, height: side };
    Face { bounds, points: [Default::default(); 5], score: 1. }
}

#[test]
fn of_faces_all_are_chosen_or_the_largest() {
    let faces = [face(0., 20.), face(100., 40.), face(200., 30.)];
    let chosen =
        |largest_only| Mark::all(&faces, largest_only).iter().map(|mark| mark.chosen).collect::<Vec<_>>();
    assert_eq!(chosen(false), [true, true, true]);
    assert_eq!(chosen(true), [false, true, false]);
}

#[test]
fn a_drawn_face_takes_the_place_of_one_that_was_found_there() {
    let found = Mark::all(&[face(0., 20.), face(100., 40.)], false);
    let marks = Mark::with_drawn(found, face(102., 40.));
    let told: Vec<_> = marks.iter().map(|mark| (mark.face.bounds.x, mark.drawn)).collect();
    assert_eq!(told, [(0., false), (102., true)]);
    // Deleted again, it leaves what was there.
    let marks = Mark::without_drawn(marks, 1);
    assert_eq!(marks, Mark::all(&[face(0., 20.), face(100., 40.)], false));
}

#[test]
fn the_pace_is_learned_for_each_strength() {
    let mut choices = Choices::default();
    choices.learn_pace(Preset::Strong, 6.);
    assert_eq!(choices.seconds(Preset::Strong), Some(6.));
    choices.learn_pace(Preset::Strong, 9.);
    assert_eq!(choices.seconds(Preset::Strong), Some(7.));
    assert_eq!(choices.seconds(Preset::Subtle), None);
}

#[test]
fn damaged_choices_are_the_usual_ones() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("choices.json"), "{\"strength\": 7").unwrap();
    let memory = crate::memory::Memory::in_folder(folder.path());
    assert_eq!(memory.choices(), Choices::default());
    std::fs::write(folder.path().join("choices.json"), "{\"seed\": 7, \"new\": 1}").unwrap();
    assert_eq!(memory.choices(), Choices { seed: 7, ..Choices::default() });
}

#[test]
fn a_photo_that_a_network_without_a_threshold_looked_at_is_remembered() {
    let face = r#"{"box":{"x":0,"y":0,"width":9,"height":9},"points":[{"x":1,"y":1},{"x":2,"y":1},{"x":1,"y":2},
        {"x":1,"y":3},{"x":2,"y":3}],"score":0.5,"chosen":true,"protected":true,"found_again":true,"similarities":[
        {"network":"n","role":"surrogate","similarity":0.5,"threshold":null}],"dssim":0,"dssim_afar":0,
        "largest_change":0,"chroma":0,"ssim":1,"psnr":null,"attempts":1,"steps":1,"seconds":1}"#;
    let face: FaceReport = serde_json::from_str(face).unwrap();
    assert!(face.similarities[0].threshold.is_infinite());
    let (mut photo, preset) = protected(1.);
    photo.faces.push(face);
    let (photo, mut queue) = (Outcome::Photo(photo), queue(2));
    queue.apply(0, Event::Finished(Box::new(photo.clone()), preset));
    let folder = tempfile::tempdir().unwrap();
    let memory = crate::memory::Memory::in_folder(folder.path());
    memory.keep_session(queue.rows).unwrap();
    let session = memory.session().unwrap();
    assert_eq!((session.left(), session.rows[0].report.as_ref()), (1, Some(&photo)));
}

#[test]
fn judges_had_no_part_only_where_what_they_learned_from_had_none() {
    let asked = |tie: &str| {
        let warning =
            format!(r#"{{"judge":"j","tie":"{tie}","surrogates":["s"],"text":"j has something of s"}}"#);
        let report = format!(
            r#"{{"schema":1,"visard":"","preset":"standard","preset_version":10,"seed":0,"networks":[
            {{"name":"j","role":"judge","sha256":"","threshold":0.1}}],"warnings":[{warning}],"cancelled":false,
            "photos":[]}}"#
        );
        crate::texts::asked(Some(&serde_json::from_str(&report).unwrap()))
    };
    let independent = "A check looked at the saved photos, with no part in changing them.";
    assert_eq!(asked("same-photos"), independent);
    let tied =
        "A check looked at the saved photos, and learned from what changed them: the answer is worth less.";
    assert_eq!(asked("teacher"), tied);
}

#[test]
fn arguments_are_networks_and_photos() {
    let given = ["a.jpg", "--models-dir", "nets", "b"].map(PathBuf::from);
    let (networks, photos) = crate::arguments(given.into_iter());
    assert_eq!(networks, [PathBuf::from("nets")]);
    assert_eq!(photos, ["a.jpg", "b"].map(PathBuf::from));
}

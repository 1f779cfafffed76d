//! Clips among photos: rows like theirs, with verdicts in the same words; what is for photos alone says so.

use std::process::Command;

use egui::{Key, Modifiers};
use visard::Error;
use visard::pipeline::Status;
use visard::video::{ClipReport, ClipsReport};

use super::stage::{Stage, good};
use super::support::portrait;
use crate::queue::{Outcome, State};
use crate::texts;

/// The beginning of an MP4 file that goes no further.
const NO_CLIP: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";

fn there() -> visard::Result<()> {
    Ok(())
}

fn absent() -> visard::Result<()> {
    Err(Error::Usage("clips need the programs ffmpeg and ffprobe".into()))
}

/// A photo and what seems to be a clip.
fn both(clips: fn() -> visard::Result<()>) -> Stage {
    let mut stage = Stage::with_clips(clips, &[("a.png", good()), ("b.mp4", NO_CLIP.to_vec())]);
    stage.drop_folder();
    stage
}

#[test]
fn a_clip_is_a_row_beside_the_photos_and_no_notice_is_needed() {
    let stage = both(there);
    assert!(stage.sees("b.mp4: Waiting. A clip: its faces are followed when it is protected"));
    assert!(!stage.sees("ffmpeg") && !stage.sees("Left out"));
}

#[test]
fn without_ffmpeg_the_window_says_so_as_soon_as_a_clip_is_added() {
    let stage = both(absent);
    assert!(stage.sees("clips need the programs ffmpeg and ffprobe"), "{:?}", stage.labels());
}

#[test]
fn a_clip_that_cannot_be_read_fails_alone_and_can_be_tried_again() {
    let mut stage = both(there);
    stage.protect_all();
    assert_eq!(stage.states(), [State::Protected, State::Failed]);
    assert!(stage.sees("1 of 2 photos and clips is protected."), "{:?}", stage.labels());
    assert!(stage.window.state().model.queue.rows[1].again().is_some());
    assert_eq!(stage.files("in-protected"), ["a.png"]);
}

#[test]
fn what_is_for_photos_alone_says_so_of_clips() {
    let mut stage = both(there);
    stage.until_ready();
    stage.press_row("b.mp4");
    stage.until_seen(texts::CLIP_FACES);
    assert!(!stage.sees(texts::DRAW) && !stage.sees(texts::STRENGTHS_OF));
    stage.press("Back to the list");
    stage.press("People");
    stage.until_seen(texts::CLIPS_NOT_GROUPED);
    stage.press("Back to the list");
    stage.key(Modifiers::COMMAND, Key::Num2);
    assert!(stage.sees(texts::CLIPS_NOT_SEARCHED));
    assert_eq!(stage.window.state().model.first_photo(), Some(0));
}

/// Writes a second of the portrait as a clip.
fn film(stage: &Stage) {
    let picture = stage.path("still.png");
    portrait(320, 320).save(&picture).unwrap();
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-loop", "1", "-framerate", "8", "-i"]).arg(&picture);
    ffmpeg.args(["-t", "1", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-crf", "12"]);
    assert!(ffmpeg.arg(stage.path("in/b.mp4")).status().unwrap().success());
}

#[test]
#[ignore = "needs ffmpeg"]
fn a_clip_is_protected_shown_and_reported_as_a_photo_is() {
    let mut stage = Stage::with_clips(there, &[("a.png", good())]);
    film(&stage);
    stage.drop_folder();
    stage.protect_all();
    assert_eq!(stage.states(), [State::Protected, State::Protected], "{:?}", stage.labels());
    assert_eq!(stage.files("in-protected"), ["a.png", "b.mp4"]);
    stage.answers.borrow_mut().paths = vec![stage.path("report.json")];
    stage.press(texts::SAVE_REPORT);
    stage.until("the report of the clips", |stage| stage.path("report-clips-standard.json").exists());
    let json = std::fs::read(stage.path("report-clips-standard.json")).unwrap();
    let report: ClipsReport = serde_json::from_slice(&json).unwrap();
    assert!(report.all_protected());
    stage.press("Back to the list");
    stage.press_row("b.mp4");
    // How many tracks the tiny detector makes of the face is its own affair.
    stage.until_seen("The check that was asked no longer recognises ");
    assert!(stage.sees(" in the saved clip.") && stage.sees("Face 1, 0.0 to "), "{:?}", stage.labels());
    stage.press(texts::SHOW_FOLDER);
    assert_eq!(stage.answers.borrow().shown, [stage.path("in-protected")]);
    let mut stage = stage.reopen();
    stage.until_ready();
    stage.press("Show them");
    stage.until_seen("All 2 photos and clips are protected.");
}

#[test]
fn a_clip_is_counted_and_said_to_be_one() {
    let mut stage = both(there);
    let clip = ClipReport { status: Status::Protected, ..ClipReport::failed("b.mp4".into(), String::new()) };
    let row = &mut stage.window.state_mut().model.queue.rows[1];
    (row.report, row.progress) = (Some(Outcome::Clip(clip)), crate::queue::Progress::Done);
    let queue = &stage.window.state().model.queue;
    assert_eq!(texts::answer(queue), "The clip is protected. 1 photo still to be done.");
    assert_eq!(texts::progress(queue), "1 of 2 photos and clips done");
}

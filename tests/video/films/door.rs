//! The front door, with the built-in networks: a clip in and out.
#![cfg(feature = "built-in-networks")]

use std::ops::ControlFlow;

use visard::pipeline::Others;
use visard::video::{ClipSettings, Part};
use visard::{Error, Visard};

use crate::desk::Desk;

#[test]
#[ignore = "needs ffmpeg"]
fn a_clip_is_protected_as_photos_are_and_nothing_is_replaced() {
    let desk = Desk::new();
    desk.clip("a.mp4", "kofi-smiling.jpg", "0.4", &[]);
    let visard = Visard::new().unwrap();
    let [input, output] = ["a.mp4", "b.mp4"].map(|name| desk.path(name));
    let report = visard.protect_clip(&input, &output).unwrap();
    assert!(report.is_protected() && output.is_file(), "{:?}", report.reason);
    assert_eq!((report.frames, report.tracks.len()), (6, 1));
    let before = std::fs::read(&output).unwrap();
    let refused = visard.protect_clip(&input, &output).unwrap_err();
    assert!(matches!(&refused, Error::Usage(why) if why.contains("is there already")), "{refused}");
    assert_eq!(std::fs::read(&output).unwrap(), before);
    let refused = visard.protect_clip(&input, &input).unwrap_err();
    assert!(matches!(&refused, Error::Usage(why) if why.contains("would be written over")), "{refused}");
}

#[test]
#[ignore = "needs ffmpeg"]
fn a_hook_breaks_off_and_leaves_nothing() {
    let desk = Desk::new();
    desk.clip("a.mp4", "kofi-smiling.jpg", "0.4", &[]);
    let visard = Visard::new().unwrap();
    let part = Part { from: 0.1, ..Part::default() };
    let settings = ClipSettings { part, others: Others::Blur, ..ClipSettings::of(visard.settings()) };
    let mut told = 0;
    let stopped = visard.protect_clip_with(&desk.path("a.mp4"), &desk.path("b.mp4"), &settings, &mut |_| {
        told += 1;
        if told == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(Error::Cancelled)) && told == 3);
    assert_eq!(desk.files(""), ["a.mp4"]);
}

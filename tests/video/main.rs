//! Short videos. Most tests need the programs ffmpeg and ffprobe: `cargo test --test video -- --include-ignored`.

#![expect(clippy::unwrap_used, reason = "what is made for a test fails with it")]

use std::process::Command;

mod desk;
mod films;
mod motion;

#[test]
fn a_clip_among_photos_is_named_with_the_command_that_protects_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.mp4"), b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_visard"));
    let output = command.current_dir(folder.path()).args(["cloak", "a.mp4", "-o", "out"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("this is a video and no photo: `visard video` protects it"), "{said}");
}

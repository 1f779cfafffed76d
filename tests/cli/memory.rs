//! How much memory a run takes.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};

use crate::desk::{Desk, FAST, good};
use crate::support::models::Judge;
use crate::support::portrait;

/// What `--max-memory 650M` leaves for a file, and for its decoded pixels.
const SHARE: usize = (650 - 512) * (1 << 20) / 7;

/// What a large face takes, of the 512 MiB.
const FACE: usize = 120 << 20;

/// A portrait whose pixels take nearly all that is left for them.
fn large(bytes_per_pixel: usize, of: fn(DynamicImage) -> DynamicImage, format: ImageFormat) -> Vec<u8> {
    let side = (SHARE / bytes_per_pixel).isqrt() as u32;
    let mut bytes = Cursor::new(vec![]);
    of(portrait(side, side)).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The most memory that cloaking a photo took, in bytes.
#[cfg(target_os = "linux")]
fn peak(desk: &Desk, name: &str) -> usize {
    let photo = format!("in/{name}");
    let mut child = desk.start(
        &[&["cloak", &photo, "--output", name, "--max-memory", "650M", "--threads", "2"], &FAST[..]].concat(),
    );
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<usize>().ok());
        peak = kibibytes.map_or(peak, |k| k << 10);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let errors = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    assert!(errors.starts_with("1 of 1 photos protected"), "{name}: {errors}");
    peak
}

#[cfg(target_os = "linux")]
#[test]
fn a_photo_within_the_limit_takes_no_more_memory_than_was_allowed() {
    let deep = |photo: DynamicImage| DynamicImage::from(photo.to_rgba16());
    let photos = [
        ("small.png", good()),
        ("a.jpg", large(3, |photo| photo, ImageFormat::Jpeg)),
        ("b.tif", large(8, deep, ImageFormat::Tiff)),
    ];
    let desk = Desk::new(Judge::TakesAllForStrangers, &photos);
    let before = peak(&desk, "small.png");
    for (name, _) in &photos[1..] {
        let more = peak(&desk, name) - before;
        assert!(more > SHARE && more < 7 * SHARE + FACE, "{name}: {} MiB", more >> 20);
    }
}

#[test]
fn a_photo_that_needs_more_memory_than_was_allowed_fails_and_says_so() {
    let small = good();
    let photos = [("a.png", small), ("b.png", large(2, |photo| photo, ImageFormat::Png))];
    let desk = Desk::new(Judge::TakesAllForStrangers, &photos);
    let ended = desk.cloak(&["--max-memory", "650M"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stdout.contains("b.png: FAILED: ") && ended.stdout.contains("over the limit of 19 MiB"));
    assert_eq!(desk.outputs(false), ["a.png"]);
}

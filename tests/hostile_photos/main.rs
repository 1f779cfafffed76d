//! A table of hostile, damaged and odd photo files, made by code: one row each with what must happen.

#![expect(clippy::unwrap_used, reason = "what is made for a test fails with it")]

mod hidden;
mod jpeg;
#[expect(dead_code, reason = "the other photo tests use the rest")]
#[path = "../photos/make.rs"]
mod make;
mod metadata;
mod others;
mod row;
mod tiff;

/// Holds every row of a table to what it says.
fn hold(rows: &[row::Row], at_least: usize) {
    let failed: Vec<String> = rows.iter().filter_map(|row| row.check().err()).collect();
    assert!(failed.is_empty(), "{} of {} rows:\n{}", failed.len(), rows.len(), failed.join("\n"));
    assert!(rows.len() >= at_least, "only {} rows", rows.len());
}

#[test]
fn jpeg_layouts_are_read_right_or_refused() {
    hold(&jpeg::rows(), 34);
}

#[test]
fn png_and_webp_files_are_read_right_or_refused() {
    hold(&others::rows(), 25);
}

#[test]
fn tiff_layouts_are_read_right_or_refused() {
    hold(&tiff::rows(), 20);
}

#[test]
fn damaged_and_talkative_metadata_is_read_as_far_as_it_goes_and_cleaned() {
    hold(&metadata::rows(), 30);
}

#[test]
fn no_picture_survives_in_any_wrapping_and_any_place() {
    hold(&hidden::rows(), 100);
}

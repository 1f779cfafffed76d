//! Every format and variant that is read, on files that other programs made (`make.sh` says how): docs/formats.md is
//! the table of what is shown here.

#![expect(clippy::unwrap_used, reason = "what is made for a test fails with it")]

mod colours;
mod compare;
mod outputs;
mod rows;

use image::imageops::FilterType;
use image::metadata::Orientation;
use visard::photo::{Limits, Photo, decode, thumbnail};

use compare::{picture, psnr};
use rows::{Row, rows};

fn read(row: &Row) -> Photo {
    let limits = Limits { first_picture: row.first, ..Limits::default() };
    decode(&rows::bytes(row.file), &limits).unwrap_or_else(|error| panic!("{}: {error}", row.file))
}

#[test]
fn every_file_is_read_as_the_picture_that_it_was_made_from() {
    let all = rows();
    assert!(all.len() >= 80, "{}", all.len());
    let mut wrong = Vec::new();
    for row in all {
        let photo = read(&row);
        let found = (photo.depth(), photo.is_grey(), photo.has_alpha());
        let decibels = psnr(&photo, &picture(row.picture, row.turned), row.alpha);
        if found != (row.depth, row.grey, row.alpha) || decibels < row.decibels {
            wrong.push(format!("{}: {found:?}, {decibels:.1} dB", row.file));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_file_of_the_folder_is_in_the_table() {
    let pictures = ["picture.png", "grey.png", "alpha.png", "deep.png", "odd.png", "one.png", "big.png"];
    let mut files: Vec<String> = std::fs::read_dir(rows::folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !pictures.contains(&name.as_str()) && !name.starts_with("of-"))
        .collect();
    let mut named: Vec<String> = rows().iter().map(|row| row.file.to_owned()).collect();
    named.extend(rows::REFUSED.map(|(file, _)| file.to_owned()));
    files.sort();
    named.sort();
    named.dedup();
    assert_eq!(files, named);
}

#[test]
fn what_is_not_read_is_refused_by_name() {
    for (file, words) in rows::REFUSED {
        let error = decode(&rows::bytes(file), &Limits::default()).unwrap_err().to_string();
        assert!(error.contains(words), "{file}: {error}");
    }
}

#[test]
fn a_photo_is_shown_small_by_its_thumbnail_where_that_is_of_its_shape_and_large_enough() {
    let file = rows::bytes("heic-thumbnail.heic");
    let small = thumbnail(&file, 16).unwrap();
    let (width, height) = (small.width() as u32, small.height() as u32);
    assert_eq!(width, 16);
    let expected =
        picture("picture", Orientation::NoTransforms).resize_exact(16, height, FilterType::Triangle);
    let decibels = psnr(&small, &expected, false);
    assert!(decibels > 20.0, "{decibels}");
    assert!(thumbnail(&file, width + 1).is_none());
    assert!(thumbnail(&rows::bytes("heic-420.heic"), 16).is_none());
    // As if the photo, a grid of one tile, had been cut since.
    let mut other = file;
    let at = other.windows(8).position(|bytes| bytes == b"\0\0\0\0\0\x30\0\x20").unwrap();
    other[at + 7] = 0x18;
    assert!(thumbnail(&other, 16).is_none());
}

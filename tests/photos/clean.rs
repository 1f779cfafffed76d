//! Photos of which nothing but the traces goes.

use std::path::{Path, PathBuf};

use visard::photo::{EncodeOptions, Encoded, Limits, MetadataPolicy, OutputFormat, clean, traces};

use crate::make::{MAKE, PLACE, SERIAL, decode, exif, gradient, holds, plain_jpeg, with_segments};

fn cleaned(bytes: &[u8], metadata: MetadataPolicy) -> Option<Encoded> {
    let options = EncodeOptions { metadata, ..EncodeOptions::default() };
    clean(bytes, &decode(bytes).unwrap(), &options, &Limits::default()).unwrap()
}

/// The JPEG and PNG files of the project.
fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["examples/photos", "tests/formats/files"];
    let all = folders.iter().flat_map(|folder| root.join(folder).read_dir().unwrap());
    let mut files: Vec<PathBuf> = all.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "jpg" || ending == "png"));
    files.sort();
    files
}

/// What follows the header of the first scan: the compressed picture.
fn scans(jpeg: &[u8]) -> &[u8] {
    let start = jpeg.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
    let end = jpeg.windows(2).rposition(|pair| pair == [0xff, 0xd9]).unwrap();
    let header = usize::from(u16::from_be_bytes([jpeg[start + 2], jpeg[start + 3]]));
    &jpeg[start + 2 + header..end]
}

/// The content of all chunks with compressed pixels.
fn pixels(png: &[u8]) -> Vec<u8> {
    let (mut at, mut pixels) = (8, vec![]);
    while at + 12 <= png.len() {
        let length = u32::from_be_bytes(png[at..at + 4].try_into().unwrap()) as usize;
        if &png[at + 4..at + 8] == b"IDAT" {
            pixels.extend(&png[at + 8..at + 8 + length]);
        }
        at += length + 12;
    }
    pixels
}

#[test]
fn the_compressed_picture_of_every_file_is_copied_and_looks_the_same() {
    let mut copied = 0;
    for file in files() {
        let bytes = std::fs::read(&file).unwrap();
        if decode(&bytes).is_err() || file.ends_with("jpeg-cmyk.jpg") {
            continue;
        }
        let copy =
            cleaned(&bytes, MetadataPolicy::Strip).unwrap_or_else(|| panic!("{}", file.display())).bytes;
        let same = if bytes.starts_with(b"\xff") {
            scans(&copy) == scans(&bytes)
        } else {
            pixels(&copy) == pixels(&bytes)
        };
        assert!(same && traces(&copy).is_empty(), "{}", file.display());
        let [before, after] = [&bytes, &copy].map(|bytes| decode(bytes).unwrap());
        assert_eq!(before.region(), after.region(), "{}", file.display());
        assert!(before.rgb(before.region()) == after.rgb(after.region()), "{}", file.display());
        // And to somebody else's decoder.
        let [before, after] = [&bytes, &copy].map(|bytes| image::load_from_memory(bytes).unwrap());
        assert!(before == after, "{}", file.display());
        copied += 1;
    }
    assert!(copied >= 20, "{copied}");
}

#[test]
fn nothing_but_how_it_is_turned_is_left_of_what_a_camera_wrote() {
    let jpeg = with_segments(&plain_jpeg(), &[(0xe1, &[b"Exif\0\0", &*exif(6, false)].concat())]);
    let stripped = cleaned(&jpeg, MetadataPolicy::Strip).unwrap();
    for word in [MAKE, SERIAL, PLACE] {
        assert!(holds(&jpeg, word) && !holds(&stripped.bytes, word), "{word}");
    }
    assert_eq!(stripped.kept, ["EXIF: how the picture is turned"]);
    assert!(scans(&stripped.bytes) == scans(&jpeg));
    let kept = cleaned(&jpeg, MetadataPolicy::Keep).unwrap();
    assert!(holds(&kept.bytes, MAKE) && scans(&kept.bytes) == scans(&jpeg));
}

#[test]
fn what_has_to_be_compressed_again_is_not_called_clean() {
    let jpeg = plain_jpeg();
    let photo = decode(&jpeg).unwrap();
    let copied = |options| clean(&jpeg, &photo, &options, &Limits::default()).unwrap().is_some();
    assert!(copied(EncodeOptions::default()));
    assert!(!copied(EncodeOptions { format: OutputFormat::Png, ..EncodeOptions::default() }));
    assert!(!copied(EncodeOptions { quality: Some(80), ..EncodeOptions::default() }));
    assert!(!copied(EncodeOptions { max_bytes: Some(100), ..EncodeOptions::default() }));
    let webp = crate::make::file(&gradient(20, 20), image::ImageFormat::WebP);
    assert!(cleaned(&webp, MetadataPolicy::Strip).is_none());
}

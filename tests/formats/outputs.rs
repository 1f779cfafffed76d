//! What is written of every file.

use visard::photo::{
    EncodeOptions, Error, Format, Limits, MetadataPolicy, OutputFormat, decode, encode, traces,
};

use crate::read;
use crate::rows::rows;

#[test]
fn every_photo_is_written_in_its_own_format_or_the_next_best_and_holds_nothing_else() {
    for row in rows() {
        let photo = read(&row);
        let right = match photo.format() {
            Format::Tiff | Format::Gif | Format::Bmp => Format::Png,
            Format::JpegXl => Format::Jpeg,
            own => own,
        };
        for metadata in [MetadataPolicy::Strip, MetadataPolicy::Keep] {
            let written = match encode(&photo, &EncodeOptions { metadata, ..EncodeOptions::default() }) {
                Err(Error::Transparent) if right == Format::Jpeg && row.alpha => continue,
                written => written.unwrap_or_else(|error| panic!("{}: {error}", row.file)),
            };
            assert_eq!((written.format, Format::of(&written.bytes).unwrap()), (right, right), "{}", row.file);
            assert_eq!(traces(&written.bytes), [""; 0], "{}", row.file);
            let again = decode(&written.bytes, &Limits::default()).unwrap();
            assert_eq!((again.width(), again.height()), (photo.width(), photo.height()), "{}", row.file);
            let depth = if right == Format::Jpeg { 8 } else { row.depth };
            assert_eq!((again.depth(), again.has_alpha()), (depth, row.alpha), "{}", row.file);
            let [seen, seen_again] = [&photo, &again].map(|photo| photo.rgb(photo.region()));
            let pairs = seen.iter().zip(&seen_again);
            let mean = pairs.map(|(a, b)| f64::from((a - b).abs())).sum::<f64>() / seen.len() as f64;
            assert!(mean < 4.0, "{} {metadata:?}: {mean:.2} of 255", row.file);
        }
    }
}

#[test]
fn avif_can_be_asked_for_and_keeps_ten_bits_and_transparency() {
    for (file, depth, alpha) in [("tiff-16-bit.tif", 16, false), ("tiff-alpha.tif", 8, true)] {
        let photo = decode(&crate::rows::bytes(file), &Limits::default()).unwrap();
        let options = EncodeOptions { format: OutputFormat::Avif, ..EncodeOptions::default() };
        let written = encode(&photo, &options).unwrap();
        let again = decode(&written.bytes, &Limits::default()).unwrap();
        assert_eq!(
            (again.format(), again.depth(), again.has_alpha()),
            (Format::Avif, depth, alpha),
            "{file}"
        );
    }
}

#[test]
fn second_pictures_are_named_and_dropped() {
    let file = crate::rows::bytes("heic-thumbnail.heic");
    assert!(traces(&file).contains(&"thumbnail".to_owned()));
    let written = encode(&decode(&file, &Limits::default()).unwrap(), &EncodeOptions::default()).unwrap();
    assert!(written.removed.contains(&"thumbnail".to_owned()), "{:?}", written.removed);
    assert_eq!(traces(&written.bytes), [""; 0]);
}

//! Colour profiles and descriptions.

use image::ImageFormat;
use jpeg_encoder::ColorType;
use visard::photo::{MetadataPolicy, OutputFormat, Photo};

use crate::make::{
    FORMATS, decode, encode, exif_with, file, gradient, holds, jpeg, plain_jpeg, profile, with_chunks,
    with_segments,
};

fn with_profile(format: OutputFormat, profile: &[u8]) -> Photo {
    let bytes = jpeg(&[128; 192], (8, 8), ColorType::Rgb, |encoder| {
        encoder.add_icc_profile(profile).unwrap();
    });
    let encoded = encode(&decode(&bytes).unwrap(), format, MetadataPolicy::Strip);
    assert_eq!(encoded.kept, ["colour profile"]);
    decode(&encoded.bytes).unwrap()
}

#[test]
fn a_colour_profile_survives_every_format_and_policy() {
    // Longer than a JPEG segment, so that its parts have to be put together in order.
    let cube = (0..37 * 37 * 37 * 3_u32).map(|index| ((index / 7) ^ index.wrapping_mul(index)) as u8);
    let curves = (0..6 * 256).map(|value| value as u8);
    let head = [b"mft1\0\0\0\0\x03\x03\x25\0", &[0; 36][..]].concat();
    let table: Vec<u8> = head.into_iter().chain(curves).chain(cube).collect();
    let profile = profile("sRGB", &[(b"A2B0", &table)]);
    for format in FORMATS {
        let photo = with_profile(format, &profile);
        for policy in [MetadataPolicy::Strip, MetadataPolicy::Keep] {
            let bytes = encode(&photo, OutputFormat::Keep, policy).bytes;
            let found = icc(&bytes).unwrap();
            let at = found.windows(4).position(|kind| kind == b"mft1").unwrap();
            assert!(found[at..at + table.len()] == table, "{format:?} {policy:?}");
        }
    }
}

#[test]
fn a_profile_for_inks_is_not_put_on_rgb() {
    let bytes = jpeg(&[9; 256], (8, 8), ColorType::Cmyk, |encoder| {
        encoder.add_icc_profile(b"INKS").unwrap();
    });
    let encoded = encode(&decode(&bytes).unwrap(), OutputFormat::Keep, MetadataPolicy::Keep);
    assert!(!holds(&encoded.bytes, "INKS"));
    assert_eq!(encoded.removed, ["colour profile for CMYK (the photo is now RGB)"]);
}

#[test]
fn the_colour_description_of_a_png_stays_with_it() {
    let gamma = 50_000_u32.to_be_bytes();
    let png = with_chunks(&file(&gradient(4, 4), ImageFormat::Png), &[(b"gAMA", &gamma)]);
    let photo = decode(&png).unwrap();
    assert!(holds(&encode(&photo, OutputFormat::Keep, MetadataPolicy::Strip).bytes, "gAMA"));
    let jpeg = encode(&photo, OutputFormat::Jpeg, MetadataPolicy::Strip);
    assert_eq!(jpeg.removed, ["colour description of the PNG"]);
}

#[test]
fn a_profile_with_a_part_missing_is_dropped_and_said_to_be() {
    let part = |number| [b"ICC_PROFILE\0", &[number, 3][..], b"PART"].concat();
    let jpeg = with_segments(&plain_jpeg(), &[(0xe2, &part(1)), (0xe2, &part(3))]);
    let encoded = encode(&decode(&jpeg).unwrap(), OutputFormat::Keep, MetadataPolicy::Keep);
    assert!(!holds(&encoded.bytes, "PART"));
    assert_eq!(encoded.removed, ["colour profile (incomplete)"]);
}

#[test]
fn a_profile_keeps_its_colours_and_loses_owner_model_and_serial() {
    let talkative = profile("OWNER's screen", &[(b"mmod", b"mmod\0\0\0\0SERIAL"), (b"meta", b"dict-OWNER")]);
    let bytes = jpeg(&[128; 192], (8, 8), ColorType::Rgb, |encoder| {
        encoder.add_icc_profile(&talkative).unwrap();
    });
    let photo = decode(&bytes).unwrap();
    for policy in [MetadataPolicy::Strip, MetadataPolicy::Keep] {
        let encoded = encode(&photo, OutputFormat::Keep, policy);
        assert!(!holds(&encoded.bytes, "OWNER") && !holds(&encoded.bytes, "SERIAL"));
        assert!(holds(&encoded.bytes, "curv\0\0\0\0\0\0\0\x01\x01\u{21}"));
        assert_eq!(encoded.removed, ["colour profile: names of devices and people"]);
    }
}

#[test]
fn a_profile_without_colours_is_dropped_and_said_to_be() {
    let bytes = jpeg(&[128; 192], (8, 8), ColorType::Rgb, |encoder| {
        encoder.add_icc_profile(b"RUBBISH").unwrap();
    });
    let encoded = encode(&decode(&bytes).unwrap(), OutputFormat::Keep, MetadataPolicy::Keep);
    assert!(!holds(&encoded.bytes, "RUBBISH"));
    assert_eq!(encoded.removed, ["colour profile (damaged)"]);
}

#[test]
fn adobe_rgb_that_only_exif_tells_of_gets_a_profile_in_every_format() {
    for (index, named) in [("R03", true), ("R98", false)] {
        let block = [b"Exif\0\0", &*exif_with(1, index)].concat();
        let photo = decode(&with_segments(&plain_jpeg(), &[(0xe1, &block)])).unwrap();
        for format in FORMATS {
            for policy in [MetadataPolicy::Strip, MetadataPolicy::Keep] {
                let encoded = encode(&photo, format, policy);
                assert_eq!(encoded.kept.contains(&"colour profile".into()), named, "{index} {format:?}");
                let profile = icc(&encoded.bytes);
                assert_eq!(profile.is_some_and(|icc| holds(&icc, "Adobe RGB (1998)")), named);
            }
        }
    }
}

fn icc(bytes: &[u8]) -> Option<Vec<u8>> {
    let reader = image::ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format().unwrap();
    image::ImageDecoder::icc_profile(&mut reader.into_decoder().unwrap()).unwrap()
}

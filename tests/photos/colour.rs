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

/// A profile for four inks under which each is a shade of grey: no ink is white, and the more there is the darker it looks,
/// whichever it is; cyan alone is half as dark as black.
fn profile_of_inks() -> Vec<u8> {
    let lightness = |inks: u8| -> u8 {
        // Cyan is the slowest of the four in the table.
        if inks & 0b0001 != 0 {
            0
        } else if inks & 0b1000 != 0 {
            127
        } else {
            255 - 40 * inks.count_ones() as u8
        }
    };
    let corners = (0..16).flat_map(|inks| [lightness(inks), 128, 128]);
    let curves = |count: usize| (0..count * 256).map(|value| value as u8);
    let head = [b"mft1\0\0\0\0\x04\x03\x02\0", &[0; 36][..]].concat();
    let table: Vec<u8> = head.into_iter().chain(curves(4)).chain(corners).chain(curves(3)).collect();
    let mut bytes = profile("inks", &[(b"A2B0", &table)]);
    bytes[12..24].copy_from_slice(b"prtrCMYKLab ");
    bytes
}

/// A TIFF of four inks, 8 bits a sample, one strip, with a profile.
fn tiff_of_inks(inks: &[u8], (width, height): (u16, u16), profile: &[u8]) -> Vec<u8> {
    let pixels_at = 8 + 2 + 12 * 10 + 4 + 8;
    let profile_at = pixels_at + inks.len() as u32;
    let depths_at = pixels_at - 8;
    let entries: [(u16, u16, u32, u32); 10] = [
        (0x0100, 3, 1, width.into()),
        (0x0101, 3, 1, height.into()),
        (0x0102, 3, 4, depths_at),
        (0x0103, 3, 1, 1),
        (0x0106, 3, 1, 5),
        (0x0111, 4, 1, pixels_at),
        (0x0115, 3, 1, 4),
        (0x0116, 3, 1, height.into()),
        (0x0117, 4, 1, inks.len() as u32),
        (0x8773, 7, profile.len() as u32, profile_at),
    ];
    let mut bytes = b"II*\0\x08\0\0\0\x0a\0".to_vec();
    for (tag, kind, count, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    bytes.extend([8, 0, 8, 0, 8, 0, 8, 0]);
    bytes.extend(inks);
    bytes.extend(profile);
    bytes
}

#[test]
fn inks_look_as_their_profile_says() {
    // White, cyan, black; without the profile cyan would have no red.
    let inks = [[0, 0, 0, 0], [255, 0, 0, 0], [0, 0, 0, 255]];
    let photo = decode(&tiff_of_inks(inks.as_flattened(), (3, 1), &profile_of_inks())).unwrap();
    let seen: Vec<[f32; 3]> = photo.rgb(photo.region()).as_chunks().0.to_vec();
    // Half the lightness of white is the grey of level 119.
    for (seen, expected) in seen.iter().zip([255., 118., 0.]) {
        assert!(seen.iter().all(|sample| (sample - expected).abs() < 2.5), "{seen:?} instead of {expected}");
    }
    let encoded = encode(&photo, OutputFormat::Keep, MetadataPolicy::Keep);
    assert_eq!(encoded.removed, ["colour profile for CMYK (the photo is now RGB)"]);
    // The same inks in a JPEG.
    for (ink, expected) in inks.iter().zip(seen) {
        let jpeg = jpeg(&ink.repeat(64), (8, 8), ColorType::Cmyk, |encoder| {
            encoder.add_icc_profile(&profile_of_inks()).unwrap();
        });
        let photo = decode(&jpeg).unwrap();
        let seen = photo.rgb(photo.region());
        assert!(seen.iter().zip(expected).all(|(a, b)| (a - b).abs() < 3.), "{ink:?}: {seen:?} {expected:?}");
    }
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

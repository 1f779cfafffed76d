//! Colour profiles and descriptions.

use image::ImageFormat;
use jpeg_encoder::ColorType;
use visard::photo::{MetadataPolicy, OutputFormat, Photo};

use crate::make::{
    FORMATS, decode, encode, file, gradient, holds, jpeg, plain_jpeg, with_chunks, with_segments,
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
    let profile: Vec<u8> =
        (0..150_000_u32).map(|index| ((index / 7) ^ index.wrapping_mul(index)) as u8).collect();
    for format in FORMATS {
        let photo = with_profile(format, &profile);
        for policy in [MetadataPolicy::Strip, MetadataPolicy::Keep] {
            let bytes = encode(&photo, OutputFormat::Keep, policy).bytes;
            let reader = image::ImageReader::new(std::io::Cursor::new(&bytes)).with_guessed_format();
            let mut decoder = reader.unwrap().into_decoder().unwrap();
            let found = image::ImageDecoder::icc_profile(&mut decoder).unwrap();
            assert!(found.as_ref() == Some(&profile), "{format:?} {policy:?}");
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

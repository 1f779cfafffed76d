//! Files that are cut short, damaged or lying: an error or a photo, never a panic.

use image::ImageFormat;
use jpeg_encoder::ColorType;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use visard::photo::{Error, Format, MetadataPolicy, OutputFormat};

use crate::formats::{LOSSY_WEBP, hex};
use crate::make::{
    decode, encode, exif, file, gradient, jpeg, plain_jpeg, raw_png, tiff, with_chunks, with_segments,
};

fn progressive_jpeg() -> Vec<u8> {
    let picture = gradient(40, 24).into_rgb8();
    jpeg(&picture, (40, 24), ColorType::Rgb, |encoder| {
        encoder.set_progressive(true);
    })
}

/// A small file of each format and variety, with metadata where there is a place for it.
fn samples() -> Vec<Vec<u8>> {
    let block = [b"Exif\0\0", &*exif(6, false)].concat();
    let picture = gradient(20, 12);
    vec![
        with_segments(
            &plain_jpeg(),
            &[(0xe1, &block), (0xed, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x06\x1c\x02\x78\0\x01a")],
        ),
        progressive_jpeg(),
        jpeg(&[90; 256], (8, 8), ColorType::CmykAsYcck, |_| ()),
        with_chunks(&file(&picture, ImageFormat::Png), &[(b"eXIf", &exif(5, true))]),
        file(&picture, ImageFormat::WebP),
        hex(LOSSY_WEBP),
        file(&picture, ImageFormat::Tiff),
        tiff(8),
    ]
}

#[test]
fn a_file_cut_short_anywhere_is_an_error() {
    for bytes in samples() {
        let whole = decode(&bytes).unwrap();
        for length in 0..bytes.len() {
            if let Ok(photo) = decode(&bytes[..length]) {
                // A TIFF may end with what its pixels can do without.
                assert_eq!(photo.format(), Format::Tiff);
                assert_eq!(photo.rgb(photo.region()), whole.rgb(whole.region()));
            }
        }
    }
}

#[test]
fn a_jpeg_without_its_end_is_called_cut_short() {
    for bytes in [plain_jpeg(), progressive_jpeg()] {
        let error = decode(&bytes[..bytes.len() - 2]).unwrap_err();
        assert_eq!(error.to_string(), "the JPEG file is cut short: its end is missing");
    }
}

#[test]
fn a_jpeg_that_ends_properly_but_lacks_data_is_damaged() {
    let picture = gradient(200, 160).into_rgb8();
    let bytes = jpeg(&picture, (200, 160), ColorType::Rgb, |_| ());
    let half = [&bytes[..bytes.len() / 2], &[0xff, 0xd9]].concat();
    assert!(matches!(decode(&half).unwrap_err(), Error::Damaged { .. }));
}

#[test]
fn flipped_bits_never_cause_a_panic() {
    let mut random = StdRng::seed_from_u64(1);
    for bytes in samples() {
        for _ in 0..1500 {
            let mut damaged = bytes.clone();
            for _ in 0..random.random_range(1..4) {
                let at = random.random_range(0..damaged.len());
                damaged[at] ^= 1 << random.random_range(0..8);
            }
            match decode(&damaged) {
                Ok(photo) => _ = encode(&photo, OutputFormat::Keep, MetadataPolicy::Keep),
                // A caught panic would be none of ours to be proud of.
                Err(error) => assert!(!error.to_string().contains("broke off"), "{error}"),
            }
        }
    }
}

#[test]
fn rubbish_behind_a_format_s_first_bytes_never_causes_a_panic() {
    let mut random = StdRng::seed_from_u64(2);
    for bytes in samples() {
        for _ in 0..500 {
            let mut rubbish = bytes[..random.random_range(4..bytes.len().min(64))].to_vec();
            rubbish.extend((0..random.random_range(0..200)).map(|_| random.random::<u8>()));
            let _either = decode(&rubbish);
        }
    }
}

#[test]
fn rubbish_as_metadata_does_not_spoil_the_photo() {
    let mut random = StdRng::seed_from_u64(3);
    for length in 0..200 {
        let mut block = exif(1, true)[..10].to_vec();
        block.extend((0..length).map(|_| random.random::<u8>()));
        let segments = [
            (0xe1, [b"Exif\0\0", &*block].concat()),
            (0xe1, [b"http://ns.adobe.com/xap/1.0/\0", &*block].concat()),
            (0xe2, [b"ICC_PROFILE\0", &*block].concat()),
            (0xed, [b"Photoshop 3.0\x008BIM\x04\x04", &*block].concat()),
        ];
        let segments = segments.each_ref().map(|(marker, content)| (*marker, &**content));
        let photo = decode(&with_segments(&plain_jpeg(), &segments)).unwrap();
        encode(&photo, OutputFormat::Keep, MetadataPolicy::Keep);
    }
}

#[test]
fn exif_values_that_overlap_are_not_written_and_the_rest_is_honoured() {
    // An orientation, and 200 texts each of which is the whole block.
    let mut block = b"MM\0*\0\0\0\x08\0\xc9\x01\x12\0\x03\0\0\0\x01\0\x06\0\0".to_vec();
    for _ in 0..200 {
        block.extend(b"\x01\x0e\0\x02\0\0\x09\x60\0\0\0\0");
    }
    block.extend(b"\0\0\0\x08");
    let content = [b"Exif\0\0", &*block].concat();
    let photo = decode(&with_segments(&plain_jpeg(), &[(0xe1, &content)])).unwrap();
    assert_eq!((photo.width(), photo.height()), (24, 40));
    let encoded = encode(&photo, OutputFormat::Keep, MetadataPolicy::Keep);
    assert_eq!(encoded.removed, ["EXIF: thumbnail", "EXIF: damaged parts"]);
    assert_eq!(encoded.kept, ["EXIF (camera, settings, dates)"]);
    assert!(encoded.bytes.len() < plain_jpeg().len() + 100);
}

#[test]
fn a_webp_without_width_is_damaged() {
    let mut bytes = file(&gradient(8, 8), ImageFormat::WebP);
    bytes[21..25].copy_from_slice(&(0x3fff_u32 | 7 << 14).to_le_bytes());
    assert!(matches!(decode(&bytes).unwrap_err(), Error::Damaged { .. }));
}

#[test]
fn a_png_with_too_little_data_is_an_error() {
    let short = raw_png((4, 4), [8, 0, 0, 0, 0], &[], &[0; 12]);
    assert!(decode(&short).is_err());
    assert!(decode(&raw_png((0, 4), [8, 0, 0, 0, 0], &[], &[0; 4])).is_err());
}

#[test]
fn a_png_with_a_wrong_checksum_is_damaged() {
    let mut bytes = file(&gradient(20, 12), ImageFormat::Png);
    let data = bytes.windows(4).position(|kind| kind == b"IDAT").unwrap();
    bytes[data + 20] ^= 1;
    assert!(matches!(decode(&bytes).unwrap_err(), Error::Damaged { .. }));
}

#[test]
fn a_scan_that_breaks_off_for_another_one_is_an_error() {
    let bytes = plain_jpeg();
    let scan = bytes.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
    let middle = (scan + bytes.len()) / 2;
    let twice = [&bytes[..middle], &bytes[scan..]].concat();
    assert!(decode(&twice).is_err());
}

#[test]
fn a_million_blocks_of_different_kinds_are_not_listed_one_by_one() {
    let mut bytes = file(&gradient(4, 4), ImageFormat::WebP);
    let kinds = (0..1_000_000_u32).flat_map(|kind| [(kind | 0x8080_8080).to_le_bytes(), [0; 4]]);
    bytes.extend(kinds.flatten());
    let length = bytes.len() as u32 - 8;
    bytes[4..8].copy_from_slice(&length.to_le_bytes());
    let encoded = encode(&decode(&bytes).unwrap(), OutputFormat::Keep, MetadataPolicy::Strip);
    assert_eq!(encoded.removed.len(), 25);
    assert_eq!(encoded.removed[24], "other blocks");
}

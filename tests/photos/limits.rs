//! Files that claim to be huge.

use image::ImageFormat;
use visard::photo::{Error, Limits};

use crate::make::{decode, file, gradient, plain_jpeg, raw_png};

#[test]
fn a_huge_png_is_refused_by_its_header() {
    let bomb = raw_png((65_535, 65_535), [16, 6, 0, 0, 0], &[], &[0]);
    let error = decode(&bomb).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the photo claims 65535 x 65535 pixels, which is over the limit of 100 megapixels"
    );
    let bomb = raw_png((u32::MAX / 2, 1), [8, 0, 0, 0, 0], &[], &[0]);
    assert!(matches!(decode(&bomb).unwrap_err(), Error::OverLimit { .. }));
}

#[test]
fn a_huge_jpeg_is_refused_by_its_header() {
    let mut bytes = plain_jpeg();
    let frame = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    bytes[frame + 5..frame + 9].fill(0xff);
    assert!(matches!(decode(&bytes).unwrap_err(), Error::OverLimit { width: 65_535, .. }));
}

#[test]
fn a_huge_webp_is_refused_by_its_header() {
    let mut bytes = file(&gradient(8, 8), ImageFormat::WebP);
    bytes[21..25].copy_from_slice(&(16_382_u32 | 16_382 << 14).to_le_bytes());
    assert!(matches!(decode(&bytes).unwrap_err(), Error::OverLimit { width: 16_383, .. }));
}

#[test]
fn a_huge_tiff_is_refused_by_its_header() {
    let mut bytes = file(&gradient(8, 8), ImageFormat::Tiff);
    let tag = |tag: u16| [&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0, 8, 0, 0, 0]].concat();
    for side in [256, 257, 278] {
        let at = bytes
            .windows(12)
            .position(|entry| entry[..2] == tag(side)[..2] && entry[4..8] == [1, 0, 0, 0])
            .unwrap();
        bytes[at + 8..at + 12].copy_from_slice(&60_000_u32.to_le_bytes());
    }
    let error = decode(&bytes).unwrap_err();
    assert!(matches!(error, Error::OverLimit { width: 60_000, .. }), "{error}");
}

#[test]
fn limits_can_be_tightened_and_hold_for_every_format() {
    let limits = Limits { pixels: 63, ..Limits::default() };
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Tiff, ImageFormat::Jpeg] {
        let bytes = file(&gradient(8, 8), format);
        let error = visard::photo::decode(&bytes, &limits).unwrap_err();
        assert!(matches!(error, Error::OverLimit { width: 8, height: 8, .. }), "{error}");
    }
}

#[test]
fn memory_is_counted_in_the_photos_own_depth() {
    let deep = raw_png((2, 2), [16, 6, 0, 0, 0], &[], &[0; 34]);
    let decode = |memory| visard::photo::decode(&deep, &Limits { memory, ..Limits::default() });
    assert!(matches!(decode(31).unwrap_err(), Error::OverLimit { .. }));
    assert_eq!(decode(200_000).unwrap().depth(), 16);
}

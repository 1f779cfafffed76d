//! The eight EXIF orientations, on a picture whose pixels are all different.

use image::{DynamicImage, GrayImage, ImageFormat};
use jpeg_encoder::ColorType;
use visard::photo::{MetadataPolicy, OutputFormat};

use crate::make::{decode, encode, exif, file, jpeg, tiff, with_chunks, with_segments};

/// How `123 / 456` looks upright after each orientation, row by row.
const UPRIGHT: [&[&str]; 8] = [
    &["123", "456"],
    &["321", "654"],
    &["654", "321"],
    &["456", "123"],
    &["14", "25", "36"],
    &["41", "52", "63"],
    &["63", "52", "41"],
    &["36", "25", "14"],
];

fn rows(bytes: &[u8], unit: f32) -> Vec<String> {
    let photo = decode(bytes).unwrap();
    let grey: Vec<_> = photo.rgb(photo.region()).iter().step_by(3).copied().collect();
    let digit = |value: &f32| (value / unit).round().to_string();
    grey.chunks(photo.width()).map(|row| row.iter().map(digit).collect()).collect()
}

#[test]
fn each_orientation_of_a_png_is_turned_upright() {
    let picture = GrayImage::from_raw(3, 2, vec![1, 2, 3, 4, 5, 6]).unwrap();
    let png = file(&picture.into(), ImageFormat::Png);
    for (orientation, upright) in (1..).zip(UPRIGHT) {
        for little_endian in [false, true] {
            let png = with_chunks(&png, &[(b"eXIf", &exif(orientation, little_endian))]);
            assert_eq!(rows(&png, 1.0), upright, "orientation {orientation}");
        }
    }
}

#[test]
fn each_orientation_of_a_tiff_is_turned_upright() {
    for (orientation, upright) in (1..).zip(UPRIGHT) {
        assert_eq!(rows(&tiff(orientation), 1.0), upright, "orientation {orientation}");
    }
}

#[test]
fn each_orientation_of_a_jpeg_is_turned_upright() {
    let picture = GrayImage::from_fn(24, 16, |x, y| image::Luma([(x / 8 + y / 8 * 3 + 1) as u8 * 40]));
    let bytes = jpeg(&picture, (24, 16), ColorType::Luma, |_| ());
    for (orientation, upright) in (1..).zip(UPRIGHT) {
        let block = [b"Exif\0\0", &*exif(orientation, true)].concat();
        let turned = rows(&with_segments(&bytes, &[(0xe1, &block)]), 40.0);
        let corners: Vec<String> =
            turned.iter().step_by(8).map(|row| row.chars().step_by(8).collect()).collect();
        assert_eq!(corners, upright, "orientation {orientation}");
    }
}

#[test]
fn an_output_is_not_turned_a_second_time() {
    let picture = GrayImage::from_raw(3, 2, vec![10, 20, 30, 40, 50, 60]).unwrap();
    let png = file(&DynamicImage::from(picture), ImageFormat::Png);
    let photo = decode(&with_chunks(&png, &[(b"eXIf", &exif(6, false))])).unwrap();
    for format in [OutputFormat::Png, OutputFormat::WebP] {
        for policy in [MetadataPolicy::Keep, MetadataPolicy::Strip] {
            assert_eq!(rows(&encode(&photo, format, policy).bytes, 10.0), UPRIGHT[5]);
        }
    }
}

#[test]
fn an_orientation_that_does_not_exist_is_upright() {
    let png = file(&GrayImage::from_raw(3, 2, vec![1, 2, 3, 4, 5, 6]).unwrap().into(), ImageFormat::Png);
    for orientation in [0, 9, u16::MAX] {
        assert_eq!(rows(&with_chunks(&png, &[(b"eXIf", &exif(orientation, true))]), 1.0), UPRIGHT[0]);
    }
}

//! Reading regions and adding changes.

use image::{DynamicImage, ImageBuffer, ImageFormat, Rgba};
use visard::photo::{MetadataPolicy, OutputFormat, Photo, Region};

use crate::make::{decode, encode, file};

fn photo(picture: impl Into<DynamicImage>) -> Photo {
    decode(&file(&picture.into(), ImageFormat::Png)).unwrap()
}

fn written(photo: &Photo) -> DynamicImage {
    let png = encode(photo, OutputFormat::Png, MetadataPolicy::Strip);
    image::load_from_memory(&png.bytes).unwrap()
}

#[test]
fn a_region_is_read_row_by_row() {
    let photo = Photo::from_rgb(2, 2, (0..12).collect()).unwrap();
    let right = Region { x: 1, y: 0, width: 1, height: 2 };
    assert_eq!(photo.rgb(right), [3.0, 4.0, 5.0, 9.0, 10.0, 11.0]);
    assert!(photo.rgb(Region { width: 0, ..right }).is_empty());
}

#[test]
fn a_change_is_rounded_clamped_and_confined_to_its_region() {
    let mut photo = Photo::from_rgb(2, 1, vec![10, 10, 10, 250, 5, 100]).unwrap();
    photo.add(Region { x: 1, y: 0, width: 1, height: 1 }, &[9.0, -9.0, 0.6]);
    assert_eq!(photo.rgb(photo.region()), [10.0, 10.0, 10.0, 255.0, 0.0, 101.0]);
}

#[test]
fn sixteen_bit_samples_change_in_their_own_depth_and_stay_exact_elsewhere() {
    let samples = vec![1_u16, 12_345, 65_535, 300, 40_000, 2];
    let mut photo = photo(ImageBuffer::<image::Rgb<u16>, _>::from_raw(2, 1, samples).unwrap());
    photo.add(photo.region(), &[0.0, 0.0, 0.0, 0.5, -1.0, 0.0]);
    let DynamicImage::ImageRgb16(pixels) = written(&photo) else { panic!("not 16 bit") };
    // 0.5 / 255 of full scale is 128.5, and 1 / 255 is 257.
    assert_eq!(pixels.into_raw(), [1, 12_345, 65_535, 429, 39_743, 2]);
}

#[test]
fn alpha_survives_a_change_of_colour() {
    let mut photo = photo(ImageBuffer::from_pixel(2, 1, Rgba([50_u8, 60, 70, 7])));
    photo.add(photo.region(), &[1.0, 2.0, 3.0, 0.0, 0.0, 0.0]);
    let DynamicImage::ImageRgba8(pixels) = written(&photo) else { panic!("no alpha") };
    assert_eq!(pixels.into_raw(), [51, 62, 73, 7, 50, 60, 70, 7]);
}

#[test]
fn grey_takes_the_mean_of_the_three_changes_and_stays_grey() {
    let mut photo =
        photo(ImageBuffer::from_raw(2, 1, vec![100_u8, 200]).map(DynamicImage::ImageLuma8).unwrap());
    photo.add(photo.region(), &[3.0, 6.0, 9.0, 0.0, 0.0, 0.0]);
    let DynamicImage::ImageLuma8(pixels) = written(&photo) else { panic!("not grey") };
    assert_eq!(pixels.into_raw(), [106, 200]);
}

#[test]
fn no_change_leaves_every_pixel_as_it_was() {
    let samples: Vec<u8> = (0..=255).flat_map(|value| [value; 3]).collect();
    let mut photo = Photo::from_rgb(16, 16, samples.clone()).unwrap();
    photo.add(photo.region(), &[0.0; 768]);
    assert_eq!(written(&photo).into_bytes(), samples);
}

#[test]
fn all_sixteen_bit_values_survive_a_change_of_nothing() {
    let samples: Vec<u16> = (0..=u16::MAX).collect();
    let mut photo =
        photo(ImageBuffer::from_raw(256, 256, samples.clone()).map(DynamicImage::ImageLuma16).unwrap());
    photo.add(photo.region(), &vec![0.0; 256 * 256 * 3]);
    let DynamicImage::ImageLuma16(pixels) = written(&photo) else { panic!("not 16 bit grey") };
    assert_eq!(pixels.into_raw(), samples);
}

#[test]
#[should_panic(expected = "is not inside a photo of 2 x 1 pixels")]
fn a_region_outside_the_photo_is_a_mistake_of_the_caller() {
    let photo = Photo::from_rgb(2, 1, vec![0; 6]).unwrap();
    photo.rgb(Region { x: 1, y: 0, width: usize::MAX, height: 1 });
}

#[test]
fn samples_must_match_the_size() {
    assert!(Photo::from_rgb(2, 2, vec![0; 11]).is_none());
    assert!(Photo::from_rgb(0, 2, vec![]).is_none());
}

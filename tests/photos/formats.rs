//! Every kind of file that is read, with known pixels.

use image::{DynamicImage, ImageFormat};
use jpeg_encoder::{
    ColorType,
    SamplingFactor::{F_1_1, F_1_2, F_1_4, F_2_1, F_2_2, F_4_1},
};
use visard::photo::{Error, Format};

use crate::make::{decode, file, gradient, jpeg, plain_jpeg, raw_png, tiff};

/// A lossy WebP made by libwebp: 16 x 8, left half (200, 40, 90), right half (20, 160, 220).
pub(crate) const LOSSY_WEBP: &str = "524946463c000000574542505650382030000000f001009d012a1000080001402625a002\
    74b700fc0001e40000feea91fffa65bb8726f9247ff7071e3e7c19fefdc00000";

const ANIMATED_WEBP: &str = "524946468400000057454250565038580a00000002000000030000030000414e494d0600000\
    0000000000000414e4d4628000000000000000000030000030000000000025650384c0f0000002f03c000000710fd8ffe07\
    22a2ff0100414e4d4628000000000000000000030000030000000000005650384c0f0000002f03c000000710d1fffe0722a\
    2ff0100";

pub(crate) fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<_> = digits.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.as_chunks::<2>().0.iter().map(|[high, low]| (high << 4 | low) as u8).collect()
}

fn first_pixel(bytes: &[u8]) -> [f32; 3] {
    let photo = decode(bytes).unwrap();
    photo.rgb(photo.region())[..3].try_into().unwrap()
}

fn assert_near(pixel: [f32; 3], expected: [f32; 3]) {
    let distance = pixel.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(distance <= 3.0, "{pixel:?} is not near {expected:?}");
}

#[test]
fn a_progressive_jpeg_decodes_to_the_same_pixels_as_a_baseline_one() {
    let picture = gradient(40, 24).into_rgb8();
    let encode = |progressive| {
        let bytes = jpeg(&picture, (40, 24), ColorType::Rgb, |encoder| {
            encoder.set_progressive(progressive);
        });
        let photo = decode(&bytes).unwrap();
        photo.rgb(photo.region())
    };
    let baseline = encode(false);
    assert_eq!(baseline, encode(true));
    assert_near(baseline[960..963].try_into().unwrap(), [0.0, 56.0, 24.0]);
}

#[test]
fn inks_become_the_colours_that_they_leave_over() {
    for colour in [ColorType::Cmyk, ColorType::CmykAsYcck] {
        let ink = |ink: [u8; 4]| first_pixel(&jpeg(&ink.repeat(64), (8, 8), colour, |_| ()));
        assert_near(ink([255, 0, 0, 0]), [0.0, 255.0, 255.0]);
        assert_near(ink([0, 255, 0, 0]), [255.0, 0.0, 255.0]);
        assert_near(ink([0, 0, 255, 0]), [255.0, 255.0, 0.0]);
        assert_near(ink([0, 0, 0, 0]), [255.0, 255.0, 255.0]);
        assert_near(ink([0, 0, 0, 155]), [100.0, 100.0, 100.0]);
        assert_near(ink([127, 0, 255, 127]), [64.0, 128.0, 0.0]);
    }
}

#[test]
fn a_grey_jpeg_has_one_channel() {
    let photo = decode(&jpeg(&[77; 64], (8, 8), ColorType::Luma, |_| ())).unwrap();
    assert!(photo.is_grey());
    assert_eq!(photo.rgb(photo.region()), [77.0; 192]);
}

#[test]
fn junk_between_segments_is_passed_over() {
    let mut bytes = plain_jpeg();
    bytes.splice(20..20, *b"some junk without meaning");
    assert_eq!(decode(&bytes).unwrap().width(), 40);
}

#[test]
fn a_palette_png_becomes_rgb() {
    let palette: &[u8] = &[1, 2, 3, 40, 50, 60];
    let bytes = raw_png((2, 1), [8, 3, 0, 0, 0], &[(b"PLTE", palette)], &[0, 1, 0]);
    let photo = decode(&bytes).unwrap();
    assert_eq!(photo.rgb(photo.region()), [40.0, 50.0, 60.0, 1.0, 2.0, 3.0]);
    assert_eq!((photo.depth(), photo.has_alpha()), (8, false));
}

#[test]
fn a_transparent_palette_png_becomes_rgb_with_alpha() {
    let chunks: [(&[u8; 4], &[u8]); 2] = [(b"PLTE", &[9, 8, 7]), (b"tRNS", &[100])];
    let photo = decode(&raw_png((1, 1), [8, 3, 0, 0, 0], &chunks, &[0, 0])).unwrap();
    assert!(photo.has_alpha());
    assert_eq!(photo.rgb(photo.region()), [9.0, 8.0, 7.0]);
}

#[test]
fn a_one_bit_png_is_grey_and_black_and_white() {
    let photo = decode(&raw_png((3, 1), [1, 0, 0, 0, 0], &[], &[0, 0b0100_0000])).unwrap();
    assert!(photo.is_grey());
    assert_eq!(photo.rgb(photo.region()), [0.0, 0.0, 0.0, 255.0, 255.0, 255.0, 0.0, 0.0, 0.0]);
}

#[test]
fn a_lossy_webp_is_read() {
    let photo = decode(&hex(LOSSY_WEBP)).unwrap();
    assert_eq!((photo.width(), photo.height(), photo.format()), (16, 8, Format::WebP));
    let pixels = photo.rgb(photo.region());
    assert_near(pixels[..3].try_into().unwrap(), [200.0, 40.0, 90.0]);
    assert_near(pixels[45..48].try_into().unwrap(), [20.0, 160.0, 220.0]);
}

#[test]
fn tiff_is_read_in_the_depth_it_has() {
    let photo = decode(&tiff(1)).unwrap();
    assert_eq!((photo.format(), photo.is_grey(), photo.depth()), (Format::Tiff, true, 8));
    let samples = photo.rgb(photo.region());
    let grey: Vec<_> = samples.iter().step_by(3).copied().collect();
    assert_eq!(grey, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);

    let deep = image::ImageBuffer::from_raw(1, 1, vec![257_u16, 514, 65_535]).unwrap();
    let photo = decode(&file(&DynamicImage::ImageRgb16(deep), ImageFormat::Tiff)).unwrap();
    assert_eq!((photo.depth(), photo.rgb(photo.region())), (16, vec![1.0, 2.0, 255.0]));
}

#[test]
fn animations_are_refused() {
    let webp = decode(&hex(ANIMATED_WEBP)).unwrap_err();
    assert!(matches!(webp, Error::Animated { format: Format::WebP }), "{webp}");
    let control: (&[u8; 4], &[u8]) = (b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let png = decode(&raw_png((1, 1), [8, 0, 0, 0, 0], &[control], &[0, 0])).unwrap_err();
    assert!(matches!(png, Error::Animated { format: Format::Png }), "{png}");
}

#[test]
fn an_animation_of_a_single_picture_is_a_still_photo() {
    let control: (&[u8; 4], &[u8]) = (b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]);
    let photo = decode(&raw_png((1, 1), [8, 0, 0, 0, 0], &[control], &[0, 70])).unwrap();
    assert_eq!(photo.rgb(photo.region()), [70.0; 3]);
}

#[test]
fn a_jpeg_with_twelve_bits_or_arithmetic_coding_is_named_as_unreadable() {
    let mut bytes = plain_jpeg();
    let frame = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    bytes[frame + 1] = 0xc9;
    assert!(matches!(decode(&bytes).unwrap_err(), Error::UnreadableVariety { .. }));
    bytes[frame + 1] = 0xc1;
    bytes[frame + 4] = 12;
    assert!(matches!(decode(&bytes).unwrap_err(), Error::UnreadableVariety { .. }));
}

#[test]
fn jpegs_of_every_size_and_sampling_are_read() {
    let colour = [60.0, 120.0, 180.0];
    for size in [(1, 1), (7, 9), (8, 8), (17, 15), (33, 40), (100, 3), (2, 70)] {
        let picture = [60, 120, 180].repeat(usize::from(size.0) * usize::from(size.1));
        for (sampling, progressive) in [(F_1_1, false), (F_1_2, false), (F_2_1, false), (F_2_2, false)]
            .into_iter()
            .chain([F_1_1, F_1_2, F_2_1, F_2_2, F_1_4, F_4_1].map(|sampling| (sampling, true)))
        {
            for interval in [0, 3] {
                let bytes = jpeg(&picture, size, ColorType::Rgb, |encoder| {
                    encoder.set_sampling_factor(sampling);
                    encoder.set_progressive(progressive);
                    encoder.set_restart_interval(interval);
                });
                let photo = decode(&bytes).unwrap();
                for pixel in photo.rgb(photo.region()).as_chunks::<3>().0 {
                    assert_near(*pixel, colour);
                }
            }
        }
    }
}

#[test]
fn a_baseline_jpeg_in_several_scans_is_refused_rather_than_misread() {
    let picture = gradient(40, 24).into_rgb8();
    let bytes = jpeg(&picture, (40, 24), ColorType::Rgb, |encoder| {
        encoder.set_optimized_huffman_tables(true);
    });
    let error = decode(&bytes).unwrap_err();
    assert!(matches!(error, Error::UnreadableVariety { .. }), "{error}");
}

#[test]
fn a_progressive_jpeg_without_one_of_its_channels_is_damaged() {
    let picture = gradient(40, 24).into_rgb8();
    let mut bytes = jpeg(&picture, (40, 24), ColorType::Rgb, |encoder| {
        encoder.set_progressive(true);
    });
    let scans: Vec<_> = (0..bytes.len() - 1).filter(|&at| bytes[at..at + 2] == [0xff, 0xda]).collect();
    bytes.drain(scans[2]..scans[3]);
    let error = decode(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "the JPEG file is damaged: its scans do not build on each other");
}

#[test]
fn a_tiff_that_is_a_preview_of_a_raw_file_is_refused() {
    let mut bytes = file(&gradient(8, 8), ImageFormat::Tiff);
    // The entry for the colour model makes way for the version of DNG, of the same type.
    let model = bytes.windows(4).position(|tag| tag == [0x06, 0x01, 3, 0]).unwrap();
    bytes[model..model + 2].copy_from_slice(&0xc612_u16.to_le_bytes());
    let error = decode(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "camera raw files cannot be read: convert to JPEG or PNG first");
}

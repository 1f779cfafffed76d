//! Colours of other spaces than sRGB: what is seen of them, and that outputs show the same.

use moxcms::{ColorProfile, DataColorSpace};
use palette::color_difference::Ciede2000 as _;
use palette::{IntoColor as _, Lab, Srgb};
use visard::photo::{EncodeOptions, Limits, OutputFormat, Photo, decode, encode};

use crate::rows::bytes;

fn photo(file: &str) -> Photo {
    decode(&bytes(file), &Limits::default()).unwrap()
}

fn seen(photo: &Photo) -> Vec<[f32; 3]> {
    photo.rgb(photo.region()).as_chunks::<3>().0.to_vec()
}

/// Mean difference of what is seen (CIEDE2000).
fn difference(a: &Photo, b: &Photo) -> f32 {
    let lab = |rgb: [f32; 3]| -> Lab { Srgb::from(rgb.map(|sample| sample / 255.0)).into_color() };
    let (a, b) = (seen(a), seen(b));
    a.iter().zip(&b).map(|(a, b)| lab(*a).difference(lab(*b))).sum::<f32>() / a.len() as f32
}

#[test]
fn display_p3_is_seen_as_its_standard_says() {
    const TO_SRGB: [[f32; 3]; 3] =
        [[1.22494, -0.22494, 0.0], [-0.04206, 1.04206, 0.0], [-0.01964, -0.07864, 1.09828]];
    let light = |v: f32| if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) };
    let signal = |l: f32| if l <= 0.003_130_8 { 12.92 * l } else { 1.055 * l.powf(1.0 / 2.4) - 0.055 };
    // The same samples, said to be sRGB's.
    let (wide, plain) = (photo("avif-p3.avif"), photo("avif-lossless.avif"));
    let mut largest = 0.0_f32;
    for (wide, plain) in seen(&wide).into_iter().zip(seen(&plain)) {
        let light = plain.map(|sample| light(sample / 255.0));
        for (row, wide) in TO_SRGB.iter().zip(wide) {
            let sum: f32 = row.iter().zip(light).map(|(a, b)| a * b).sum();
            largest = largest.max((255.0 * signal(sum.clamp(0.0, 1.0)) - wide).abs());
        }
    }
    assert!(largest < 1.0, "{largest}");
}

#[test]
fn a_heic_of_display_p3_is_seen_as_an_avif_of_it_where_a_box_says_so_or_the_stream() {
    let avif = photo("avif-p3.avif");
    let boxed = bytes("heic-p3.heic");
    let at = boxed.windows(8).position(|bytes| bytes == b"colrnclx").unwrap();
    let mut streamed = boxed.clone();
    streamed[at..at + 4].copy_from_slice(b"free");
    for (file, what) in [(boxed, "box"), (streamed, "stream")] {
        // Samples that are shown as they are would be 2.0 away.
        let difference = difference(&decode(&file, &Limits::default()).unwrap(), &avif);
        assert!(difference < 0.6, "{what}: {difference}");
    }
}

#[test]
fn light_of_a_high_range_is_seen_within_the_usual_one() {
    // White of a page lies at 58 % of the one signal and at 75 % of the other.
    for file in ["avif-pq.avif", "avif-hlg.avif"] {
        let all = seen(&photo(file));
        let mean = all.iter().flatten().sum::<f32>() / (3 * all.len()) as f32;
        assert!((60.0..230.0).contains(&mean), "{file}: {mean}");
    }
}

/// A JPEG of a picture with a profile of its own, as exiftool or a camera would put it there.
fn with_profile(picture: &str, profile: &ColorProfile) -> Photo {
    let plain = image::load_from_memory(&bytes(picture)).unwrap();
    let mut jpeg = vec![];
    let mut encoder = jpeg_encoder::Encoder::new(&mut jpeg, 100);
    let (width, height) = (plain.width() as u16, plain.height() as u16);
    encoder.add_icc_profile(&profile.encode().unwrap()).unwrap();
    let encoded = match profile.color_space {
        DataColorSpace::Gray => {
            encoder.encode(&plain.to_luma8(), width, height, jpeg_encoder::ColorType::Luma)
        }
        _ => encoder.encode(&plain.to_rgb8(), width, height, jpeg_encoder::ColorType::Rgb),
    };
    encoded.unwrap();
    decode(&jpeg, &Limits::default()).unwrap()
}

#[test]
fn outputs_show_the_colours_of_inputs() {
    let files = ["avif-p3.avif", "avif-pq.avif", "avif-hlg.avif", "tiff-16-bit.tif"];
    let profiles = [
        ("Adobe RGB", "picture.png", ColorProfile::new_adobe_rgb()),
        ("Display P3", "picture.png", ColorProfile::new_display_p3()),
        ("ProPhoto RGB", "picture.png", ColorProfile::new_pro_photo_rgb()),
        ("grey of gamma 1.8", "grey.png", ColorProfile::new_gray_with_gamma(1.8)),
    ];
    let of_files = files.map(|file| (file, photo(file)));
    let of_profiles = profiles.map(|(name, picture, profile)| (name, with_profile(picture, &profile)));
    for (file, photo) in of_files.into_iter().chain(of_profiles) {
        let all = [
            OutputFormat::Keep,
            OutputFormat::Png,
            OutputFormat::Jpeg,
            OutputFormat::Avif,
            OutputFormat::WebP,
        ];
        for format in all {
            let options = EncodeOptions { format, quality: Some(100), ..EncodeOptions::default() };
            let written = encode(&photo, &options).unwrap();
            let again = decode(&written.bytes, &Limits::default()).unwrap();
            let difference = difference(&photo, &again);
            assert!(difference < 0.5, "{file} as {format:?}: {difference}");
        }
    }
}

//! What is written: format, depth, channels, quality, sampling.

use image::{DynamicImage, ImageBuffer, ImageFormat, Rgba};
use jpeg_encoder::{ColorType, QuantizationTableType, SamplingFactor};
use visard::photo::{EncodeOptions, Error, Format, MetadataPolicy, OutputFormat, Photo};

use crate::make::{decode, encode, file, gradient, jpeg, tiff};

const STRIP: MetadataPolicy = MetadataPolicy::Strip;

/// The frame header of a JPEG: number of components, and the first one's sampling factors.
fn frame(bytes: &[u8]) -> (u8, u8) {
    let is_frame = |pair: &[u8]| matches!(pair, [0xff, 0xc0 | 0xc2]);
    let at = bytes.windows(2).position(is_frame).unwrap();
    (bytes[at + 9], bytes[at + 11])
}

fn colour_jpeg(quality: u8, sampling: SamplingFactor) -> Vec<u8> {
    let picture = gradient(40, 24).into_rgb8();
    jpeg(&picture, (40, 24), ColorType::Rgb, |encoder| {
        encoder.set_quality(quality);
        encoder.set_sampling_factor(sampling);
    })
}

#[test]
fn the_format_is_kept_and_tiff_becomes_png() {
    let picture = gradient(8, 8);
    for (input, output) in [
        (file(&picture, ImageFormat::Png), Format::Png),
        (file(&picture, ImageFormat::WebP), Format::WebP),
        (colour_jpeg(90, SamplingFactor::R_4_4_4), Format::Jpeg),
        (tiff(1), Format::Png),
    ] {
        let encoded = encode(&decode(&input).unwrap(), OutputFormat::Keep, STRIP);
        assert_eq!(encoded.format, output);
        assert_eq!(Format::of(&encoded.bytes).unwrap(), output);
    }
}

#[test]
fn a_lossy_webp_stays_lossy_and_small_and_a_lossless_one_lossless() {
    let noise = image::RgbImage::from_fn(160, 120, |x, y| {
        image::Rgb([(x * 2) as u8, (y * 2) as u8, (x * x * 7 + y * y * 13) as u8 / 8 + 100])
    });
    let lossless = file(&noise.clone().into(), ImageFormat::WebP);
    let params = {
        let mut params = webp_lossy::EncoderParams::default();
        (params.use_lossy, params.lossy_quality) = (true, 80);
        params
    };
    let mut lossy = Vec::new();
    let mut encoder = webp_lossy::WebPEncoder::new(&mut lossy);
    encoder.set_params(params);
    encoder.encode(&noise, 160, 120, webp_lossy::ColorType::Rgb8).unwrap();
    let (small, large) = (decode(&lossy).unwrap(), decode(&lossless).unwrap());
    let again = encode(&small, OutputFormat::Keep, STRIP);
    assert!(again.bytes.len() < 3 * lossy.len() && again.bytes.windows(4).any(|kind| kind == b"VP8 "));
    assert_eq!((again.format, again.quality), (Format::WebP, Some(90)));
    let (before, after) = (small.rgb(small.region()), decode(&again.bytes).unwrap());
    let after = after.rgb(after.region());
    let error = before.iter().zip(&after).map(|(a, b)| (a - b).abs()).sum::<f32>() / before.len() as f32;
    assert!(error < 3.0, "{error}");
    assert_eq!(encode(&large, OutputFormat::Keep, STRIP).quality, None);
    assert_eq!(encode(&small, OutputFormat::WebP, STRIP).quality, None);
}

#[test]
fn lossless_formats_give_the_same_pixels_back() {
    let picture =
        ImageBuffer::from_fn(9, 5, |x, y| Rgba([(x * 20) as u8, (y * 40) as u8, 9, (x * y * 5) as u8]));
    let photo = decode(&file(&DynamicImage::ImageRgba8(picture.clone()), ImageFormat::Png)).unwrap();
    for format in [OutputFormat::Png, OutputFormat::WebP] {
        let bytes = encode(&photo, format, STRIP).bytes;
        assert_eq!(image::load_from_memory(&bytes).unwrap().into_rgba8(), picture);
    }
}

#[test]
fn a_grey_jpeg_is_written_with_one_component() {
    let photo = decode(&jpeg(&[90; 64], (8, 8), ColorType::Luma, |_| ())).unwrap();
    let bytes = encode(&photo, OutputFormat::Keep, STRIP).bytes;
    assert_eq!(frame(&bytes).0, 1);
    assert!(decode(&bytes).unwrap().is_grey());
}

#[test]
fn chroma_is_sampled_as_in_the_input() {
    for (sampling, factors) in
        [(SamplingFactor::R_4_4_4, 0x11), (SamplingFactor::R_4_2_0, 0x22), (SamplingFactor::R_4_2_2, 0x21)]
    {
        let photo = decode(&colour_jpeg(92, sampling)).unwrap();
        assert_eq!(frame(&encode(&photo, OutputFormat::Keep, STRIP).bytes), (3, factors));
    }
    let photo = decode(&file(&gradient(8, 8), ImageFormat::Png)).unwrap();
    assert_eq!(frame(&encode(&photo, OutputFormat::Jpeg, STRIP).bytes), (3, 0x11));
}

#[test]
fn a_progressive_jpeg_stays_progressive() {
    let picture = gradient(40, 24).into_rgb8();
    for (progressive, marker) in [(true, 0xc2), (false, 0xc0)] {
        let input = jpeg(&picture, (40, 24), ColorType::Rgb, |encoder| {
            encoder.set_progressive(progressive);
        });
        let bytes = encode(&decode(&input).unwrap(), OutputFormat::Keep, STRIP).bytes;
        assert!(bytes.windows(2).any(|pair| pair == [0xff, marker]));
    }
}

#[test]
fn the_quality_is_that_of_the_input_but_not_below_90() {
    for quality in 75..=98 {
        let photo = decode(&colour_jpeg(quality, SamplingFactor::R_4_2_0)).unwrap();
        assert_eq!(photo.jpeg_quality(), Some(quality));
        let encoded = encode(&photo, OutputFormat::Keep, STRIP);
        assert_eq!(encoded.quality, Some(quality.max(90)));
        assert_eq!(decode(&encoded.bytes).unwrap().jpeg_quality(), encoded.quality);
    }
}

#[test]
fn the_quality_of_foreign_tables_is_a_number_of_about_the_same_loss() {
    let picture = gradient(40, 24).into_rgb8();
    for table in [QuantizationTableType::CustomPsnrHvs, QuantizationTableType::ImageMagick] {
        let bytes = jpeg(&picture, (40, 24), ColorType::Rgb, |encoder| {
            encoder.set_quality(85);
            encoder.set_quantization_tables(table.clone(), table);
        });
        let quality = decode(&bytes).unwrap().jpeg_quality().unwrap();
        assert!((75..=92).contains(&quality), "{quality}");
    }
}

#[test]
fn a_quality_that_is_asked_for_is_used() {
    let photo = Photo::from_rgb(8, 8, vec![128; 192]).unwrap();
    let quality = |quality| {
        let options = EncodeOptions { format: OutputFormat::Jpeg, quality, ..EncodeOptions::default() };
        visard::photo::encode(&photo, &options).map(|encoded| encoded.quality)
    };
    assert_eq!(quality(Some(40)).unwrap(), Some(40));
    assert_eq!(quality(None).unwrap(), Some(95));
    assert!(matches!(quality(Some(0)), Err(Error::Quality(0))));
    assert!(matches!(quality(Some(101)), Err(Error::Quality(101))));
}

#[test]
fn transparency_cannot_become_a_jpeg_but_an_opaque_alpha_channel_can() {
    let to_jpeg = |alpha| {
        let picture = ImageBuffer::from_pixel(2, 2, Rgba([1_u8, 2, 3, alpha]));
        let photo = decode(&file(&DynamicImage::ImageRgba8(picture), ImageFormat::Png)).unwrap();
        let options = EncodeOptions { format: OutputFormat::Jpeg, ..EncodeOptions::default() };
        visard::photo::encode(&photo, &options)
    };
    assert_eq!(to_jpeg(255).unwrap().format, Format::Jpeg);
    let error = to_jpeg(254).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the photo has transparent parts, which JPEG cannot hold: choose PNG or WebP"
    );
}

#[test]
fn a_photo_that_is_too_long_for_webp_says_so() {
    let photo = Photo::from_rgb(16_384, 1, vec![0; 3 * 16_384]).unwrap();
    let options = EncodeOptions { format: OutputFormat::WebP, ..EncodeOptions::default() };
    let error = visard::photo::encode(&photo, &options).unwrap_err();
    assert_eq!(error.to_string(), "WebP holds at most 16383 pixels a side, the photo is 16384 x 1");
}

#[test]
fn a_file_that_must_be_small_has_the_highest_quality_that_fits() {
    let photo = decode(&colour_jpeg(95, SamplingFactor::R_4_4_4)).unwrap();
    let options = |quality, max_bytes| EncodeOptions { quality, max_bytes, ..EncodeOptions::default() };
    let of =
        |quality| visard::photo::encode(&photo, &options(Some(quality), None)).unwrap().bytes.len() as u64;
    let most = of(70) + 1;
    let small = visard::photo::encode(&photo, &options(None, Some(most))).unwrap();
    let quality = small.quality.unwrap();
    assert!(small.bytes.len() as u64 <= most && quality >= 70 && of(quality + 1) > most, "{quality}");
    // What fits keeps its quality.
    let large = visard::photo::encode(&photo, &options(Some(95), Some(of(95)))).unwrap();
    assert_eq!(large.quality, Some(95));
    for (format, most) in [(OutputFormat::Png, 100), (OutputFormat::Jpeg, of(30) - 1)] {
        let refused = visard::photo::encode(&photo, &EncodeOptions { format, ..options(None, Some(most)) });
        assert!(matches!(refused, Err(Error::TooManyBytes { most: told, .. }) if told == most));
    }
}

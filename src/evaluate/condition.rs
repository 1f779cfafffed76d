//! What happens to a published photo before a face search sees it.

use image::RgbImage;
use image::imageops::{FilterType, blur, resize};
use webp_lossy::{ColorType, EncoderParams, WebPEncoder};

use crate::error::{Error, Result};
use crate::face::{Face, Point, Similarity};
use crate::photo::{EncodeOptions, Limits, OutputFormat, Photo, decode, encode};

/// What happens to a photo on its way. The list is frozen with the protocols' names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    AsWritten,
    /// It is written as a JPEG of this quality.
    Jpeg(u8),
    /// It is written as a lossy WebP with the error of libwebp at quality 75.
    WebP,
    /// Half as wide and high.
    Half,
    /// A quarter as wide and high.
    Quarter,
    /// Blurred by a Gaussian of a hundredth of the face's width.
    Blur,
    /// Cut to the face with 30 % of its box on each side.
    Crop,
    /// As a social network does: the longer side at most 1080 pixels, JPEG 75, no metadata.
    SocialNetwork,
    /// As a screenshot of a scaled window: enlarged by 1.25 and made as large as before.
    Screenshot,
}

/// Share of the face's box that [`Condition::Crop`] leaves on each side.
const AROUND: f32 = 0.3;
/// Of the encoder's own scale: the error of libwebp at 75 (0.3 dB more on 38 photos of LFW and composite portraits).
const WEBP_QUALITY: u8 = 90;
/// Longest side in a social network.
const LONGEST: f32 = 1080.;

impl Condition {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 12] = [
        Self::AsWritten,
        Self::Jpeg(95),
        Self::Jpeg(85),
        Self::Jpeg(75),
        Self::Jpeg(50),
        Self::WebP,
        Self::Half,
        Self::Quarter,
        Self::Blur,
        Self::Crop,
        Self::SocialNetwork,
        Self::Screenshot,
    ];

    /// The name in reports.
    pub fn name(self) -> String {
        match self {
            Self::AsWritten => "as-written".into(),
            Self::Jpeg(quality) => format!("jpeg-{quality}"),
            Self::WebP => "webp-75".into(),
            Self::Half => "half-size".into(),
            Self::Quarter => "quarter-size".into(),
            Self::Blur => "blur".into(),
            Self::Crop => "crop".into(),
            Self::SocialNetwork => "social-network".into(),
            Self::Screenshot => "screenshot".into(),
        }
    }

    /// The photo after that, and where its pixels have gone. `face` is the photo's subject.
    ///
    /// # Errors
    /// Where the photo cannot be written again.
    pub fn apply(self, photo: &Photo, face: &Face) -> Result<(Photo, Similarity)> {
        let picture = rgb(photo);
        let (width, height) = picture.dimensions();
        let scaled = |by: f32| {
            let side = |length: u32| ((length as f32 * by).round() as u32).max(1);
            let small = resize(&picture, side(width), side(height), FilterType::Triangle);
            let a = small.width() as f32 / width as f32;
            (of(small), Similarity { a, b: 0., dx: (a - 1.) / 2., dy: (a - 1.) / 2. })
        };
        let still = Similarity { a: 1., b: 0., dx: 0., dy: 0. };
        Ok(match self {
            Self::AsWritten => (photo.clone(), still),
            Self::Jpeg(quality) => (jpeg(photo, quality)?, still),
            Self::WebP => (webp(&picture)?, still),
            Self::Half => scaled(0.5),
            Self::Quarter => scaled(0.25),
            Self::Blur => (of(blur(&picture, (face.bounds.width / 100.).max(0.1))), still),
            Self::Crop => crop(&picture, face),
            Self::SocialNetwork => {
                let by = LONGEST / width.max(height) as f32;
                let (photo, place) = if by < 1. { scaled(by) } else { (photo.clone(), still) };
                (jpeg(&photo, 75)?, place)
            }
            Self::Screenshot => {
                let larger = resize(&picture, width * 5 / 4, height * 5 / 4, FilterType::Triangle);
                (of(resize(&larger, width, height, FilterType::Triangle)), still)
            }
        })
    }
}

fn crop(picture: &RgbImage, face: &Face) -> (Photo, Similarity) {
    let axis = |start: f32, length: f32, limit: u32| {
        let first = (start - AROUND * length).clamp(0., limit as f32 - 1.) as u32;
        let end = (start + (1. + AROUND) * length).ceil().clamp(first as f32 + 1., limit as f32) as u32;
        (first, end - first)
    };
    let b = &face.bounds;
    let (x, width) = axis(b.x, b.width, picture.width());
    let (y, height) = axis(b.y, b.height, picture.height());
    let part = image::imageops::crop_imm(picture, x, y, width, height).to_image();
    (of(part), Similarity { a: 1., b: 0., dx: -(x as f32), dy: -(y as f32) })
}

fn jpeg(photo: &Photo, quality: u8) -> Result<Photo> {
    let options = EncodeOptions { format: OutputFormat::Jpeg, quality: Some(quality), ..Default::default() };
    // A transparent photo is shown on whatever lies behind it; here nothing does.
    let opaque = if photo.has_alpha() { of(rgb(photo)) } else { photo.clone() };
    Ok(decode(&encode(&opaque, &options)?.bytes, &Limits::default())?)
}

fn webp(picture: &RgbImage) -> Result<Photo> {
    let (width, height) = picture.dimensions();
    let mut options = EncoderParams::default();
    (options.use_lossy, options.lossy_quality) = (true, WEBP_QUALITY);
    let mut bytes = Vec::new();
    let mut encoder = WebPEncoder::new(&mut bytes);
    encoder.set_params(options);
    encoder
        .encode(picture, width, height, ColorType::Rgb8)
        .map_err(|e| Error::Usage(format!("a WebP of {width} x {height} pixels: {e}")))?;
    Ok(decode(&bytes, &Limits::default())?)
}

/// The photo's pixels in 8 bits.
pub(super) fn rgb(photo: &Photo) -> RgbImage {
    let samples = photo.rgb(photo.region()).into_iter().map(|v| v.round() as u8).collect();
    RgbImage::from_raw(photo.width() as u32, photo.height() as u32, samples).unwrap_or_default()
}

fn of(picture: RgbImage) -> Photo {
    let (width, height) = picture.dimensions();
    let empty = || unreachable!("a picture of {width} x {height} pixels");
    Photo::from_rgb(width, height, picture.into_raw()).unwrap_or_else(empty)
}

/// Where a face is in a photo whose pixels were moved.
pub(super) fn moved(face: &Face, place: &Similarity) -> Face {
    let mut moved = *face;
    moved.points = face.points.map(|p| place.apply(p));
    // The corner of a pixel lies half a pixel before its centre.
    let corner = place.apply(Point { x: face.bounds.x - 0.5, y: face.bounds.y - 0.5 });
    (moved.bounds.x, moved.bounds.y) = (corner.x + 0.5, corner.y + 0.5);
    moved.bounds.width *= place.a;
    moved.bounds.height *= place.a;
    moved
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::Rectangle;

    /// A white square of 20 pixels at (40, 20) on black, and a face right on it.
    fn square() -> (Photo, Face) {
        let inside = |x: usize, y: usize| (40..60).contains(&x) && (20..40).contains(&y);
        let sample = |i: usize| if inside(i / 3 % 100, i / 300) { 255 } else { 0 };
        let photo = Photo::from_rgb(100, 80, (0..100 * 80 * 3).map(sample).collect()).unwrap();
        let bounds = Rectangle { x: 39.5, y: 19.5, width: 20., height: 20. };
        (photo, Face { bounds, points: [Point { x: 49.5, y: 29.5 }; 5], score: 1. })
    }

    /// Centre of what is bright; compression may make black a little less black.
    fn bright(photo: &Photo) -> Point {
        let picture = rgb(photo);
        let of =
            |p: (u32, u32, &image::Rgb<u8>)| (p.0 as f32, p.1 as f32, f32::from(p.2.0[0].saturating_sub(4)));
        let sum = picture
            .enumerate_pixels()
            .map(of)
            .fold((0., 0., 0.), |s, (x, y, v)| (s.0 + x * v, s.1 + y * v, s.2 + v));
        Point { x: sum.0 / sum.2, y: sum.1 / sum.2 }
    }

    #[test]
    fn the_face_is_sought_where_its_pixels_have_gone() {
        let (photo, face) = square();
        for condition in Condition::ALL {
            let (after, place) = condition.apply(&photo, &face).unwrap();
            let (expected, found) = (moved(&face, &place).points[0], bright(&after));
            let off = (expected.x - found.x).hypot(expected.y - found.y);
            assert!(off < 0.1, "{}: {off}", condition.name());
        }
    }

    #[test]
    fn sizes_are_as_the_names_say() {
        let (photo, face) = square();
        let size = |condition: Condition| {
            let (after, _) = condition.apply(&photo, &face).unwrap();
            (after.width(), after.height())
        };
        assert_eq!(size(Condition::Half), (50, 40));
        assert_eq!(size(Condition::Quarter), (25, 20));
        assert_eq!(size(Condition::Crop), (33, 33));
        assert_eq!(size(Condition::Screenshot), (100, 80));
        assert_eq!(size(Condition::SocialNetwork), (100, 80), "small photos are not enlarged");
        let large = Photo::from_rgb(2000, 500, vec![9; 2000 * 500 * 3]).unwrap();
        let (after, place) = Condition::SocialNetwork.apply(&large, &face).unwrap();
        assert_eq!((after.width(), after.height()), (1080, 270));
        assert!((place.a - 0.54).abs() < 1e-6);
        assert_eq!(after.jpeg_quality(), Some(75));
    }

    /// The root of the mean square of what a condition changes.
    fn change(condition: Condition) -> f32 {
        let waves =
            |i: usize| (127. + 100. * ((i / 3 % 100) as f32 / 7.).sin() * (i as f32 / 3700.).cos()) as u8;
        let photo = Photo::from_rgb(100, 80, (0..100 * 80 * 3).map(waves).collect()).unwrap();
        let (after, _) = condition.apply(&photo, &square().1).unwrap();
        let pairs = rgb(&photo).into_raw().into_iter().zip(rgb(&after).into_raw());
        let squares: f32 = pairs.map(|(a, b)| (f32::from(a) - f32::from(b)).powi(2)).sum();
        (squares / (100. * 80. * 3.)).sqrt()
    }

    #[test]
    fn compression_changes_little_and_more_at_a_lower_quality() {
        let [fine, webp, rough] = [Condition::Jpeg(95), Condition::WebP, Condition::Jpeg(30)].map(change);
        assert!(0.1 < fine && fine < rough, "{fine} {rough}");
        assert!(0.1 < webp && webp < rough, "{webp} {rough}");
    }

    #[test]
    fn names_are_unlike() {
        let mut names = Condition::ALL.map(Condition::name).to_vec();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), Condition::ALL.len());
    }
}

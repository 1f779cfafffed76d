//! Example photos: what each method changes, beside the original.

use std::path::Path;

use image::codecs::png::PngEncoder;
use image::imageops::{FilterType, crop_imm, resize};
use image::{ExtendedColorType, ImageEncoder as _, RgbImage};

use super::super::cast::Original;
use super::super::condition::rgb;
use super::super::run::Evaluated;
use crate::error::{Error, Result};
use crate::face::Face;
use crate::html::{address, escaped};
use crate::photo::{Limits, Photo, decode};

/// People who are shown.
const PEOPLE: usize = 3;
/// Side of a picture in pixels.
const SIDE: u32 = 160;
/// Differences are shown this many times as large, around grey.
const TIMES: f32 = 10.;

/// For each of a few people the original, and the cloaked photo and its amplified difference for each method.
pub(super) fn examples(evaluated: &Evaluated) -> Result<String> {
    let mut html = String::new();
    for person in 0..evaluated.results.data.people.len().min(PEOPLE) {
        let Some(i) = evaluated.originals.iter().position(|o| o.person == person) else { continue };
        let original = &evaluated.originals[i];
        let before = cut(&open(&original.path)?, &original.face);
        let mut figures = figure(&before, None, "original");
        let methods = evaluated.results.methods.iter().zip(&evaluated.cloaked);
        for (method, photos) in methods.skip(1) {
            let after = cut(&open(&photos[i].path)?, &original.face);
            figures += &figure(&after, Some(&difference(&before, &after)), &method.name);
        }
        html +=
            &format!("<h3>{}</h3><div class=grid>{figures}</div>\n", escaped(&title(evaluated, original)));
    }
    Ok(html)
}

fn title(evaluated: &Evaluated, original: &Original) -> String {
    evaluated.results.data.people[original.person].replace('_', " ")
}

fn open(path: &Path) -> Result<Photo> {
    let bytes = Limits::default().read(path).map_err(|e| Error::file(path, e))?;
    Ok(decode(&bytes, &Limits::default())?)
}

/// The face with some space around it.
fn cut(photo: &Photo, face: &Face) -> RgbImage {
    let picture = rgb(photo);
    let b = &face.bounds;
    let side = (1.4 * b.width.max(b.height)).max(1.);
    let start = |middle: f32| (middle - side / 2.).max(0.) as u32;
    let (x, y) = (start(b.x + b.width / 2.), start(b.y + b.height / 2.));
    let (x, y) = (x.min(picture.width() - 1), y.min(picture.height() - 1));
    let (width, height) = ((side as u32).min(picture.width() - x), (side as u32).min(picture.height() - y));
    let part = crop_imm(&picture, x, y, width.max(1), height.max(1)).to_image();
    resize(&part, SIDE, (SIDE * height / width.max(1)).clamp(1, 2 * SIDE), FilterType::Triangle)
}

/// The difference, many times as large, around middle grey.
fn difference(before: &RgbImage, after: &RgbImage) -> RgbImage {
    let mut difference = after.clone();
    for (to, from) in difference.iter_mut().zip(before.iter()) {
        *to = (128. + TIMES * (f32::from(*to) - f32::from(*from))).clamp(0., 255.) as u8;
    }
    difference
}

fn figure(picture: &RgbImage, difference: Option<&RgbImage>, caption: &str) -> String {
    let caption = escaped(caption);
    let image = |picture: &RgbImage, text: &str| {
        let (width, height) = picture.dimensions();
        let data = data(picture).map_err(|e| Error::Usage(e.to_string()));
        data.map(|data| format!("<img width={width} height={height} alt=\"{text}\" src=\"{data}\">"))
    };
    let difference = difference.map(|d| image(d, &format!("{caption}: difference")).unwrap_or_default());
    format!(
        "<figure>{}{}<figcaption>{caption}</figcaption></figure>",
        image(picture, &caption).unwrap_or_default(),
        difference.unwrap_or_default()
    )
}

/// A picture as the address of itself: PNG in base 64.
fn data(picture: &RgbImage) -> image::ImageResult<String> {
    let mut bytes = vec![];
    let (width, height) = picture.dimensions();
    PngEncoder::new(&mut bytes).write_image(picture, width, height, ExtendedColorType::Rgb8)?;
    Ok(address("image/png", &bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_difference_is_middle_grey_and_one_level_is_ten() {
        let (before, mut after) = (RgbImage::new(2, 1), RgbImage::new(2, 1));
        after.put_pixel(1, 0, image::Rgb([1, 0, 200]));
        assert_eq!(difference(&before, &after).into_raw(), [128, 128, 128, 138, 128, 255]);
    }
}

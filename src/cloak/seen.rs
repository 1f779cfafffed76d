//! What can be seen of a cloak in a photo.

use butteraugli::{ButteraugliParams, Img, RGB8, butteraugli};
use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2};

use super::budget::Visibility;
use super::scene::{LARGEST, Scene};
use crate::face::{Face, Rectangle, shrink};
use crate::network::{Error, Result};
use crate::photo::{Photo, Region};

/// What can be seen at a face of the difference between a photo and a changed photo, on the grid
/// that the face was cloaked on.
///
/// # Errors
/// Where the photos differ in size.
pub fn measure(original: &Photo, changed: &Photo, face: &Face) -> Result<Seen> {
    if !same_size(original, changed) {
        return Err(Error::Usage("photos of different sizes cannot be compared".into()));
    }
    let Some(scene) = Scene::of(original, face)? else { return Ok(Seen::default()) };
    let change = (scene.grid.read(changed)? - &scene.picture)?;
    let visibility = scene.structure.visibility(&scene.picture, &change)?;
    let error = change.sqr()?.mean_all()?.to_scalar::<f32>()?;
    let psnr = (error > 0.).then(|| -10. * error.log10());
    Ok(Seen { visibility, psnr, ssimulacra2: ssimulacra2_of_face(original, changed, face) })
}

/// What can be seen of a cloak in a photo.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    /// By the measures that are limited.
    pub visibility: Visibility,
    /// Peak signal-to-noise ratio over the grid in dB; none without a change.
    pub psnr: Option<f32>,
    /// SSIMULACRA 2 of the face's box; none where a side of it is below 8 pixels.
    pub ssimulacra2: Option<f32>,
}

/// How different two pictures look to people.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Difference {
    /// [SSIMULACRA 2](https://github.com/cloudinary/ssimulacra2): 100 without a change, 90 not told apart, 70 high
    /// quality, 50 medium, 30 low. It speaks of the whole.
    pub ssimulacra2: Option<f32>,
    /// [Butteraugli](https://github.com/libjxl/libjxl), largest value of its map: 0 without a change, 1 hardly
    /// noticed, 2 noticed. It speaks of the worst spot.
    pub butteraugli: Option<f32>,
}

impl Difference {
    /// Of the pixels in a face's box, reduced to a longer side of 768 where it is larger; nothing is known where a side of it
    /// is below 8 pixels, or it lies outside the photo, or the photos differ in size.
    pub fn of_face(original: &Photo, changed: &Photo, face: &Face) -> Self {
        pictures(original, changed, face).map_or(Self::default(), |pictures| Self::of_pictures(&pictures))
    }

    /// Of a part of two photos; nothing is known where a side of it is below 8 pixels, or the photos differ in size.
    pub fn of_part(original: &Photo, changed: &Photo, region: Region) -> Self {
        part(original, changed, region).map_or(Self::default(), |pictures| Self::of_pictures(&pictures))
    }

    fn of_pictures(pictures: &Pictures) -> Self {
        Self { ssimulacra2: pictures.ssimulacra2(), butteraugli: pictures.butteraugli() }
    }
}

/// SSIMULACRA 2 alone, of the same pixels as [`Difference::of_face`].
fn ssimulacra2_of_face(original: &Photo, changed: &Photo, face: &Face) -> Option<f32> {
    pictures(original, changed, face)?.ssimulacra2()
}

/// Two pictures of one size: interleaved RGB in units of 1/255.
struct Pictures {
    both: [Vec<f32>; 2],
    width: usize,
    height: usize,
}

impl Pictures {
    fn ssimulacra2(&self) -> Option<f32> {
        let frame = |rgb: &[f32]| {
            let pixels = rgb.as_chunks().0.iter().map(|pixel: &[f32; 3]| pixel.map(|v| v / 255.)).collect();
            let (transfer, primaries) = (TransferCharacteristic::SRGB, ColorPrimaries::BT709);
            Rgb::new(pixels, self.width, self.height, transfer, primaries).ok()
        };
        let [original, changed] = &self.both;
        compute_frame_ssimulacra2(frame(original)?, frame(changed)?).ok().map(|score| score as f32)
    }

    fn butteraugli(&self) -> Option<f32> {
        let frame = |rgb: &[f32]| {
            let level = |pixel: &[f32; 3]| RGB8::from(pixel.map(|v| v.round().clamp(0., 255.) as u8));
            Img::new(rgb.as_chunks().0.iter().map(level).collect::<Vec<_>>(), self.width, self.height)
        };
        let [original, changed] = self.both.each_ref().map(|rgb| frame(rgb));
        let found = butteraugli(original.as_ref(), changed.as_ref(), &ButteraugliParams::default());
        found.ok().map(|found| found.score as f32)
    }
}

/// A face's box in both photos, as people see it.
fn pictures(original: &Photo, changed: &Photo, face: &Face) -> Option<Pictures> {
    let region = covered(&face.bounds, original)?;
    let [width, height] = [region.width, region.height].map(|side| {
        let scale = LARGEST as f32 / region.width.max(region.height) as f32;
        (side as f32 * scale.min(1.)).round() as usize
    });
    if (width, height) == (region.width, region.height) {
        return part(original, changed, region);
    }
    if !same_size(original, changed) {
        return None;
    }
    let [x, y, across, down] = [region.x, region.y, region.width, region.height].map(|n| n as f32);
    let part = Rectangle { x, y, width: across, height: down };
    let reduced = |photo| shrink(photo, part, [height, width]).ok();
    Some(Pictures { both: [reduced(original)?, reduced(changed)?], width, height })
}

fn part(original: &Photo, changed: &Photo, region: Region) -> Option<Pictures> {
    let Region { width, height, .. } = region;
    same_size(original, changed).then(|| Pictures {
        both: [original, changed].map(|photo| photo.rgb(region)),
        width,
        height,
    })
}

fn same_size(a: &Photo, b: &Photo) -> bool {
    (a.width(), a.height()) == (b.width(), b.height())
}

/// The part of a face's box that lies in the photo.
pub(crate) fn covered(bounds: &Rectangle, photo: &Photo) -> Option<Region> {
    let axis = |start: f32, extent: f32, limit: usize| {
        let first = start.floor().clamp(0., limit as f32) as usize;
        let end = (start + extent).ceil().clamp(0., limit as f32) as usize;
        (end > first).then(|| (first, end - first))
    };
    let (x, width) = axis(bounds.x, bounds.width, photo.width())?;
    let (y, height) = axis(bounds.y, bounds.height, photo.height())?;
    Some(Region { x, y, width, height })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::Point;

    /// A picture of 768 pixels a side, each drawn as a square of so many pixels, with a wave of a size over it.
    fn photo(pixel: usize, wave: f32) -> Photo {
        let side = LARGEST * pixel;
        let level = |i: usize| {
            let [x, y] = [i % side, i / side].map(|at| (at / pixel) as f32);
            (120. + 30. * (x / 9.).sin() * (y / 7.).cos() + wave * (x / 5.).sin() * (y / 6.).sin()) as u8
        };
        let rgb = (0..side * side).flat_map(|i| [level(i); 3]).collect();
        Photo::from_rgb(side as u32, side as u32, rgb).unwrap()
    }

    #[test]
    fn photos_of_different_sizes_are_not_compared() {
        let photo = |side: u32| Photo::from_rgb(side, side, vec![90; (side * side * 3) as usize]).unwrap();
        let other = Difference::of_part(&photo(40), &photo(20), photo(40).region());
        assert_eq!(other, Difference::default());
        let same = Difference::of_part(&photo(40), &photo(40), photo(40).region());
        assert_eq!(same, Difference { ssimulacra2: Some(100.), butteraugli: Some(0.) });
    }

    #[test]
    fn many_spots_are_worse_than_one_for_the_whole_but_not_for_the_worst_spot() {
        let level = |i: usize, spots: usize| {
            let [x, y] = [i % 200, i / 200];
            let within = (x % 50 < 12 && y % 50 < 12) && x / 50 + 4 * (y / 50) < spots;
            120 + (i * 7919 % 7) as u8 + if within { 10 } else { 0 }
        };
        let photo = |spots: usize| {
            let rgb = (0..200 * 200).flat_map(|i| [level(i, spots); 3]).collect();
            Photo::from_rgb(200, 200, rgb).unwrap()
        };
        let seen = |spots: usize| Difference::of_part(&photo(0), &photo(spots), photo(0).region());
        let [one, many] = [seen(1), seen(16)];
        assert!(one.ssimulacra2 > many.ssimulacra2.map(|score| score + 20.), "{one:?} {many:?}");
        let [one, many] = [one, many].map(|seen| seen.butteraugli.unwrap());
        assert!(one > 2. && many < 1.5 * one, "{one} {many}");
    }

    #[test]
    fn a_very_large_face_is_seen_as_on_a_screen() {
        let score = |pixel: usize| {
            let side = (LARGEST * pixel) as f32;
            let bounds = Rectangle { x: 0., y: 0., width: side, height: side };
            let face = Face { bounds, points: [Point::default(); 5], score: 1. };
            Difference::of_face(&photo(pixel, 0.), &photo(pixel, 9.), &face).ssimulacra2.unwrap()
        };
        let (small, large) = (score(1), score(2));
        assert!(small < 80. && (small - large).abs() < 1., "{small} {large}");
    }
}

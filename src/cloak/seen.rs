//! What can be seen of a cloak in a photo.

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

/// SSIMULACRA 2 of the pixels in a face's box, reduced to a longer side of 768 where it is larger; none where a side of it
/// is below 8 pixels, or it lies outside the photo, or the photos differ in size.
pub fn ssimulacra2_of_face(original: &Photo, changed: &Photo, face: &Face) -> Option<f32> {
    if !same_size(original, changed) {
        return None;
    }
    let region = covered(&face.bounds, original)?;
    let [width, height] = [region.width, region.height].map(|side| {
        let scale = LARGEST as f32 / region.width.max(region.height) as f32;
        (side as f32 * scale.min(1.)).round() as usize
    });
    if (width, height) == (region.width, region.height) {
        return ssimulacra2(original, changed, region);
    }
    let [x, y, across, down] = [region.x, region.y, region.width, region.height].map(|n| n as f32);
    let part = Rectangle { x, y, width: across, height: down };
    let reduced = |photo| shrink(photo, part, [height, width]).ok();
    compare(&reduced(original)?, &reduced(changed)?, width, height)
}

/// [SSIMULACRA 2](https://github.com/cloudinary/ssimulacra2) of a part of two photos of one size: 100 without a change, 90
/// not told apart, 70 high quality, 50 medium, 30 low; none where a side is below 8 pixels, or the photos
/// differ in size.
pub fn ssimulacra2(original: &Photo, changed: &Photo, region: Region) -> Option<f32> {
    if !same_size(original, changed) {
        return None;
    }
    compare(&original.rgb(region), &changed.rgb(region), region.width, region.height)
}

fn same_size(a: &Photo, b: &Photo) -> bool {
    (a.width(), a.height()) == (b.width(), b.height())
}

/// Interleaved RGB in units of 1/255.
fn compare(original: &[f32], changed: &[f32], width: usize, height: usize) -> Option<f32> {
    let frame = |rgb: &[f32]| {
        let pixels = rgb.as_chunks().0.iter().map(|pixel: &[f32; 3]| pixel.map(|v| v / 255.)).collect();
        let (transfer, primaries) = (TransferCharacteristic::SRGB, ColorPrimaries::BT709);
        Rgb::new(pixels, width, height, transfer, primaries).ok()
    };
    compute_frame_ssimulacra2(frame(original)?, frame(changed)?).ok().map(|score| score as f32)
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
    fn photos_of_different_sizes_have_no_score() {
        let photo = |side: u32| Photo::from_rgb(side, side, vec![90; (side * side * 3) as usize]).unwrap();
        assert_eq!(ssimulacra2(&photo(40), &photo(20), photo(40).region()), None);
        assert!(ssimulacra2(&photo(40), &photo(40), photo(40).region()).is_some());
    }

    #[test]
    fn a_very_large_face_is_seen_as_on_a_screen() {
        let score = |pixel: usize| {
            let side = (LARGEST * pixel) as f32;
            let bounds = Rectangle { x: 0., y: 0., width: side, height: side };
            let face = Face { bounds, points: [Point::default(); 5], score: 1. };
            ssimulacra2_of_face(&photo(pixel, 0.), &photo(pixel, 9.), &face).unwrap()
        };
        let (small, large) = (score(1), score(2));
        assert!(small < 80. && (small - large).abs() < 1., "{small} {large}");
    }
}

//! Transparency that lies in a picture of its own.

use heifer::{Image, Sample};

/// Takes the first channel of a picture of the same size as transparency.
pub(super) fn attach<S: Sample>(image: &mut Image<S>, mask: &Image<S>) {
    let (from, to) = (u32::from(mask.max_value()).max(1), u32::from(image.max_value()));
    for (pixel, mask) in image.data.as_chunks_mut::<4>().0.iter_mut().zip(mask.data.as_chunks::<4>().0) {
        let [shade, ..] = mask.map(|sample| u32::from(sample.to_u16()));
        pixel[3] = S::from_u16(((shade * to + from / 2) / from) as u16);
    }
    image.has_alpha = true;
}

/// Divides colours by the transparency that they were multiplied with.
pub(super) fn divide<S: Sample>(image: &mut Image<S>) {
    let most = u32::from(image.max_value());
    for pixel in image.data.as_chunks_mut::<4>().0 {
        let alpha = u32::from(pixel[3].to_u16());
        for sample in pixel.iter_mut().take(3) {
            let multiplied = u32::from(sample.to_u16()) * most + alpha / 2;
            // What nobody sees stays as it is.
            if let Some(divided) = multiplied.checked_div(alpha) {
                *sample = S::from_u16(divided.min(most) as u16);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_divided_by_their_transparency_and_no_brighter_than_white() {
        let data = vec![64, 128, 200, 128, 9, 9, 9, 0, 10, 20, 30, 255];
        let mut image = Image::<u8> { width: 3, height: 1, bit_depth: 8, has_alpha: true, data };
        divide(&mut image);
        assert_eq!(image.data, [128, 255, 255, 128, 9, 9, 9, 0, 10, 20, 30, 255]);
    }
}

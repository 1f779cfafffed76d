//! XMP packets: whether there are pictures in them, and the orientation that they repeat.

use crate::photo::bytes::contains;

/// Names of properties whose values are pictures, and how a JPEG and a PNG begin in base64.
const PICTURES: [&[u8]; 7] = [
    b"xmpGImg:image",
    b"xmp:Thumbnails",
    b"GImage:Data",
    b"GDepth:Data",
    b"/9j/",
    b"iVBORw0K",
    b"image/jpeg;base64",
];

/// The longest stretch of base64 characters, in bytes, that may pass for text.
const LONGEST_WORD: usize = 1000;

/// Whether a packet holds a picture, such as a thumbnail or the photo before it was edited.
pub(super) fn has_picture(xmp: &[u8]) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    PICTURES.iter().any(|name| contains(xmp, name))
        || xmp.split(|byte| !is_word(byte)).any(|word| word.len() > LONGEST_WORD)
}

/// The packet with each orientation that it states set to upright.
pub(super) fn upright(xmp: &[u8]) -> Vec<u8> {
    const NAME: &[u8] = b"tiff:Orientation";
    let mut xmp = xmp.to_vec();
    let mut from = 0;
    while let Some(found) = xmp.get(from..).and_then(|rest| position(rest, NAME)) {
        from += found + NAME.len();
        let value = xmp
            .get_mut(from..)
            .and_then(|rest| rest.iter_mut().find(|byte| !matches!(byte, b'=' | b'"' | b'\'' | b'>' | b' ')));
        if let Some(digit @ b'1'..=b'8') = value {
            *digit = b'1';
        }
    }
    xmp
}

fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orientation_becomes_upright_as_attribute_and_as_element() {
        assert_eq!(upright(b"<a tiff:Orientation=\"6\" b='6'/>"), b"<a tiff:Orientation=\"1\" b='6'/>");
        assert_eq!(
            upright(b"<tiff:Orientation>8</tiff:Orientation>"),
            b"<tiff:Orientation>1</tiff:Orientation>"
        );
    }

    #[test]
    fn thumbnails_and_long_base64_are_pictures_and_prose_is_not() {
        assert!(has_picture(b"<xmp:Thumbnails><rdf:Alt>"));
        assert!(has_picture(b"<x:y>/9j/4AAQSkZJRg</x:y>"));
        assert!(has_picture(&[b'A'; 1001]));
        assert!(!has_picture(&b"a day at the sea ".repeat(100)));
    }
}

//! The film that phones keep in the file of a photo, as Android's motion photos have it: an MP4 behind the picture.

#![warn(clippy::indexing_slicing)]

use std::ops::Range;

use super::bytes::Bytes;

/// Where in the file of a photo a film lies: the first MP4 behind its beginning that has an index of its frames.
pub fn film(bytes: &[u8]) -> Option<Range<usize>> {
    // A HEIC begins as an MP4 does, and is none.
    let mut from = 8;
    loop {
        let name = bytes.get(from + 4..)?.windows(4).position(|part| part == b"ftyp")?;
        let start = from + name;
        let (length, indexed) = boxes(Bytes(bytes.get(start..)?));
        if indexed {
            return Some(start..start + length);
        }
        // Passed over as a whole, so that no file of many boxes takes long.
        from = start + length.max(1);
    }
}

/// How long the boxes of a film are in all, and whether the one with the index is among them.
fn boxes(mut rest: Bytes<'_>) -> (usize, bool) {
    let (all, mut indexed) = (rest.0.len(), false);
    loop {
        let before = rest.0.len();
        match next(&mut rest) {
            Some(name) => indexed |= &name == b"moov",
            None => return (all - before, indexed),
        }
    }
}

/// Passes over a box, and tells its name; `None` where there is none, or none that a film has.
fn next(rest: &mut Bytes<'_>) -> Option<[u8; 4]> {
    let from = *rest;
    let short = rest.u32_be()? as usize;
    let name: [u8; 4] = *rest.take(4)?.first_chunk()?;
    let length = match short {
        0 => from.0.len(),
        1 => usize::try_from(rest.u64_be()?).ok()?,
        length => length,
    };
    *rest = from;
    let known =
        name.iter().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || *letter == b' ');
    let taken = if known && length >= 8 { rest.take(length) } else { None };
    if taken.is_none() {
        *rest = from;
    }
    taken.map(|_| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_box(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes(), &name[..], content].concat()
    }

    #[test]
    fn a_film_is_found_behind_the_picture_and_ends_where_its_boxes_do() {
        let video =
            [a_box(b"ftyp", b"mp42\0\0\0\0"), a_box(b"mdat", b"frames"), a_box(b"moov", b"index")].concat();
        let behind = b"SEFH\0\0SEFT";
        let photo = [&b"\xff\xd8 ftyp is no box \xff\xd9"[..], &video, behind].concat();
        let found = film(&photo).unwrap();
        assert_eq!(photo.get(found).unwrap(), video);
    }

    #[test]
    fn a_heic_and_a_film_without_an_index_are_no_film_in_a_photo() {
        let heic =
            [a_box(b"ftyp", b"heic\0\0\0\0"), a_box(b"meta", b""), a_box(b"mdat", b"picture")].concat();
        assert_eq!(film(&heic), None);
        let cut =
            [&b"\xff\xd8 the picture \xff\xd9"[..], &a_box(b"ftyp", b"mp42"), &a_box(b"mdat", b"")].concat();
        assert_eq!(film(&cut), None);
        assert_eq!(film(b"ftyp"), None);
    }
}

//! Comments and other texts that people write.

use super::pictures;

/// Whether some bytes are a text that may be written again: letters, and no picture among them.
pub(in crate::photo) fn is_plain(text: &[u8]) -> bool {
    // A keyword of a PNG ends with a zero, and up to four more follow it.
    const ZEROS: usize = 5;
    let odd = |byte: &&u8| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1f | 0x7f);
    text.iter().filter(odd).count() <= ZEROS
        && !pictures::hidden_in(text)
        && !pictures::has_endless_word(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_plain_in_every_script() {
        assert!(is_plain(b"Title\0A day at the sea.\r\nWe swam."));
        assert!(is_plain("Ein Tag am Meer, \u{6d77}\u{8fba}".repeat(50).as_bytes()));
    }

    #[test]
    fn pictures_in_any_wrapping_are_not() {
        let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01";
        let hex: String = jpeg.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!is_plain(&[b"see ", &jpeg[..]].concat()));
        assert!(!is_plain(b"<img src='data:image/jpeg;base64,/9j/4AAQSkZJRgABAQAAAQ'>"));
        assert!(!is_plain(b"/9j/4AAQ\nSkZJRgABAQAAAQ"));
        assert!(!is_plain(b"a/9j/4AAQSkZJRgABAQAAAQ"));
        assert!(!is_plain(hex.as_bytes()));
        assert!(!is_plain(&[0x12; 100]));
    }
}

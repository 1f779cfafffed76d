//! Names of files as text: none is lost, and none can forge a line of output.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize as _, Deserializer, Serializer};

/// A path as text, for JSON: as it is where it is Unicode.
///
/// Elsewhere each byte that is not becomes `\xNN`, and each backslash two. So does a path that holds `\x`, so that
/// no two paths have one text; [`path`] is the way back.
pub fn text(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    if let Some(whole) = path.to_str().filter(|whole| !whole.contains(r"\x")) {
        return whole.into();
    }
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text += &chunk.valid().replace('\\', r"\\");
        chunk.invalid().iter().for_each(|byte| escape(&mut text, *byte));
    }
    text
}

fn escape(text: &mut String, byte: u8) {
    // Writing to a string cannot fail.
    let _ = write!(text, r"\x{byte:02x}");
}

/// The path that [`text`] made a text of.
pub fn path(text: &str) -> PathBuf {
    if !text.contains(r"\x") {
        return text.into();
    }
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let after = &rest[at + 1..];
        let byte = after.strip_prefix('x').and_then(|hex| u8::from_str_radix(hex.get(..2)?, 16).ok());
        bytes.push(byte.unwrap_or(b'\\'));
        rest = if byte.is_some() { &after[3..] } else { after.strip_prefix('\\').unwrap_or(after) };
    }
    bytes.extend_from_slice(rest.as_bytes());
    os_string(bytes).into()
}

#[cfg(unix)]
pub(crate) fn os_string(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
pub(crate) fn os_string(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// A path for people to read, in one line whatever it holds.
pub fn shown(path: &Path) -> String {
    printable(&text(path))
}

/// A text in one line: what moves the cursor, ends a line, turns the direction of writing or cannot be seen is
/// written as an escape.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Writes a path as [`text`]: for `#[serde(with = "names")]`.
pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(path))
}

/// Reads what [`serialize`] wrote.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    Ok(path(&String::deserialize(deserializer)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_shown_as_they_are() {
        for name in ["in/a.png", "Grüße aus Köln/IMG 1.jpg", "写真.jpg", "a\\b.png"] {
            assert_eq!((&*text(Path::new(name)), &*shown(Path::new(name))), (name, name));
        }
    }

    #[test]
    fn a_name_cannot_end_the_line_or_turn_it_round() {
        assert_eq!(shown(Path::new("a\nb.png: protected")), r"a\nb.png: protected");
        assert_eq!(shown(Path::new("\u{1b}[2Ka\u{202e}gnp.\r")), r"\u{1b}[2Ka\u{202e}gnp.\r");
        assert_eq!(text(Path::new("a\nb")), "a\nb", "JSON has escapes of its own");
    }

    #[cfg(unix)]
    #[test]
    fn every_name_comes_back_and_no_two_have_one_text() {
        let raw = |bytes: &[u8]| PathBuf::from(os_string(bytes.to_vec()));
        assert_eq!(text(&raw(b"a\xff.jpg")), r"a\xff.jpg");
        assert_eq!(text(&raw(br"a\xff.jpg")), r"a\\xff.jpg");
        let names: [&[u8]; 7] = [
            b"a\xff.jpg",
            br"a\xff.jpg",
            br"a\\xff.jpg",
            b"\\\xff\\",
            b"\xc3\x28",
            br"\x",
            "ü\\é".as_bytes(),
        ];
        for name in names {
            assert_eq!(path(&text(&raw(name))), raw(name), "{name:?}");
        }
    }

    #[test]
    fn a_text_that_nobody_escaped_is_read_without_a_panic() {
        for odd in [r"\x", r"\xg", r"\x1", r"\xü", r"\x\", "\\x\u{10ffff}"] {
            path(odd);
        }
    }
}

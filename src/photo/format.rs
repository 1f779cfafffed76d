//! Which format a file is in, told from its first bytes and never from its name.

#![warn(clippy::indexing_slicing)]

use std::fmt;

use super::Error;

/// A file format that photos are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// JPEG: baseline or progressive, grey, colour or CMYK.
    Jpeg,
    /// PNG: 8 or 16 bit, grey, colour or palette, with or without alpha.
    Png,
    /// WebP: lossy or lossless.
    WebP,
    /// TIFF: read only.
    Tiff,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Tiff => "TIFF",
        })
    }
}

impl Format {
    /// Tells the format of a file from its content, of which the first 16 bytes are enough.
    pub fn of(bytes: &[u8]) -> Result<Self, Error> {
        match bytes {
            [] => Err(Error::Empty),
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', ..] => Ok(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Self::WebP),
            _ => match unreadable(bytes) {
                Some(found) => Err(Error::UnreadableFormat { found }),
                None if is_tiff(bytes) => Ok(Self::Tiff),
                None => Err(Error::NotAPhoto),
            },
        }
    }

    /// The usual ending of a file name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Tiff => "tiff",
        }
    }
}

fn is_tiff(bytes: &[u8]) -> bool {
    [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| bytes.starts_with(*magic))
}

/// Names a picture format that people do have photos in, but that is not read here.
fn unreadable(bytes: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 13] = [
        (b"GIF8", "GIF"),
        (b"BM", "BMP"),
        (b"\xff\x0a", "JPEG XL"),
        (b"\0\0\0\x0cJXL ", "JPEG XL"),
        (b"\0\0\0\x0cjP  ", "JPEG 2000"),
        (b"\xff\x4f\xff\x51", "JPEG 2000"),
        (b"8BPS", "Photoshop"),
        (b"%PDF", "PDF"),
        (b"FUJIFILMCCD-RAW", "camera raw"),
        (b"IIU\0", "camera raw"),
        (b"IIRO", "camera raw"),
        (b"\x76\x2f\x31\x01", "OpenEXR"),
        (b"\0\0\x01\0", "icon"),
    ];
    match bytes {
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => container(brand),
        [b'I', b'I', b'*', 0, _, _, _, _, b'C', b'R', ..] => Some("camera raw"),
        _ => MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, name)| *name),
    }
}

/// Names an ISO media file by its major brand.
fn container(brand: &[u8]) -> Option<&'static str> {
    match brand.get(..4)? {
        b"avif" | b"avis" => Some("AVIF"),
        b"crx " => Some("camera raw"),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => Some("HEIC"),
        _ => Some("video"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> String {
        Format::of(bytes).unwrap_err().to_string()
    }

    #[test]
    fn the_content_decides_the_format() {
        assert_eq!(Format::of(b"\xff\xd8\xff\xe0").unwrap(), Format::Jpeg);
        assert_eq!(Format::of(b"\x89PNG\r\n\x1a\n").unwrap(), Format::Png);
        assert_eq!(Format::of(b"RIFF\x10\0\0\0WEBPVP8 ").unwrap(), Format::WebP);
        assert_eq!(Format::of(b"MM\0*\0\0\0\x08").unwrap(), Format::Tiff);
        assert_eq!(Format::of(b"RIFF\x10\0\0\0WEBP").unwrap(), Format::WebP);
    }

    #[test]
    fn an_unread_format_is_named_with_what_to_do() {
        assert_eq!(
            refusal(b"\0\0\0\x18ftypheic\0\0\0\0"),
            "HEIC files cannot be read: convert to JPEG or PNG first"
        );
        assert!(refusal(b"\0\0\0\x1cftypavif").starts_with("AVIF"));
        assert!(refusal(b"GIF89a").starts_with("GIF"));
        assert!(refusal(b"II*\0\x10\0\0\0CR\x02\0").starts_with("camera raw"));
    }

    #[test]
    fn text_and_nothing_are_not_photos() {
        assert!(refusal(b"hello").starts_with("this is not a photo"));
        assert_eq!(refusal(b""), "the file is empty");
    }
}

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
    /// HEIC, also called HEIF: pictures of HEVC, as phones write them.
    Heic,
    /// AVIF: pictures of AV1.
    Avif,
    /// JPEG XL: read only.
    JpegXl,
    /// GIF: read only.
    Gif,
    /// BMP: read only.
    Bmp,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Tiff => "TIFF",
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
            Self::JpegXl => "JPEG XL",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
        })
    }
}

impl Format {
    /// The bytes from a file's start that are enough to tell its format.
    pub const HEAD: usize = 256;

    /// Every format, with the endings of names that tell it; the first is the usual one.
    const ENDINGS: [(Self, &[&str]); 9] = [
        (Self::Jpeg, &["jpg", "jpeg", "jpe", "jfif"]),
        (Self::Png, &["png", "apng"]),
        (Self::WebP, &["webp"]),
        (Self::Tiff, &["tiff", "tif"]),
        (Self::Heic, &["heic", "heif", "hif"]),
        (Self::Avif, &["avif"]),
        (Self::JpegXl, &["jxl"]),
        (Self::Gif, &["gif"]),
        (Self::Bmp, &["bmp", "dib"]),
    ];

    /// Tells the format of a file from its content, of which the first [`HEAD`](Self::HEAD) bytes are enough.
    pub fn of(bytes: &[u8]) -> Result<Self, Error> {
        match bytes {
            [] => Err(Error::Empty),
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', ..] => Ok(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Self::WebP),
            [b'G', b'I', b'F', b'8', ..] => Ok(Self::Gif),
            [0xff, 0x0a, ..] => Ok(Self::JpegXl),
            _ if bytes.starts_with(b"\0\0\0\x0cJXL ") => Ok(Self::JpegXl),
            _ if is_bmp(bytes) => Ok(Self::Bmp),
            [_, _, _, _, b'f', b't', b'y', b'p', brands @ ..] => container(bytes, brands),
            _ => match unreadable(bytes) {
                Some(found) => Err(Error::UnreadableFormat { found }),
                None if is_tiff(bytes) => Ok(Self::Tiff),
                None => Err(Error::NotAPhoto),
            },
        }
    }

    /// The format that the ending of a name, in small letters and without the dot, tells.
    pub fn named(ending: &str) -> Option<Self> {
        Self::ENDINGS.iter().find(|(_, endings)| endings.contains(&ending)).map(|(format, _)| *format)
    }

    /// The endings of the names of all formats that are read, without the dot.
    pub fn endings() -> impl Iterator<Item = &'static str> {
        Self::ENDINGS.iter().flat_map(|(_, endings)| endings.iter().copied())
    }

    /// The usual ending of a file name, without the dot.
    pub fn extension(self) -> &'static str {
        let own = Self::ENDINGS.iter().find(|(format, _)| *format == self);
        own.and_then(|(_, endings)| endings.first()).copied().unwrap_or_default()
    }

    /// Whether the file says with its pixels how they are turned, so that EXIF has no say in it.
    pub(super) fn turns_itself(self) -> bool {
        matches!(self, Self::Heic | Self::Avif | Self::JpegXl)
    }
}

fn is_tiff(bytes: &[u8]) -> bool {
    [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| bytes.starts_with(*magic))
}

/// Whether behind the two letters, with which texts begin too, lies a header of a size that a BMP has.
fn is_bmp(bytes: &[u8]) -> bool {
    let size = bytes.get(14..18).and_then(|size| size.try_into().ok()).map(u32::from_le_bytes);
    bytes.starts_with(b"BM")
        && size.is_some_and(|size| matches!(size, 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124))
}

/// Names a picture format that people do have photos in, but that is not read here.
fn unreadable(bytes: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 12] = [
        (b"\0\0\0\x0cjP  ", "JPEG 2000"),
        (b"\xff\x4f\xff\x51", "JPEG 2000"),
        (b"8BPS", "Photoshop"),
        (b"%PDF", "PDF"),
        (b"FUJIFILMCCD-RAW", "camera raw"),
        (b"IIU\0", "camera raw"),
        (b"IIRO", "camera raw"),
        (b"\x76\x2f\x31\x01", "OpenEXR"),
        (b"\0\0\x01\0", "icon"),
        (b"II\xbc", "JPEG XR"),
        (b"gimp xcf", "GIMP"),
        (b"qoif", "QOI"),
    ];
    match bytes {
        [b'I', b'I', b'*', 0, _, _, _, _, b'C', b'R', ..] => Some("camera raw"),
        _ => MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, name)| *name),
    }
}

/// Tells an ISO media file by its brands: the first is the main one, the others say what else can read it.
fn container(bytes: &[u8], brands: &[u8]) -> Result<Format, Error> {
    let length = bytes.first_chunk().map_or(0, |length| u32::from_be_bytes(*length) as usize);
    let all = brands.get(..length.saturating_sub(8).min(brands.len())).unwrap_or(brands);
    // The number of a version stands between the first brand and the others.
    let others = all.get(8..).unwrap_or_default().as_chunks::<4>().0;
    let is_avif = |brand: &[u8; 4]| matches!(brand, b"avif" | b"avis");
    let unreadable = |found| Err(Error::UnreadableFormat { found });
    match brands.first_chunk() {
        Some(main) if is_avif(main) => Ok(Format::Avif),
        Some(b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx") => Ok(Format::Heic),
        Some(b"mif1" | b"mif2" | b"msf1" | b"miaf") if others.iter().any(is_avif) => Ok(Format::Avif),
        Some(b"mif1" | b"mif2" | b"msf1" | b"miaf") => Ok(Format::Heic),
        Some(b"crx ") => unreadable("camera raw"),
        _ => Err(Error::Video),
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
        assert_eq!(Format::of(b"\0\0\0\x18ftypheic\0\0\0\0").unwrap(), Format::Heic);
        assert_eq!(Format::of(b"\0\0\0\x1cftypavif").unwrap(), Format::Avif);
        assert_eq!(Format::of(b"\0\0\0\x0cJXL \r\n\x87\n").unwrap(), Format::JpegXl);
        assert_eq!(Format::of(b"\xff\x0a").unwrap(), Format::JpegXl);
        assert_eq!(Format::of(b"GIF89a").unwrap(), Format::Gif);
    }

    #[test]
    fn a_container_for_any_picture_is_told_by_its_other_brands() {
        assert_eq!(Format::of(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic").unwrap(), Format::Heic);
        assert_eq!(Format::of(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif").unwrap(), Format::Avif);
        // What lies behind the brands is none of them.
        assert_eq!(Format::of(b"\0\0\0\x14ftypmif1\0\0\0\0mif1avif").unwrap(), Format::Heic);
    }

    #[test]
    fn a_text_that_begins_like_a_bmp_is_none() {
        assert_eq!(Format::of(b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0").unwrap(), Format::Bmp);
        assert!(refusal(b"BMW and other cars of the year").starts_with("this is not a photo"));
    }

    #[test]
    fn every_ending_tells_the_format_that_it_is_of() {
        for (format, endings) in Format::ENDINGS {
            assert!(endings.iter().all(|ending| Format::named(ending) == Some(format)));
        }
        assert_eq!((Format::named("mov"), Format::Tiff.extension()), (None, "tiff"));
    }

    #[test]
    fn an_unread_format_is_named_with_what_to_do() {
        assert_eq!(refusal(b"8BPS\0\x01"), "Photoshop files cannot be read: convert to JPEG or PNG first");
        assert!(refusal(b"\0\0\0\x18ftypqt  \0\0\0\0").starts_with("this is a video"));
        assert!(refusal(b"II*\0\x10\0\0\0CR\x02\0").starts_with("camera raw"));
    }

    #[test]
    fn text_and_nothing_are_not_photos() {
        assert!(refusal(b"hello").starts_with("this is not a photo"));
        assert_eq!(refusal(b""), "the file is empty");
    }
}

//! Pictures in every wrapping, in every place of the metadata that a policy may keep.

use std::io::Write as _;

use exif::{Field, In, Tag, Value, experimental::Writer};
use image::ImageFormat;

use crate::make::{file, gradient, plain_jpeg, with_chunks, with_segments};
use crate::row::{Must, Row, row};

/// What no output may hold; it stands beside the hidden picture.
const WORD: &str = "SECRET";

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let sextets = bytes.chunks(3).flat_map(|group| {
        let bits = (0..3).fold(0, |bits, index| bits << 8 | u32::from(*group.get(index).unwrap_or(&0)));
        (0..=group.len()).map(move |index| LETTERS[(bits >> (18 - 6 * index)) as usize & 63] as char)
    });
    sextets.collect()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What a wrapping is called, and what it makes of a picture.
type Form = (&'static str, Vec<u8>);

/// A picture wrapped in every way; those whose result is text first.
fn wrappings(picture: &[u8]) -> (Vec<Form>, Vec<Form>) {
    let plain = base64(picture);
    let lines = |separator: &str| {
        plain
            .as_bytes()
            .chunks(20)
            .map(|line| str::from_utf8(line).unwrap())
            .collect::<Vec<_>>()
            .join(separator)
    };
    let hex = |separator: &str| {
        picture.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(separator)
    };
    let texts = vec![
        ("base64", plain.clone()),
        ("base64 in lines", lines("\r\n")),
        ("base64 with entities", lines("&#xA;")),
        ("base64 with escapes", plain.replace('/', "\\/")),
        ("base64 for addresses", plain.replace('+', "-").replace('/', "_")),
        ("base64 behind letters", format!("ab{plain}")),
        ("base64 of base64", base64(plain.as_bytes())),
        ("base64 of zlib", base64(&zlib(picture))),
        ("a data address", format!("data:image/jpeg;base64,{plain}")),
        ("hexadecimal", hex("")),
        ("hexadecimal capitals with spaces", hex(" ").to_uppercase()),
        ("percent signs", format!("%{}", hex("%"))),
    ];
    let texts = texts.into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
    let wide = plain.bytes().flat_map(|byte| [byte, 0]).collect();
    let bytes = vec![
        ("as it is", picture.to_vec()),
        ("base64 in UTF-16", wide),
        ("zlib", zlib(picture)),
        ("gzip", gzip(picture)),
        ("zlib of base64", zlib(plain.as_bytes())),
    ];
    (texts, bytes)
}

/// The beginnings of small pictures and films.
fn pictures() -> Vec<(&'static str, Vec<u8>)> {
    let picture = gradient(8, 8);
    let media = |brand: &[u8]| [b"\0\0\0\x18ftyp", brand, b"\0\0\0\0mif1heic\0\0\0\x10meta"].concat();
    vec![
        ("JPEG", plain_jpeg()),
        ("PNG", file(&picture, ImageFormat::Png)),
        ("WebP", file(&picture, ImageFormat::WebP)),
        (
            "GIF",
            b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;".to_vec(),
        ),
        ("TIFF", file(&picture, ImageFormat::Tiff)),
        ("HEIC", media(b"heic")),
        ("AVIF", media(b"avif")),
        ("MP4", media(b"mp42")),
    ]
}

fn exif_with(tag: Tag, value: Value) -> Vec<u8> {
    let field = Field { tag, ifd_num: In::PRIMARY, value };
    let mut writer = Writer::new();
    writer.push_field(&field);
    let mut bytes = std::io::Cursor::new(b"Exif\0\0".to_vec());
    let mut block = std::io::Cursor::new(Vec::new());
    writer.write(&mut block, false).unwrap();
    bytes.get_mut().extend(block.into_inner());
    bytes.into_inner()
}

/// A JPEG with something in a place that may hold any bytes.
fn in_bytes(place: &str, hidden: &[u8]) -> Vec<u8> {
    let content = [WORD.as_bytes(), b" ", hidden].concat();
    match place {
        "a comment" => with_segments(&plain_jpeg(), &[(0xfe, &content)]),
        "the user's comment" => {
            let value = Value::Undefined([b"ASCII\0\0\0", &*content].concat(), 0);
            with_segments(&plain_jpeg(), &[(0xe1, &exif_with(Tag::UserComment, value))])
        }
        _ => {
            let length = (content.len() as u16).to_be_bytes();
            let iptc = [b"\x1c\x02\x78", &length[..], &content].concat();
            let length = (iptc.len() as u32).to_be_bytes();
            let block = [b"Photoshop 3.0\x008BIM\x04\x04\0\0", &length[..], &iptc].concat();
            with_segments(&plain_jpeg(), &[(0xed, &block)])
        }
    }
}

/// A file with something in a place for text.
fn in_text(place: &str, hidden: &[u8]) -> Vec<u8> {
    let content = [WORD.as_bytes(), b" ", hidden].concat();
    match place {
        "EXIF's description" => {
            let value = Value::Ascii(vec![content]);
            with_segments(&plain_jpeg(), &[(0xe1, &exif_with(Tag::ImageDescription, value))])
        }
        "XMP" => {
            let packet = [b"http://ns.adobe.com/xap/1.0/\0<a><dc:b>", &*content, b"</dc:b></a>"].concat();
            with_segments(&plain_jpeg(), &[(0xe1, &packet)])
        }
        _ => {
            let content = [b"Comment\0", &*content].concat();
            with_chunks(&file(&gradient(40, 24), ImageFormat::Png), &[(b"tEXt", &content)])
        }
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let (texts, bytes) = wrappings(&plain_jpeg());
    for place in ["a comment", "the user's comment", "a caption"] {
        for (form, hidden) in texts.iter().chain(&bytes) {
            rows.push(row(
                format!("JPEG as {form} in {place}"),
                in_bytes(place, hidden),
                Must::Remove("", WORD),
            ));
        }
    }
    for place in ["EXIF's description", "XMP", "a PNG text"] {
        for (form, hidden) in &texts {
            rows.push(row(
                format!("JPEG as {form} in {place}"),
                in_text(place, hidden),
                Must::Remove("", WORD),
            ));
        }
    }
    for (kind, picture) in pictures() {
        for (form, hidden) in [("it is", picture.clone()), ("base64", base64(&picture).into_bytes())] {
            let bytes = in_bytes("the user's comment", &hidden);
            rows.push(row(format!("{kind} as {form} in the user's comment"), bytes, Must::Remove("", WORD)));
        }
    }
    rows
}

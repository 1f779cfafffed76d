//! PNG and WebP files, and files of other formats.

use image::ImageFormat;

use crate::make::{file, gradient, raw_png, with_chunks};
use crate::row::{Must, Row, row};

const ONE: Must = Must::Read((1, 1), Some([70.0; 3]));

fn png() -> Vec<u8> {
    file(&gradient(6, 4), ImageFormat::Png)
}

fn webp() -> Vec<u8> {
    file(&gradient(6, 4), ImageFormat::WebP)
}

fn with_webp_chunk(kind: &[u8; 4], claimed: u32, content: &[u8]) -> Vec<u8> {
    let mut bytes = webp();
    bytes.extend(kind);
    bytes.extend(claimed.to_le_bytes());
    bytes.extend(content);
    let length = bytes.len() as u32 - 8;
    bytes[4..8].copy_from_slice(&length.to_le_bytes());
    bytes
}

pub(crate) fn rows() -> Vec<Row> {
    [pngs(), png_chunks(), webps(), foreign()].into_iter().flatten().collect()
}

fn pngs() -> Vec<Row> {
    let grey = [8, 0, 0, 0, 0];
    let frames = |count| [0, 0, 0, count, 0, 0, 0, 0];
    vec![
        row("16 bit", raw_png((1, 1), [16, 0, 0, 0, 0], &[], &[0, 70, 0]), ONE),
        row("a palette", raw_png((1, 1), [8, 3, 0, 0, 0], &[(b"PLTE", &[70; 3])], &[0, 0]), ONE),
        row(
            "a palette without the colour",
            raw_png((1, 1), [8, 3, 0, 0, 0], &[(b"PLTE", &[70; 3])], &[0, 9]),
            Must::Read((1, 1), None),
        ),
        row("no palette", raw_png((1, 1), [8, 3, 0, 0, 0], &[], &[0, 0]), Must::Refuse("damaged")),
        row("interlaced", raw_png((1, 1), [8, 0, 0, 0, 1], &[], &[0, 70]), ONE),
        row("an animation of one", raw_png((1, 1), grey, &[(b"acTL", &frames(1))], &[0, 70]), ONE),
        row(
            "an animation of two",
            raw_png((1, 1), grey, &[(b"acTL", &frames(2))], &[0, 70]),
            Must::Refuse("animated"),
        ),
        row(
            "a second frame unannounced",
            raw_png((1, 1), grey, &[(b"fdAT", &[0; 8])], &[0, 70]),
            Must::Refuse("animated"),
        ),
        row("4 billion columns", raw_png((u32::MAX, 1), grey, &[], &[0]), Must::Refuse("over the limit")),
        row("no columns", raw_png((0, 1), grey, &[], &[0]), Must::Refuse("")),
        row("an unknown depth", raw_png((1, 1), [7, 0, 0, 0, 0], &[], &[0, 70]), Must::Refuse("damaged")),
        row("too few rows", raw_png((4, 4), grey, &[], &[0; 12]), Must::Refuse("")),
        row("no end", png()[..png().len() - 12].to_vec(), Must::Refuse("cut short")),
        row(
            "data behind the end",
            [png(), b"SECRET".to_vec()].concat(),
            Must::Remove("data behind", "SECRET"),
        ),
    ]
}

fn png_chunks() -> Vec<Row> {
    let noise = |kind: &[u8; 4], what: &'static str| {
        row(
            format!("a {} chunk", kind.escape_ascii()),
            with_chunks(&png(), &[(kind, b"SECRET")]),
            Must::Remove(what, "SECRET"),
        )
    };
    vec![
        noise(b"vpAg", "vpAg chunk"),
        noise(b"caBX", "content credentials"),
        noise(b"tIME", "time of the last change"),
        noise(b"zTXt", "compressed texts"),
        row(
            "a colour chunk of 40 bytes",
            with_chunks(
                &png(),
                &[(b"mDCV", b"SECRET\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")],
            ),
            Must::Remove("mDCV", "SECRET"),
        ),
        row(
            "XMP that does not unpack",
            with_chunks(&png(), &[(b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0SECRET")]),
            Must::Remove("XMP (damaged", "SECRET"),
        ),
        row(
            "a compressed text",
            with_chunks(&png(), &[(b"iTXt", b"SECRET\0\x01\0\0\0x\x9c")]),
            Must::Remove("compressed texts", "SECRET"),
        ),
    ]
}

fn webps() -> Vec<Row> {
    vec![
        row("shorter than it claims", webp()[..webp().len() - 4].to_vec(), Must::Refuse("cut short")),
        row("a chunk longer than the file", with_webp_chunk(b"EXIF", 5000, b""), Must::Refuse("cut short")),
        row("an unknown chunk", with_webp_chunk(b"ABCD", 6, b"SECRET"), Must::Remove("ABCD chunk", "SECRET")),
        row(
            "data behind the file",
            [webp(), b"SECRET".to_vec()].concat(),
            Must::Remove("data behind", "SECRET"),
        ),
        row("16,383 x 16,383", huge_webp(), Must::Refuse("over the limit")),
    ]
}

fn huge_webp() -> Vec<u8> {
    let mut bytes = webp();
    bytes[21..25].copy_from_slice(&(16_382_u32 | 16_382 << 14).to_le_bytes());
    bytes
}

/// One pixel of a canvas, and a picture of 65,535 x 65,535.
const HUGE_GIF: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x44\x01\0;";

fn foreign() -> Vec<Row> {
    let named = |name: &str, bytes: &[u8], words| row(name, bytes.to_vec(), Must::Refuse(words));
    vec![
        named("nothing", b"", "empty"),
        named("text", b"hello", "not a photo"),
        named("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        named("AVIF", b"\0\0\0\x1cftypavif", "AVIF"),
        named("GIF", b"GIF89a", "GIF"),
        named("a GIF whose picture is larger than its canvas and all bounds", HUGE_GIF, "over the limit"),
        named("JPEG XL", b"\xff\x0a", "JPEG XL"),
        named("JPEG XL in boxes", b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        named("BMP", b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "BMP"),
        named("a film", b"\0\0\0\x18ftypmp42", "video"),
        named("the first bytes of a JPEG", b"\xff\xd8\xff", "cut short"),
    ]
}

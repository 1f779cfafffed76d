//! Metadata: damaged, of damaging content, or about what is no longer there.

use image::ImageFormat;

use crate::make::{THUMBNAIL, exif, file, gradient, plain_jpeg, profile, with_chunks, with_segments};
use crate::row::{Must, Row, row};

const UPRIGHT: Must = Must::Read((24, 40), None);

fn jpeg_with(exif: &[u8]) -> Vec<u8> {
    with_segments(&plain_jpeg(), &[(0xe1, &[b"Exif\0\0", exif].concat())])
}

fn png_with(exif: &[u8]) -> Vec<u8> {
    with_chunks(&file(&gradient(40, 24), ImageFormat::Png), &[(b"eXIf", exif)])
}

fn webp_with(exif: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image_webp::WebPEncoder::new(&mut bytes);
    encoder.set_exif_metadata(exif.to_vec());
    encoder.encode(&gradient(40, 24).into_rgb8(), 40, 24, image_webp::ColorType::Rgb8).unwrap();
    bytes
}

/// A block that says "turn to the right", with some of its bytes changed.
fn damaged(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut block = exif(6, false);
    change(&mut block);
    block
}

/// Where the entry of a tag lies, in big-endian order.
fn entry(block: &[u8], tag: u16) -> usize {
    block.windows(2).skip(8).position(|pair| pair == tag.to_be_bytes()).unwrap() + 8
}

/// Damage that leaves the orientation readable.
fn damages() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("far too many entries", damaged(|block| block[8] = 0xff)),
        ("one entry too many", damaged(|block| block[9] += 1)),
        (
            "an endless text",
            damaged(|block| {
                let at = entry(block, 0x010f);
                block[at + 4..at + 8].fill(0xff);
            }),
        ),
        (
            "a text over the rest of the block",
            damaged(|block| {
                let at = entry(block, 0x010f);
                block[at + 6] = 1;
            }),
        ),
        (
            "a wrong count of the orientation",
            damaged(|block| {
                let at = entry(block, 0x0112);
                block[at + 4] = 0x7f;
            }),
        ),
        (
            "a directory of the camera that lies nowhere",
            damaged(|block| {
                let at = entry(block, 0x8769);
                block[at + 8] = 0x7f;
            }),
        ),
        ("a first directory that lies nowhere", damaged(|block| block[4] = 0x7f)),
        (
            "a directory that contains itself",
            damaged(|block| {
                let at = entry(block, 0x8769);
                block[at + 8..at + 12].copy_from_slice(&8_u32.to_be_bytes());
            }),
        ),
        ("the prefix of a JPEG segment", [b"Exif\0\0", &*exif(6, true)].concat()),
        ("a block cut in the middle", damaged(|block| block.truncate(block.len() / 2))),
    ]
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, block) in damages() {
        rows.push(row(format!("JPEG, EXIF: {name}"), jpeg_with(&block), UPRIGHT));
        rows.push(row(format!("PNG, EXIF: {name}"), png_with(&block), UPRIGHT));
        rows.push(row(format!("WebP, EXIF: {name}"), webp_with(&block), UPRIGHT));
    }
    rows.extend(blocks());
    rows.extend(packets());
    rows
}

fn segment(name: &str, marker: u8, content: &[u8], must: Must) -> Row {
    row(name, with_segments(&plain_jpeg(), &[(marker, content)]), must)
}

fn blocks() -> Vec<Row> {
    let names = profile("SECRET's screen", &[(b"mmod", b"mmod\0\0\0\0SECRET"), (b"vcgt", b"vcgtSECRET")]);
    let icc = [b"ICC_PROFILE\0\x01\x01", &*names].concat();
    vec![
        segment(
            "EXIF with a thumbnail",
            0xe1,
            &[b"Exif\0\0", &*exif(1, false)].concat(),
            Must::Remove("thumbnail", THUMBNAIL),
        ),
        segment("a second picture", 0xe2, b"MPF\0SECRET", Must::Remove("MPF", "SECRET")),
        segment(
            "a thumbnail of JFIF",
            0xe0,
            b"JFXX\0\x13SECRET",
            Must::Remove("thumbnail in the JFIF", "SECRET"),
        ),
        segment("an unknown block", 0xe5, b"SECRET", Must::Remove("APP5 block", "SECRET")),
        segment(
            "a profile that names its owner",
            0xe2,
            &icc,
            Must::Remove("names of devices and people", "SECRET"),
        ),
        segment(
            "a profile of rubbish",
            0xe2,
            b"ICC_PROFILE\0\x01\x01SECRET",
            Must::Remove("colour profile (damaged)", "SECRET"),
        ),
        segment(
            "a comment of control characters",
            0xfe,
            &[b"SECRET", &[7; 40][..]].concat(),
            Must::Remove("comments", "SECRET"),
        ),
        segment(
            "a comment that is one endless word",
            0xfe,
            &[b"SECRET", &[b'z'; 2000][..]].concat(),
            Must::Remove("comments", "SECRET"),
        ),
    ]
}

fn packets() -> Vec<Row> {
    let xmp = |name: &str, packet: &str| {
        let content = [b"http://ns.adobe.com/xap/1.0/\0", packet.as_bytes()].concat();
        segment(name, 0xe1, &content, Must::Remove("XMP", "SECRET"))
    };
    vec![
        xmp("XMP that claims a film", "<a GCamera:MotionPhoto='SECRET'/>"),
        xmp("XMP that lists a film", "<a><Container:Directory>SECRET</Container:Directory></a>"),
        xmp(
            "XMP that claims a gain map",
            "<a xmlns:q='http://ns.adobe.com/hdr-gain-map/1.0/' q:Version='SECRET'/>",
        ),
        xmp("XMP with a depth map", "<a><GDepth:Data>SECRET</GDepth:Data></a>"),
        xmp("XMP with a history", "<a><xmpMM:History>C:\\SECRET\\a.psd</xmpMM:History></a>"),
        xmp(
            "XMP that names ancestors",
            "<a><photoshop:DocumentAncestors>SECRET</photoshop:DocumentAncestors></a>",
        ),
        xmp("XMP with thumbnails", "<a><xmp:Thumbnails>SECRET</xmp:Thumbnails></a>"),
        xmp("XMP that does not close", "<a><xmpMM:History>SECRET"),
        xmp("XMP with entities", "<!DOCTYPE a [<!ENTITY b 'SECRET'>]><a>&b;</a>"),
        xmp("XMP that tells where a depth map is in focus", "<a GFocus:FocalDistance='SECRET'/>"),
    ]
}

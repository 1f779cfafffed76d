//! What outlives a round trip, and above all what does not.

use exif::{In, Tag};
use image::ImageFormat;

use visard::photo::{Encoded, MetadataPolicy, OutputFormat};

use crate::make::{
    FORMATS, MAKE, NOTE, PLACE, SERIAL, THUMBNAIL, decode, encode, exif, file, gradient, holds, plain_jpeg,
    tiff, with_chunks, with_segments,
};

const XMP: &str = "<x:xmpmeta tiff:Orientation='6'>XMP-PACKET</x:xmpmeta>";
const CAPTION: &[u8] = b"\x1c\x02\x78\0\x0cIPTC-CAPTION";
const PREVIEW: &[u8] = b"\x1c\x02\xca\0\x0cIPTC-PREVIEW";

/// Pictures of the face as it was, and what nobody here can look into: no policy keeps them.
const NEVER_KEPT: [&str; 11] = [
    THUMBNAIL,
    NOTE,
    "IPTC-PREVIEW",
    "JFIF-THUMBNAIL",
    "MULTI-PICTURE",
    "UNKNOWN-BLOCK",
    "TRAILING",
    "PS-THUMBNAIL",
    "EXTENDED",
    "C2PA",
    "RAW-PROFILE",
];

/// A JPEG with one of everything.
fn talkative_jpeg() -> Vec<u8> {
    let resource = |id: u16, content: &[u8]| {
        let length = (content.len() as u32).to_be_bytes();
        [b"8BIM", &id.to_be_bytes()[..], &[0, 0], &length, content].concat()
    };
    let iptc = [CAPTION, PREVIEW].concat();
    let jpeg = with_segments(
        &plain_jpeg(),
        &[
            (0xe0, b"JFXX\0\x13JFIF-THUMBNAIL"),
            (0xe1, &[b"Exif\0\0", &*exif(6, false)].concat()),
            (0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", XMP.as_bytes()].concat()),
            (0xe1, b"http://ns.adobe.com/xmp/extension/\0EXTENDED-XMP"),
            (0xe2, b"MPF\0MULTI-PICTURE"),
            (0xeb, b"JP\0\x01\0\0\0\x01C2PA"),
            (
                0xed,
                &[b"Photoshop 3.0\0", &*resource(0x040c, b"PS-THUMBNAIL"), &resource(0x0404, &iptc)].concat(),
            ),
            (0xe4, b"UNKNOWN-BLOCK"),
            (0xfe, b"COMMENT"),
        ],
    );
    [jpeg, b"TRAILING-VIDEO".to_vec()].concat()
}

/// A PNG with EXIF, XMP and a text.
fn talkative_png() -> Vec<u8> {
    let packet = [b"XML:com.adobe.xmp\0\0\0\0\0", XMP.as_bytes()].concat();
    with_chunks(
        &file(&gradient(6, 4), ImageFormat::Png),
        &[
            (b"eXIf", &exif(6, true)),
            (b"iTXt", &packet),
            (b"tEXt", b"Title\0COMMENT"),
            (b"tEXt", b"Raw profile type exif\0\nexif\nRAW-PROFILE"),
            (b"vpAg", b"UNKNOWN-BLOCK"),
        ],
    )
}

/// A WebP with EXIF and XMP.
fn talkative_webp() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image_webp::WebPEncoder::new(&mut bytes);
    encoder.set_exif_metadata(exif(6, true));
    encoder.set_xmp_metadata(XMP.into());
    encoder.encode(&gradient(6, 4).into_rgb8(), 6, 4, image_webp::ColorType::Rgb8).unwrap();
    bytes
}

fn inputs() -> [Vec<u8>; 4] {
    [talkative_jpeg(), talkative_png(), talkative_webp(), tiff(6)]
}

/// Photos in every format.
fn written(inputs: &[Vec<u8>], policy: MetadataPolicy) -> Vec<Encoded> {
    let photos = inputs.iter().map(|input| decode(input).unwrap());
    photos.flat_map(|photo| FORMATS.map(|format| encode(&photo, format, policy))).collect()
}

fn written_exif(encoded: &Encoded) -> Option<exif::Exif> {
    let photo = image::ImageReader::new(std::io::Cursor::new(&encoded.bytes));
    let mut decoder = photo.with_guessed_format().unwrap().into_decoder().unwrap();
    let block = image::ImageDecoder::exif_metadata(&mut decoder).unwrap()?;
    Some(exif::Reader::new().read_raw(block).unwrap())
}

#[test]
fn the_inputs_of_these_tests_do_hold_what_must_go() {
    for input in inputs() {
        for word in [MAKE, SERIAL, PLACE, NOTE, "XMP-PACKET"] {
            assert!(holds(&input, word), "{word}");
        }
    }
    assert!(holds(&talkative_jpeg(), THUMBNAIL));
}

#[test]
fn nothing_but_pixels_is_left_by_default() {
    let kept_on_request = [MAKE, SERIAL, PLACE, "XMP-PACKET", "IPTC", "COMMENT", "Exif"];
    for encoded in written(&inputs(), MetadataPolicy::Strip) {
        for word in NEVER_KEPT.iter().chain(&kept_on_request) {
            assert!(!holds(&encoded.bytes, word), "{word} in {:?}", encoded.format);
        }
        assert_eq!(encoded.kept, [""; 0]);
    }
}

#[test]
fn what_was_removed_is_said_in_plain_words() {
    let photo = decode(&talkative_jpeg()).unwrap();
    let removed = encode(&photo, OutputFormat::Keep, MetadataPolicy::Strip).removed;
    for what in [
        "EXIF (camera, settings, dates)",
        "EXIF: GPS position",
        "EXIF: serial numbers or owner",
        "EXIF: maker notes",
        "EXIF: thumbnail",
        "XMP",
        "extended XMP",
        "IPTC",
        "comments",
        "thumbnail in the JFIF header",
        "further pictures in the file (MPF)",
        "Photoshop thumbnail",
        "content credentials (C2PA)",
        "APP4 block",
        "data behind the end of the picture",
    ] {
        assert!(removed.iter().any(|removed| removed == what), "{what} not in {removed:?}");
    }
}

#[test]
fn a_photo_without_metadata_has_nothing_to_remove() {
    let encoded = encode(&decode(&plain_jpeg()).unwrap(), OutputFormat::Keep, MetadataPolicy::Strip);
    assert_eq!(encoded.removed, [""; 0]);
}

#[test]
fn no_picture_survives_the_policy_that_keeps_everything_else() {
    for encoded in written(&inputs(), MetadataPolicy::Keep) {
        for word in NEVER_KEPT {
            assert!(!holds(&encoded.bytes, word), "{word} in {:?}", encoded.format);
        }
        assert!(encoded.removed.iter().any(|what| what == "EXIF: maker notes"));
    }
}

#[test]
fn exif_is_kept_upright_and_without_its_thumbnail() {
    for encoded in written(&inputs(), MetadataPolicy::Keep) {
        let exif = written_exif(&encoded).unwrap();
        let shown = |tag| exif.get_field(tag, In::PRIMARY).map(|field| field.display_value().to_string());
        assert_eq!(shown(Tag::Make), Some(format!("\"{MAKE}\"")));
        assert_eq!(shown(Tag::BodySerialNumber), Some(format!("\"{SERIAL}\"")));
        assert_eq!(shown(Tag::GPSLatitude).as_deref(), Some("52 deg 52 min 52 sec"));
        assert_eq!(shown(Tag::InteroperabilityIndex).as_deref(), Some("\"R98\""));
        assert_eq!(shown(Tag::Orientation).as_deref(), Some("row 0 at top and column 0 at left"));
        let width = decode(&encoded.bytes).unwrap().width();
        assert_eq!(shown(Tag::PixelXDimension), Some(width.to_string()));
        assert!(exif.fields().all(|field| field.ifd_num == In::PRIMARY));
        assert!(encoded.kept.iter().any(|what| what == "EXIF: GPS position"));
    }
}

#[test]
fn xmp_is_kept_upright_and_without_pictures() {
    for encoded in written(&[talkative_jpeg(), talkative_png(), talkative_webp()], MetadataPolicy::Keep) {
        assert!(holds(&encoded.bytes, "<x:xmpmeta tiff:Orientation='1'>XMP-PACKET</x:xmpmeta>"));
    }
    let packet = b"http://ns.adobe.com/xap/1.0/\0<xmp:Thumbnails>XMP-PACKET</xmp:Thumbnails>";
    let photo = decode(&with_segments(&plain_jpeg(), &[(0xe1, packet)])).unwrap();
    let encoded = encode(&photo, OutputFormat::Keep, MetadataPolicy::Keep);
    assert!(!holds(&encoded.bytes, "XMP-PACKET"));
    assert_eq!(encoded.removed, ["XMP: editing history, and claims of a film or of further pictures"]);
}

#[test]
fn captions_and_comments_are_kept_where_the_format_has_a_place_for_them() {
    let photo = decode(&talkative_jpeg()).unwrap();
    let jpeg = encode(&photo, OutputFormat::Jpeg, MetadataPolicy::Keep);
    assert!(holds(&jpeg.bytes, "IPTC-CAPTION") && holds(&jpeg.bytes, "COMMENT"));
    let png = encode(&photo, OutputFormat::Png, MetadataPolicy::Keep);
    assert!(png.removed.iter().any(|what| what == "IPTC (only a JPEG holds it)"));
    assert!(png.removed.iter().any(|what| what == "comments"));

    let photo = decode(&talkative_png()).unwrap();
    assert!(holds(&encode(&photo, OutputFormat::Png, MetadataPolicy::Keep).bytes, "Title\0COMMENT"));
}

#[test]
fn what_was_kept_can_be_read_again() {
    for once in written(&inputs(), MetadataPolicy::Keep) {
        let twice = encode(&decode(&once.bytes).unwrap(), OutputFormat::Keep, MetadataPolicy::Keep);
        assert_eq!(once.kept, twice.kept);
        assert_eq!(twice.removed, [""; 0]);
    }
}

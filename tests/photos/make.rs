//! Photo files made to order, with as little of the code under test as possible.

use std::io::Cursor;

use exif::{Field, In, Rational, Tag, Value, experimental::Writer};
use image::{DynamicImage, ImageFormat};
use img_parts::png::{Png, PngChunk};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use visard::photo::{EncodeOptions, Encoded, Error, Limits, MetadataPolicy, OutputFormat, Photo};

/// Every format that can be written.
pub(crate) const FORMATS: [OutputFormat; 3] = [OutputFormat::Jpeg, OutputFormat::Png, OutputFormat::WebP];

/// Words that are hidden where metadata lies, to be looked for in outputs.
pub(crate) const MAKE: &str = "Obscura";
pub(crate) const SERIAL: &str = "SERIAL-4711";
pub(crate) const PLACE: &str = "PLACE-52.5N";
pub(crate) const THUMBNAIL: &str = "THUMBNAIL-FACE";
pub(crate) const NOTE: &str = "MAKER-NOTE-PREVIEW";

pub(crate) fn decode(bytes: &[u8]) -> Result<Photo, Error> {
    visard::photo::decode(bytes, &Limits::default())
}

pub(crate) fn encode(photo: &Photo, format: OutputFormat, metadata: MetadataPolicy) -> Encoded {
    let options = EncodeOptions { format, metadata, ..EncodeOptions::default() };
    visard::photo::encode(photo, &options).unwrap()
}

/// Whether a file contains a word anywhere.
pub(crate) fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

/// A picture without repetitions, smooth enough for JPEG.
pub(crate) fn gradient(width: u32, height: u32) -> DynamicImage {
    image::RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([(x * 5) as u8, (y * 7) as u8, (x * 2 + y * 3) as u8])
    })
    .into()
}

/// A picture as a file of a format that the `image` crate writes.
pub(crate) fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG of interleaved samples.
pub(crate) fn jpeg(
    samples: &[u8],
    (width, height): (u16, u16),
    colour: ColorType,
    set_up: impl FnOnce(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    set_up(&mut encoder);
    encoder.encode(samples, width, height, colour).unwrap();
    bytes
}

/// A JPEG of the gradient, 4:2:0.
pub(crate) fn plain_jpeg() -> Vec<u8> {
    let picture = gradient(40, 24).into_rgb8();
    jpeg(&picture, (40, 24), ColorType::Rgb, |encoder| {
        encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    })
}

/// Puts segments, given by the second byte of their markers, behind a JPEG's start.
pub(crate) fn with_segments(jpeg: &[u8], segments: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    for (marker, content) in segments {
        bytes.extend([0xff, *marker]);
        bytes.extend((content.len() as u16 + 2).to_be_bytes());
        bytes.extend(*content);
    }
    bytes.extend(&jpeg[2..]);
    bytes
}

/// Puts chunks behind a PNG's header.
pub(crate) fn with_chunks(png: &[u8], chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut png = Png::from_bytes(png.to_vec().into()).unwrap();
    for (kind, content) in chunks.iter().rev() {
        png.chunks_mut().insert(1, PngChunk::new(**kind, content.to_vec().into()));
    }
    png.encoder().bytes().to_vec()
}

/// A PNG from its header's last five bytes and its raw rows, each with its filter byte.
pub(crate) fn raw_png(
    (width, height): (u32, u32),
    header: [u8; 5],
    chunks: &[(&[u8; 4], &[u8])],
    rows: &[u8],
) -> Vec<u8> {
    let (a, b) = rows.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    let length = rows.len() as u16;
    let stored = [
        &[0x78, 1, 1][..],
        &length.to_le_bytes(),
        &(!length).to_le_bytes(),
        rows,
        &(b << 16 | a).to_be_bytes(),
    ]
    .concat();
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &header].concat();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let all = [(b"IHDR", &*header)].into_iter().chain(chunks.iter().copied());
    for (kind, content) in all.chain([(b"IDAT", &*stored), (b"IEND", &[])]) {
        let chunk = PngChunk::new(*kind, content.to_vec().into());
        bytes.extend(&*chunk.encoder().bytes());
    }
    bytes
}

fn field(tag: Tag, value: Value) -> Field {
    Field { tag, ifd_num: In::PRIMARY, value }
}

fn text(words: &str) -> Value {
    Value::Ascii(vec![words.as_bytes().to_vec()])
}

fn fields(orientation: u16, interoperability: &str) -> Vec<Field> {
    let position = Rational { num: 52, denom: 1 };
    vec![
        field(Tag::Make, text(MAKE)),
        field(Tag::Orientation, Value::Short(vec![orientation])),
        field(Tag::BodySerialNumber, text(SERIAL)),
        field(Tag::PixelXDimension, Value::Short(vec![999])),
        field(Tag::MakerNote, Value::Undefined(NOTE.into(), 0)),
        field(Tag::GPSLatitude, Value::Rational(vec![position; 3])),
        field(Tag::GPSAreaInformation, Value::Undefined(PLACE.into(), 0)),
        field(Tag::InteroperabilityIndex, text(interoperability)),
    ]
}

/// An EXIF block with everything that EXIF betrays.
pub(crate) fn exif(orientation: u16, little_endian: bool) -> Vec<u8> {
    exif_of(&fields(orientation, "R98"), little_endian)
}

/// The same with a name of its colours.
pub(crate) fn exif_with(orientation: u16, interoperability: &str) -> Vec<u8> {
    exif_of(&fields(orientation, interoperability), false)
}

fn exif_of(fields: &[Field], little_endian: bool) -> Vec<u8> {
    let thumbnail = format!("\u{fffd}{THUMBNAIL}");
    let compression = Field { ifd_num: In::THUMBNAIL, ..field(Tag::Compression, Value::Short(vec![6])) };
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    writer.push_field(&compression);
    writer.set_jpeg(thumbnail.as_bytes(), In::THUMBNAIL);
    let mut bytes = Cursor::new(Vec::new());
    writer.write(&mut bytes, little_endian).unwrap();
    bytes.into_inner()
}

/// A grey TIFF, 3 x 2 pixels with values 1 to 6, with the same metadata and a second page.
pub(crate) fn tiff(orientation: u16) -> Vec<u8> {
    let short = |tag: u16, value| field(Tag(exif::Context::Tiff, tag), Value::Short(vec![value]));
    let mut fields = fields(orientation, "R98");
    fields.extend([
        short(256, 3),
        short(257, 2),
        short(258, 8),
        short(259, 1),
        short(262, 1),
        short(277, 1),
        short(278, 2),
        field(Tag(exif::Context::Tiff, 700), Value::Byte(b"<x>XMP-PACKET</x>".to_vec())),
    ]);
    let second = Field { ifd_num: In::THUMBNAIL, ..short(256, 3) };
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    writer.push_field(&second);
    let rows: &[&[u8]] = &[&[1, 2, 3, 4, 5, 6]];
    writer.set_strips(rows, In::PRIMARY);
    let mut bytes = Cursor::new(Vec::new());
    writer.write(&mut bytes, true).unwrap();
    bytes.into_inner()
}

/// A colour profile for RGB with a name and further tags.
pub(crate) fn profile(name: &str, tags: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let name =
        [b"desc\0\0\0\0", &(name.len() as u32 + 1).to_be_bytes()[..], name.as_bytes(), &[0; 79]].concat();
    let (xyz, gamma) = ([b"XYZ \0\0\0\0", &[0x33; 12][..]].concat(), b"curv\0\0\0\0\0\0\0\x01\x01\x21");
    let colours: [(&[u8; 4], &[u8]); 7] = [
        (b"rXYZ", &xyz),
        (b"gXYZ", &xyz),
        (b"bXYZ", &xyz),
        (b"rTRC", gamma),
        (b"gTRC", gamma),
        (b"bTRC", gamma),
        (b"desc", &name),
    ];
    let tags: Vec<_> = colours.iter().chain(tags).collect();
    let mut bytes = vec![0; 128];
    bytes[8..24].copy_from_slice(b"\x02\x10\0\0mntrRGB XYZ ");
    bytes[36..40].copy_from_slice(b"acsp");
    bytes.extend((tags.len() as u32).to_be_bytes());
    let mut at = 132 + 12 * tags.len();
    for (tag, content) in &tags {
        bytes.extend(*tag);
        bytes.extend((at as u32).to_be_bytes());
        bytes.extend((content.len() as u32).to_be_bytes());
        at += content.len();
    }
    tags.iter().for_each(|(_, content)| bytes.extend(*content));
    bytes
}

//! PNG files.

#![warn(clippy::indexing_slicing)]

use std::io::{Cursor, Write as _};

use image::{
    DynamicImage, ImageDecoder as _, ImageEncoder as _,
    codecs::png::{PngDecoder, PngEncoder},
};
use img_parts::png::Png;

use super::{
    Error, Format, Limits, Photo,
    bytes::Bytes,
    decode::Decoded,
    error::Cause,
    metadata::{FURTHER_PICTURES, Metadata, PngChunk},
};

const SIGNATURE: usize = 8;
const XMP: &[u8] = b"XML:com.adobe.xmp\0";
/// Where ImageMagick puts other formats' metadata, thumbnails included, as hexadecimal text.
const RAW_PROFILE: &[u8] = b"Raw profile type";

/// The bytes of the longest description of colours: that of primaries.
const LONGEST_COLOUR: usize = 32;

/// A chunk of a PNG file.
#[derive(Clone, Copy, Debug)]
struct Chunk<'a> {
    kind: [u8; 4],
    content: &'a [u8],
}

impl Chunk<'_> {
    /// Whether it says that there are several frames, or shows the only one in time.
    fn is_animation(&self) -> bool {
        &self.kind == b"fdAT" || (&self.kind == b"acTL" && !self.content.starts_with(&[0, 0, 0, 1]))
    }

    /// Whether an international text says that it is compressed, in the byte behind its keyword.
    fn is_compressed(&self) -> bool {
        let keyword = self.content.iter().take_while(|&&byte| byte != 0).count();
        &self.kind == b"iTXt" && self.content.get(keyword + 1) != Some(&0)
    }
}

/// Reads a PNG. A file without its end chunk is cut short; chunks with a wrong checksum are
/// damage, whatever they hold.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let (chunks, _) = chunks(bytes)?;
    let frames = chunks.iter().filter(|chunk| &chunk.kind == b"fcTL").count();
    let animated = frames > 1 || chunks.iter().any(|chunk| chunk.is_animation());
    if animated && !limits.first_picture {
        return Err(Error::Animated { format: Format::Png });
    }
    let (width, height) = size(&chunks)?;
    limits.check(width, height, 1)?;
    let sort = |error| Error::from_image(Format::Png, error);
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), for_decoder()).map_err(sort)?;
    limits.check(width, height, decoder.color_type().bytes_per_pixel())?;
    let metadata = metadata(bytes)?;
    let pixels = DynamicImage::from_decoder(decoder).map_err(sort)?;
    Ok(Decoded { pixels, metadata, coding: None, lossy_webp: false })
}

/// What a PNG holds besides its pixels.
pub(super) fn metadata(bytes: &[u8]) -> Result<Metadata, Error> {
    let (chunks, trailing) = chunks(bytes)?;
    let sort = |error| Error::from_image(Format::Png, error);
    let mut decoder = PngDecoder::with_limits(Cursor::new(bytes), for_decoder()).map_err(sort)?;
    let mut metadata = metadata_of(&chunks);
    metadata.icc = decoder.icc_profile().map_err(sort)?;
    metadata.xmp = decoder.xmp_metadata().ok().flatten();
    if metadata.icc.is_none() && chunks.iter().any(|chunk| &chunk.kind == b"iCCP") {
        metadata.note_lost("colour profile (damaged)");
    }
    let packets = chunks.iter().filter(|chunk| &chunk.kind == b"iTXt" && chunk.content.starts_with(XMP));
    if packets.count() > usize::from(metadata.xmp.is_some()) {
        metadata.note_lost("XMP (damaged, or a second packet)");
    }
    metadata.note_trailing(trailing);
    Ok(metadata)
}

/// Bounds what the decoder reserves besides the pixels: two rows, and blocks of metadata.
fn for_decoder() -> image::Limits {
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(64 << 20);
    limits
}

/// Writes a PNG in the photo's own depth and channels.
pub(super) fn write(photo: &Photo, metadata: &Metadata) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    if let Some(icc) = &metadata.icc {
        encoder.set_icc_profile(icc.clone()).map_err(unwritable)?;
    }
    if let Some(exif) = &metadata.exif {
        encoder.set_exif_metadata(exif.clone()).map_err(unwritable)?;
    }
    photo.pixels.write_with_encoder(encoder).map_err(unwritable)?;
    with_chunks(bytes, metadata)
}

/// The picture of a file with this metadata: all chunks of the picture are copied.
pub(super) fn copy(bytes: &[u8], metadata: &Metadata) -> Result<Vec<u8>, Error> {
    let (chunks, _) = chunks(bytes)?;
    let mut copy = bytes.get(..SIGNATURE).unwrap_or_default().to_vec();
    let of_picture = chunks.iter().filter(|chunk| PICTURE.contains(&&chunk.kind));
    of_picture.for_each(|chunk| put(&mut copy, chunk.kind, chunk.content));
    let profile = match &metadata.icc {
        Some(icc) => Some(PngChunk { kind: *b"iCCP", content: compressed(icc).map_err(unwritable)? }),
        None => None,
    };
    let exif = metadata.exif.as_ref().map(|exif| PngChunk { kind: *b"eXIf", content: exif.clone() });
    let texts = profile.into_iter().chain(exif).chain(metadata.texts.iter().cloned()).collect();
    with_chunks(copy, &Metadata { texts, ..metadata.clone() })
}

/// The chunks of a still picture.
const PICTURE: [&[u8; 4]; 8] = [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"bKGD", b"sBIT", b"hIST"];

fn put(file: &mut Vec<u8>, kind: [u8; 4], content: &[u8]) {
    let mut sum = flate2::Crc::new();
    sum.update(&kind);
    sum.update(content);
    file.extend((content.len() as u32).to_be_bytes());
    file.extend(kind);
    file.extend(content);
    file.extend(sum.sum().to_be_bytes());
}

/// A profile as its chunk has it: a name, and compressed.
fn compressed(icc: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packed = flate2::write::ZlibEncoder::new(b"icc\0\0".to_vec(), flate2::Compression::default());
    packed.write_all(icc)?;
    packed.finish()
}

/// Puts chunks behind the header that the encoder does not write itself.
fn with_chunks(bytes: Vec<u8>, metadata: &Metadata) -> Result<Vec<u8>, Error> {
    let xmp = metadata.xmp.as_ref().map(|xmp| PngChunk {
        kind: *b"iTXt",
        // Not compressed, no language, no translated keyword.
        content: [XMP, &[0; 4], xmp].concat(),
    });
    let chunks: Vec<_> = metadata.colour.iter().chain(&xmp).chain(&metadata.texts).collect();
    if chunks.is_empty() {
        return Ok(bytes);
    }
    let mut png = Png::from_bytes(bytes.into()).map_err(unwritable)?;
    let chunk = |chunk: &PngChunk| img_parts::png::PngChunk::new(chunk.kind, chunk.content.clone().into());
    png.chunks_mut().splice(1..1, chunks.into_iter().map(chunk));
    Ok(png.encoder().bytes().into())
}

/// The chunks up to the last, and what follows.
fn chunks(bytes: &[u8]) -> Result<(Vec<Chunk<'_>>, &[u8]), Error> {
    let cut_short = || Error::CutShort { format: Format::Png };
    let mut rest = Bytes(bytes);
    rest.take(SIGNATURE).ok_or_else(cut_short)?;
    let mut chunks = Vec::new();
    loop {
        let chunk = chunk(&mut rest).ok_or_else(cut_short)?;
        chunks.push(chunk);
        if &chunk.kind == b"IEND" {
            return Ok((chunks, rest.0));
        }
    }
}

fn chunk<'a>(rest: &mut Bytes<'a>) -> Option<Chunk<'a>> {
    let length = rest.u32_be()?;
    let kind = rest.take(4)?.try_into().ok()?;
    let content = rest.take(length as usize)?;
    let _checksum = rest.u32_be()?;
    Some(Chunk { kind, content })
}

fn size(chunks: &[Chunk<'_>]) -> Result<(u32, u32), Error> {
    let header = chunks.first().filter(|chunk| &chunk.kind == b"IHDR");
    header
        .map(|chunk| Bytes(chunk.content))
        .and_then(|mut content| Some((content.u32_be()?, content.u32_be()?)))
        .ok_or_else(|| Error::damaged(Format::Png, "its header is missing"))
}

/// What the chunks hold, but for the profile and the packet that may be compressed.
fn metadata_of(chunks: &[Chunk<'_>]) -> Metadata {
    let mut metadata = Metadata::default();
    for chunk in chunks {
        let owned = || PngChunk { kind: chunk.kind, content: chunk.content.to_vec() };
        match &chunk.kind {
            kind if PICTURE.contains(&kind) => {}
            b"iCCP" => {}
            b"cICP" | b"gAMA" | b"cHRM" | b"sRGB" | b"mDCV" | b"cLLI"
                if chunk.content.len() <= LONGEST_COLOUR =>
            {
                metadata.colour.push(owned());
            }
            // A picture that is shown in time is one; further ones lie in chunks of their own.
            b"acTL" | b"fcTL" => {}
            b"fdAT" => metadata.note_lost(FURTHER_PICTURES),
            b"eXIf" => metadata.add_exif(chunk.content),
            b"iTXt" if chunk.content.starts_with(XMP) => {}
            b"tEXt" | b"iTXt" if !chunk.content.starts_with(RAW_PROFILE) && !chunk.is_compressed() => {
                metadata.texts.push(owned());
            }
            b"tEXt" | b"iTXt" | b"zTXt" => metadata.note_lost("compressed texts and raw profiles"),
            b"tIME" => metadata.note_lost("time of the last change"),
            b"caBX" => metadata.note_lost("content credentials (C2PA)"),
            b"pHYs" => metadata.note_lost("print resolution"),
            other => metadata.note_lost(format!("{} chunk", other.escape_ascii())),
        }
    }
    metadata
}

fn unwritable(error: impl Into<Cause>) -> Error {
    Error::unwritable(Format::Png, error)
}

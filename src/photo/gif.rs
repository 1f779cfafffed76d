//! GIF files: input only.

#![warn(clippy::indexing_slicing)]

use std::io::{BufRead, Cursor, Seek};

use image::{AnimationDecoder as _, DynamicImage, Frames, ImageDecoder as _, codecs::gif::GifDecoder};

use super::{
    Error, Format, Limits,
    bytes::Bytes,
    decode::Decoded,
    metadata::{FURTHER_PICTURES, Metadata},
};

/// Reads a GIF of one picture, or the first where that is asked for.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let Blocks { pictures, largest, mut metadata } = Blocks::read(bytes)?;
    // A picture may be larger than the canvas that it lies on.
    limits.check(largest.0.into(), largest.1.into(), 4)?;
    if pictures > 1 {
        if !limits.first_picture {
            return Err(Error::Animated { format: Format::Gif });
        }
        metadata.note_lost(FURTHER_PICTURES);
    }
    let sort = |error| Error::from_image(Format::Gif, error);
    let decoder = decoder(Cursor::new(bytes), limits)?;
    let pixels = DynamicImage::from_decoder(decoder).map_err(sort)?.into_rgba8();
    let opaque = pixels.pixels().all(|pixel| pixel.0[3] == u8::MAX);
    let pixels = DynamicImage::from(pixels);
    Ok(Decoded::new(if opaque { pixels.into_rgb8().into() } else { pixels }, metadata))
}

/// Whether a GIF has several pictures.
pub(super) fn is_animated(bytes: &[u8]) -> Result<bool, Error> {
    Ok(Blocks::read(bytes)?.pictures > 1)
}

/// What a GIF holds besides its pictures.
pub(super) fn metadata(bytes: &[u8]) -> Result<Metadata, Error> {
    Ok(Blocks::read(bytes)?.metadata)
}

/// The pictures of a GIF, one after the other, each with what it leaves of those before.
pub(super) fn pictures(
    bytes: Cursor<impl AsRef<[u8]> + 'static>,
    limits: &Limits,
) -> Result<Frames<'static>, Error> {
    let largest = Blocks::read(bytes.get_ref().as_ref())?.largest;
    limits.check(largest.0.into(), largest.1.into(), 4)?;
    Ok(decoder(bytes, limits)?.into_frames())
}

/// A decoder of a picture that is within the limits.
fn decoder<R: BufRead + Seek>(bytes: R, limits: &Limits) -> Result<GifDecoder<R>, Error> {
    let decoder = GifDecoder::new(bytes).map_err(|error| Error::from_image(Format::Gif, error))?;
    let (width, height) = decoder.dimensions();
    limits.check(width, height, 4)?;
    Ok(decoder)
}

/// What the blocks of a GIF are.
struct Blocks {
    pictures: usize,
    /// The most columns and the most rows that a picture has.
    largest: (u16, u16),
    metadata: Metadata,
}

impl Blocks {
    fn read(bytes: &[u8]) -> Result<Self, Error> {
        Self::of(bytes).ok_or(Error::CutShort { format: Format::Gif })
    }

    /// Goes through all blocks; `None` where the file ends before its end.
    fn of(bytes: &[u8]) -> Option<Self> {
        let mut rest = Bytes(bytes);
        // The signature, and the size of the canvas.
        rest.take(10)?;
        let flags = rest.u8()?;
        rest.take(2)?;
        palette(&mut rest, flags)?;
        let mut blocks = Self { pictures: 0, largest: (0, 0), metadata: Metadata::default() };
        loop {
            match rest.u8()? {
                0x2c => {
                    // Behind its place on the canvas.
                    rest.take(4)?;
                    let (width, height) = (side(&mut rest)?, side(&mut rest)?);
                    blocks.largest = (blocks.largest.0.max(width), blocks.largest.1.max(height));
                    let flags = rest.u8()?;
                    palette(&mut rest, flags)?;
                    rest.u8()?;
                    sub_blocks(&mut rest)?;
                    blocks.pictures += 1;
                }
                0x21 => blocks.extension(rest.u8()?, &sub_blocks(&mut rest)?),
                0x3b => break,
                // Some writers pad with zeros; anything else is damage, with which the decoder deals.
                _ => {}
            }
        }
        blocks.metadata.note_trailing(rest.0);
        Some(blocks)
    }

    fn extension(&mut self, kind: u8, content: &[u8]) {
        match (kind, content.get(..11)) {
            // How long a picture is shown, and how often all of them.
            (0xf9, _) | (0xff, Some(b"NETSCAPE2.0" | b"ANIMEXTS1.0")) => {}
            (0xfe, _) => self.metadata.note_lost("comments"),
            (0xff, Some(b"XMP DataXMP")) => self.metadata.note_lost("XMP"),
            (0xff, Some(b"ICCRGBG1012")) => self.metadata.icc = content.get(11..).map(<[u8]>::to_vec),
            _ => self.metadata.note_lost("block of a program"),
        }
    }
}

fn side(rest: &mut Bytes<'_>) -> Option<u16> {
    rest.take(2)?.first_chunk().map(|side| u16::from_le_bytes(*side))
}

/// Passes over a palette, where the flags say that there is one.
fn palette(rest: &mut Bytes<'_>, flags: u8) -> Option<()> {
    let length = if flags & 0x80 == 0 { 0 } else { 3 << (1 + (flags & 7)) };
    rest.take(length).map(drop)
}

/// What a row of blocks holds, of at most 255 bytes each, up to an empty one.
fn sub_blocks(rest: &mut Bytes<'_>) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    loop {
        match rest.u8()? {
            0 => return Some(content),
            length => content.extend(rest.take(length.into())?),
        }
    }
}

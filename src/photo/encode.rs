//! From a photo to a file's bytes.

use serde::Serialize;

use super::{Error, Format, Photo, jpeg, metadata::Carried, png, webp};

/// The lowest quality that a photo from a JPEG is written with unless asked for: below, the
/// compression would eat the very change that protects it.
const LOWEST_DEFAULT_QUALITY: u8 = 90;

/// The quality of a JPEG made from another format.
const QUALITY_FOR_OTHERS: u8 = 95;

/// Which format to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputFormat {
    /// The input's own; PNG for TIFF.
    #[default]
    Keep,
    /// JPEG: 8 bits, no alpha.
    Jpeg,
    /// PNG: lossless in the photo's own depth.
    Png,
    /// WebP: lossless, 8 bits. Larger than a lossy WebP by several times.
    WebP,
}

impl OutputFormat {
    /// The format of the output for an input in a format.
    pub fn resolve(self, input: Format) -> Format {
        match (self, input) {
            (Self::Jpeg, _) | (Self::Keep, Format::Jpeg) => Format::Jpeg,
            (Self::WebP, _) | (Self::Keep, Format::WebP) => Format::WebP,
            (Self::Png, _) | (Self::Keep, Format::Png | Format::Tiff) => Format::Png,
        }
    }
}

/// What happens to what a file holds besides its pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MetadataPolicy {
    /// Nothing but the colour profile is written.
    #[default]
    Strip,
    /// EXIF, XMP, IPTC and comments are written too, but no picture within them: a thumbnail or
    /// preview would show the face as it was.
    Keep,
}

/// How to write a photo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EncodeOptions {
    /// The file's format. Default: `Keep`.
    pub format: OutputFormat,
    /// JPEG quality, 1 to 100; ignored by the other formats. Default: that of the input, but at
    /// least 90, or 95 where the input is no JPEG.
    pub quality: Option<u8>,
    /// What happens to metadata. Default: `Strip`.
    pub metadata: MetadataPolicy,
}

/// A written photo.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// The file's format.
    pub format: Format,
    /// The JPEG quality, 1 to 100; `None` for lossless formats.
    pub quality: Option<u8>,
    /// What the input held besides its pixels and is not in the file, in plain words.
    pub removed: Vec<String>,
    /// What the input held besides its pixels and is in the file, in plain words.
    pub kept: Vec<String>,
}

/// Encodes a photo in memory.
pub fn encode(photo: &Photo, options: &EncodeOptions) -> Result<Encoded, Error> {
    if let Some(quality @ (0 | 101..)) = options.quality {
        return Err(Error::Quality(quality));
    }
    let format = options.format.resolve(photo.format());
    let quality = (format == Format::Jpeg).then(|| options.quality.unwrap_or_else(|| default_quality(photo)));
    let carried = photo.metadata.carried(options.metadata, format, (photo.width(), photo.height()));
    let metadata = &carried.metadata;
    let bytes = match (format, quality) {
        (Format::Jpeg, Some(quality)) => jpeg::write(photo, quality, metadata)?,
        (Format::WebP, _) => webp::write(photo, metadata)?,
        _ => png::write(photo, metadata)?,
    };
    let Carried { removed, kept, .. } = carried;
    Ok(Encoded { bytes, format, quality, removed, kept })
}

fn default_quality(photo: &Photo) -> u8 {
    photo.jpeg_quality().map_or(QUALITY_FOR_OTHERS, |quality| quality.max(LOWEST_DEFAULT_QUALITY))
}

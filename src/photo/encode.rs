//! From a photo to a file's bytes.

use serde::{Deserialize, Serialize};

use super::{
    Error, Format, Photo, colour,
    guard::guarded,
    heif, jpeg,
    metadata::{Carried, Metadata},
    png, traces, webp,
};

/// The lowest quality that a photo from a JPEG is written with unless asked for: below, the
/// compression would eat the very change that protects it.
const LOWEST_DEFAULT_QUALITY: u8 = 90;

/// The quality that a lossy WebP is written with unless asked for.
const QUALITY_OF_WEBP: u8 = 90;

/// The quality that a HEIC is written with unless asked for.
const QUALITY_OF_HEIC: u8 = 95;

/// The quality that an AVIF is written with unless asked for.
const QUALITY_OF_AVIF: u8 = 90;

/// The quality of a JPEG made from another format.
const QUALITY_FOR_OTHERS: u8 = 95;

/// Which format to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputFormat {
    /// The input's own, lossy for a lossy WebP; PNG for TIFF, GIF and BMP, JPEG for JPEG XL.
    #[default]
    Keep,
    /// JPEG: 8 bits, no alpha.
    Jpeg,
    /// PNG: lossless in the photo's own depth.
    Png,
    /// WebP: lossless, 8 bits. Larger than a lossy WebP by several times.
    WebP,
    /// AVIF: 8 or 10 bits.
    Avif,
}

impl OutputFormat {
    /// The format of the output for an input in a format.
    pub fn resolve(self, input: Format) -> Format {
        match (self, input) {
            (Self::Jpeg, _) | (Self::Keep, Format::Jpeg | Format::JpegXl) => Format::Jpeg,
            (Self::Keep, Format::Heic) => Format::Heic,
            (Self::WebP, _) | (Self::Keep, Format::WebP) => Format::WebP,
            (Self::Avif, _) | (Self::Keep, Format::Avif) => Format::Avif,
            (Self::Png, _) | (Self::Keep, Format::Png | Format::Tiff | Format::Gif | Format::Bmp) => {
                Format::Png
            }
        }
    }
}

/// What happens to what a file holds besides its pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetadataPolicy {
    /// Nothing but the colour profile is written.
    #[default]
    Strip,
    /// EXIF, XMP, IPTC and comments are written too, but no picture within them: a thumbnail or
    /// preview would show the face as it was.
    Keep,
}

/// The lowest quality that a photo is written with to make its file small enough.
const LOWEST_QUALITY: u8 = 30;

/// How to write a photo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EncodeOptions {
    /// The file's format. Default: `Keep`.
    pub format: OutputFormat,
    /// The quality of a JPEG, HEIC, AVIF or lossy WebP, 1 to 100; ignored by lossless formats. Default for
    /// JPEG: that of the input, but at least 90, or 95 where the input is no JPEG; for HEIC 95, for AVIF and WebP 90.
    pub quality: Option<u8>,
    /// The most bytes that the file may have, if that is limited: a lossy format is written with as much less quality as it
    /// takes, but at least 30. Default: no limit.
    pub max_bytes: Option<u64>,
    /// What happens to metadata. Default: `Strip`.
    pub metadata: MetadataPolicy,
}

/// A written photo.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Encoded {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// The file's format.
    pub format: Format,
    /// The quality, 1 to 100; `None` for lossless formats.
    pub quality: Option<u8>,
    /// What the input held besides its pixels and is not in the file, in plain words.
    pub removed: Vec<String>,
    /// What the input held besides its pixels and is in the file, in plain words.
    pub kept: Vec<String>,
}

/// Encodes a photo in memory.
///
/// The file is looked through before it is handed out: if it held anything of the original but what
/// was asked for, it is written again without metadata.
///
/// # Errors
/// Where the photo does not fit the format, or the encoder fails or panics.
pub fn encode(photo: &Photo, options: &EncodeOptions) -> Result<Encoded, Error> {
    if let Some(quality @ (0 | 101..)) = options.quality {
        return Err(Error::Quality(quality));
    }
    let format = options.format.resolve(photo.format());
    let quality = match format {
        Format::Jpeg => Some(options.quality.unwrap_or_else(|| default_quality(photo))),
        Format::WebP if photo.lossy_webp && options.format == OutputFormat::Keep => {
            Some(options.quality.unwrap_or(QUALITY_OF_WEBP))
        }
        Format::Heic => Some(options.quality.unwrap_or(QUALITY_OF_HEIC)),
        Format::Avif => Some(options.quality.unwrap_or(QUALITY_OF_AVIF)),
        _ => None,
    };
    let encoded = written(photo, options, (format, quality))?;
    match options.max_bytes {
        Some(most) if encoded.bytes.len() as u64 > most => smaller(photo, options, &encoded, most),
        _ => Ok(encoded),
    }
}

/// The file of the highest quality that has at most so many bytes.
fn smaller(photo: &Photo, options: &EncodeOptions, large: &Encoded, most: u64) -> Result<Encoded, Error> {
    let (mut low, mut high, mut fitting) = (LOWEST_QUALITY, large.quality.unwrap_or(LOWEST_QUALITY), None);
    while low < high {
        let quality = low.midpoint(high);
        let encoded = written(photo, options, (large.format, Some(quality)))?;
        if encoded.bytes.len() as u64 <= most {
            (low, fitting) = (quality + 1, Some(encoded));
        } else {
            high = quality;
        }
    }
    fitting.ok_or(Error::TooManyBytes { format: large.format, most })
}

fn written(
    photo: &Photo,
    options: &EncodeOptions,
    (format, quality): (Format, Option<u8>),
) -> Result<Encoded, Error> {
    let carried = photo.metadata.carried(options.metadata, format, Some((photo.width(), photo.height())));
    let Carried { metadata, mut kept, mut removed } = carried;
    let mut bytes = write(photo, (format, quality), &metadata)?;
    let found = traces(&bytes);
    if !found.is_empty() {
        bytes = write(photo, (format, quality), &Metadata::default())?;
        refuse_traces(format, &traces(&bytes))?;
        kept.clear();
        removed.extend(found);
    }
    Ok(Encoded { bytes, format, quality, removed, kept })
}

fn write(
    photo: &Photo,
    (format, quality): (Format, Option<u8>),
    metadata: &Metadata,
) -> Result<Vec<u8>, Error> {
    // These hold grey as colours.
    let coloured = matches!(format, Format::WebP | Format::Heic | Format::Avif);
    let profile = metadata.icc.as_deref().filter(|_| coloured).and_then(colour::for_colours);
    let with_profile = profile.map(|icc| Metadata { icc: Some(icc), ..metadata.clone() });
    let metadata = with_profile.as_ref().unwrap_or(metadata);
    let write = || match (format, quality) {
        (Format::Jpeg, Some(quality)) => jpeg::write(photo, quality, metadata),
        (Format::WebP, quality) => webp::write(photo, quality, metadata),
        (Format::Heic | Format::Avif, Some(quality)) => heif::write(photo, format, quality, metadata),
        _ => png::write(photo, metadata),
    };
    guarded(write, |panic| Error::unwritable(format, panic))
}

fn refuse_traces(format: Format, found: &[String]) -> Result<(), Error> {
    let holds = || Error::unwritable(format, format!("it would still hold: {}", found.join(", ")));
    if found.is_empty() { Ok(()) } else { Err(holds()) }
}

fn default_quality(photo: &Photo) -> u8 {
    photo.jpeg_quality().map_or(QUALITY_FOR_OTHERS, |quality| quality.max(LOWEST_DEFAULT_QUALITY))
}

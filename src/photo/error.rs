//! What can go wrong with a photo, by who has to act.

use super::Format;

/// What a decoder or encoder reported.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a photo could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There are no bytes at all.
    #[error("the file is empty")]
    Empty,
    /// The first bytes are those of no picture format known here.
    #[error("this is not a photo: JPEG, PNG, WebP, HEIC, AVIF, JPEG XL, TIFF, GIF and BMP files can be read")]
    NotAPhoto,
    /// A picture in a format that is not read.
    #[error("{found} files cannot be read: convert to JPEG or PNG first")]
    UnreadableFormat {
        /// The format's usual name.
        found: &'static str,
    },
    /// A clip: [`crate::video`] protects those.
    #[error("this is a video and no photo: `visard video` protects it")]
    Video,
    /// A variety of a known format that is not read.
    #[error("this variety of {format} cannot be read ({variety}): convert it to JPEG or PNG first")]
    UnreadableVariety {
        /// The file's format.
        format: Format,
        /// What is special about the file.
        variety: String,
    },
    /// A file of several pictures one after the other, of which only one would be protected.
    #[error(
        "this {format} is animated: a photo can show its first picture alone (--first-picture); `visard video` protects \
         animated GIF and WebP as clips"
    )]
    Animated {
        /// The file's format.
        format: Format,
    },
    /// The file stops before its end.
    #[error("the {format} file is cut short: its end is missing")]
    CutShort {
        /// The file's format.
        format: Format,
    },
    /// The file contradicts its format.
    #[error("the {format} file is damaged: {cause}")]
    Damaged {
        /// The file's format.
        format: Format,
        /// What is wrong with it.
        #[source]
        cause: Cause,
    },
    /// The file cannot be made as small as was asked for.
    #[error(
        "the photo does not fit into {most} bytes as {format}: reduce it (--max-side), or write a JPEG (--format jpeg)"
    )]
    TooManyBytes {
        /// The format that it was to be written in.
        format: Format,
        /// The most bytes that the file may have.
        most: u64,
    },
    /// The photo has more pixels, or needs more memory, than [`Limits`](super::Limits) allow.
    #[error("the photo claims {width} x {height} pixels, which is over the limit of {limit}")]
    OverLimit {
        /// Pixels per row.
        width: u32,
        /// Rows.
        height: u32,
        /// The limit that it exceeds, with its unit.
        limit: String,
    },
    /// The output format has no transparency, the photo has.
    #[error("the photo has transparent parts, which JPEG cannot hold: choose PNG or WebP")]
    Transparent,
    /// The photo does not fit the output format.
    #[error("{format} holds at most {limit} pixels a side, the photo is {width} x {height}")]
    TooBigForFormat {
        /// The output format.
        format: Format,
        /// The longest side that the format can express, in pixels.
        limit: usize,
        /// Pixels per row.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// A quality that JPEG does not know.
    #[error("JPEG quality is between 1 and 100, not {0}")]
    Quality(u8),
    /// Metadata that may be kept does not fit the output format.
    #[error("cannot write the {format} file: {cause}")]
    Unwritable {
        /// The output format.
        format: Format,
        /// What the encoder reported.
        #[source]
        cause: Cause,
    },
}

impl Error {
    pub(crate) fn damaged(format: Format, cause: impl Into<Cause>) -> Self {
        Self::Damaged { format, cause: cause.into() }
    }

    pub(crate) fn unwritable(format: Format, cause: impl Into<Cause>) -> Self {
        Self::Unwritable { format, cause: cause.into() }
    }

    /// Sorts an error of the `image` crate by who has to act.
    pub(crate) fn from_image(format: Format, error: image::ImageError) -> Self {
        match error {
            image::ImageError::Unsupported(feature) => {
                Self::UnreadableVariety { format, variety: feature.to_string() }
            }
            image::ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Self::CutShort { format }
            }
            other => Self::damaged(format, other),
        }
    }
}

//! JPEG files: what they hold besides pixels, how they were compressed, decoding and encoding.

#![warn(clippy::indexing_slicing)]

mod channels;
mod copy;
mod file;
mod headers;
mod huffman;
mod quality;
mod read;
mod scans;
mod segments;
mod walk;
mod write;

pub(super) use copy::copy;
pub(super) use read::{metadata, read};
pub(super) use write::write;

/// How a JPEG's pixels were compressed, so that it can be done alike again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coding {
    /// The quality, 1 to 100, whose standard tables come nearest to the file's own.
    pub(super) quality: u8,
    /// Luma samples per chroma sample, horizontally and vertically; (1, 1) is 4:4:4.
    pub(super) sampling: (u8, u8),
    /// Whether the picture came in scans of growing detail.
    pub(super) progressive: bool,
}

//! How large a photo may be before any memory is reserved for it.

use std::path::Path;

use super::Error;
use crate::bounded;

/// Memory that a run takes before the first photo: the built-in networks, and a face in work on sixteen threads.
const BEFORE: u64 = 512 << 20;
/// A run holds at most so many times the bytes of the decoded pixels: the photo, what is written, and a decoder's own.
const COPIES: u64 = 6;

/// Bounds that a file's header is held against before its pixels are decoded.
///
/// A run takes at most 512 MiB, the file, and six times its decoded pixels: 7 GiB with the default limits. Networks
/// that are not built in come on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file. Default: 512 MiB.
    pub file: u64,
    /// Pixels in the photo. Default: 100 million.
    pub pixels: u64,
    /// Pixels along either side. Default: 65,535.
    pub side: u32,
    /// Bytes of the decoded pixels. Decoders need up to three times as much for a moment.
    /// Default: 1 GiB.
    pub memory: u64,
    /// Whether the first picture of an animation is read; else an animation is an error. Default: no.
    pub first_picture: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file: 512 << 20, pixels: 100_000_000, side: 65_535, memory: 1 << 30, first_picture: false }
    }
}

impl Limits {
    /// Limits with which a run takes no more than so many bytes of memory; none where that is not enough for any photo.
    pub fn within(bytes: u64) -> Option<Self> {
        let share = bytes.checked_sub(BEFORE)? / (1 + COPIES);
        let usual = Self::default();
        let limits = Self { file: share.min(usual.file), memory: share.min(usual.memory), ..usual };
        (share >= 1 << 20).then_some(limits)
    }

    /// Reads a photo's file.
    ///
    /// # Errors
    /// Where it cannot be read, or is over the limit.
    pub fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        bounded::read(path, self.file)
    }

    /// Reads a photo from standard input.
    ///
    /// # Errors
    /// Where it cannot be read, or is over the limit.
    pub fn read_standard_input(&self) -> std::io::Result<Vec<u8>> {
        bounded::read_standard_input(self.file)
    }

    /// Checks a claimed size; `bytes_per_pixel` is that of the decoded pixels.
    pub(crate) fn check(&self, width: u32, height: u32, bytes_per_pixel: u8) -> Result<(), Error> {
        let pixels = u64::from(width) * u64::from(height);
        let over = |limit: String| Err(Error::OverLimit { width, height, limit });
        if width > self.side || height > self.side {
            over(format!("{} pixels a side", self.side))
        } else if pixels > self.pixels {
            over(format!("{} megapixels", self.pixels as f64 / 1e6))
        } else if pixels.saturating_mul(bytes_per_pixel.into()) > self.memory {
            over(format!("{} MiB of memory", self.memory >> 20))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_is_named_when_it_is_exceeded() {
        let limits = Limits { file: 100, pixels: 6, side: 4, memory: 12, first_picture: false };
        let message =
            |width, height, bytes| limits.check(width, height, bytes).map_err(|error| error.to_string());
        assert_eq!(message(3, 2, 2), Ok(()));
        assert!(message(5, 1, 1).unwrap_err().ends_with("over the limit of 4 pixels a side"));
        assert!(message(4, 2, 1).unwrap_err().ends_with("megapixels"));
        assert!(message(3, 2, 3).unwrap_err().ends_with("MiB of memory"));
    }

    #[test]
    fn memory_is_shared_out_between_the_file_and_its_pixels() {
        assert_eq!(Limits::within(BEFORE + (7 << 20) - 1), None);
        let limits = Limits::within(BEFORE + (70 << 20)).unwrap();
        assert_eq!((limits.file, limits.memory), (10 << 20, 10 << 20));
        assert_eq!(Limits::within(u64::MAX), Some(Limits::default()));
    }
}

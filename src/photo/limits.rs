//! How large a photo may be before any memory is reserved for it.

use serde::Serialize;

use super::Error;

/// Bounds that a file's header is held against before its pixels are decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Pixels in the photo. Default: 100 million.
    pub pixels: u64,
    /// Pixels along either side. Default: 65,535.
    pub side: u32,
    /// Bytes of the decoded pixels. Decoders need up to three times as much for a moment.
    /// Default: 1 GiB.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { pixels: 100_000_000, side: 65_535, memory: 1 << 30 }
    }
}

impl Limits {
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
        let limits = Limits { pixels: 6, side: 4, memory: 12 };
        let message =
            |width, height, bytes| limits.check(width, height, bytes).map_err(|error| error.to_string());
        assert_eq!(message(3, 2, 2), Ok(()));
        assert!(message(5, 1, 1).unwrap_err().ends_with("over the limit of 4 pixels a side"));
        assert!(message(4, 2, 1).unwrap_err().ends_with("megapixels"));
        assert!(message(3, 2, 3).unwrap_err().ends_with("MiB of memory"));
    }
}

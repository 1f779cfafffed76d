//! AV1, the codec of AVIF: what the configuration of a picture says, and its decoder.

#[cfg(not(target_family = "wasm"))]
mod dav1d;

#[cfg(not(target_family = "wasm"))]
pub(super) use dav1d::decode;

/// The decoder is a translation of a C library that needs a system: a browser decodes AVIF itself.
#[cfg(target_family = "wasm")]
pub(super) fn decode(
    _stream: &[u8],
    _most: u64,
) -> Result<heifer::heifer_hevc_dec::recon::Frame, &'static str> {
    Err("its AV1 stream cannot be decoded on this platform")
}

/// Bits a sample, as the configuration of a picture says.
pub(super) fn depth(configuration: &[u8]) -> u8 {
    match configuration.get(2).map(|flags| (flags & 0x40 != 0, flags & 0x20 != 0)) {
        Some((true, true)) => 12,
        Some((true, false)) => 10,
        _ => 8,
    }
}

/// Whether the configuration of a picture says that it has no colour.
pub(super) fn is_grey(configuration: &[u8]) -> bool {
    configuration.get(2).is_some_and(|flags| flags & 0x10 != 0)
}

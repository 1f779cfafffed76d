//! What a JPEG's headers say about its picture.

use super::super::bytes::Bytes;
use super::file::SOF_PROGRESSIVE;

/// What the frame header says.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) progressive: bool,
    /// Sampling factors of each component, horizontal and vertical, and its table's number.
    pub(super) components: Vec<((u8, u8), u8)>,
}

impl Frame {
    /// Reads a header whose first byte, the depth, has been read.
    pub(super) fn parse(marker: u8, mut content: Bytes<'_>) -> Option<Self> {
        let height = content.u16_be()?;
        let width = content.u16_be()?;
        let count = content.u8()?;
        let mut components = Vec::new();
        for _ in 0..count {
            let _id = content.u8()?;
            let sampling = content.u8()?;
            components.push(((sampling >> 4, sampling & 15), content.u8()?));
        }
        Some(Self { width, height, progressive: marker == SOF_PROGRESSIVE, components })
    }
}

/// What a scan header says.
#[derive(Debug)]
pub(super) struct Scan {
    /// The identifiers of the channels in it.
    pub(super) channels: Vec<u8>,
    /// Whether it holds the coarsest detail, on which all others build.
    pub(super) begins: bool,
}

impl Scan {
    pub(super) fn parse(content: &[u8]) -> Option<Self> {
        let mut content = Bytes(content);
        let count = content.u8()?;
        let mut channels = Vec::new();
        for _ in 0..count {
            channels.push(content.u8()?);
            let _tables = content.u8()?;
        }
        Some(Self { channels, begins: content.u8()? == 0 })
    }
}

/// Reads a quantisation table and its number; the values are in zigzag order.
pub(super) fn quantisation_table(rest: &mut Bytes<'_>) -> Option<(u8, [u16; 64])> {
    let head = rest.u8()?;
    let mut table = [0; 64];
    for value in &mut table {
        *value = if head >> 4 == 0 { rest.u8()?.into() } else { rest.u16_be()? };
    }
    Some((head & 15, table))
}

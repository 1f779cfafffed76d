//! What a JPEG's headers say about its picture.

use super::super::bytes::Bytes;
use super::file::SOF_PROGRESSIVE;

/// What the frame header says.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) progressive: bool,
    pub(super) components: Vec<Component>,
}

/// One channel of the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Component {
    pub(super) id: u8,
    /// Sampling factors, horizontal and vertical.
    pub(super) sampling: (u8, u8),
    /// The number of its quantisation table.
    pub(super) table: u8,
}

impl Frame {
    /// Reads a header whose first byte, the depth, has been read.
    pub(super) fn parse(marker: u8, mut content: Bytes<'_>) -> Option<Self> {
        let height = content.u16_be()?;
        let width = content.u16_be()?;
        let count = content.u8()?;
        let mut components = Vec::new();
        for _ in 0..count {
            let id = content.u8()?;
            let sampling = content.u8()?;
            components.push(Component { id, sampling: (sampling >> 4, sampling & 15), table: content.u8()? });
        }
        Some(Self { width, height, progressive: marker == SOF_PROGRESSIVE, components })
    }

    /// The header's content with its channels numbered from 1 on, in order: some decoders take
    /// the numbers for a hint of what the channels mean.
    pub(super) fn numbered(&self) -> Vec<u8> {
        let mut content = vec![8];
        content.extend(self.height.to_be_bytes());
        content.extend(self.width.to_be_bytes());
        content.push(self.components.len() as u8);
        for (number, component) in (1..).zip(&self.components) {
            content.extend([number, component.sampling.0 << 4 | component.sampling.1, component.table]);
        }
        content
    }

    /// The place of a channel among all, by its number in the file.
    pub(super) fn place(&self, id: u8) -> Option<usize> {
        self.components.iter().position(|component| component.id == id)
    }

    /// Why the picture's layout is not one that is known to be decoded right, if so.
    ///
    /// Known are one, three and four channels of which the first is sampled most finely, and the
    /// others by a whole number more coarsely, all alike, or not at all.
    pub(super) fn unknown_layout(&self) -> Option<&'static str> {
        let [first, others @ ..] = self.components.as_slice() else { return Some("no channels") };
        let sampled = |component: &Component| {
            (1..=4).contains(&component.sampling.0) && (1..=4).contains(&component.sampling.1)
        };
        if !matches!(others.len(), 0 | 2 | 3) {
            return Some("a number of channels other than 1, 3 or 4");
        }
        if !self.components.iter().all(sampled) {
            return Some("impossible sampling factors");
        }
        let coarser = |component: &Component| {
            first.sampling.0 % component.sampling.0 == 0 && first.sampling.1 % component.sampling.1 == 0
        };
        if !others.iter().all(coarser) {
            return Some("colour sampled more finely than brightness");
        }
        None
    }
}

/// What a scan header says.
#[derive(Debug)]
pub(super) struct Scan {
    /// The number of each channel in it, and of its Huffman tables: DC in the high bits, AC in the low.
    pub(super) channels: Vec<(u8, u8)>,
    /// The first and the last of the 64 values that it holds.
    pub(super) band: (u8, u8),
    /// How many low bits of them were missing before it, 0 for all, and are after it.
    pub(super) bits: (u8, u8),
}

impl Scan {
    pub(super) fn parse(content: &[u8]) -> Option<Self> {
        let mut content = Bytes(content);
        let count = content.u8()?;
        let mut channels = Vec::new();
        for _ in 0..count {
            channels.push((content.u8()?, content.u8()?));
        }
        let band = (content.u8()?, content.u8()?);
        let bits = content.u8()?;
        Some(Self { channels, band, bits: (bits >> 4, bits & 15) })
    }

    /// The header's content for channels at given places, numbered as by [`Frame::numbered`].
    pub(super) fn numbered(&self, places: &[usize]) -> Vec<u8> {
        let mut content = vec![self.channels.len() as u8];
        for (place, (_, tables)) in places.iter().zip(&self.channels) {
            content.extend([*place as u8 + 1, *tables]);
        }
        content.extend([self.band.0, self.band.1, self.bits.0 << 4 | self.bits.1]);
        content
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

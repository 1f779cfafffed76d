//! Where the compressed data of a baseline picture ends, told from the data alone.
//!
//! Some phones and cameras leave out the end marker and put a film behind the picture. Only
//! counting the blocks tells whether the picture is whole, and where it ends.

use super::headers::{Frame, Scan};
use super::huffman::{Codes, Tables};

/// The length of the data of a baseline scan of all channels at the start of `data`, in bytes;
/// `None` where a block is missing or the data does not end as an encoder ends it.
pub(super) fn length(
    frame: &Frame,
    scan: &Scan,
    tables: &Tables,
    restart_interval: u16,
    data: &[u8],
) -> Option<usize> {
    let mut blocks = Vec::new();
    for (index, (_, numbers)) in scan.channels.iter().enumerate() {
        let codes = (tables.codes(numbers >> 4)?, tables.codes(0x10 | numbers & 15)?);
        let (across, down) = frame.components.get(index)?.sampling;
        // A single channel is not interleaved: its units are blocks whatever its sampling.
        let count = if scan.channels.len() == 1 { 1 } else { usize::from(across) * usize::from(down) };
        blocks.push((codes, count));
    }
    let mut bits = Bits { data, at: 0, held: 0, count: 0 };
    for unit in 0..units(frame) {
        if restart_interval > 0 && unit > 0 && unit % u64::from(restart_interval) == 0 {
            bits.restart()?;
        }
        for ((dc, ac), count) in &blocks {
            (0..*count).try_for_each(|_| block(&mut bits, dc, ac))?;
        }
    }
    bits.finish()
}

/// How many units of blocks the picture consists of.
fn units(frame: &Frame) -> u64 {
    let sampling = || frame.components.iter().map(|component| component.sampling);
    let (mut across, mut down) = (1, 1);
    if frame.components.len() > 1 {
        across = sampling().map(|(across, _)| across).max().unwrap_or(1);
        down = sampling().map(|(_, down)| down).max().unwrap_or(1);
    }
    let count = |side: u16, factor: u8| u64::from(side).div_ceil(8 * u64::from(factor.max(1)));
    count(frame.width, across) * count(frame.height, down)
}

/// Passes over one block of 64 values.
fn block(bits: &mut Bits<'_>, dc: &Codes, ac: &Codes) -> Option<()> {
    let length = bits.symbol(dc)?;
    bits.skip((length <= 11).then_some(length)?)?;
    let mut index = 1;
    while index < 64 {
        let symbol = bits.symbol(ac)?;
        let (zeros, length) = (symbol >> 4, symbol & 15);
        match (zeros, length) {
            (15, 0) => index += 16,
            (_, 0) => return Some(()),
            _ => {
                index += zeros + 1;
                bits.skip(length)?;
            }
        }
    }
    (index <= 64).then_some(())
}

/// Bits of compressed data, in which a byte 0xff is followed by a 0.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// The next bits, at the high end.
    held: u64,
    count: u8,
}

impl Bits<'_> {
    /// Takes in bytes up to the next marker.
    fn fill(&mut self) {
        while self.count <= 48 {
            let Some(&byte) = self.data.get(self.at) else { return };
            if byte == 0xff {
                if self.data.get(self.at + 1) != Some(&0) {
                    return;
                }
                self.at += 1;
            }
            self.at += 1;
            self.held |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    fn skip(&mut self, count: u8) -> Option<()> {
        if self.count < count {
            self.fill();
        }
        self.count = self.count.checked_sub(count)?;
        self.held <<= count;
        Some(())
    }

    fn symbol(&mut self, codes: &Codes) -> Option<u8> {
        if self.count < 16 {
            self.fill();
        }
        let (length, symbol) = codes.look_up((self.held >> 48) as u16)?;
        self.skip(length)?;
        Some(symbol)
    }

    /// Passes over the bits that fill the last byte, which are ones, and hands back the bytes
    /// that were taken in too many.
    fn finish(&mut self) -> Option<usize> {
        let filling = self.count % 8;
        let ones = (1_u64 << filling) - 1;
        (self.held.unbounded_shr(64 - u32::from(filling)) == ones).then_some(())?;
        self.skip(filling)?;
        while self.count > 0 {
            let escaped = (self.held >> (64 - self.count)) & 0xff == 0xff;
            self.at -= if escaped { 2 } else { 1 };
            self.count -= 8;
        }
        self.held = 0;
        Some(self.at)
    }

    fn restart(&mut self) -> Option<()> {
        self.finish()?;
        matches!(self.data.get(self.at..)?, [0xff, 0xd0..=0xd7, ..]).then_some(())?;
        self.at += 2;
        Some(())
    }
}

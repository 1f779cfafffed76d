//! The directories of a TIFF structure, which EXIF is: tagged values in either byte order.

use std::borrow::Cow;

use crate::photo::bytes::Bytes;

const HEADER: usize = 8;
const ENTRY: usize = 12;

/// The type number of a 16-bit whole number.
pub(super) const SHORT: u16 = 3;
/// The type number of text.
pub(super) const ASCII: u16 = 2;

/// The byte order of all numbers of a structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    fn u16(self, bytes: &mut Bytes<'_>) -> Option<u16> {
        let number = bytes.u16_be()?;
        Some(if self == Self::Big { number } else { number.swap_bytes() })
    }

    fn u32(self, bytes: &mut Bytes<'_>) -> Option<u32> {
        let number = bytes.u32_be()?;
        Some(if self == Self::Big { number } else { number.swap_bytes() })
    }

    pub(super) fn short(self, number: u16) -> [u8; 2] {
        if self == Self::Big { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    fn long(self, number: u32) -> [u8; 4] {
        if self == Self::Big { number.to_be_bytes() } else { number.to_le_bytes() }
    }
}

/// A tagged value, as its bytes lie in the file.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    pub(super) tag: u16,
    /// The type number of TIFF 6.0.
    pub(super) kind: u16,
    pub(super) count: u32,
    pub(super) value: Cow<'a, [u8]>,
}

/// A whole TIFF structure, read lazily.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tiff<'a> {
    bytes: &'a [u8],
    pub(super) order: Order,
    /// Where the first directory lies.
    pub(super) first: u32,
}

impl<'a> Tiff<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = Bytes(bytes);
        let order = match rest.take(2)? {
            b"II" => Order::Little,
            b"MM" => Order::Big,
            _ => return None,
        };
        (order.u16(&mut rest)? == 42).then_some(())?;
        Some(Self { bytes, order, first: order.u32(&mut rest)? })
    }

    /// The entries of the directory at an offset and the offset of the next one, 0 for none.
    /// Entries whose value lies outside the file are left out.
    pub(super) fn directory(&self, offset: u32) -> Option<(Vec<Entry<'a>>, u32)> {
        let mut rest = Bytes(self.bytes.get(offset as usize..)?);
        let count = self.order.u16(&mut rest)?;
        let mut entries = Vec::new();
        for _ in 0..count {
            let entry = Bytes(rest.take(ENTRY)?);
            entries.extend(self.entry(entry));
        }
        Some((entries, self.order.u32(&mut rest).unwrap_or(0)))
    }

    /// An entry's first value as a number, for types SHORT and LONG.
    pub(super) fn number(&self, entry: &Entry<'_>) -> Option<u32> {
        let mut value = Bytes(&entry.value);
        match entry.kind {
            SHORT => self.order.u16(&mut value).map(u32::from),
            4 | 13 => self.order.u32(&mut value),
            _ => None,
        }
    }

    fn entry(&self, mut entry: Bytes<'a>) -> Option<Entry<'a>> {
        let tag = self.order.u16(&mut entry)?;
        let kind = self.order.u16(&mut entry)?;
        let count = self.order.u32(&mut entry)?;
        let length = size_of_kind(kind)?.checked_mul(count as usize)?;
        let value = if length <= 4 {
            entry.take(length)?
        } else {
            let offset = self.order.u32(&mut entry)? as usize;
            self.bytes.get(offset..offset.checked_add(length)?)?
        };
        Some(Entry { tag, kind, count, value: value.into() })
    }
}

fn size_of_kind(kind: u16) -> Option<usize> {
    match kind {
        1 | 2 | 6 | 7 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 => Some(8),
        _ => None,
    }
}

/// Writes a structure's header; the first directory follows at once.
pub(super) fn header(order: Order) -> Vec<u8> {
    let mut out = if order == Order::Big { b"MM".to_vec() } else { b"II".to_vec() };
    out.extend(order.short(42));
    out.extend(order.long(HEADER as u32));
    out
}

/// The bytes that a directory and its values take.
pub(super) fn size(entries: &[Entry<'_>]) -> usize {
    let outside = entries.iter().map(|entry| entry.value.len()).filter(|&length| length > 4);
    2 + ENTRY * entries.len() + 4 + outside.map(|length| length.next_multiple_of(2)).sum::<usize>()
}

/// Writes a directory, the last of its chain, at the end of `out`.
pub(super) fn write(out: &mut Vec<u8>, order: Order, entries: &[Entry<'_>]) {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_by_key(|entry| entry.tag);
    let mut values_at = out.len() + 2 + ENTRY * entries.len() + 4;
    out.extend(order.short(entries.len() as u16));
    for entry in &entries {
        out.extend(order.short(entry.tag));
        out.extend(order.short(entry.kind));
        out.extend(order.long(entry.count));
        if entry.value.len() <= 4 {
            out.extend(entry.value.iter().copied().chain([0; 4]).take(4));
        } else {
            out.extend(order.long(values_at as u32));
            values_at += entry.value.len().next_multiple_of(2);
        }
    }
    out.extend([0; 4]);
    for entry in entries.iter().filter(|entry| entry.value.len() > 4) {
        out.extend(entry.value.iter());
        out.resize(out.len().next_multiple_of(2), 0);
    }
}

/// An entry that holds one offset.
pub(super) fn pointer(tag: u16, order: Order, offset: usize) -> Entry<'static> {
    Entry { tag, kind: 4, count: 1, value: order.long(offset as u32).to_vec().into() }
}

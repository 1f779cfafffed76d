//! The directories of a TIFF structure, which EXIF is: tagged values in either byte order.

use std::borrow::Cow;
use std::ops::Range;

use crate::photo::bytes::Bytes;

const HEADER: usize = 8;

/// More entries than this are rubbish: cameras write some dozens.
const MOST_ENTRIES: u64 = 1000;
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

    fn u64(self, bytes: &mut Bytes<'_>) -> Option<u64> {
        let number = bytes.u64_be()?;
        Some(if self == Self::Big { number } else { number.swap_bytes() })
    }

    /// Takes a whole number of a type.
    fn number(self, kind: u16, bytes: &mut Bytes<'_>) -> Option<u64> {
        match kind {
            1 => bytes.u8().map(u64::from),
            SHORT => self.u16(bytes).map(u64::from),
            4 | 13 => self.u32(bytes).map(u64::from),
            16 | 18 => self.u64(bytes),
            _ => None,
        }
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
    /// Where the value begins, if it does not lie in the directory itself.
    pub(super) at: Option<usize>,
    pub(super) value: Cow<'a, [u8]>,
}

impl Entry<'_> {
    /// The values as numbers; none where they are no whole numbers.
    pub(super) fn numbers(&self, order: Order) -> Vec<u64> {
        let mut rest = Bytes(&self.value);
        std::iter::from_fn(|| order.number(self.kind, &mut rest)).collect()
    }
}

/// What can be read of a directory.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory<'a> {
    pub(super) entries: Vec<Entry<'a>>,
    /// Where the next one lies, 0 for none.
    pub(super) next: u64,
    /// Where this one lies, from its count up to its last entry.
    pub(super) place: Range<usize>,
    /// Whether entries were left out: their values lie outside the file, or nobody knows their type.
    pub(super) damaged: bool,
}

/// A whole TIFF structure, read lazily. In a BigTIFF, counts and offsets have 64 bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tiff<'a> {
    bytes: &'a [u8],
    pub(super) order: Order,
    big: bool,
    /// Where the first directory lies.
    pub(super) first: u64,
}

impl<'a> Tiff<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = Bytes(bytes);
        let order = match rest.take(2)? {
            b"II" => Order::Little,
            b"MM" => Order::Big,
            _ => return None,
        };
        let big = match order.u16(&mut rest)? {
            42 => false,
            43 => rest.take(4).is_some(),
            _ => return None,
        };
        let mut tiff = Self { bytes, order, big, first: 0 };
        tiff.first = tiff.offset(&mut rest)?;
        Some(tiff)
    }

    /// What can be read of the directory at an offset; `None` where that is nothing. If there are
    /// fewer entries than it says, it ends at the first that cannot be one.
    pub(super) fn directory(&self, offset: u64) -> Option<Directory<'a>> {
        let from = usize::try_from(offset).ok()?;
        let mut rest = Bytes(self.bytes.get(from..)?);
        let mut directory = Directory::default();
        let (entries, complete) = self.raw_entries(&mut rest)?;
        for entry in &entries {
            match self.entry(*entry) {
                Some(entry) => directory.entries.push(entry),
                None if complete => directory.damaged = true,
                None => break,
            }
        }
        directory.damaged |= !complete;
        // Some writers leave out the offset of the next one.
        directory.place = from..self.bytes.len() - rest.0.len();
        let next = if complete { self.offset(&mut rest) } else { None };
        directory.next = next.unwrap_or(0);
        Some(directory)
    }

    /// The first value of the first entry of a tag as far as it lies in the directory itself,
    /// whatever the entry says about how many values there are.
    pub(super) fn number_in_place(&self, offset: u64, tag: u16) -> Option<u64> {
        let mut rest = Bytes(self.bytes.get(usize::try_from(offset).ok()?..)?);
        let (entries, _) = self.raw_entries(&mut rest)?;
        entries.into_iter().find_map(|mut entry| {
            (self.order.u16(&mut entry)? == tag).then_some(())?;
            let kind = self.order.u16(&mut entry)?;
            self.offset(&mut entry)?;
            self.order.number(kind, &mut entry)
        })
    }

    fn offset(&self, bytes: &mut Bytes<'_>) -> Option<u64> {
        if self.big { self.order.u64(bytes) } else { self.order.u32(bytes).map(u64::from) }
    }

    /// The entries of a directory as they lie there, and whether they are all that it says there are.
    fn raw_entries(&self, rest: &mut Bytes<'a>) -> Option<(Vec<Bytes<'a>>, bool)> {
        let count = if self.big { self.order.u64(rest)? } else { self.order.u16(rest)?.into() };
        let length = if self.big { 20 } else { ENTRY };
        let entries: Vec<_> =
            (0..count.min(MOST_ENTRIES)).map_while(|_| rest.take(length).map(Bytes)).collect();
        let complete = entries.len() as u64 == count;
        Some((entries, complete))
    }

    fn entry(&self, mut entry: Bytes<'a>) -> Option<Entry<'a>> {
        let tag = self.order.u16(&mut entry)?;
        let kind = self.order.u16(&mut entry)?;
        let count = self.offset(&mut entry)?;
        let length = size_of_kind(kind)?.checked_mul(usize::try_from(count).ok()?)?;
        let (at, value) = if length <= entry.0.len() {
            (None, entry.take(length)?)
        } else {
            let at = usize::try_from(self.offset(&mut entry)?).ok()?;
            (Some(at), self.bytes.get(at..at.checked_add(length)?)?)
        };
        Some(Entry { tag, kind, count: u32::try_from(count).ok()?, at, value: value.into() })
    }
}

fn size_of_kind(kind: u16) -> Option<usize> {
    match kind {
        1 | 2 | 6 | 7 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 | 16..=18 => Some(8),
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
    Entry { tag, kind: 4, count: 1, at: None, value: order.long(offset as u32).to_vec().into() }
}

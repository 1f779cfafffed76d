//! EXIF: what it tells, and writing it again without pictures in it.

use std::collections::{BTreeMap, BTreeSet};

use image::metadata::Orientation;

use super::ifd::{self, ASCII, Directory, Entry, Order, SHORT, Tiff};
use super::pictures;

const ORIENTATION: u16 = 0x0112;
const EXIF_POINTER: u16 = 0x8769;
const GPS_POINTER: u16 = 0x8825;
const INTEROP_POINTER: u16 = 0xa005;
const MAKER_NOTE: u16 = 0x927c;
const USER_COMMENT: u16 = 0x9286;
const PIXEL_WIDTH: u16 = 0xa002;
const PIXEL_HEIGHT: u16 = 0xa003;

/// Camera owner, and serial numbers of body and lens, old and new.
const PERSONAL: [u16; 4] = [0xa430, 0xa431, 0xa435, 0xc62f];

/// The types above this are those of a BigTIFF.
const NEWEST_KIND: u16 = 13;

/// Values above this length in bytes are dropped unless they are text: no face fits below.
const LARGEST_BINARY: usize = 256;

/// An EXIF block taken apart.
#[derive(Clone, Debug)]
pub(in crate::photo) struct Exif<'a> {
    order: Order,
    main: Vec<Entry<'a>>,
    exif: Vec<Entry<'a>>,
    gps: Vec<Entry<'a>>,
    interop: Vec<Entry<'a>>,
    orientation: Option<u64>,
    /// Whether something of the block cannot be read.
    damaged: bool,
    /// Whether another directory follows the first: in EXIF a thumbnail, in TIFF a page.
    pub(in crate::photo) continues: bool,
}

impl<'a> Exif<'a> {
    /// Takes apart what can be read of a block; `None` where that is nothing.
    pub(in crate::photo) fn parse(bytes: &'a [u8]) -> Option<Self> {
        // Some writers put the prefix of a JPEG segment before the block in other formats too.
        let prefixed = bytes.strip_prefix(b"Exif\0").and_then(|rest| rest.get(1..));
        let tiff = Tiff::parse(prefixed.unwrap_or(bytes))?;
        // Where the first directory is said to be nowhere, it is most likely where it usually is.
        let (first, main) = [tiff.first, 8].iter().find_map(|&at| Some((at, tiff.directory(at)?)))?;
        let child = |entries: &[Entry<'_>], tag| {
            let pointer = entries.iter().find(|entry| entry.tag == tag)?;
            let at = pointer.numbers(tiff.order).first().copied();
            Some(at.and_then(|at| tiff.directory(at)).unwrap_or_else(unreadable))
        };
        let exif = child(&main.entries, EXIF_POINTER).unwrap_or_default();
        let gps = child(&main.entries, GPS_POINTER).unwrap_or_default();
        let interop = child(&exif.entries, INTEROP_POINTER).unwrap_or_default();
        let continues = main.next != 0;
        let thumbnail = tiff.directory(main.next).filter(|_| continues).unwrap_or_default();
        let mut all = [main, exif, gps, interop, thumbnail];
        let overlapping = drop_overlaps(&mut all);
        let damaged = overlapping || all.iter().any(|directory| directory.damaged);
        let [main, exif, gps, interop, _] = all.map(|directory| directory.entries);
        let orientation = tiff.number_in_place(first, ORIENTATION);
        Some(Self { order: tiff.order, main, exif, gps, interop, orientation, damaged, continues })
    }

    /// Whether the block says that the samples are those of Adobe RGB (1998).
    pub(in crate::photo) fn is_adobe_rgb(&self) -> bool {
        const COLOUR_SPACE: u16 = 0xa001;
        let named = self.interop.iter().any(|entry| entry.tag == 1 && entry.value.starts_with(b"R03"));
        // Some cameras write a number that no standard has, instead of the name.
        let two = |entry: &Entry<'_>| entry.kind == SHORT && *entry.value == self.order.short(2);
        named || self.exif.iter().any(|entry| entry.tag == COLOUR_SPACE && two(entry))
    }

    /// How the pixels have to be turned; anything that is not one of the eight is upright.
    pub(in crate::photo) fn orientation(&self) -> Orientation {
        self.orientation
            .and_then(|number| u8::try_from(number).ok())
            .and_then(Orientation::from_exif)
            .unwrap_or(Orientation::NoTransforms)
    }

    /// The first directory's value of a tag, as its bytes lie in the file.
    pub(in crate::photo) fn value(&self, tag: u16) -> Option<&[u8]> {
        self.main.iter().find(|entry| entry.tag == tag).map(|entry| entry.value.as_ref())
    }

    /// The first directory's values of a tag as whole numbers; none where they are of another type.
    pub(in crate::photo) fn numbers(&self, tag: u16) -> Vec<u64> {
        let entry = self.main.iter().find(|entry| entry.tag == tag);
        entry.map(|entry| entry.numbers(self.order)).unwrap_or_default()
    }

    /// What the block tells, in plain words.
    pub(in crate::photo) fn contents(&self) -> Vec<&'static str> {
        let is = |tags: &[u16]| self.main.iter().chain(&self.exif).any(|entry| tags.contains(&entry.tag));
        let plain = |entry: &Entry<'_>| {
            !PERSONAL.contains(&entry.tag) && entry.tag != MAKER_NOTE && !is_structure(entry.tag)
        };
        let mut contents = Vec::new();
        let mut note = |present: bool, words| contents.extend(present.then_some(words));
        note(self.main.iter().chain(&self.exif).any(plain), "EXIF (camera, settings, dates)");
        note(!self.gps.is_empty(), "EXIF: GPS position");
        note(is(&PERSONAL), "EXIF: serial numbers or owner");
        note(is(&[MAKER_NOTE]), "EXIF: maker notes");
        note(self.continues, "EXIF: thumbnail");
        contents
    }

    /// Drops everything that is or may hold a picture, and says what went.
    pub(in crate::photo) fn drop_pictures(&mut self) -> Vec<&'static str> {
        let mut dropped = Vec::new();
        let mut note = |present: bool, words| dropped.extend(present.then_some(words));
        note(std::mem::take(&mut self.continues), "EXIF: thumbnail");
        let count = self.exif.len();
        self.exif.retain(|entry| entry.tag != MAKER_NOTE);
        note(self.exif.len() < count, "EXIF: maker notes");
        note(std::mem::take(&mut self.damaged), "EXIF: damaged parts");
        let (mut large, mut pictures) = (false, false);
        for entries in [&mut self.main, &mut self.exif, &mut self.gps, &mut self.interop] {
            entries.retain(|entry| !is_structure(entry.tag) && entry.kind <= NEWEST_KIND);
            let count = entries.len();
            entries.retain(|entry| is_text(entry) || entry.value.len() <= LARGEST_BINARY);
            large |= entries.len() < count;
            let count = entries.len();
            entries.retain(|entry| !holds_picture(entry));
            pictures |= entries.len() < count;
        }
        note(large, "EXIF: large binary blocks");
        note(pictures, "EXIF: values with pictures in them");
        dropped
    }

    /// Makes the block say that the pixels are upright and how many there are.
    pub(in crate::photo) fn turn_upright(&mut self, width: usize, height: usize) {
        let order = self.order;
        for entry in self.main.iter_mut().filter(|entry| entry.tag == ORIENTATION) {
            *entry =
                Entry { kind: SHORT, count: 1, at: None, value: order.short(1).to_vec().into(), ..*entry };
        }
        for entry in &mut self.exif {
            match entry.tag {
                PIXEL_WIDTH => *entry = ifd::pointer(PIXEL_WIDTH, order, width),
                PIXEL_HEIGHT => *entry = ifd::pointer(PIXEL_HEIGHT, order, height),
                _ => {}
            }
        }
    }

    /// The block's bytes, without a second directory; `None` where nothing is left to write.
    pub(in crate::photo) fn write(self) -> Option<Vec<u8>> {
        let Self { order, mut main, mut exif, gps, interop, .. } = self;
        let point = |entries: &mut Vec<_>, tag, to: &[Entry<'_>]| {
            if !to.is_empty() {
                entries.push(ifd::pointer(tag, order, 0));
            }
        };
        point(&mut exif, INTEROP_POINTER, &interop);
        point(&mut main, EXIF_POINTER, &exif);
        point(&mut main, GPS_POINTER, &gps);
        let mut out = ifd::header(order);
        let exif_at = out.len() + ifd::size(&main);
        let gps_at = exif_at + ifd::size(&exif);
        let interop_at = gps_at + ifd::size(&gps);
        for entry in main.iter_mut().chain(&mut exif) {
            match entry.tag {
                EXIF_POINTER => *entry = ifd::pointer(EXIF_POINTER, order, exif_at),
                GPS_POINTER => *entry = ifd::pointer(GPS_POINTER, order, gps_at),
                INTEROP_POINTER => *entry = ifd::pointer(INTEROP_POINTER, order, interop_at),
                _ => {}
            }
        }
        for entries in [&main, &exif, &gps, &interop] {
            ifd::write(&mut out, order, entries);
        }
        (!main.is_empty()).then_some(out)
    }
}

/// A block that says nothing but how the pixels have to be turned.
pub(super) fn only_turned(turn: Orientation) -> Vec<u8> {
    let order = Order::Big;
    let value = order.short(turn.to_exif().into()).to_vec().into();
    let mut out = ifd::header(order);
    ifd::write(&mut out, order, &[Entry { tag: ORIENTATION, kind: SHORT, count: 1, at: None, value }]);
    out
}

/// Whether a tag says how pixels are stored, holds another kind of metadata, or points somewhere.
fn is_structure(tag: u16) -> bool {
    let layout = matches!(tag, 0x00fe..=0x0103 | 0x0106 | 0x010a | 0x0115 | 0x0116 | 0x011c | 0x013d);
    let colour = matches!(tag, 0x0120 | 0x0121 | 0x0140 | 0x014c | 0x014d | 0x0152 | 0x0153 | 0x0212);
    let data = matches!(tag, 0x0111 | 0x0117 | 0x0142..=0x0145 | 0x014a | 0x015b | 0x0200..=0x0203);
    let metadata = matches!(tag, 0x02bc | 0x83bb | 0x8649 | 0x8773 | 0x935c);
    let pointer = matches!(tag, EXIF_POINTER | GPS_POINTER | INTEROP_POINTER);
    layout || colour || data || metadata || pointer
}

fn is_text(entry: &Entry<'_>) -> bool {
    entry.kind == ASCII || matches!(entry.tag, USER_COMMENT | 0x9c9b..=0x9c9f)
}

fn holds_picture(entry: &Entry<'_>) -> bool {
    pictures::hidden_in(&entry.value) || (is_text(entry) && pictures::has_endless_word(&entry.value))
}

/// What stands for a directory that cannot be read.
fn unreadable<'a>() -> Directory<'a> {
    Directory { damaged: true, ..Directory::default() }
}

/// Drops values that share bytes with a directory or with a shorter value, and tells whether there
/// were any: one wrong count makes a value run over others, and many would make the block grow when
/// they are written one after the other. Two small values may be the same bytes.
fn drop_overlaps(directories: &mut [Directory<'_>]) -> bool {
    const SMALL: usize = 64;
    let range = |entry: &Entry<'_>| entry.at.map(|at| at..at + entry.value.len());
    let mut values: Vec<_> = directories.iter().flat_map(|d| d.entries.iter().filter_map(range)).collect();
    values.sort_by_key(|range| (range.len(), range.start));
    let mut taken = BTreeMap::new();
    for directory in directories.iter() {
        taken.insert(directory.place.start, directory.place.end);
    }
    let mut honest = BTreeSet::new();
    for value in values {
        let before = taken.range(..value.end).next_back();
        let free = before.is_none_or(|(_, end)| *end <= value.start);
        if free {
            taken.insert(value.start, value.end);
        }
        let shared = value.len() <= SMALL && honest.contains(&(value.start, value.end));
        if free || shared {
            honest.insert((value.start, value.end));
        }
    }
    let mut seen = BTreeSet::new();
    let mut dropped = false;
    for directory in directories {
        directory.entries.retain(|entry| {
            let Some(range) = range(entry) else { return true };
            let place = (range.start, range.end);
            let again = !seen.insert(place);
            let keep = honest.contains(&place) && (!again || range.len() <= SMALL);
            dropped |= !keep;
            keep
        });
    }
    dropped
}

//! EXIF: what it tells, and writing it again without pictures in it.

use image::metadata::Orientation;

use super::ifd::{self, ASCII, Entry, Order, SHORT, Tiff};

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

/// Values above this length in bytes are dropped unless they are text: no face fits below.
const LARGEST_BINARY: usize = 256;

/// An EXIF block taken apart.
#[derive(Clone, Debug)]
pub(in crate::photo) struct Exif<'a> {
    order: Order,
    /// The bytes of the whole block.
    size: usize,
    main: Vec<Entry<'a>>,
    exif: Vec<Entry<'a>>,
    gps: Vec<Entry<'a>>,
    interop: Vec<Entry<'a>>,
    orientation: Option<u32>,
    /// Whether another directory follows the first: in EXIF a thumbnail, in TIFF a page.
    pub(in crate::photo) continues: bool,
}

impl<'a> Exif<'a> {
    /// Takes apart what can be read of a block; `None` where that is nothing.
    pub(in crate::photo) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let tiff = Tiff::parse(bytes)?;
        let (main, next) = tiff.directory(tiff.first)?;
        let number = |entries: &[Entry<'_>], tag| {
            entries.iter().find(|entry| entry.tag == tag).and_then(|entry| tiff.number(entry))
        };
        let child = |entries: &[Entry<'_>], tag| {
            let directory = number(entries, tag).and_then(|offset| tiff.directory(offset));
            directory.map(|(entries, _)| entries).unwrap_or_default()
        };
        let exif = child(&main, EXIF_POINTER);
        Some(Self {
            order: tiff.order,
            size: bytes.len(),
            orientation: number(&main, ORIENTATION),
            gps: child(&main, GPS_POINTER),
            interop: child(&exif, INTEROP_POINTER),
            main,
            exif,
            continues: next != 0,
        })
    }

    /// Whether values share bytes, so that they would grow when written one after the other.
    pub(in crate::photo) fn overlaps(&self) -> bool {
        let directories = [&self.main, &self.exif, &self.gps, &self.interop];
        let length = directories.into_iter().flatten().map(|entry| entry.value.len()).sum::<usize>();
        length > self.size
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
        let mut large = false;
        for entries in [&mut self.main, &mut self.exif, &mut self.gps, &mut self.interop] {
            entries.retain(|entry| !is_structure(entry.tag));
            let count = entries.len();
            entries.retain(|entry| !may_be_picture(entry));
            large |= entries.len() < count;
        }
        note(large, "EXIF: large binary blocks");
        dropped
    }

    /// Makes the block say that the pixels are upright and how many there are.
    pub(in crate::photo) fn turn_upright(&mut self, width: usize, height: usize) {
        let order = self.order;
        for entry in self.main.iter_mut().filter(|entry| entry.tag == ORIENTATION) {
            *entry = Entry { kind: SHORT, count: 1, value: order.short(1).to_vec().into(), ..*entry };
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

/// Whether a tag says how pixels are stored, holds another kind of metadata, or points somewhere.
fn is_structure(tag: u16) -> bool {
    let layout = matches!(tag, 0x00fe..=0x0103 | 0x0106 | 0x010a | 0x0115 | 0x0116 | 0x011c | 0x013d);
    let colour = matches!(tag, 0x0120 | 0x0121 | 0x0140 | 0x014c | 0x014d | 0x0152 | 0x0153 | 0x0212);
    let data = matches!(tag, 0x0111 | 0x0117 | 0x0142..=0x0145 | 0x014a | 0x015b | 0x0200..=0x0203);
    let metadata = matches!(tag, 0x02bc | 0x83bb | 0x8649 | 0x8773 | 0x935c);
    let pointer = matches!(tag, EXIF_POINTER | GPS_POINTER | INTEROP_POINTER);
    layout || colour || data || metadata || pointer
}

/// Whether a value is long enough for a picture and is not text.
fn may_be_picture(entry: &Entry<'_>) -> bool {
    let text = entry.kind == ASCII || matches!(entry.tag, USER_COMMENT | 0x9c9b..=0x9c9f);
    let jpeg = entry.value.windows(3).any(|bytes| bytes == [0xff, 0xd8, 0xff]);
    jpeg || (entry.value.len() > LARGEST_BINARY && !text)
}

//! The structure of a JPEG file: its segments, one after the other, up to the end of the picture.

use std::collections::BTreeSet;

use super::super::{Error, Format, bytes::Bytes};
use super::headers::{Frame, Scan, quantisation_table};

const SOF_BASELINE: u8 = 0xc0;
const SOF_EXTENDED: u8 = 0xc1;
pub(super) const SOF_PROGRESSIVE: u8 = 0xc2;
const DHT: u8 = 0xc4;
const JPG: u8 = 0xc8;
const DAC: u8 = 0xcc;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const DQT: u8 = 0xdb;
const DRI: u8 = 0xdd;
pub(super) const COM: u8 = 0xfe;
const ADOBE: u8 = 0xee;

const END: [u8; 2] = [0xff, EOI];

/// What a baseline picture is given instead of its end marker.
///
/// A decoder that meets the end marker too early fills the rest of the picture with grey; one
/// that runs out of bytes reports it. It reads some bytes ahead, though.
const READ_AHEAD: [u8; 64] = [0; 64];

/// A marked segment: an application block or a comment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    /// The second byte of the marker: 0xe0 to 0xef for APP0 to APP15, 0xfe for a comment.
    pub(super) marker: u8,
    /// What follows the length.
    pub(super) content: &'a [u8],
}

/// A JPEG file taken apart.
#[derive(Debug)]
pub(super) struct File<'a> {
    pub(super) frame: Frame,
    /// Application blocks and comments, in the file's order.
    pub(super) segments: Vec<Segment<'a>>,
    /// The first quantisation table of each number, in zigzag order.
    pub(super) tables: [Option<[u16; 64]>; 4],
    /// The stream for the decoder: nothing that it does not need, and an end that suits it.
    pub(super) picture: Vec<u8>,
    /// Bytes behind the end of the picture.
    pub(super) trailing: usize,
}

impl<'a> File<'a> {
    /// Takes a file apart. A file without an end marker is cut short.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut parts = Parts { picture: vec![0xff, 0xd8], ..Parts::default() };
        let mut rest = Bytes(bytes);
        rest.take(2);
        loop {
            let marker = next_marker(&mut rest).ok_or(CUT_SHORT)?;
            match marker {
                EOI => return parts.finish(rest.0.len()),
                // Markers without content, which mean nothing between segments.
                0x00 | 0x01 | 0xd0..=0xd8 => {}
                _ => parts.segment(marker, &mut rest)?,
            }
        }
    }
}

const CUT_SHORT: Error = Error::CutShort { format: Format::Jpeg };

fn damaged(what: &'static str) -> Error {
    Error::damaged(Format::Jpeg, what)
}

/// Goes on to the next marker, skipping whatever does not belong there, as viewers do.
fn next_marker(rest: &mut Bytes<'_>) -> Option<u8> {
    let start = rest.0.iter().position(|&byte| byte == 0xff)?;
    rest.take(start);
    let fill = rest.0.iter().take_while(|&&byte| byte == 0xff).count();
    rest.take(fill);
    rest.u8()
}

/// Takes the entropy-coded data of a scan: everything up to a marker other than a restart.
fn scan_data<'a>(rest: &mut Bytes<'a>) -> Option<&'a [u8]> {
    let is_marker = |pair: &[u8]| matches!(pair, [0xff, second] if !matches!(second, 0 | 0xd0..=0xd7 | 0xff));
    let end = rest.0.windows(2).position(is_marker)?;
    rest.take(end)
}

#[derive(Default)]
struct Parts<'a> {
    frame: Option<Frame>,
    segments: Vec<Segment<'a>>,
    tables: [Option<[u16; 64]>; 4],
    picture: Vec<u8>,
    /// The channels of which there is at least the coarsest detail.
    begun: BTreeSet<u8>,
}

impl<'a> Parts<'a> {
    fn segment(&mut self, marker: u8, rest: &mut Bytes<'a>) -> Result<(), Error> {
        let length = rest.u16_be().ok_or(CUT_SHORT)?;
        let length = length.checked_sub(2).ok_or_else(|| damaged("a segment has no length"))?;
        let content = rest.take(length.into()).ok_or(CUT_SHORT)?;
        match marker {
            0xe0..=0xef | COM => self.segments.push(Segment { marker, content }),
            DQT => self.quantisation(content),
            0xc0..=0xcf if !matches!(marker, DHT | JPG | DAC) => {
                self.start_frame(marker, content)?;
            }
            _ => {}
        }
        if matches!(marker, 0xc0..=0xcf | SOS | DQT | DRI | ADOBE) {
            self.picture.extend([0xff, marker]);
            self.picture.extend((length + 2).to_be_bytes());
            self.picture.extend(content);
        }
        if marker == SOS {
            self.scan(content)?;
            self.picture.extend(scan_data(rest).ok_or(CUT_SHORT)?);
        }
        Ok(())
    }

    fn start_frame(&mut self, marker: u8, content: &[u8]) -> Result<(), Error> {
        if self.frame.is_some() {
            return Err(damaged("it has two frame headers"));
        }
        let mut header = Bytes(content);
        let precision = header.u8().unwrap_or_default();
        if !matches!(marker, SOF_BASELINE | SOF_EXTENDED | SOF_PROGRESSIVE) || precision != 8 {
            let coding = if precision == 8 { "arithmetic or lossless coding" } else { "not 8 bits deep" };
            return Err(Error::UnreadableVariety { format: Format::Jpeg, variety: coding.into() });
        }
        let frame = Frame::parse(marker, header).ok_or_else(|| damaged("its frame header is too short"))?;
        if frame.width == 0 || frame.height == 0 {
            return Err(damaged("it has no pixels"));
        }
        self.frame = Some(frame);
        Ok(())
    }

    /// Notes which channels a scan begins. A baseline picture has to have a single scan of all
    /// channels: the decoder misreads short scans that follow each other.
    fn scan(&mut self, content: &[u8]) -> Result<(), Error> {
        let frame = self.frame.as_ref().ok_or_else(|| damaged("it has no frame header"))?;
        let scan = Scan::parse(content).ok_or_else(|| damaged("a scan header is too short"))?;
        let whole = self.begun.is_empty() && scan.channels.len() == frame.components.len();
        if !frame.progressive && !whole {
            let variety = "baseline in several scans".into();
            return Err(Error::UnreadableVariety { format: Format::Jpeg, variety });
        }
        if scan.begins {
            self.begun.extend(scan.channels);
        }
        Ok(())
    }

    fn quantisation(&mut self, content: &[u8]) {
        let mut rest = Bytes(content);
        while let Some((number, table)) = quantisation_table(&mut rest) {
            if let Some(slot @ None) = self.tables.get_mut(usize::from(number)) {
                *slot = Some(table);
            }
        }
    }

    fn finish(self, trailing: usize) -> Result<File<'a>, Error> {
        let frame = self.frame.ok_or_else(|| damaged("it has no frame header"))?;
        if self.begun.len() < frame.components.len() {
            return Err(damaged("a colour channel is missing"));
        }
        let mut picture = self.picture;
        picture.extend(if frame.progressive { &END[..] } else { &READ_AHEAD });
        Ok(File { frame, segments: self.segments, tables: self.tables, picture, trailing })
    }
}

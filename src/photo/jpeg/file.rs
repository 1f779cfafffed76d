//! The structure of a JPEG file: its segments, one after the other, up to the end of the picture.

use super::super::{Error, Format, bytes::Bytes};
use super::channels::{self, Hints};
use super::headers::{Frame, Scan, quantisation_table};
use super::huffman::Tables;
use super::scans::Progress;
use super::walk;

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

const START: &[u8] = &[0xff, 0xd8];
const END: [u8; 2] = [0xff, EOI];

/// What a baseline picture is given instead of its end marker.
///
/// A decoder that meets the end marker too early fills the rest of the picture with grey; one
/// that runs out of bytes reports it. It reads some bytes ahead, though.
const READ_AHEAD: [u8; 64] = [0; 64];

/// Scans of a progressive picture times its pixels, above which decoding takes many seconds. A small
/// file can ask for it; encoders make about ten scans.
const MOST_PASSES: u64 = 2_000_000_000;

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
    pub(super) trailing: &'a [u8],
    /// Whether there is anything between segments.
    pub(super) junk: bool,
}

impl<'a> File<'a> {
    /// The picture as a file of its own, with nothing that a decoder does not need.
    pub(super) fn whole(&self) -> Vec<u8> {
        match self.picture.strip_suffix(&READ_AHEAD) {
            Some(picture) if !self.frame.progressive => [picture, &END].concat(),
            _ => self.picture.clone(),
        }
    }

    /// Takes a file apart. A file without an end marker is cut short, unless it is a baseline
    /// picture of which every block is there and something else follows.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut parts = Parts::default();
        let mut rest = Bytes(bytes);
        rest.take(2);
        loop {
            let (junk, marker) = next_marker(&mut rest).ok_or(CUT_SHORT)?;
            parts.junk |= junk;
            match marker {
                EOI => return parts.finish(rest.0),
                // Markers without content, which mean nothing between segments.
                0x00 | 0x01 | 0xd0..=0xd8 => continue,
                _ => {}
            }
            let content = segment(&mut rest)?;
            match (marker, &parts.frame) {
                (SOS, None) => return Err(damaged("it has no frame header")),
                (SOS, Some(frame)) if frame.progressive => parts.scan(content, &mut rest)?,
                (SOS, Some(_)) => return parts.baseline(content, rest),
                _ => parts.segment(marker, content)?,
            }
        }
    }
}

const CUT_SHORT: Error = Error::CutShort { format: Format::Jpeg };

fn damaged(what: &'static str) -> Error {
    Error::damaged(Format::Jpeg, what)
}

fn unknown(what: &'static str) -> Error {
    Error::UnreadableVariety { format: Format::Jpeg, variety: what.into() }
}

/// Goes on to the next marker, skipping whatever does not belong there, as viewers do, and tells
/// whether there was anything.
fn next_marker(rest: &mut Bytes<'_>) -> Option<(bool, u8)> {
    let start = rest.0.iter().position(|&byte| byte == 0xff)?;
    rest.take(start);
    let fill = rest.0.iter().take_while(|&&byte| byte == 0xff).count();
    rest.take(fill);
    rest.u8().map(|marker| (start > 0, marker))
}

/// Takes what follows a marker: a length, and content of that length.
fn segment<'a>(rest: &mut Bytes<'a>) -> Result<&'a [u8], Error> {
    let length = rest.u16_be().ok_or(CUT_SHORT)?;
    let length = length.checked_sub(2).ok_or_else(|| damaged("a segment has no length"))?;
    rest.take(length.into()).ok_or(CUT_SHORT)
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
    huffman: Tables,
    restart_interval: u16,
    hints: Hints,
    picture: Vec<u8>,
    progress: Progress,
    scans: u64,
    junk: bool,
}

impl<'a> Parts<'a> {
    fn segment(&mut self, marker: u8, content: &'a [u8]) -> Result<(), Error> {
        match marker {
            0xe0..=0xef | COM => {
                self.hints.note(marker, content);
                self.segments.push(Segment { marker, content });
            }
            DQT => self.quantisation(content),
            DHT => self.huffman.add(content),
            DRI => self.restart_interval = Bytes(content).u16_be().unwrap_or(0),
            0xc0..=0xcf if !matches!(marker, JPG | DAC) => self.start_frame(marker, content)?,
            _ => {}
        }
        if matches!(marker, DHT | DQT | DRI) {
            self.pass_on(marker, content);
        }
        Ok(())
    }

    /// Gives the decoder a segment.
    fn pass_on(&mut self, marker: u8, content: &[u8]) {
        self.picture.extend([0xff, marker]);
        self.picture.extend((content.len() as u16 + 2).to_be_bytes());
        self.picture.extend(content);
    }

    fn start_frame(&mut self, marker: u8, content: &[u8]) -> Result<(), Error> {
        if self.frame.is_some() {
            return Err(damaged("it has two frame headers"));
        }
        let mut header = Bytes(content);
        let precision = header.u8().unwrap_or_default();
        if !matches!(marker, SOF_BASELINE | SOF_EXTENDED | SOF_PROGRESSIVE) || precision != 8 {
            return Err(unknown(if precision == 8 {
                "arithmetic or lossless coding"
            } else {
                "not 8 bits deep"
            }));
        }
        let frame = Frame::parse(marker, header).ok_or_else(|| damaged("its frame header is too short"))?;
        if frame.width == 0 || frame.height == 0 {
            return Err(damaged("it has no pixels"));
        }
        if let Some(layout) = frame.unknown_layout() {
            return Err(unknown(layout));
        }
        self.pass_on(marker, &frame.numbered());
        self.progress = Progress::of(frame.components.len());
        self.frame = Some(frame);
        Ok(())
    }

    /// Reads a scan header, and where its channels are among those of the frame.
    fn scan_header(&self, content: &[u8]) -> Result<(Scan, Vec<usize>), Error> {
        let scan = Scan::parse(content).ok_or_else(|| damaged("a scan header is too short"))?;
        let place = |(id, _): &(u8, u8)| self.frame.as_ref().and_then(|frame| frame.place(*id));
        let places: Option<Vec<_>> = scan.channels.iter().map(place).collect();
        let places = places.ok_or_else(|| damaged("a scan is of a channel that there is not"))?;
        Ok((scan, places))
    }

    /// Takes a scan of a progressive picture.
    fn scan(&mut self, content: &[u8], rest: &mut Bytes<'a>) -> Result<(), Error> {
        let (scan, places) = self.scan_header(content)?;
        let follows = self.progress.note(&scan, &places);
        follows.ok_or_else(|| damaged("its scans do not build on each other"))?;
        self.scans += 1;
        let pixels = self.frame.as_ref().map_or(0, |frame| u64::from(frame.width) * u64::from(frame.height));
        if self.scans * pixels > MOST_PASSES {
            return Err(unknown("more scans than a picture of its size has"));
        }
        self.pass_on(SOS, &scan.numbered(&places));
        self.picture.extend(scan_data(rest).ok_or(CUT_SHORT)?);
        Ok(())
    }

    /// Takes the scan of a baseline picture, which has to be a single one of all channels: the
    /// decoder misreads short scans that follow each other. Whatever comes after it is no part of
    /// the picture.
    fn baseline(mut self, content: &[u8], mut rest: Bytes<'a>) -> Result<File<'a>, Error> {
        let (scan, places) = self.scan_header(content)?;
        let frame = self.frame.as_ref().ok_or_else(|| damaged("it has no frame header"))?;
        if !places.iter().copied().eq(0..frame.components.len()) {
            return Err(unknown("baseline in several scans"));
        }
        let standard = self.huffman.complete();
        let all = rest.0;
        let marked = scan_data(&mut rest).filter(|_| rest.0.starts_with(&END)).map(<[u8]>::len);
        let counted = || {
            let length = walk::length(frame, &scan, &self.huffman, self.restart_interval, all)?;
            // A lone first byte of a marker is all that is left of the end marker.
            all.get(length..).filter(|behind| behind.len() > 1).map(|_| length)
        };
        let length = marked.or_else(counted).ok_or(CUT_SHORT)?;
        if !standard.is_empty() {
            self.pass_on(DHT, &standard);
        }
        self.pass_on(SOS, &scan.numbered(&places));
        let (data, behind) = all.split_at_checked(length).ok_or(CUT_SHORT)?;
        self.picture.extend(data);
        self.end(&READ_AHEAD, behind.strip_prefix(&END).unwrap_or(behind))
    }

    fn quantisation(&mut self, content: &[u8]) {
        let mut rest = Bytes(content);
        while let Some((number, table)) = quantisation_table(&mut rest) {
            if let Some(slot @ None) = self.tables.get_mut(usize::from(number)) {
                *slot = Some(table);
            }
        }
    }

    /// Ends a progressive picture.
    fn finish(self, trailing: &'a [u8]) -> Result<File<'a>, Error> {
        if self.frame.is_some() && !self.progress.shows_all_channels() {
            return Err(damaged("a colour channel is missing"));
        }
        self.end(&END, trailing)
    }

    fn end(self, end: &[u8], trailing: &'a [u8]) -> Result<File<'a>, Error> {
        let frame = self.frame.ok_or_else(|| damaged("it has no frame header"))?;
        let transform = channels::segment(self.hints.transform(&frame));
        let picture = [START, &transform, &self.picture, end].concat();
        let Self { segments, tables, junk, .. } = self;
        Ok(File { frame, segments, tables, picture, trailing, junk })
    }
}

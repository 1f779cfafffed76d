//! JPEG: layouts, colours, ends, tables.

use jpeg_encoder::{ColorType, SamplingFactor};

use crate::make::{jpeg, with_segments};
use crate::row::{Must, Row, row};

const SIZE: (u16, u16) = (40, 24);
const READ: Must = Must::Read((40, 24), Some([90.0; 3]));
const FINER: Must = Must::Refuse("colour sampled more finely than brightness");

/// A picture of one grey.
fn grey(set_up: impl FnOnce(&mut jpeg_encoder::Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    jpeg(&[90; 40 * 24 * 3], SIZE, ColorType::Rgb, set_up)
}

fn find(bytes: &[u8], marker: u8) -> usize {
    bytes.windows(2).position(|pair| pair == [0xff, marker]).unwrap()
}

/// Sets the sampling factors of the three channels.
fn sampled(factors: [u8; 3]) -> Vec<u8> {
    let mut bytes = grey(|_| ());
    let frame = find(&bytes, 0xc0);
    (0..3).for_each(|channel| bytes[frame + 11 + 3 * channel] = factors[channel]);
    bytes
}

fn numbered(ids: [u8; 3]) -> Vec<u8> {
    let mut bytes = grey(|_| ());
    let (frame, scan) = (find(&bytes, 0xc0), find(&bytes, 0xda));
    for channel in 0..3 {
        bytes[frame + 10 + 3 * channel] = ids[channel];
        bytes[scan + 5 + 2 * channel] = ids[channel];
    }
    bytes
}

fn adobe(transform: u8) -> Vec<u8> {
    [b"Adobe\0d\0\0\0\0", &[transform][..]].concat()
}

/// With the segment of Adobe's, and without the JFIF header if told so.
fn transformed(mut bytes: Vec<u8>, transform: u8, jfif: bool) -> Vec<u8> {
    if !jfif {
        bytes.drain(2..20);
    }
    with_segments(&bytes, &[(0xee, &adobe(transform))])
}

/// Without the segments of a marker.
fn without(mut bytes: Vec<u8>, marker: u8) -> Vec<u8> {
    while let Some(at) = bytes.windows(2).position(|pair| pair == [0xff, marker]) {
        let length = usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
        bytes.drain(at..at + 2 + length);
    }
    bytes
}

/// With something else instead of the end marker.
fn ending(behind: &[u8]) -> Vec<u8> {
    ended(&grey(|_| ()), behind)
}

fn ended(bytes: &[u8], behind: &[u8]) -> Vec<u8> {
    [&bytes[..bytes.len() - 2], behind].concat()
}

fn restarts(encoder: &mut jpeg_encoder::Encoder<&mut Vec<u8>>) {
    encoder.set_restart_interval(1);
}

fn coarse(encoder: &mut jpeg_encoder::Encoder<&mut Vec<u8>>) {
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
}

fn changed(at: impl Fn(&[u8]) -> usize, value: u8) -> Vec<u8> {
    let mut bytes = grey(|_| ());
    let at = at(&bytes);
    bytes[at] = value;
    bytes
}

fn progressive(scans: impl Fn(usize) -> Vec<usize>) -> Vec<u8> {
    let bytes = grey(|encoder| encoder.set_progressive(true));
    let starts: Vec<_> = (0..bytes.len() - 1).filter(|&at| bytes[at..at + 2] == [0xff, 0xda]).collect();
    let end = bytes.len() - 2;
    let scan = |n: usize| &bytes[starts[n]..starts.get(n + 1).copied().unwrap_or(end)];
    let mut out = bytes[..starts[0]].to_vec();
    scans(starts.len()).into_iter().for_each(|n| out.extend(scan(n)));
    out.extend([0xff, 0xd9]);
    out
}

/// A picture of 10,000 x 10,000 pixels in many scans, all but the first without data.
fn scanned_often() -> Vec<u8> {
    let mut bytes = progressive(|_| vec![0]);
    let frame = find(&bytes, 0xc2);
    bytes[frame + 5..frame + 9].copy_from_slice(&[0x27, 0x10, 0x27, 0x10]);
    bytes.truncate(bytes.len() - 2);
    let id = bytes[frame + 10];
    (1..=40).for_each(|band| bytes.extend([0xff, 0xda, 0, 8, 1, id, 0, band, band, 0]));
    [&bytes[..], &[0xff, 0xd9]].concat()
}

pub(crate) fn rows() -> Vec<Row> {
    [colours(), layouts(), ends(), scans()].into_iter().flatten().collect()
}

fn colours() -> Vec<Row> {
    // As RGB, the samples of grey 90 in YCbCr are 90, 128, 128.
    vec![
        row("JFIF and Adobe transform 0", transformed(grey(|_| ()), 0, true), READ),
        row("JFIF and Adobe transform 1", transformed(grey(|_| ()), 1, true), READ),
        row("JFIF and Adobe transform 2", transformed(grey(|_| ()), 2, true), READ),
        row("Adobe transform 1 alone", transformed(grey(|_| ()), 1, false), READ),
        row("Adobe transform 255 alone", transformed(grey(|_| ()), 255, false), READ),
        row(
            "Adobe transform 0 alone: RGB",
            transformed(grey(|_| ()), 0, false),
            Must::Read((40, 24), Some([90.0, 128.0, 128.0])),
        ),
        row("channels called R, G, B under JFIF", numbered(*b"RGB"), READ),
        row("channels numbered 0, 1, 2", numbered([0, 1, 2]), READ),
        row("channels numbered 1, 34, 35", numbered([1, 34, 35]), READ),
        row("two channels of one number", numbered([1, 1, 1]), Must::Refuse("")),
    ]
}

fn layouts() -> Vec<Row> {
    vec![
        row("chroma 2x1 over luma 1x1", sampled([0x11, 0x21, 0x21]), FINER),
        row("chroma 1x2 over luma 1x1", sampled([0x11, 0x12, 0x12]), FINER),
        row("one chroma finer than luma", sampled([0x11, 0x11, 0x21]), FINER),
        row("luma 2x1 with chroma 1x2", sampled([0x21, 0x12, 0x12]), FINER),
        row("luma 3x1 with chroma 2x1", sampled([0x31, 0x21, 0x21]), FINER),
        row("a sampling factor of 0", sampled([0x01, 0x11, 0x11]), Must::Refuse("impossible sampling")),
        row("a sampling factor of 15", sampled([0xff, 0x11, 0x11]), Must::Refuse("impossible sampling")),
        row("two channels", changed(|bytes| find(bytes, 0xc0) + 9, 2), Must::Refuse("channels")),
        row("no channels", changed(|bytes| find(bytes, 0xc0) + 9, 0), Must::Refuse("channels")),
        row("255 channels", changed(|bytes| find(bytes, 0xc0) + 9, 255), Must::Refuse("too short")),
        row("arithmetic coding", changed(|bytes| find(bytes, 0xc0) + 1, 0xc9), Must::Refuse("arithmetic")),
        row("lossless coding", changed(|bytes| find(bytes, 0xc0) + 1, 0xc3), Must::Refuse("lossless")),
        row("12 bits a sample", changed(|bytes| find(bytes, 0xc0) + 4, 12), Must::Refuse("not 8 bits")),
        row("height 0", changed(|bytes| find(bytes, 0xc0) + 6, 0), Must::Refuse("no pixels")),
        row("65,535 x 65,535", huge(), Must::Refuse("over the limit")),
        row("4:2:0", grey(coarse), READ),
        row("a restart after every block", grey(restarts), READ),
        row("no Huffman tables", without(grey(|_| ()), 0xc4), READ),
        row("no quantisation tables", without(grey(|_| ()), 0xdb), Must::Refuse("damaged")),
        row("no frame", without(grey(|_| ()), 0xc0), Must::Refuse("no frame header")),
    ]
}

fn huge() -> Vec<u8> {
    let mut bytes = grey(|_| ());
    let frame = find(&bytes, 0xc0);
    bytes[frame + 5..frame + 9].fill(0xff);
    bytes
}

fn ends() -> Vec<Row> {
    let film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom FILM \xff\x24 \xff\xd9 more FILM";
    let samsung = b"\x01\x02 FILM \xff\x24\xff\xc4\0\x10 SEFHj\0\0\0SEFT";
    let whole = grey(|_| ());
    vec![
        row("no end marker, then a film", ending(film), Must::Remove("film behind", "FILM")),
        row("no end marker, then a phone's trailer", ending(samsung), Must::Remove("film behind", "FILM")),
        row(
            "restarts, no end marker, then a film",
            ended(&grey(restarts), film),
            Must::Remove("film behind", "FILM"),
        ),
        row(
            "4:2:0, no end marker, then a film",
            ended(&grey(coarse), film),
            Must::Remove("film behind", "FILM"),
        ),
        row("an end marker, then a film", [&*whole, film].concat(), Must::Remove("film behind", "FILM")),
        row("an end marker, then a picture", [&*whole, &whole].concat(), Must::Remove("data behind", "")),
        row("no end marker, then nothing", ending(b""), Must::Refuse("cut short")),
        row("half of the picture, then a film", half(film), Must::Refuse("cut short")),
        row(
            "a comment behind the scan",
            ending(b"\xff\xfe\0\x08SECRET\xff\xd9"),
            Must::Remove("data behind", "SECRET"),
        ),
        row("junk between segments", junk(), Must::Remove("data between", "JUNK")),
    ]
}

fn half(behind: &[u8]) -> Vec<u8> {
    let picture: Vec<u8> =
        (0..160 * 160 * 3).map(|index: u32| (index.wrapping_mul(index) >> 7) as u8).collect();
    let bytes = jpeg(&picture, (160, 160), ColorType::Rgb, |_| ());
    [&bytes[..bytes.len() / 2], b"\xff\xe5", behind].concat()
}

fn junk() -> Vec<u8> {
    let mut bytes = grey(|_| ());
    bytes.splice(20..20, *b"JUNK");
    bytes
}

fn scans() -> Vec<Row> {
    let order = Must::Refuse("do not build on each other");
    let in_turn =
        |encoder: &mut jpeg_encoder::Encoder<&mut Vec<u8>>| encoder.set_optimized_huffman_tables(true);
    vec![
        row("baseline in several scans", grey(in_turn), Must::Refuse("baseline in several scans")),
        row("a progression", progressive(|count| (0..count).collect()), READ),
        row("a progression backwards", progressive(|count| (0..count).rev().collect()), order),
        row(
            "every scan twice",
            progressive(|count| (0..2 * count).map(|n| n / 2).collect()),
            Must::Refuse("build on"),
        ),
        row("a scan 1,000 times", progressive(|_| vec![0; 1000]), Must::Refuse("build on")),
        row("40 scans of 100 megapixels", scanned_often(), Must::Refuse("more scans than")),
        row("no scan", progressive(|_| vec![]), Must::Refuse("channel is missing")),
    ]
}

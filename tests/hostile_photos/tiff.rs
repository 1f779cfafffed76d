//! TIFF: layouts that are read right, and layouts that are refused.

use crate::make::tiff as talkative;
use crate::row::{Must, Row, row};

/// A little-endian TIFF of 2 x 1 grey pixels of 70, 8 bits deep: entries replace those of the same
/// tag; `samples` lie at offset 8.
fn tiff(entries: &[(u16, u32)], samples: &[u8]) -> Vec<u8> {
    let mut all =
        vec![(256, 2), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, 2)];
    all.retain(|(tag, _)| entries.iter().all(|(other, _)| other != tag));
    all.extend(entries);
    all.sort_unstable();
    let at = 8 + samples.len().next_multiple_of(2);
    let mut bytes = [b"II*\0", &(at as u32).to_le_bytes()[..], samples].concat();
    bytes.resize(at, 0);
    bytes.extend((all.len() as u16).to_le_bytes());
    for (tag, value) in &all {
        bytes.extend([&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0], &value.to_le_bytes()].concat());
    }
    bytes.extend([0; 4]);
    bytes
}

/// The same as a BigTIFF, with an orientation.
fn big(orientation: u64) -> Vec<u8> {
    let entries = [
        (256, 2),
        (257, 1),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 16),
        (274, orientation),
        (277, 1),
        (278, 1),
        (279, 2),
    ];
    let mut bytes = [b"II+\0\x08\0\0\0", &24_u64.to_le_bytes()[..], &[70; 8]].concat();
    bytes.extend((entries.len() as u64).to_le_bytes());
    for (tag, value) in entries {
        bytes.extend((tag as u16).to_le_bytes());
        bytes.extend([&[3, 0][..], &1_u64.to_le_bytes(), &u64::to_le_bytes(value)].concat());
    }
    bytes.extend([0; 8]);
    bytes
}

pub(crate) fn rows() -> Vec<Row> {
    let read = || Must::Read((2, 1), Some([70.0; 3]));
    let grey = |name: &str, entries: &[(u16, u32)], must| row(name, tiff(entries, &[70, 70]), must);
    let mut rows = vec![
        grey("grey", &[], read()),
        grey("white is zero", &[(262, 0)], Must::Read((2, 1), Some([185.0; 3]))),
        row("16 bit", tiff(&[(258, 16), (279, 4)], &[70, 70, 70, 70]), read()),
        row("planes apart in strips", talkative(1), Must::Read((3, 2), Some([1.0; 3]))),
        grey("bits in reverse order", &[(266, 2)], Must::Read((2, 1), Some([98.0; 3]))),
        row("32-bit whole numbers", tiff(&[(258, 32), (279, 8)], &[70; 8]), read()),
        row(
            "64-bit whole numbers",
            tiff(&[(258, 64), (279, 16)], &[70; 16]),
            Must::Refuse("more than 32 bits"),
        ),
        row(
            "grey multiplied by its transparency",
            tiff(&[(277, 2), (338, 1), (279, 4)], &[70; 4]),
            Must::Refuse(""),
        ),
        grey(
            "planes apart in tiles",
            &[(284, 2), (322, 16), (323, 16), (324, 8), (325, 256)],
            Must::Refuse("tiles of one colour each"),
        ),
        grey("old JPEG compression", &[(259, 6)], Must::Refuse("")),
        grey("unknown compression", &[(259, 999)], Must::Refuse("unsupported")),
        grey("unknown colours", &[(262, 999)], Must::Refuse("")),
        grey(
            "60,000 x 60,000",
            &[(256, 60_000), (257, 60_000), (278, 60_000)],
            Must::Refuse("over the limit"),
        ),
        grey("4 billion columns", &[(256, u32::MAX)], Must::Refuse("over the limit")),
        grey("no rows", &[(257, 0)], Must::Refuse("")),
        grey("no rows in a strip", &[(278, 0)], Must::Refuse("")),
        grey("a strip outside the file", &[(273, 90_000)], Must::Refuse("cut short")),
        grey("a strip of 4 GB", &[(279, u32::MAX)], Must::Refuse("")),
        grey("9 channels", &[(277, 9)], Must::Refuse("")),
        grey("a preview", &[(254, 1)], Must::Refuse("camera raw")),
        row("a directory that is its own next one", looped(), Must::Refuse("cycle")),
        row("a directory nowhere", b"II*\0\xff\xff\xff\x7f".to_vec(), Must::Refuse("")),
    ];
    rows.extend((1..=8).map(|orientation| {
        let size = if orientation < 5 { (2, 1) } else { (1, 2) };
        row(
            format!("BigTIFF with orientation {orientation}"),
            big(orientation),
            Must::Read(size, Some([70.0; 3])),
        )
    }));
    rows
}

/// A directory that says that the next one is itself.
fn looped() -> Vec<u8> {
    let mut bytes = tiff(&[], &[70, 70]);
    let end = bytes.len() - 4;
    bytes[end] = 10;
    bytes
}

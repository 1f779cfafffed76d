//! Whether bytes hide a picture: as it is, or written as base64 or hexadecimal text, or compressed.
//!
//! What is asked is whether bytes may be passed on, so doubt counts as a picture.

use std::io::Read as _;

use crate::photo::bytes::contains;

/// How often a picture may be wrapped and still be found.
const DEPTH: usize = 4;

/// Bytes that are unpacked of one compressed block: enough to see what is in it.
const UNPACKED: u64 = 1 << 20;

/// The longest stretch of visible characters, in bytes, that may pass for a word.
const LONGEST_WORD: usize = 1000;

/// Whether there is a picture, or what cannot be told from one, anywhere in some bytes.
pub(in crate::photo) fn hidden_in(bytes: &[u8]) -> bool {
    hidden(bytes, DEPTH)
}

fn hidden(bytes: &[u8], depth: usize) -> bool {
    if bare(bytes) {
        return true;
    }
    let Some(depth) = depth.checked_sub(1) else { return false };
    let text = plain_text(bytes);
    unpacked(bytes).any(|unpacked| hidden(&unpacked, depth))
        || (text.len() < bytes.len() && bare(&text))
        || written(&text).iter().any(|decoded| hidden(decoded, depth))
}

/// Whether the beginning of a picture or film lies bare in some bytes.
pub(in crate::photo) fn bare(bytes: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 8] = [
        b"\x89PNG\r\n",
        b"GIF87a",
        b"GIF89a",
        b"8BPS\0",
        b"II*\0",
        b"MM\0*",
        b"\0\0\0\x0cJXL ",
        b"\xff\x4f\xff\x51",
    ];
    let boxed = |window: &[u8]| match window {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P'] => true,
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => {
            brand.iter().all(|byte| matches!(byte, 0x20..0x7f))
        }
        // The segments that a JPEG can begin with.
        [0xff, 0xd8, 0xff, 0xc0..=0xcf | 0xdb | 0xdd | 0xe0..=0xef | 0xfe | 0xff, ..] => true,
        _ => false,
    };
    BEGINNINGS.iter().any(|beginning| contains(bytes, beginning))
        || bytes.windows(12).any(boxed)
        || bytes.last_chunk::<4>().is_some_and(|last| boxed(last))
}

/// Whether there is a longer stretch without a space than text has.
pub(in crate::photo) fn has_endless_word(bytes: &[u8]) -> bool {
    let breaks = |byte: &u8| !byte.is_ascii_graphic() || matches!(byte, b'<' | b'>' | b'"' | b'\'');
    bytes.split(breaks).any(|word| word.len() > LONGEST_WORD)
}

/// What compressed blocks unpack to: zlib and gzip streams are told by their first bytes.
fn unpacked(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    /// Bounds the work on bytes that look like the beginnings of many streams.
    const ENOUGH: usize = 64;
    let starts = bytes.windows(2).enumerate().filter(|(_, pair)| {
        matches!(pair, [0x78, second] if u16::from_be_bytes([0x78, *second]).is_multiple_of(31))
            || *pair == [0x1f, 0x8b]
    });
    starts.take(ENOUGH).filter_map(|(at, pair)| {
        let packed = bytes.get(at..)?;
        let mut unpacked = Vec::new();
        // What can be unpacked before an error counts too.
        let _cut_short = if pair == [0x1f, 0x8b] {
            flate2::read::GzDecoder::new(packed).take(UNPACKED).read_to_end(&mut unpacked)
        } else {
            flate2::read::ZlibDecoder::new(packed).take(UNPACKED).read_to_end(&mut unpacked)
        };
        (unpacked.len() > 8).then_some(unpacked)
    })
}

/// The characters of a text without what it may be spread out or escaped with: the zeros of UTF-16,
/// white space as it is and as an entity, backslashes, and percent signs.
fn plain_text(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, behind @ ..] = rest {
        let skipped = [&b"&#xA;"[..], b"&#xa;", b"&#xD;", b"&#xd;", b"&#10;", b"&#13;", b"\\n", b"\\r"]
            .iter()
            .find_map(|space| rest.strip_prefix(*space));
        rest = skipped.unwrap_or(behind);
        match (first, percent(behind)) {
            _ if skipped.is_some() => {}
            (b'%', Some((byte, behind))) => {
                text.push(byte);
                rest = behind;
            }
            (0 | b' ' | b'\t' | b'\r' | b'\n' | b'\\', _) => {}
            _ => text.push(*first),
        }
    }
    text
}

/// The byte that two hexadecimal digits stand for, and what is behind them.
fn percent(behind: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, behind) = behind.split_at_checked(2)?;
    let digits = str::from_utf8(digits).ok()?;
    u8::from_str_radix(digits, 16).ok().map(|byte| (byte, behind))
}

/// What stretches of text may stand for, as base64 and as hexadecimal digits, from each place that they may begin at.
fn written(text: &[u8]) -> Vec<Vec<u8>> {
    const SHORTEST: usize = 16;
    let mut decoded = Vec::new();
    for word in text.split(|byte| sextet(*byte).is_none()).filter(|word| word.len() >= SHORTEST) {
        let sextets: Vec<u8> = word.iter().filter_map(|byte| sextet(*byte)).collect();
        decoded.extend((0..4).map(|from| bytes_of(sextets.get(from..).unwrap_or_default(), 6)));
    }
    let is_digit = |byte: &u8| byte.is_ascii_hexdigit();
    for word in text.split(|byte| !is_digit(byte)).filter(|word| word.len() >= SHORTEST) {
        let digits = word.iter().filter_map(|byte| (*byte as char).to_digit(16));
        let digits: Vec<u8> = digits.map(|digit| digit as u8).collect();
        decoded.extend((0..2).map(|from| bytes_of(digits.get(from..).unwrap_or_default(), 4)));
    }
    decoded
}

/// The six bits that a character of base64 stands for, in its usual form and that for addresses.
fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Puts groups of so many bits together to bytes.
fn bytes_of(groups: &[u8], bits: u32) -> Vec<u8> {
    let (mut held, mut count) = (0_u32, 0);
    let mut bytes = Vec::with_capacity(groups.len() * bits as usize / 8);
    for group in groups {
        held = held << bits | u32::from(*group);
        count += bits;
        if count >= 8 {
            count -= 8;
            bytes.push((held >> count) as u8);
        }
    }
    bytes
}

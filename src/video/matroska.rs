//! Frames with their times, as ffmpeg reads them from a pipe: the least of [Matroska, RFC 9559](https://www.rfc-editor.org/rfc/rfc9559)
//! that carries raw pictures. Raw video alone would lose the times.

use std::io::{Result, Write};

const HEAD: u32 = 0x1A45_DFA3;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_A966;
const TRACKS: u32 = 0x1654_AE6B;
const CLUSTER: u32 = 0x1F43_B675;

/// Writes the head of a stream of frames of this size, of which one is shown about so many microseconds.
pub(super) fn begin(to: &mut impl Write, [width, height]: [usize; 2], usual: u64) -> Result<()> {
    let head = [text(0x4282, "matroska"), number(0x4287, 4), number(0x4285, 2)].concat();
    // Times are in microseconds.
    let info = [number(0x2A_D7B1, 1000), text(0x4D80, "visard"), text(0x5741, "visard")].concat();
    let picture = [number(0xB0, width as u64), number(0xBA, height as u64), text(0x2E_B524, "I420")].concat();
    let track = [
        number(0xD7, 1),
        number(0x73C5, 1),
        number(0x83, 1),
        number(0x9C, 0),
        number(0x23_E383, usual * 1000),
        text(0x86, "V_UNCOMPRESSED"),
        element(0xE0, &picture),
    ];
    to.write_all(&element(HEAD, &head))?;
    to.write_all(&id(SEGMENT))?;
    // The length is not known.
    to.write_all(&[0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])?;
    to.write_all(&element(INFO, &info))?;
    to.write_all(&element(TRACKS, &element(0xAE, &track.concat())))
}

/// Writes a frame that is shown from a time on, for so long, both in microseconds.
pub(super) fn frame(to: &mut impl Write, time: u64, duration: u64, levels: &[u8]) -> Result<()> {
    let lasting = number(0x9B, duration);
    let block = [&id(0xA1)[..], &length(levels.len() as u64 + 4), &[0x81, 0, 0, 0]].concat();
    let group = (block.len() + levels.len() + lasting.len()) as u64;
    let opening = [&number(0xE7, time)[..], &id(0xA0), &length(group)].concat();
    to.write_all(&id(CLUSTER))?;
    to.write_all(&length(opening.len() as u64 + group))?;
    to.write_all(&opening)?;
    to.write_all(&block)?;
    to.write_all(levels)?;
    to.write_all(&lasting)
}

fn element(name: u32, content: &[u8]) -> Vec<u8> {
    [&id(name), &length(content.len() as u64), content].concat()
}

fn number(name: u32, value: u64) -> Vec<u8> {
    element(name, &value.to_be_bytes())
}

fn text(name: u32, value: &str) -> Vec<u8> {
    element(name, value.as_bytes())
}

/// The name of an element: as many bytes as it has.
fn id(name: u32) -> Vec<u8> {
    name.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect()
}

/// A length in eight bytes.
fn length(bytes: u64) -> Vec<u8> {
    (bytes | 1 << 56).to_be_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_its_name_its_length_and_its_content() {
        assert_eq!(text(0x86, "ab"), [0x86, 1, 0, 0, 0, 0, 0, 0, 2, b'a', b'b']);
        assert_eq!(id(0x2A_D7B1), [0x2A, 0xD7, 0xB1]);
    }

    #[test]
    fn a_frame_is_as_long_as_it_says() {
        let mut bytes = vec![];
        frame(&mut bytes, 40_000, 33_333, &[7; 100]).unwrap();
        let said = u64::from_be_bytes(bytes[4..12].try_into().unwrap()) & !(1 << 56);
        assert_eq!(said as usize, bytes.len() - 12);
    }
}

//! Colour profiles (ICC): what they say of colours stays, what they say of people and devices goes.
//!
//! Profiles that a system makes for a screen name its owner, model and serial number. So a profile
//! is written anew from the tags that turn samples into colours, and nothing else.

use crate::photo::bytes::Bytes;

use super::pictures;

const HEADER: usize = 128;

/// The tags that colours are computed from.
const COLOUR: [&[u8; 4]; 20] = [
    b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"wtpt", b"bkpt", b"lumi", b"chad",
    b"chrm", b"cicp", b"gamt", b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2",
];

/// Names of colour spaces, as opposed to devices: programs tell profiles by them.
const SPACES: [&str; 14] = [
    "sRGB IEC61966-2.1",
    "sRGB",
    "sRGB built-in",
    "Display P3",
    "Adobe RGB (1998)",
    "ProPhoto RGB",
    "ROMM RGB: ISO 22028-2:2013",
    "Rec. ITU-R BT.2020-1",
    "DCI-P3",
    "Dot Gain 20%",
    "Gray Gamma 2.2",
    "Generic RGB Profile",
    "Generic Gray Gamma 2.2 Profile",
    NAMELESS,
];

/// What the colours of any other profile are called.
pub(in crate::photo) const NAMELESS: &str = "colours of a photo";

/// A profile that was looked through.
pub(in crate::photo) struct Profile {
    /// The profile, with nothing but colours in it.
    pub(in crate::photo) bytes: Vec<u8>,
    /// Whether it said anything else.
    pub(in crate::photo) talked: bool,
}

impl Profile {
    /// Takes the colours out of a profile; `None` where it is damaged or of no use for pixels.
    pub(in crate::photo) fn colours(icc: &[u8]) -> Option<Self> {
        let header: &[u8; HEADER] = icc.first_chunk()?;
        (header.get(36..40)? == b"acsp").then_some(())?;
        let mut name = None;
        let (mut kept, mut others) = (Vec::new(), 0);
        for (tag, content) in tags(icc)? {
            match content.and_then(|content| colour(&tag, content)) {
                Some(content) => kept.push((tag, content.to_vec())),
                None if &tag == b"desc" => name = content.and_then(description),
                None => others += usize::from(&tag != b"cprt"),
            }
        }
        let has = |tag: &[u8; 4]| kept.iter().any(|(kept, _)| kept == tag);
        let matrix = COLOUR.iter().take(6).all(|tag| has(tag));
        (matrix || has(b"kTRC") || has(b"A2B0")).then_some(())?;
        let known = SPACES.iter().find(|space| Some(**space) == name.as_deref());
        let bytes = write(header, known.unwrap_or(&NAMELESS), kept);
        Some(Self { bytes, talked: others > 0 || known.is_none() })
    }

    /// A profile of Adobe RGB (1998), which cameras mean by "R03" and put no profile to.
    pub(in crate::photo) fn adobe_rgb() -> Vec<u8> {
        let mut header = [0; HEADER];
        let fields: [(usize, &[u8]); 4] = [
            (8, b"\x02\x40\0\0mntrRGB XYZ "),
            (36, b"acsp"),
            (64, &[0; 4]),
            (68, b"\0\0\xf6\xd6\0\x01\0\0\0\0\xd3\x2d"),
        ];
        for (at, field) in fields {
            header.iter_mut().skip(at).zip(field).for_each(|(to, from)| *to = *from);
        }
        let xyz = |values: [f64; 3]| {
            let fixed = values.map(|value| ((value * 65_536.0).round() as i32).to_be_bytes());
            [b"XYZ \0\0\0\0", fixed.as_flattened()].concat()
        };
        let gamma = b"curv\0\0\0\0\0\0\0\x01\x02\x33".to_vec();
        let tags = vec![
            (*b"rXYZ", xyz([0.60974, 0.31111, 0.01947])),
            (*b"gXYZ", xyz([0.20528, 0.62567, 0.06087])),
            (*b"bXYZ", xyz([0.14919, 0.06322, 0.74457])),
            (*b"rTRC", gamma.clone()),
            (*b"gTRC", gamma.clone()),
            (*b"bTRC", gamma),
            (*b"wtpt", xyz([0.96420, 1.0, 0.82491])),
        ];
        write(&header, "Adobe RGB (1998)", tags)
    }
}

/// A tag and its content, unless that lies outside the profile.
type Tag<'a> = ([u8; 4], Option<&'a [u8]>);

fn tags(icc: &[u8]) -> Option<Vec<Tag<'_>>> {
    const ENOUGH: u32 = 100;
    let mut table = Bytes(icc.get(HEADER..)?);
    let count = table.u32_be()?;
    let mut tags = Vec::new();
    for _ in 0..count.min(ENOUGH) {
        let tag = *table.take(4)?.first_chunk()?;
        let (from, length) = (table.u32_be()? as usize, table.u32_be()? as usize);
        tags.push((tag, icc.get(from..from.saturating_add(length))));
    }
    Some(tags)
}

/// What of a tag's content describes colours, without anything behind it.
fn colour<'a>(tag: &[u8; 4], content: &'a [u8]) -> Option<&'a [u8]> {
    COLOUR.contains(&tag).then_some(())?;
    let number = |at| content.get(at).copied().map(usize::from);
    let word = |at| Some(number(at)? << 8 | number(at + 1)?);
    let (inputs, outputs, grid) = (number(8), number(9), number(10));
    let cube = || grid?.checked_pow(inputs? as u32)?.checked_mul(outputs?);
    let length = match content.get(..4)? {
        b"XYZ " => 20,
        b"curv" => 12 + 2 * (word(8)? << 16 | word(10)?),
        b"para" => 12 + 4 * [1, 3, 4, 5, 7].get(word(8)?)?,
        b"sf32" => 44,
        b"chrm" => 12 + 8 * word(8)?,
        b"cicp" => 12,
        b"mft1" => (48 + 256 * (inputs? + outputs?)).checked_add(cube()?)?,
        b"mft2" => {
            let curves = word(48)? * inputs? + word(50)? * outputs?;
            (52 + 2 * curves).checked_add(cube()?.checked_mul(2)?)?
        }
        b"mAB " | b"mBA " if !pictures::hidden_in(content) => content.len(),
        _ => return None,
    };
    content.get(..length)
}

/// The text of a description, in either of its forms.
fn description(content: &[u8]) -> Option<String> {
    let mut rest = Bytes(content);
    let kind = rest.take(8)?.first_chunk::<4>()?;
    if kind == b"desc" {
        let length = rest.u32_be()? as usize;
        let text = rest.take(length)?;
        return Some(String::from_utf8_lossy(text).trim_end_matches('\0').into());
    }
    rest.take(12)?;
    let (length, from) = (rest.u32_be()? as usize, rest.u32_be()? as usize);
    let text = content.get(from..from.checked_add(length)?)?;
    let units = text.as_chunks::<2>().0.iter().map(|unit| u16::from_be_bytes(*unit));
    (kind == b"mluc").then(|| char::decode_utf16(units).map(|unit| unit.unwrap_or('?')).collect())
}

/// A text, in the form that a version of the format wants for a description or for a notice.
fn text(version: u8, kind: &[u8; 4], words: &str) -> Vec<u8> {
    let length = words.len() as u32;
    if version >= 4 {
        let units: Vec<u8> = words.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let sizes = [1, 12, u32::from_be_bytes(*b"enUS"), 2 * length, 28].map(u32::to_be_bytes);
        return [b"mluc\0\0\0\0", sizes.as_flattened(), &units].concat();
    }
    if kind == b"desc" {
        return [b"desc\0\0\0\0", &(length + 1).to_be_bytes()[..], words.as_bytes(), &[0; 1 + 8 + 3 + 67]]
            .concat();
    }
    [b"text\0\0\0\0", words.as_bytes(), &[0]].concat()
}

/// Writes a profile with the fields of a header that describe colours, a name and a notice.
fn write(from: &[u8; HEADER], name: &str, mut tags: Vec<([u8; 4], Vec<u8>)>) -> Vec<u8> {
    let version = from.get(8).copied().unwrap_or(2);
    tags.insert(0, (*b"desc", text(version, b"desc", name)));
    tags.insert(1, (*b"cprt", text(version, b"text", "none")));
    let mut out = vec![0; HEADER];
    let date = b"\x07\xd0\0\x01\0\x01\0\0\0\0\0\0";
    for (at, from) in
        [(8, from.get(8..24)), (24, Some(&date[..])), (36, from.get(36..40)), (64, from.get(64..80))]
    {
        out.iter_mut().skip(at).zip(from.unwrap_or_default()).for_each(|(to, from)| *to = *from);
    }
    out.extend((tags.len() as u32).to_be_bytes());
    let mut contents = Vec::new();
    let first = HEADER + 4 + 12 * tags.len();
    let mut placed: Vec<(&[u8], usize)> = Vec::new();
    for (tag, content) in &tags {
        let before = placed.iter().find(|(other, _)| other == content).map(|(_, at)| *at);
        let at = before.unwrap_or(first + contents.len());
        if before.is_none() {
            placed.push((content, at));
            contents.extend(content);
            contents.resize(contents.len().next_multiple_of(4), 0);
        }
        out.extend(tag);
        out.extend((at as u32).to_be_bytes());
        out.extend((content.len() as u32).to_be_bytes());
    }
    out.extend(contents);
    let size = (out.len() as u32).to_be_bytes();
    out.iter_mut().zip(size).for_each(|(to, from)| *to = from);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_space_keeps_its_name_and_nothing_changes_a_second_time() {
        let adobe = Profile::adobe_rgb();
        let colours = Profile::colours(&adobe).unwrap();
        assert!(!colours.talked);
        assert_eq!(colours.bytes, adobe);
    }

    #[test]
    fn the_name_of_a_screen_and_its_serial_go_and_the_colours_stay() {
        let adobe = Profile::adobe_rgb();
        let header = adobe.first_chunk().unwrap();
        let mut tags: Vec<_> = tags(&adobe).unwrap().into_iter().skip(2).collect();
        tags.push((*b"mmod", Some(b"mmod\0\0\0\0SERIAL")));
        let owned = tags.into_iter().map(|(tag, content)| (tag, content.unwrap().to_vec())).collect();
        let colours = Profile::colours(&write(header, "Anna's screen", owned)).unwrap();
        assert!(colours.talked);
        assert_eq!(colours.bytes, [write(header, NAMELESS, tags_of(&adobe))].concat());
    }

    fn tags_of(icc: &[u8]) -> Vec<([u8; 4], Vec<u8>)> {
        let colours = tags(icc).unwrap().into_iter().skip(2);
        colours.map(|(tag, content)| (tag, content.unwrap().to_vec())).collect()
    }

    #[test]
    fn rubbish_and_a_profile_without_colours_are_of_no_use() {
        assert!(Profile::colours(b"rubbish").is_none());
        assert!(Profile::colours(&[0xff; 500]).is_none());
        assert!(Profile::colours(Profile::adobe_rgb().get(..200).unwrap()).is_none());
    }
}

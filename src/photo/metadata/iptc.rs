//! IPTC captions, and the Photoshop resource blocks that carry them in JPEG and TIFF files.

use crate::photo::bytes::Bytes;

use super::pictures;

const SIGNATURE: &[u8] = b"8BIM";
const IPTC: u16 = 0x0404;

/// What Photoshop resource blocks hold.
#[derive(Debug, Default)]
pub(in crate::photo) struct Resources {
    /// The IPTC records.
    pub(in crate::photo) iptc: Option<Vec<u8>>,
    /// Whether there is a thumbnail, in either of the two forms.
    pub(in crate::photo) thumbnail: bool,
    /// Whether there is anything else.
    pub(in crate::photo) others: bool,
}

impl Resources {
    /// Reads resource blocks up to the first that is damaged.
    pub(in crate::photo) fn parse(bytes: &[u8]) -> Self {
        let mut resources = Self::default();
        let mut rest = Bytes(bytes);
        while let Some((id, content)) = resource(&mut rest) {
            match id {
                IPTC => resources.iptc = Some(content.to_vec()),
                0x0409 | 0x040c => resources.thumbnail = true,
                _ => resources.others = true,
            }
        }
        resources
    }
}

fn resource<'a>(rest: &mut Bytes<'a>) -> Option<(u16, &'a [u8])> {
    (rest.take(SIGNATURE.len())? == SIGNATURE).then_some(())?;
    let id = rest.u16_be()?;
    let name = usize::from(rest.u8()?);
    rest.take(name | 1)?;
    let length = rest.u32_be()? as usize;
    let content = rest.take(length)?;
    rest.take(length % 2);
    Some((id, content))
}

/// Wraps IPTC records into a resource block.
pub(in crate::photo) fn resource_block(iptc: &[u8]) -> Vec<u8> {
    let mut block = SIGNATURE.to_vec();
    block.extend(IPTC.to_be_bytes());
    block.extend([0, 0]);
    block.extend((iptc.len() as u32).to_be_bytes());
    block.extend(iptc);
    block.resize(block.len().next_multiple_of(2), 0);
    block
}

/// The records without the preview picture and embedded objects; ends at the first damaged one.
pub(in crate::photo) fn without_pictures(iptc: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut rest = Bytes(iptc);
    loop {
        let before = rest;
        let Some((record, number)) = data_set(&mut rest) else {
            return kept;
        };
        let is_picture = record >= 7 || (record == 2 && (200..=202).contains(&number));
        let data_set = before.0.get(..before.0.len() - rest.0.len()).unwrap_or_default();
        let content = data_set.get(5..).unwrap_or_default();
        if !is_picture && !pictures::hidden_in(content) && !pictures::has_endless_word(content) {
            kept.extend(data_set);
        }
    }
}

/// Skips one data set and tells its record and number.
fn data_set(rest: &mut Bytes<'_>) -> Option<(u8, u8)> {
    (rest.u8()? == 0x1c).then_some(())?;
    let (record, number) = (rest.u8()?, rest.u8()?);
    let length = rest.u16_be()?;
    // With the high bit set, the rest says in how many bytes the length itself is given.
    let length = match length {
        0..0x8000 => usize::from(length),
        0x8004 => rest.u32_be()? as usize,
        _ => return None,
    };
    rest.take(length)?;
    Some((record, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPTION: &[u8] = b"\x1c\x02\x78\0\x05Hello";
    const PREVIEW: &[u8] = b"\x1c\x02\xca\0\x04face";

    #[test]
    fn the_preview_goes_and_the_caption_stays() {
        let iptc = [PREVIEW, CAPTION, b"\x1c\x08\x0a\x80\x04\0\0\0\x04face"].concat();
        assert_eq!(without_pictures(&iptc), CAPTION);
    }

    #[test]
    fn records_end_where_they_are_damaged() {
        assert_eq!(without_pictures(&[CAPTION, b"\x1c\x02\x78\xff"].concat()), CAPTION);
        assert_eq!(without_pictures(b"rubbish"), b"");
    }

    #[test]
    fn a_resource_block_is_read_as_it_was_written() {
        let thumbnail = b"8BIM\x04\x0c\x03abc\0\0\0\x03xyz\0";
        let resources = Resources::parse(&[thumbnail, &*resource_block(CAPTION)].concat());
        assert_eq!(resources.iptc.as_deref(), Some(CAPTION));
        assert!(resources.thumbnail);
        assert!(!resources.others);
    }
}

//! A JPEG with the same compressed picture and other metadata.

use super::super::{Error, metadata::Metadata};
use super::file::{COM, File};
use super::segments::{profile, segments};

const START: &[u8] = &[0xff, 0xd8];

/// The picture of a file with this metadata; none of a picture in inks, whose profile is not read as that of colours.
pub(in super::super) fn copy(bytes: &[u8], metadata: &Metadata) -> Result<Option<Vec<u8>>, Error> {
    let file = File::parse(bytes)?;
    if file.frame.components.len() == 4 {
        return Ok(None);
    }
    let picture = file.whole();
    let mut copy = START.to_vec();
    let mut put = |marker: u8, content: &[u8]| {
        copy.extend([0xff, marker]);
        copy.extend((content.len() as u16 + 2).to_be_bytes());
        copy.extend(content);
    };
    segments(metadata).iter().for_each(|(number, content)| put(0xe0 + number, content));
    metadata.icc.iter().flat_map(|icc| profile(icc)).for_each(|part| put(0xe2, &part));
    metadata.comments.iter().for_each(|comment| put(COM, comment));
    copy.extend(picture.strip_prefix(START).unwrap_or(&picture));
    Ok(Some(copy))
}

//! The small picture that a file has of its main one.

use heifer::heifer_isobmff::boxes::Property;
use heifer::heifer_isobmff::{BoxIter, HeifFile, ItemId, RawBox};

use super::super::{Format, Limits, decode::Decoded};
use super::{open, read, size};

/// Most pixels of a thumbnail.
const MOST: u64 = 1 << 20;

/// Reads the thumbnail; none where it is not of the main picture's shape, turned as that is, and with at least so many
/// pixels along its longer side, or where it cannot be read.
pub(in crate::photo) fn thumbnail(bytes: &[u8], format: Format, least: u32) -> Option<Decoded> {
    let file = open(bytes, format).ok()?;
    let whole = size(&file).ok()?;
    let fits = |id: &ItemId| {
        let size = file.image_size(*id).ok().flatten();
        size.is_some_and(|small| small.0.max(small.1) >= least && is_of_shape(small, whole))
            && turns(&file, *id) == turns(&file, file.primary_id)
    };
    let id = file.referencing_items(file.primary_id, b"thmb").into_iter().find(fits)?;
    let limits = Limits { pixels: MOST, ..Limits::default() };
    read(&with_primary(bytes, id)?, format, &limits).ok()
}

/// Whether a picture is a smaller one of another's shape, to a pixel, and no part of it.
fn is_of_shape(small: (u32, u32), whole: (u32, u32)) -> bool {
    let height = f64::from(small.0) * f64::from(whole.1) / f64::from(whole.0);
    small.0 < whole.0 && (height - f64::from(small.1)).abs() <= 1.0
}

/// How a picture is turned, mirrored and cut.
fn turns<'a>(file: &'a HeifFile<'_>, id: ItemId) -> Vec<&'a Property> {
    let turns = |property: &&Property| {
        matches!(property, Property::Rotation(1..) | Property::Mirror(_) | Property::CleanAperture { .. })
    };
    file.item_properties(id).into_iter().flatten().filter(turns).collect()
}

/// The file with another picture as its main one.
fn with_primary(bytes: &[u8], id: ItemId) -> Option<Vec<u8>> {
    let start = |found: &RawBox<'_>| found.offset + found.header.header_size as usize;
    let boxes = |bytes, kind: &'static [u8; 4]| {
        BoxIter::new(bytes).filter_map(Result::ok).find(|found| &found.header.box_type.0 == kind)
    };
    // Version and flags stand before the boxes in the one, and before the number in the other.
    let meta = boxes(bytes, b"meta")?;
    let primary = boxes(meta.content.get(4..)?, b"pitm")?;
    let at = start(&meta) + 4 + start(&primary) + 4;
    let mut bytes = bytes.to_vec();
    match primary.content.len() {
        6 => bytes.get_mut(at..at + 2)?.copy_from_slice(&u16::try_from(id).ok()?.to_be_bytes()),
        8 => bytes.get_mut(at..at + 4)?.copy_from_slice(&id.to_be_bytes()),
        _ => return None,
    }
    Some(bytes)
}

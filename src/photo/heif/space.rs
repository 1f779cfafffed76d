//! The colours that a file means, where it says so by numbers.

use heifer::heifer_isobmff::HeifFile;
use heifer::heifer_isobmff::boxes::{ColorInfo, Property};

use super::super::colour;
use super::properties;

/// A profile for the colours that the main picture's numbers mean; none where they are those of sRGB, or there are none.
pub(super) fn profile(file: &HeifFile<'_>) -> Option<Vec<u8>> {
    let numbers = properties(file).find_map(|property| match property {
        Property::Color(ColorInfo::Nclx { primaries, transfer, .. }) => Some((*primaries, *transfer)),
        _ => None,
    });
    let (primaries, transfer) = numbers?;
    colour::profile_of(u8::try_from(primaries).ok()?, u8::try_from(transfer).ok()?)
}

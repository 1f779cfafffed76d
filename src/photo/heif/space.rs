//! The colours that a file means, where it says so by numbers.

use heifer::heifer_hevc_dec::nal::NalUnit;
use heifer::heifer_hevc_dec::params::ParameterSets;
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
    let (primaries, transfer) = numbers.or_else(|| properties(file).find_map(of_stream))?;
    colour::profile_of(u8::try_from(primaries).ok()?, u8::try_from(transfer).ok()?)
}

/// The numbers that a stream of HEVC has in its head.
fn of_stream(property: &Property) -> Option<(u16, u16)> {
    const UNSPECIFIED: u8 = 2;
    let Property::HevcConfig(config) = property else { return None };
    let mut sets = ParameterSets::default();
    for unit in &config.nal_units {
        sets.add(&NalUnit::parse(unit).ok()?).ok()?;
    }
    let vui = sets.sps.iter().flatten().find_map(|sps| sps.vui.as_ref())?;
    let numbers = [vui.colour_primaries, vui.transfer_characteristics];
    (!numbers.contains(&UNSPECIFIED)).then(|| (numbers[0].into(), numbers[1].into()))
}

//! What a file holds besides its main picture.

use std::collections::BTreeSet;

use heifer::heifer_isobmff::boxes::{ColorInfo, ConstructionMethod, Property};
use heifer::heifer_isobmff::{BoxIter, HeifFile, Item, ItemId, RawBox, is_image_item};

use super::super::{Error, Format, metadata::Metadata};
use super::{damaged, open, properties};

/// So many items a main picture may be made of.
const MOST_PARTS: usize = 1 << 16;

/// What a file holds besides its pixels.
pub(in crate::photo) fn metadata(bytes: &[u8], format: Format) -> Result<Metadata, Error> {
    let file = open(bytes, format)?;
    let mut metadata = Metadata::default();
    let parts: BTreeSet<ItemId> = primary_and_parts(&file).into_iter().collect();
    for item in &file.items {
        if parts.contains(&item.id) {
            continue;
        }
        let content = || file.item_data(item.id).map_err(|error| damaged(format, error));
        match (&item.item_type.0, item.content_type.as_deref()) {
            (b"Exif", _) => metadata.add_exif(exif(&content()?)),
            (b"mime", Some("application/rdf+xml")) => metadata.add_xmp(&content()?),
            _ => metadata.note_lost(what_is(&file, item)),
        }
    }
    metadata.icc = profile(&file);
    file.properties.iter().filter_map(unknown).for_each(|what| metadata.note_lost(what));
    boxes(bytes, &file, &mut metadata);
    Ok(metadata)
}

/// The main picture, the pictures that it is made of, and its transparency.
pub(super) fn primary_and_parts(file: &HeifFile<'_>) -> Vec<ItemId> {
    let mut parts = vec![file.primary_id];
    let mut next = 0;
    while let Some(id) = parts.get(next).copied().filter(|_| parts.len() < MOST_PARTS) {
        let transparencies =
            file.referencing_items(id, b"auxl").into_iter().filter(|aux| is_alpha(file, *aux));
        let more = file.referenced_items(id, b"dimg").iter().copied().chain(transparencies.take(1));
        let new: Vec<ItemId> = more.filter(|id| !parts.contains(id)).collect();
        parts.extend(new);
        next += 1;
    }
    parts
}

/// Whether an item is the transparency of another.
pub(super) fn is_alpha(file: &HeifFile<'_>, id: ItemId) -> bool {
    let kind = auxiliary(file, id);
    kind == Some("urn:mpeg:hevc:2015:auxid:1") || kind == Some("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha")
}

fn auxiliary<'a>(file: &'a HeifFile<'_>, id: ItemId) -> Option<&'a str> {
    file.item_properties(id).ok()?.find_map(|property| match property {
        Property::AuxiliaryType(kind) => Some(kind.as_str()),
        _ => None,
    })
}

/// The profile of the main picture, or of the first of its parts that has one.
fn profile(file: &HeifFile<'_>) -> Option<Vec<u8>> {
    properties(file).find_map(|property| match property {
        Property::Color(ColorInfo::Icc(icc)) if !icc.is_empty() => Some(icc.clone()),
        _ => None,
    })
}

/// The block behind the number that says where it begins.
fn exif(content: &[u8]) -> &[u8] {
    let (offset, block) = content.split_at_checked(4).unwrap_or_default();
    let offset = offset.first_chunk().map_or(0, |offset| u32::from_be_bytes(*offset) as usize);
    block.get(offset..).unwrap_or(block)
}

/// What an item is that belongs neither to the main picture nor to metadata, in plain words.
fn what_is(file: &HeifFile<'_>, item: &Item) -> String {
    let refers = |kind| !file.referenced_items(item.id, kind).is_empty();
    let auxiliary = auxiliary(file, item.id).map(str::to_lowercase);
    let names =
        |words: &[&str]| auxiliary.as_ref().is_some_and(|kind| words.iter().any(|w| kind.contains(w)));
    let what = if &item.item_type.0 == b"tmap" || names(&["gainmap"]) {
        "gain map"
    } else if names(&["depth", "disparity", "auxid:2"]) {
        "depth map"
    } else if names(&["matte"]) {
        "portrait matte"
    } else if refers(b"thmb") {
        "thumbnail"
    } else if auxiliary.is_some() || refers(b"auxl") {
        "auxiliary picture"
    } else if is_image_item(item.item_type) || &item.item_type.0 == b"av01" {
        "further picture"
    } else {
        return format!("{} item", item.item_type.0.escape_ascii());
    };
    what.into()
}

/// Names a property that nobody here knows; those that say how a picture is coded or cut are known.
fn unknown(property: &Property) -> Option<String> {
    let Property::Unknown(kind, content) = property else { return None };
    let known = [b"av1C", b"pasp", b"clli", b"mdcv", b"cclv", b"amve", b"a1op", b"lsel", b"a1lx", b"rloc"];
    let short = known.contains(&&kind.0) && content.len() <= 64;
    (!short).then(|| format!("{} property", kind.0.escape_ascii()))
}

/// Notes what lies in boxes that hold no item.
fn boxes(bytes: &[u8], file: &HeifFile<'_>, metadata: &mut Metadata) {
    let mut end = 0;
    for found in BoxIter::new(bytes) {
        let Ok(found) = found else { break };
        end = found.offset + found.header.header_size as usize + found.content.len();
        match &found.header.box_type.0 {
            b"ftyp" | b"meta" => {}
            b"mdat" if !is_covered(file, &found) => metadata.note_lost("data that belongs to no item"),
            b"mdat" => {}
            b"free" | b"skip" if found.content.iter().all(|byte| *byte == 0) => {}
            b"moov" | b"moof" | b"mpvd" => metadata.note_lost("film"),
            b"uuid" | b"jumb" => metadata.note_lost("content credentials or other blocks of a program"),
            other => metadata.note_lost(format!("{} box", other.escape_ascii())),
        }
    }
    metadata.note_trailing(bytes.get(end..).unwrap_or_default());
}

/// Whether every byte of a box belongs to an item.
fn is_covered(file: &HeifFile<'_>, data: &RawBox<'_>) -> bool {
    let locations = file.items.iter().filter_map(|item| item.location.as_ref());
    let in_file = locations.filter(|location| location.construction_method == ConstructionMethod::File);
    let mut extents: Vec<(u64, u64)> = in_file
        .flat_map(|location| &location.extents)
        .map(|extent| (extent.offset, extent.offset.saturating_add(extent.length)))
        .collect();
    extents.sort_unstable();
    let start = data.offset as u64 + data.header.header_size;
    let mut covered = start;
    for (from, to) in extents {
        // Padding up to the next round number is no data.
        if from <= covered.next_multiple_of(8) {
            covered = covered.max(to);
        }
    }
    covered.next_multiple_of(8) >= start + data.content.len() as u64
}

//! Writing HEIC and AVIF files.
//!
//! The encoders write files of their own, with previews and without profiles. Of those the main picture is taken, and a
//! file is made of it that holds that and the metadata.

use std::collections::BTreeMap;

use heifer::heifer_isobmff::{BoxIter, HeifFile, ItemId};

use super::super::{Error, Format, Photo, error::Cause, metadata::Metadata};
use super::boxes::{Item, boxed, file};
use super::encode;
use super::items::{is_alpha, primary_and_parts};

/// Writes a photo with a quality of 1 to 100: 8 bits a sample, or 10 for deeper photos.
pub(in crate::photo) fn write(
    photo: &Photo,
    format: Format,
    quality: u8,
    metadata: &Metadata,
) -> Result<Vec<u8>, Error> {
    let unwritable = |cause: Cause| Error::unwritable(format, cause);
    let (made, brands) = match format {
        Format::Avif => (encode::av1(photo, quality).map_err(unwritable)?, [b"avif", b"mif1", b"miaf"]),
        _ => (encode::hevc(photo, quality).map_err(unwritable)?, [b"heic", b"mif1", b"miaf"]),
    };
    let mut items = picture(&made, metadata.icc.as_deref()).map_err(unwritable)?;
    let described = |kind, text_type, content| Item {
        kind,
        text_type,
        content,
        refers: vec![(*b"cdsc", vec![1])],
        ..Item::default()
    };
    // The number says how far behind it the block begins.
    items.extend(metadata.exif.as_ref().map(|exif| described(*b"Exif", "", [&[0; 4], &**exif].concat())));
    items.extend(metadata.xmp.as_ref().map(|xmp| described(*b"mime", "application/rdf+xml", xmp.clone())));
    Ok(file(brands, &items))
}

/// The main picture of a file and all that it is made of, with a profile for its colours.
fn picture(made: &[u8], icc: Option<&[u8]>) -> Result<Vec<Item>, Cause> {
    let file = HeifFile::parse(made)?;
    let parts = primary_and_parts(&file);
    let numbers: BTreeMap<ItemId, u16> = parts.iter().copied().zip(1..).collect();
    let properties = properties(made);
    let profile = icc.map(|icc| (boxed(b"colr", &[b"prof", icc]), false));
    let mut items = Vec::new();
    for id in &parts {
        let item = file.item(*id)?;
        let own = item.properties.iter().filter_map(|of| {
            let property = properties.get(usize::from(of.index).checked_sub(1)?)?;
            Some((property.clone(), of.essential))
        });
        // Beside a profile, numbers would say something else.
        let own = own.filter(|(property, _)| icc.is_none() || property.get(4..8) != Some(b"colr"));
        let coloured = !is_alpha(&file, *id);
        let refers = file.references.iter().filter(|reference| reference.from == *id);
        let refers = refers.map(|reference| {
            let others = reference.to.iter().filter_map(|other| numbers.get(other).copied());
            (reference.ref_type.0, others.collect())
        });
        items.push(Item {
            kind: item.item_type.0,
            content: file.item_data(*id)?.into_owned(),
            hidden: *id != file.primary_id,
            properties: own.chain(profile.clone().filter(|_| coloured)).collect(),
            refers: refers.filter(|(_, others): &(_, Vec<u16>)| !others.is_empty()).collect(),
            ..Item::default()
        });
    }
    Ok(items)
}

/// The boxes that say what items are like, as they lie in a file.
fn properties(made: &[u8]) -> Vec<Vec<u8>> {
    let inside = |bytes: &[u8], kind: &[u8; 4]| {
        let mut boxes = BoxIter::new(bytes).filter_map(Result::ok);
        boxes.find(|found| &found.header.box_type.0 == kind).map(|found| found.content.to_vec())
    };
    let table = inside(made, b"meta").and_then(|meta| inside(meta.get(4..)?, b"iprp"));
    let all = table.and_then(|table| inside(&table, b"ipco")).unwrap_or_default();
    let boxes = BoxIter::new(&all).filter_map(Result::ok);
    boxes.map(|found| boxed(&found.header.box_type.0, &[found.content])).collect()
}

//! What a written file holds of an original besides its pixels.

use super::{Error, Format, MetadataPolicy, guard::guarded, heif, jpeg, metadata::Metadata, png, webp};

/// Looks through the bytes of a file for what a protected photo must not hold, under any policy:
/// thumbnails and previews, further pictures, films, depth and gain maps and claims of them, data
/// behind the picture, blocks that nobody here understands, maker notes, editing history, names of
/// people and devices in colour profiles, and pictures that are hidden in any field, written as text
/// or compressed.
///
/// Returns what was found, in plain words; nothing for a file that may be handed out. A file that
/// cannot be looked through counts as one that holds something.
pub fn traces(bytes: &[u8]) -> Vec<String> {
    match guarded(|| metadata(bytes), |panic| Error::damaged(Format::Jpeg, panic)) {
        Err(error) => vec![format!("it cannot be looked through: {error}")],
        Ok((format, metadata)) => {
            let mut found = metadata.carried(MetadataPolicy::Keep, format, None).removed;
            found.extend(metadata.blocks_with_pictures().into_iter().map(String::from));
            found
        }
    }
}

fn metadata(bytes: &[u8]) -> Result<(Format, Metadata), Error> {
    let format = Format::of(bytes)?;
    let metadata = match format {
        Format::Jpeg => jpeg::metadata(bytes)?,
        Format::Png => png::metadata(bytes)?,
        Format::WebP => webp::metadata(bytes)?,
        Format::Heic | Format::Avif => heif::metadata(bytes, format)?,
        Format::Tiff | Format::JpegXl | Format::Gif | Format::Bmp => {
            let mut metadata = Metadata::default();
            metadata.note_lost(format!("whatever a {format} holds besides its picture"));
            metadata
        }
    };
    Ok((format, metadata))
}

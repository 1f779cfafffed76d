//! The file of a photo without traces, and with its picture bit for bit as it was.

use super::{
    EncodeOptions, Encoded, Error, Format, Limits, Photo, decode, guard::guarded, jpeg, metadata::Carried,
    png, traces,
};

/// Writes the file of a photo again without what it held besides its picture: the compressed picture is copied. Where the
/// pixels do not lie upright in it, its EXIF still says so.
///
/// `bytes` is the file that `photo` was decoded from. None where that cannot be done: for formats other than JPEG and PNG, where
/// the options ask for another format, quality or size, and where the file would show another picture or still hold traces.
///
/// # Errors
/// Where the file cannot be taken apart.
pub fn clean(
    bytes: &[u8],
    photo: &Photo,
    options: &EncodeOptions,
    limits: &Limits,
) -> Result<Option<Encoded>, Error> {
    let format = photo.format();
    if options.format.resolve(format) != format || options.quality.is_some() {
        return Ok(None);
    }
    let Carried { metadata, kept, removed } = photo.metadata.carried(options.metadata, format, None);
    let copy = || match format {
        Format::Jpeg => jpeg::copy(bytes, &metadata),
        Format::Png => png::copy(bytes, &metadata).map(Some),
        _ => Ok(None),
    };
    let Some(bytes) = guarded(copy, |panic| Error::unwritable(format, panic))? else { return Ok(None) };
    let fits = options.max_bytes.is_none_or(|most| bytes.len() as u64 <= most);
    let is_clean = fits && traces(&bytes).is_empty() && decode(&bytes, limits)?.pixels == photo.pixels;
    let quality = photo.jpeg_quality();
    Ok(is_clean.then_some(Encoded { bytes, format, quality, removed, kept }))
}

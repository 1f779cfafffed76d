//! What a photo file holds besides its pixels.

/// What a photo file holds besides its pixels, as far as it can be written again.
#[derive(Clone, Debug, Default)]
pub(super) struct Metadata {
    /// The colour profile.
    pub(super) icc: Option<Vec<u8>>,
    /// The EXIF block: a TIFF structure without pixels.
    pub(super) exif: Option<Vec<u8>>,
}

impl Metadata {
    /// How the pixels have to be turned to stand upright.
    pub(super) fn orientation(&self) -> image::metadata::Orientation {
        self.exif
            .as_deref()
            .and_then(image::metadata::Orientation::from_exif_chunk)
            .unwrap_or(image::metadata::Orientation::NoTransforms)
    }
}

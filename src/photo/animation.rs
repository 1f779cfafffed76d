//! Animated GIF and WebP: pictures that are shown one after the other, for clips.

#![warn(clippy::indexing_slicing)]

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use image::{Frames, RgbaImage};

use super::{
    Error, Format, Limits, MetadataPolicy, Photo, gif, guard::guarded, metadata::FURTHER_PICTURES, webp,
};

/// A picture that claims to be shown no longer than this is shown for [`USUAL`], as browsers do.
const SHORTEST: Duration = Duration::from_millis(10);
const USUAL: Duration = Duration::from_millis(100);

/// The file of a GIF or WebP of several pictures.
#[derive(Clone, Debug)]
pub struct Animation {
    bytes: Arc<[u8]>,
    format: Format,
    limits: Limits,
    removed: Vec<String>,
}

/// One picture of an animation, as it is seen.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Its pixels; what can be seen through is laid on white.
    pub photo: Photo,
    /// For how long it is shown.
    pub shown: Duration,
    /// Whether any of it can be seen through.
    pub transparent: bool,
}

impl Animation {
    /// The animation that a file is; none where it is no GIF or WebP, or one of a single picture.
    ///
    /// # Errors
    /// Where the file is cut short.
    pub fn of(bytes: Vec<u8>, limits: &Limits) -> Result<Option<Self>, Error> {
        let (format, metadata) = match Format::of(&bytes) {
            Ok(Format::Gif) if gif::is_animated(&bytes)? => (Format::Gif, gif::metadata(&bytes)?),
            Ok(Format::WebP) if webp::is_animated(&bytes) => (Format::WebP, webp::metadata(&bytes)?),
            _ => return Ok(None),
        };
        let mut removed = metadata.carried(MetadataPolicy::Strip, Format::Jpeg, None).removed;
        removed.retain(|name| name != FURTHER_PICTURES);
        removed.extend(metadata.icc.map(|_| "colour profile".into()));
        Ok(Some(Self { bytes: bytes.into(), format, limits: *limits, removed }))
    }

    /// What the file holds besides its pictures, in plain words.
    pub fn removed(&self) -> &[String] {
        &self.removed
    }

    /// Its pictures, one after the other; no more than two are in memory.
    ///
    /// # Errors
    /// Where they are over the limits. A picture that cannot be decoded is an error in its place.
    pub fn pictures(&self) -> Result<impl Iterator<Item = Result<Picture, Error>> + use<>, Error> {
        let (bytes, format, limits) = (Cursor::new(self.bytes.clone()), self.format, self.limits);
        let damaged = move |message| Error::damaged(format, message);
        let open = || match format {
            Format::Gif => gif::pictures(bytes, &limits),
            _ => webp::pictures(bytes, &limits),
        };
        let mut frames: Option<Frames<'static>> = Some(guarded(open, damaged)?);
        Ok(std::iter::from_fn(move || {
            let next = || {
                let frame = frames.as_mut().and_then(Iterator::next).transpose();
                frame
                    .map_err(|error| Error::from_image(format, error))?
                    .map(|frame| Picture::of(frame, format))
                    .transpose()
            };
            let picture = guarded(next, damaged);
            if picture.is_err() {
                // A decoder that failed is not asked again.
                frames = None;
            }
            picture.transpose()
        }))
    }
}

impl Picture {
    fn of(frame: image::Frame, format: Format) -> Result<Self, Error> {
        let shown = Duration::from(frame.delay());
        let shown = if shown > SHORTEST { shown } else { USUAL };
        let pixels = frame.into_buffer();
        let transparent = pixels.pixels().any(|pixel| pixel.0[3] < u8::MAX);
        let (width, height) = pixels.dimensions();
        let photo = Photo::from_rgb(width, height, on_white(&pixels));
        let photo = photo.ok_or_else(|| Error::damaged(format, "it has no pixels"))?;
        Ok(Self { photo, shown, transparent })
    }
}

/// Red, green and blue of what is seen where the ground is white.
fn on_white(pixels: &RgbaImage) -> Vec<u8> {
    let seen = |level: u8, alpha: u8| {
        let (level, alpha) = (u32::from(level), u32::from(alpha));
        ((level * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    pixels
        .pixels()
        .flat_map(|pixel| {
            let [red, green, blue, alpha] = pixel.0;
            [red, green, blue].map(|level| seen(level, alpha))
        })
        .collect()
}

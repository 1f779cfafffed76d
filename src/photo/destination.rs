//! Where photos are shown, and what is done to them on the way.

use serde::{Deserialize, Serialize};

use super::{EncodeOptions, Error, Limits, OutputFormat, Photo, decode, encode};

/// Where a photo is to be shown. A cloak fits the pixels that are shown in the end, so a photo that is made for a place is
/// reduced to what the place shows before it is cloaked, and judged as the place passes it on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Destination {
    /// Wherever the file itself goes, as it is.
    #[default]
    Original,
    /// A messenger.
    Messenger,
    /// A social network.
    Social,
    /// A page of one's own.
    Web,
}

/// What a place does to a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Treatment {
    /// The longest side that it shows, in pixels.
    pub max_side: u32,
    /// The JPEG quality that it writes a photo with.
    pub quality: u8,
}

impl Destination {
    /// All of them, the file itself first.
    pub const ALL: [Self; 4] = [Self::Original, Self::Messenger, Self::Social, Self::Web];

    /// The name, as on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Messenger => "messenger",
            Self::Social => "social",
            Self::Web => "web",
        }
    }

    /// What the place does to a photo; none where the file arrives as it is.
    ///
    /// No place publishes this for good: these are sizes and qualities that users measured, the lower where they differ.
    ///
    /// | place | longest side | JPEG quality | source |
    /// |---|---|---|---|
    /// | messenger | 1600 | 75 | WhatsApp, as [measured in 2026](https://shrinkto.com/blog/compress-image-for-whatsapp-without-quality-loss); Telegram shows up to 2560 |
    /// | social network | 1080 | 75 | Instagram, [sizes in 2026](https://convertio.com/resize-image/instagram); the quality is that of `social-network` in docs/evaluation.md |
    /// | web page | 2560 | 82 | [WordPress](https://developer.wordpress.org/reference/hooks/big_image_size_threshold/), which many pages are made with |
    pub const fn treatment(self) -> Option<Treatment> {
        match self {
            Self::Original => None,
            Self::Messenger => Some(Treatment { max_side: 1600, quality: 75 }),
            Self::Social => Some(Treatment { max_side: 1080, quality: 75 }),
            Self::Web => Some(Treatment { max_side: 2560, quality: 82 }),
        }
    }

    /// The format that a photo is written in where none is asked for: JPEG wherever a place writes it as one anyway.
    pub fn format(self, asked: OutputFormat) -> OutputFormat {
        match (self.treatment(), asked) {
            (Some(_), OutputFormat::Keep) => OutputFormat::Jpeg,
            _ => asked,
        }
    }

    /// The photo as people see it there, where that is not the file itself.
    ///
    /// # Errors
    /// Where it cannot be written as a JPEG.
    pub fn passed_on(self, photo: &Photo) -> Result<Option<Photo>, Error> {
        let Some(Treatment { max_side, quality }) = self.treatment() else { return Ok(None) };
        let options =
            EncodeOptions { format: OutputFormat::Jpeg, quality: Some(quality), ..EncodeOptions::default() };
        let bytes = encode(&whole(photo).reduced(max_side), &options)?.bytes;
        decode(&bytes, &Limits::default()).map(Some)
    }
}

/// The photo without its transparency, as it is not known what shines through.
fn whole(photo: &Photo) -> Photo {
    match photo.is_opaque() {
        true => photo.clone(),
        false => Photo { pixels: photo.pixels.to_rgb8().into(), ..photo.clone() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_that_shines_through_is_shown_too() {
        let mut photo = Photo::from_rgb(20, 20, vec![90; 1200]).unwrap();
        photo.pixels = image::RgbaImage::from_pixel(20, 20, image::Rgba([90, 90, 90, 40])).into();
        let shown = Destination::Web.passed_on(&photo).unwrap().unwrap();
        assert_eq!(shown.rgb(shown.region()), [90.; 1200]);
    }

    #[test]
    fn a_place_shows_a_photo_at_its_size_and_quality() {
        let photo = Photo::from_rgb(2000, 1000, vec![90; 2000 * 1000 * 3]).unwrap();
        let shown = Destination::Social.passed_on(&photo).unwrap().unwrap();
        assert_eq!((shown.width(), shown.height(), shown.jpeg_quality()), (1080, 540, Some(75)));
        assert!(Destination::Original.passed_on(&photo).unwrap().is_none());
    }

    #[test]
    fn what_a_place_makes_a_jpeg_of_is_written_as_one_unless_another_format_is_asked_for() {
        let format = |place: Destination, asked| place.format(asked);
        assert_eq!(format(Destination::Messenger, OutputFormat::Keep), OutputFormat::Jpeg);
        assert_eq!(format(Destination::Messenger, OutputFormat::Png), OutputFormat::Png);
        assert_eq!(format(Destination::Original, OutputFormat::Keep), OutputFormat::Keep);
    }
}

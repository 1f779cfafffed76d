//! Choices among a few words.

use std::fmt::{Display, Formatter};

use clap::ValueEnum;
use clap::builder::PossibleValue;

use visard::cloak::Preset;
use visard::face::Rectangle;
use visard::photo::{Destination, MetadataPolicy, OutputFormat, Treatment};
use visard::pipeline::{Faces, Others};

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum Strength {
    /// For each face as little as its judges accept, with a margin
    Auto,
    /// Looks natural; seen beside the original; protects less
    Subtle,
    /// May be seen on smooth skin
    #[default]
    Standard,
    /// Seen on smooth skin; protects most
    Strong,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum WhichFaces {
    /// Every face that is found
    #[default]
    All,
    /// Only the largest face
    Largest,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum OtherFaces {
    /// They stay as they are
    #[default]
    Leave,
    /// They are protected, too
    Cloak,
    /// They are blurred
    Blur,
    /// They become a few squares
    Pixelate,
    /// They are covered by one colour
    Cover,
}

/// Where a photo is to be shown; the help says what the library knows of each place.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Place(pub(in crate::cli) Destination);

impl ValueEnum for Place {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [Place; 4] = {
            let [a, b, c, d] = Destination::ALL;
            [Place(a), Place(b), Place(c), Place(d)]
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let what = match self.0 {
            Destination::Original => "Wherever the file goes, as it is",
            Destination::Messenger => "A messenger",
            Destination::Social => "A social network",
            Destination::Web => "A web page",
        };
        let treated = self
            .0
            .treatment()
            .map(|Treatment { max_side, quality }| format!(": {max_side} pixels, JPEG {quality}"));
        Some(PossibleValue::new(self.0.name()).help(what.to_string() + &treated.unwrap_or_default()))
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name())
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum FormatChoice {
    /// The input's own format; PNG for TIFF, GIF and BMP, JPEG for JPEG XL
    #[default]
    Keep,
    /// JPEG
    Jpeg,
    /// PNG, lossless
    Png,
    /// WebP, lossless
    Webp,
    /// AVIF
    Avif,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Names {
    /// The photo's own name
    #[default]
    Keep,
    /// A name that tells neither time nor camera nor folder, the same in every run
    Neutral,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum Metadata {
    /// Remove everything but the colour profile; the file is as old as its writing
    #[default]
    Strip,
    /// Keep place, camera, time and notes, and the time of the file; remove what may hold or describe the photo as it was
    Keep,
}

/// A box: its left and upper edge, its width and its height.
pub(in crate::cli) fn a_box(text: &str) -> Result<Rectangle, String> {
    let numbers: Vec<f32> = text.split(',').filter_map(|number| number.trim().parse().ok()).collect();
    match numbers[..] {
        [x, y, width, height]
            if text.matches(',').count() == 3
                && numbers.iter().all(|number| number.is_finite())
                && width > 0.
                && height > 0. =>
        {
            Ok(Rectangle { x, y, width, height })
        }
        _ => Err("write four numbers: left, top, width and height, for example 120,80,200,240".into()),
    }
}

impl From<Strength> for Preset {
    fn from(strength: Strength) -> Self {
        match strength {
            Strength::Auto => Self::Auto,
            Strength::Subtle => Self::Subtle,
            Strength::Standard => Self::Standard,
            Strength::Strong => Self::Strong,
        }
    }
}

impl From<WhichFaces> for Faces {
    fn from(faces: WhichFaces) -> Self {
        match faces {
            WhichFaces::All => Self::All,
            WhichFaces::Largest => Self::Largest,
        }
    }
}

impl From<OtherFaces> for Others {
    fn from(others: OtherFaces) -> Self {
        match others {
            OtherFaces::Leave => Self::Leave,
            OtherFaces::Cloak => Self::Cloak,
            OtherFaces::Blur => Self::Blur,
            OtherFaces::Pixelate => Self::Pixelate,
            OtherFaces::Cover => Self::Cover,
        }
    }
}

impl From<FormatChoice> for OutputFormat {
    fn from(format: FormatChoice) -> Self {
        match format {
            FormatChoice::Keep => Self::Keep,
            FormatChoice::Jpeg => Self::Jpeg,
            FormatChoice::Png => Self::Png,
            FormatChoice::Webp => Self::WebP,
            FormatChoice::Avif => Self::Avif,
        }
    }
}

impl From<Metadata> for MetadataPolicy {
    fn from(metadata: Metadata) -> Self {
        match metadata {
            Metadata::Strip => Self::Strip,
            Metadata::Keep => Self::Keep,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_four_numbers_with_an_area() {
        let bounds = Rectangle { x: 120., y: 80.5, width: 200., height: 240. };
        assert_eq!(a_box("120, 80.5,200,240"), Ok(bounds));
        for wrong in ["", "1,2,3", "1,2,3,4,5", "1,2,0,4", "1,2,3,-4", "1,2,x,3,4", "nan,2,3,4"] {
            assert!(a_box(wrong).unwrap_err().contains("four numbers"), "{wrong}");
        }
    }
}

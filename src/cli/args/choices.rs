//! Choices among a few words.

use clap::ValueEnum;

use visard::cloak::Preset;
use visard::photo::{MetadataPolicy, OutputFormat};
use visard::pipeline::Faces;

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
pub(in crate::cli) enum FormatChoice {
    /// The input's own format; PNG for TIFF
    #[default]
    Keep,
    /// JPEG
    Jpeg,
    /// PNG, lossless
    Png,
    /// WebP, lossless
    Webp,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum Metadata {
    /// Remove everything but the colour profile
    #[default]
    Strip,
    /// Keep place, camera, time and notes; remove what may hold or describe the photo as it was
    Keep,
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

impl From<FormatChoice> for OutputFormat {
    fn from(format: FormatChoice) -> Self {
        match format {
            FormatChoice::Keep => Self::Keep,
            FormatChoice::Jpeg => Self::Jpeg,
            FormatChoice::Png => Self::Png,
            FormatChoice::Webp => Self::WebP,
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

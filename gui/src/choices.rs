//! What the user chooses. Remembered from one start to the next.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use visard::cloak::Preset;
use visard::face::Face;
use visard::photo::{Destination, EncodeOptions, Limits, MetadataPolicy, OutputFormat};
use visard::pipeline::{Faces, Others, Settings, Unprotected};

/// Where protected photos are saved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SaveTo {
    /// In a folder of its own beside the originals.
    #[default]
    Beside,
    /// In a folder that the user named.
    Folder(PathBuf),
}

/// The format of protected photos.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Format {
    #[default]
    Keep,
    Jpeg,
    Png,
    WebP,
    Avif,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

/// The order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Order {
    /// As the photos were added.
    #[default]
    Added,
    Name,
    Folder,
    /// What needs attention first.
    Result,
}

/// All choices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Choices {
    pub(crate) strength: Preset,
    pub(crate) save_to: SaveTo,
    pub(crate) keep_metadata: bool,
    pub(crate) format: Format,
    pub(crate) destination: Destination,
    /// JPEG quality, 1 to 100; none: as the original, at least 90.
    pub(crate) quality: Option<u8>,
    pub(crate) largest_only: bool,
    /// What becomes of faces that are not protected.
    pub(crate) others: Others,
    /// Whether a file that is there already is replaced, not written beside it under another name.
    pub(crate) replace: bool,
    pub(crate) keep_faceless: bool,
    /// Whether photos that are not protected are saved, in a folder of their own.
    pub(crate) save_unprotected: bool,
    /// Whether the first picture of an animation is protected, and the others dropped.
    pub(crate) first_picture: bool,
    pub(crate) seed: u64,
    pub(crate) order: Order,
    /// Whether the photos are shown as a grid of pictures, not as a list.
    pub(crate) grid: bool,
    pub(crate) theme: Theme,
    /// Factor on the size of everything.
    pub(crate) zoom: f32,
    /// Folders with networks of the user's own.
    pub(crate) networks: Vec<PathBuf>,
    /// Seconds that a face took lately, for each strength.
    pub(crate) pace: [Option<f64>; 4],
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            strength: Preset::default(),
            save_to: SaveTo::default(),
            keep_metadata: false,
            format: Format::default(),
            destination: Destination::default(),
            quality: None,
            largest_only: false,
            others: Others::default(),
            replace: false,
            keep_faceless: false,
            save_unprotected: true,
            first_picture: false,
            seed: 0,
            order: Order::default(),
            grid: false,
            theme: Theme::default(),
            zoom: 1.,
            networks: vec![],
            pace: [None; 4],
        }
    }
}

/// The strengths as they are offered.
pub(crate) const STRENGTHS: [Preset; 4] = [Preset::Auto, Preset::Subtle, Preset::Standard, Preset::Strong];

impl Choices {
    /// What the library is told for one photo; `faces` where the user chose among them.
    pub(crate) fn settings(&self, strength: Preset, faces: Option<Vec<Face>>) -> Settings {
        let usual = if self.largest_only { Faces::Largest } else { Faces::All };
        Settings {
            preset: strength,
            faces: faces.map_or(usual, Faces::These),
            others: self.others,
            destination: self.destination,
            encode: EncodeOptions {
                format: self.output_format(),
                quality: self.quality,
                metadata: if self.keep_metadata { MetadataPolicy::Keep } else { MetadataPolicy::Strip },
                ..EncodeOptions::default()
            },
            seed: self.seed,
            keep_faceless: self.keep_faceless,
            unprotected: if self.save_unprotected { Unprotected::Apart } else { Unprotected::Nowhere },
            limits: self.limits(),
            ..Settings::default()
        }
    }

    /// What may be read.
    pub(crate) fn limits(&self) -> Limits {
        Limits { first_picture: self.first_picture, ..Limits::default() }
    }

    fn output_format(&self) -> OutputFormat {
        match self.format {
            Format::Keep => OutputFormat::Keep,
            Format::Jpeg => OutputFormat::Jpeg,
            Format::Png => OutputFormat::Png,
            Format::WebP => OutputFormat::WebP,
            Format::Avif => OutputFormat::Avif,
        }
    }

    /// Seconds that a face took lately at a strength.
    pub(crate) fn seconds(&self, strength: Preset) -> Option<f64> {
        self.pace[place(strength)]
    }

    /// Remembers how long a face took; later ones count for a third.
    pub(crate) fn learn_pace(&mut self, strength: Preset, seconds: f64) {
        let pace = &mut self.pace[place(strength)];
        *pace = Some(pace.map_or(seconds, |before| before + (seconds - before) / 3.));
    }
}

fn place(strength: Preset) -> usize {
    STRENGTHS.iter().position(|&s| s == strength).unwrap_or_default()
}

//! What can be said after `visard models`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::number;
use visard::embed::{Crop, Order};
use visard::models::Role;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Models {
    /// List the networks that are known and at hand
    List,
    /// Say all that is known of a network
    Info {
        /// Its name
        name: String,
    },
    /// Run every network that is at hand once
    Check,
    /// Download networks into your own folder of networks
    ///
    /// Each comes from the address in the catalogue and is kept only if its SHA-256 is right. A
    /// download that was interrupted goes on where it stopped.
    Pull {
        /// Their names, or "recommended": the embedders whose licences allow everyone's use
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    Add(Add),
    Calibrate(Calibrate),
}

/// Add an embedder of your own to your folder of networks
///
/// It says what it finds in the file, and tries it on three faces. What you do not say of its input is guessed: the usual
/// crops, values and orders of channels are tried, and those that tell two persons apart most clearly are taken. A
/// surrogate takes part in making cloaks from then on, a judge in judging as soon as it is calibrated.
///
/// For example: visard models add mine.onnx --name mine --role surrogate
#[derive(Debug, Args)]
pub(in crate::cli) struct Add {
    /// The network
    #[arg(value_name = "FILE.onnx")]
    pub(in crate::cli) file: PathBuf,
    /// A name that no other network has
    #[arg(long)]
    pub(in crate::cli) name: String,
    /// The aligned face that it takes: arcface-112 (112 x 112), sphereface-112x96 (its columns 8 to 103), or a size in
    /// rows and columns such as 160x160
    #[arg(long, value_parser = crop, value_name = "CROP")]
    pub(in crate::cli) crop: Option<Crop>,
    /// The output that is the embedding, where the network has several
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) output: Option<String>,
    /// What the network wants subtracted from values of 0 to 255: one number, or three for red, green, blue
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "NUMBER,...",
        requires = "std",
        allow_negative_numbers = true
    )]
    pub(in crate::cli) mean: Vec<f32>,
    /// What it wants the rest divided by, likewise
    #[arg(long, value_delimiter = ',', value_name = "NUMBER,...", requires = "mean")]
    pub(in crate::cli) std: Vec<f32>,
    /// The order of the channels that it takes
    #[arg(long, value_enum)]
    pub(in crate::cli) order: Option<OrderChoice>,
    /// Embed each face and its mirror image, and take both together: slower and a little more accurate
    #[arg(long)]
    pub(in crate::cli) mirror: bool,
    /// What it is for
    #[arg(long, value_enum)]
    pub(in crate::cli) role: RoleChoice,
    /// Its licence, for the list
    #[arg(long, value_name = "TEXT", default_value = "not stated")]
    pub(in crate::cli) licence: String,
}

/// Measure at which similarity networks take two faces for one person
///
/// Prints thresholds at false accept rates of 1e-2, 1e-3 and 1e-4 over all pairs of different persons (one photo
/// each), and the share of pairs of the same person above each. A rate takes ten times as many pairs as it has
/// strangers for one that is accepted: 46, 142 and 448 persons.
#[derive(Debug, Args)]
pub(in crate::cli) struct Calibrate {
    /// The networks
    #[arg(required = true, value_name = "NAME")]
    pub(in crate::cli) names: Vec<String>,
    /// A folder with one folder of photos for each person
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) data: PathBuf,
    /// A list of persons (folder names, one a line) to leave out; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) exclude: Vec<PathBuf>,
    /// At most this many persons
    #[arg(long, value_name = "N", default_value_t = 3000, value_parser = number(2..=20_000))]
    pub(in crate::cli) persons: usize,
    /// Keep the thresholds in the catalogue of your own folder of networks, so that they are used; a verdict that is
    /// there stays
    #[arg(long)]
    pub(in crate::cli) save: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum OrderChoice {
    /// Red first
    Rgb,
    /// Blue first
    Bgr,
    /// One channel
    Grey,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum RoleChoice {
    /// Its gradients make cloaks
    Surrogate,
    /// It judges written files
    Judge,
}

/// A crop by its name or its size.
fn crop(text: &str) -> Result<Crop, String> {
    let size = |text: &str| text.parse::<usize>().ok().filter(|size| (16..=1024).contains(size));
    match (text, text.split_once('x')) {
        ("arcface-112", _) => Ok(Crop::Arcface112),
        ("sphereface-112x96", _) => Ok(Crop::Sphereface112x96),
        (_, Some((rows, columns))) => match (size(rows), size(columns)) {
            (Some(rows), Some(columns)) => Ok(Crop::of_size([rows, columns])),
            _ => Err("a size is ROWSxCOLUMNS, of 16 to 1024 each".into()),
        },
        _ => Err("it is arcface-112, sphereface-112x96 or a size such as 160x160".into()),
    }
}

impl From<OrderChoice> for Order {
    fn from(order: OrderChoice) -> Self {
        match order {
            OrderChoice::Rgb => Self::Rgb,
            OrderChoice::Bgr => Self::Bgr,
            OrderChoice::Grey => Self::Grey,
        }
    }
}

impl From<RoleChoice> for Role {
    fn from(role: RoleChoice) -> Self {
        match role {
            RoleChoice::Surrogate => Self::Surrogate,
            RoleChoice::Judge => Self::Judge,
        }
    }
}

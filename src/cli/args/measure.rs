//! The arguments of `visard search` and `visard evaluate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::choices::Strength;
use super::cloak::Networks;
use super::number;
use visard::evaluate::Protocol;

/// Search folders for the persons in photos, as a face-search engine would
///
/// Every face in the folders is embedded once and kept in an index, which later searches bring up to
/// date: only new and changed photos are read. A photo is not matched with itself. From which similarity on a face
/// counts as recognised depends on how many faces there are: so that of 100 people who are not in the folders one is
/// taken for somebody.
///
/// For example: visard search --gallery pictures/ protected/holiday.jpg
///
/// Exit codes: 0 every photo was searched for; 1 at least one could not be read or has no face; 2 could
/// not run.
#[derive(Debug, Args)]
pub(in crate::cli) struct Search {
    /// The photos whose faces are searched for
    #[arg(required = true, value_name = "PHOTO")]
    pub(in crate::cli) photos: Vec<PathBuf>,
    /// A folder to search; may be given several times
    #[arg(long, required = true, value_name = "DIR")]
    pub(in crate::cli) gallery: Vec<PathBuf>,
    /// Where the index is kept [default: a file for these folders and networks in the user's cache]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) index: Option<PathBuf>,
    /// The networks that compare [default: all judges at hand]
    #[arg(long, value_delimiter = ',', value_name = "NAME,...")]
    pub(in crate::cli) judges: Vec<String>,
    /// How many matches to show of each face
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = number(1..=10_000))]
    pub(in crate::cli) top: usize,
    /// Add N made-up strangers to the gallery: random directions, which resemble real faces less than
    /// real strangers do
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = number(0..=2_000_000))]
    pub(in crate::cli) distractors: usize,
    /// Seed of the made-up strangers
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) seed: u64,
    /// Print one JSON object a line: one for each face and judge
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Measure protection as the operator of a face search would
///
/// Cloaks photos of people, hides them among strangers, and lets judges search: results.json,
/// results.csv and report.html in the output folder. What takes long is kept there, so that a run that
/// was stopped goes on where it was. docs/evaluation.md says exactly what is measured.
///
/// For example: visard evaluate --data lfw/ --people people.txt --distractors strangers.txt --output out/
#[derive(Debug, Args)]
pub(in crate::cli) struct Evaluate {
    /// A folder that holds one folder of photos for each person, or photos whose names begin with that of the
    /// person and `-` or `_`
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) data: PathBuf,
    /// The folder to write to; it is made if it is not there
    #[arg(long, short, value_name = "DIR")]
    pub(in crate::cli) output: PathBuf,
    /// What is asked
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) protocol: ProtocolChoice,
    /// A list of the people who are protected (folder names, one a line) [default: everyone in the data
    /// who is no distractor]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) people: Option<PathBuf>,
    /// A list of the strangers in the gallery; of each one photo counts [default: none]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) distractors: Option<PathBuf>,
    /// The folder with the strangers [default: that of the people]
    #[arg(long, value_name = "DIR", requires = "distractors")]
    pub(in crate::cli) distractors_data: Option<PathBuf>,
    /// The strengths to evaluate
    #[arg(long, value_enum, value_delimiter = ',', value_name = "STRENGTH,...", default_value = "standard")]
    pub(in crate::cli) preset: Vec<Strength>,
    /// Also evaluate other methods at the same visibility: noise, PGD, MI-DI-TI-FGSM, Fawkes, LowKey
    #[arg(long)]
    pub(in crate::cli) baselines: bool,
    /// Also say what someone achieves who knows that photos are cloaked; takes about twice as long
    #[arg(long)]
    pub(in crate::cli) adversaries: bool,
    #[command(flatten)]
    pub(in crate::cli) networks: Networks,
    /// Allow judges that make the cloaks too, and mark their rows
    #[arg(long)]
    pub(in crate::cli) white_box: bool,
    /// How many photos of each person are cloaked; the others stay clean
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = number(1..=10_000))]
    pub(in crate::cli) photos_per_person: usize,
    /// Seed of all random choices: the same seed gives the same results
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) seed: u64,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum ProtocolChoice {
    /// Face search: who is found in a gallery with strangers
    #[default]
    SearchV1,
    /// Verification: whether two photos count as one person
    VerifyV1,
}

impl From<ProtocolChoice> for Protocol {
    fn from(protocol: ProtocolChoice) -> Self {
        match protocol {
            ProtocolChoice::SearchV1 => Self::SearchV1,
            ProtocolChoice::VerifyV1 => Self::VerifyV1,
        }
    }
}

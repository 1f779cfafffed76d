//! Evaluation: what a face search still finds of cloaked photos, measured as its operator would.
//!
//! A protocol says which people are protected, which photos are cloaked and who else is in the
//! gallery; conditions say what happens to a photo on its way; judges, which had no part in the
//! cloaks, say who is found.

pub mod adversaries;
pub mod baselines;
mod cast;
mod classify;
mod cloaks;
mod condition;
mod data;
mod interval;
mod look;
mod metrics;
mod opposition;
mod protocol;
pub mod quality;
mod report;
mod results;
mod run;

pub use cast::Original;
pub use cloaks::{CloakReport, Cloaked, Cloaking};
pub use condition::Condition;
pub use data::{Person, Sources, list, people};
pub use interval::{DRAWS, Share, Tally};
pub use opposition::AdversaryRow;
pub use protocol::{Figure, Protocol};
pub use report::write;
pub use results::{Data, MethodResult, NetworkResult, Results, Row};
pub use run::{Evaluated, Evaluation, Progress, is_white_box};

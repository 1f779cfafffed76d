//! One photo from bytes to bytes and report, and batches of files.

#[cfg(feature = "files")]
mod batch;
mod boxes;
mod check;
mod choice;
mod face_report;
#[cfg(feature = "files")]
mod files;
#[cfg(feature = "files")]
mod journal;
#[cfg(feature = "files")]
mod kept;
mod look;
#[cfg(feature = "files")]
mod neutral;
mod opened;
mod people;
#[cfg(feature = "files")]
mod places;
mod protect;
mod report;
#[cfg(feature = "files")]
mod run_report;
mod settings;
mod whose;

#[cfg(feature = "files")]
pub(crate) use batch::is_there;
#[cfg(feature = "files")]
pub use batch::{AHEAD, Batch, Event, Existing};
pub use check::check;
pub use face_report::FaceReport;
#[cfg(feature = "files")]
pub(crate) use files::refuse_clashes;
#[cfg(feature = "files")]
pub use files::{Job, jobs, place};
#[cfg(feature = "files")]
pub use journal::{Entries, Entry, JOURNAL, Journal, entries};
#[cfg(feature = "files")]
pub(crate) use kept::{Former, is_done};
pub use look::look;
#[cfg(feature = "files")]
pub use neutral::neutral;
pub use people::People;
pub(crate) use people::{Likeness, same_person};
#[cfg(feature = "files")]
pub use places::NOT_PROTECTED;
#[cfg(feature = "files")]
pub(crate) use places::{place as place_of, remove as remove_former, sum_of};
pub use protect::{Progress, Protected, protect};
pub use report::{PhotoReport, Status};
#[cfg(feature = "files")]
pub use run_report::{NetworkReport, Report};
pub use settings::{Faces, Others, Settings, Unprotected};
pub(crate) use whose::seen;
pub use whose::{References, Whose};

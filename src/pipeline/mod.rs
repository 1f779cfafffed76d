//! One photo from bytes to bytes and report, and batches of files.

mod batch;
mod boxes;
mod check;
mod choice;
mod face_report;
mod files;
mod journal;
mod kept;
mod neutral;
mod opened;
mod people;
mod places;
mod protect;
mod report;
mod settings;
mod whose;

pub use batch::{AHEAD, Batch, Event, Existing};
pub use check::check;
pub use face_report::FaceReport;
pub(crate) use files::refuse_clashes;
pub use files::{Job, jobs, place};
pub use journal::{Entries, Entry, JOURNAL, Journal, entries};
pub use neutral::neutral;
pub use people::People;
pub(crate) use people::{Likeness, same_person};
pub use places::NOT_PROTECTED;
pub use protect::{Progress, Protected, protect};
pub use report::{NetworkReport, PhotoReport, Report, Status};
pub use settings::{Faces, Others, Settings, Unprotected};
pub use whose::{References, Whose};

//! The journal of the folder that is written to.

use std::path::PathBuf;

use visard::Error;
use visard::models::Ensemble;
use visard::pipeline::{JOURNAL, Journal};
use visard::whole::Rights;

use crate::desk::{Order, Wanted};

/// The journal of the folder that was written to last, which nobody else writes to meanwhile.
pub(crate) struct Notes {
    base: PathBuf,
    wanted: Wanted,
    journal: Journal,
}

impl Notes {
    /// The journal for an order; `notes` keeps it for the next.
    pub(crate) fn of<'a>(
        order: &Order,
        ensemble: &Ensemble,
        notes: &'a mut Option<Self>,
    ) -> std::io::Result<&'a Journal> {
        let (base, wanted) = (&order.base, &order.wanted);
        // The old one first: two of one folder shut each other out.
        let kept = notes
            .take()
            .filter(|kept| kept.base == *base && kept.wanted == *wanted && base.join(JOURNAL).is_file());
        let kept = match kept {
            Some(kept) => kept,
            None => {
                // It names photos that may be more private than the first, and says what is in them.
                let journal = Journal::open(base, Rights::PRIVATE, ensemble, wanted)
                    .and_then(|journal| journal.clear_for(std::slice::from_ref(&order.job)).map(|()| journal))
                    .map_err(cause)?;
                Self { base: base.clone(), wanted: wanted.clone(), journal }
            }
        };
        Ok(&notes.insert(kept).journal)
    }
}

/// What the system says of a file; else the error itself.
fn cause(error: Error) -> std::io::Error {
    match error {
        Error::File { source, .. } | Error::Output { source, .. } => source,
        error => std::io::Error::other(error),
    }
}

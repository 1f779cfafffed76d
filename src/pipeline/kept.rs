//! What an earlier run has done and need not be done again.

use std::path::Path;

use super::batch::{Batch, Existing, is_there};
use super::opened::Opened;
use super::people::{People, likenesses};
use super::{Entry, Job, PhotoReport, Status};
use crate::error::{Error, Result};
use crate::face::Face;
use crate::models::sha256;
use crate::names::{shown, text};
use crate::photo::{Photo, decode};

/// What a journal says of how an output was made.
pub(crate) struct Former<'a> {
    pub(crate) input_sha256: Option<&'a str>,
    /// None where nothing was written.
    pub(crate) output_sha256: Option<&'a str>,
    pub(crate) status: Status,
    /// Whether it was made with the settings of this run.
    pub(crate) of_this_run: bool,
}

/// Whether what is in an output's place need not be made again: it was made as it would be now, from an input of this sum, and has not
/// changed since. `written` gives the sum of what is there.
///
/// # Errors
/// Where something else is in its place, or it cannot be read.
pub(crate) fn is_done(
    place: &Path,
    former: Option<&Former<'_>>,
    input: &str,
    existing: Existing,
    written: impl FnOnce() -> Result<String>,
) -> Result<bool> {
    let there = is_there(place);
    let refused = |why: &str| Err(Error::Usage(format!("{} {why}; use --overwrite", shown(place))));
    let Some(former) = former else { return if there { refused(NOT_OURS) } else { Ok(false) } };
    let made_otherwise = if former.input_sha256 != Some(input) {
        Some("was made from another original")
    } else if !former.of_this_run {
        Some("was made with other settings, networks or another version")
    } else {
        None
    };
    let nobody = matches!(former.status, Status::NoFace | Status::NobodyChosen);
    match (there, former.output_sha256) {
        (false, sum) => Ok(made_otherwise.is_none() && sum.is_none() && nobody),
        (true, None) => refused(made_otherwise.unwrap_or(NOT_OURS)),
        (true, Some(sum)) => match (made_otherwise, sum == written()?) {
            (Some(_), true) if existing == Existing::Renew => Ok(false),
            (Some(why), _) => refused(why),
            (None, false) => refused("has changed since it was written"),
            (None, true) => Ok(true),
        },
    }
}

impl Batch<'_> {
    /// The report of a photo that an earlier run finished; its faces join `people` as they did then.
    ///
    /// # Errors
    /// Where something else is in the output's place.
    pub(super) fn done_before(
        &self,
        job: &Job,
        bytes: &[u8],
        sum: &str,
        people: &mut People,
    ) -> Result<Option<PhotoReport>> {
        let known = self.journal.and_then(|journal| Some((journal, journal.entry(&job.output)?)));
        let place = known.as_ref().and_then(|(_, entry)| self.place(job, &entry.report));
        let place = place.unwrap_or_else(|| job.output.clone());
        let former = known.as_ref().map(|(journal, entry)| Former {
            input_sha256: entry.report.input_sha256.as_deref(),
            output_sha256: entry.report.output.as_ref().and(entry.report.output_sha256.as_deref()),
            status: entry.report.status,
            of_this_run: journal.is_of_this_run(entry),
        });
        let mut written = None;
        let done = is_done(&place, former.as_ref(), sum, self.existing, || {
            let bytes = self.settings.limits.read(&place).map_err(|e| Error::file(&place, e))?;
            Ok(sha256(written.insert(bytes)))
        })?;
        let Some((_, Entry { report: photo, .. })) = known.filter(|_| done) else { return Ok(None) };
        let Some(written) = written else { return Ok(Some(photo)) };
        self.remember((bytes, &written), &photo, people)?;
        Ok(Some(PhotoReport { output: Some(text(&place)), ..photo }))
    }

    /// Takes the faces of a photo into `people`, as they were and as they were written.
    fn remember(
        &self,
        (before, after): (&[u8], &[u8]),
        photo: &PhotoReport,
        people: &mut People,
    ) -> Result<()> {
        let faces: Vec<Face> = photo.faces.iter().filter(|f| f.chosen).map(|f| f.face()).collect();
        if faces.is_empty() {
            return Ok(());
        }
        let opened = Opened::of(before, self.settings)?;
        let faces: Vec<Face> = faces.iter().map(|face| opened.face(face)).collect();
        let seen = |photo: &Photo| likenesses(self.ensemble, photo, &faces);
        let after = decode(after, &self.settings.limits)?;
        let met = seen(&opened.photo)?.into_iter().zip(seen(&after)?);
        met.into_iter().try_for_each(|(before, after)| Ok(people.remember(before, after)?))
    }
}

const NOT_OURS: &str = "is there already and was not written by this run";

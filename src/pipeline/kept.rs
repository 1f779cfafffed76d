//! What an earlier run has done and need not be done again.

use super::batch::{Batch, Existing, is_there};
use super::opened::Opened;
use super::people::{People, likenesses};
use super::{Job, PhotoReport, Status};
use crate::error::{Error, Result};
use crate::face::Face;
use crate::models::sha256;
use crate::names::{shown, text};
use crate::photo::{Photo, decode};

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
        let entry = self.journal.and_then(|journal| journal.entry(&job.output));
        let place = entry.as_ref().and_then(|entry| self.place(job, &entry.report));
        let place = place.unwrap_or_else(|| job.output.clone());
        let there = is_there(&place);
        let refused = |why: &str| Err(Error::Usage(format!("{} {why}; use --overwrite", shown(&place))));
        let Some((journal, entry)) = self.journal.zip(entry) else {
            return if there { refused(NOT_OURS) } else { Ok(None) };
        };
        let photo = &entry.report;
        let made_otherwise = if photo.input_sha256.as_deref() != Some(sum) {
            Some("was made from another original")
        } else if !journal.is_of_this_run(&entry) {
            Some("was made with other settings, networks or another version")
        } else {
            None
        };
        if !there {
            let nobody = matches!(photo.status, Status::NoFace | Status::NobodyChosen);
            let done = made_otherwise.is_none() && photo.output.is_none() && nobody;
            return Ok(done.then(|| photo.clone()));
        }
        if photo.output.is_none() {
            return refused(made_otherwise.unwrap_or(NOT_OURS));
        }
        let written = self.settings.limits.read(&place).map_err(|e| Error::file(&place, e))?;
        let changed = photo.output_sha256.as_ref() != Some(&sha256(&written));
        match made_otherwise {
            Some(_) if self.existing == Existing::Renew && !changed => return Ok(None),
            Some(why) => return refused(why),
            None if changed => return refused("has changed since it was written"),
            None => {}
        }
        self.remember((bytes, &written), photo, people)?;
        Ok(Some(PhotoReport { output: Some(text(&place)), ..photo.clone() }))
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

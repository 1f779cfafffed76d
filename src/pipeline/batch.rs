//! Batches: file after file, each written whole or not at all; one bad photo never stops the rest.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::files::notes;
use super::look::look_into;
use super::people::{Look, People};
use super::places;
use super::protect::{Progress, protect};
use super::settings::Settings;
use super::{Job, Journal, PhotoReport, Report};
use crate::error::{Error, Result};
use crate::listing::LeftOut;
use crate::models::{Ensemble, sha256};
use crate::names::{shown, text};
use crate::photo::MetadataPolicy;
use crate::whole::{Rights, Unplaced};

/// So many photos are looked at ahead of the one in work, so that it is led away from the whole person.
pub const AHEAD: usize = 16;

/// What happens where an output is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// The photo fails; nothing is replaced.
    #[default]
    Refuse,
    /// The photo is done if the journal says so: it was made from this input with these settings, and has not changed
    /// since. Else it fails; nothing is replaced.
    Resume,
    /// As `Resume`, but a file that is as the journal says is replaced where it is not what is wanted.
    Renew,
    /// The file is replaced.
    Overwrite,
}

/// What happens in a batch, as it happens.
#[derive(Debug)]
pub enum Event<'a> {
    /// A later photo is looked at, for the people in it.
    Looking(&'a Job),
    /// A photo is begun.
    Started(&'a Job),
    /// A gradient step is done.
    Step(Progress),
    /// The last photo of the report is done, and its output, if there is one, in place.
    Finished(&'a Report),
    /// The last photo of the report was done by an earlier run.
    Kept(&'a Report),
}

/// A batch with all that it needs.
#[derive(Debug)]
pub struct Batch<'a> {
    /// The networks.
    pub ensemble: &'a Ensemble,
    /// What the caller wants.
    pub settings: &'a Settings,
    /// What happens where an output is there already.
    pub existing: Existing,
    /// The journal of the folder that is written to. Without one, no run can go on from this one.
    pub journal: Option<&'a Journal>,
    /// What of the folders is left out, for the report.
    pub left_out: &'a [LeftOut],
}

/// How a photo came to its report.
enum Done {
    Now(PhotoReport),
    Before(PhotoReport),
}

impl Batch<'_> {
    /// Works through the jobs, looking a few photos ahead. `hook` may break off at every event: the photo in work is
    /// dropped, and what is finished stays. `people` are those of earlier batches with the same networks.
    pub fn run(
        &self,
        jobs: &[Job],
        people: &mut People,
        hook: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Report {
        let mut report = Report::new(self.ensemble, self.settings.preset, self.settings.seed);
        report.left_out = self.left_out.to_vec();
        // Until all is done.
        report.cancelled = true;
        for (i, job) in jobs.iter().enumerate() {
            if self.look_ahead(&jobs[i + 1..], people, hook).is_break()
                || hook(Event::Started(job)).is_break()
            {
                return report;
            }
            let done = self.beside(jobs.get(i + 1 + AHEAD), people, |people| {
                self.one(job, people, &mut |step| hook(Event::Step(step)))
            });
            let flow = match done {
                Err(Error::Cancelled) => return report,
                Ok(Done::Before(photo)) => {
                    report.photos.push(photo);
                    hook(Event::Kept(&report))
                }
                Ok(Done::Now(photo)) => {
                    report.photos.push(photo);
                    hook(Event::Finished(&report))
                }
                Err(error) => {
                    report.photos.push(PhotoReport::failed(text(&job.input), error.to_string()));
                    // Every further photo would be lost in the same way.
                    let lost = matches!(error, Error::Output { .. });
                    let flow = hook(Event::Finished(&report));
                    if lost { ControlFlow::Break(()) } else { flow }
                }
            };
            if flow.is_break() && i + 1 < jobs.len() {
                return report;
            }
        }
        report.cancelled = false;
        report
    }

    fn look_ahead(
        &self,
        later: &[Job],
        people: &mut People,
        hook: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for job in later.iter().take(AHEAD) {
            if !people.has_seen(&job.input) {
                hook(Event::Looking(job))?;
                // What is wrong with the photo shows when its turn comes.
                self.look(&job.input, people).ok();
            }
        }
        ControlFlow::Continue(())
    }

    /// Works on a photo while another one, which comes into sight when this one is done, is looked at.
    fn beside<T>(&self, next: Option<&Job>, people: &mut People, work: impl FnOnce(&mut People) -> T) -> T {
        let next = next.filter(|next| !people.has_seen(&next.input));
        let mut look = None;
        let done = rayon::in_place_scope(|scope| {
            if let Some(next) = next {
                scope.spawn(|_| look = self.look_into(&next.input).ok());
            }
            work(people)
        });
        if let Some((next, look)) = next.zip(look) {
            people.see(&next.input);
            people.keep(look);
        }
        done
    }

    /// Takes the faces of a photo that is protected later, or never, into `people`, unless it was looked at before.
    /// Returns how many there are.
    ///
    /// # Errors
    /// Where it is no photo, or a network fails.
    pub fn look(&self, input: &Path, people: &mut People) -> Result<usize> {
        if people.see(input) { Ok(people.keep(self.look_into(input)?)) } else { Ok(0) }
    }

    fn look_into(&self, input: &Path) -> Result<Look> {
        let bytes = self.settings.limits.read(input).map_err(|e| Error::file(input, e))?;
        look_into(&bytes, self.ensemble, self.settings)
    }

    fn one(
        &self,
        job: &Job,
        people: &mut People,
        hook: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Done> {
        let start = Instant::now();
        let there = is_there(&job.output);
        if there && self.existing == Existing::Refuse {
            let name = shown(&job.output);
            return Err(Error::Usage(format!("{name} is there already; use --resume or --overwrite")));
        }
        let bytes = self.settings.limits.read(&job.input).map_err(|e| Error::file(&job.input, e))?;
        let sum = sha256(&bytes);
        if matches!(self.existing, Existing::Resume | Existing::Renew)
            && let Some(mut photo) = self.done_before(job, &bytes, &sum, people)?
        {
            photo.input = text(&job.input);
            return Ok(Done::Before(photo));
        }
        let protected = protect(&bytes, self.ensemble, self.settings, people, hook)?;
        let mut photo = protected.report;
        photo.read_from(text(&job.input), &bytes);
        let format = protected.encoded.as_ref().map(|encoded| encoded.format);
        photo.notes.extend(notes(&job.input, &bytes, self.settings.encoding().format, format));
        let place = self.place(job, &photo);
        let written = protected.encoded.zip(place);
        let former = self.journal.and_then(|journal| journal.entry(&job.output));
        photo.output = written.as_ref().map(|(_, place)| text(place));
        photo.seconds = start.elapsed().as_secs_f64();
        match &written {
            Some((encoded, place)) => self.write(job, place, &encoded.bytes, &photo)?,
            None => self.note(job, &photo)?,
        }
        let place = written.as_ref().map(|(_, place)| place.as_path());
        let former = former.and_then(|former| former.report.output_sha256);
        places::remove(former.as_deref(), &job.output, place, self.journal)?;
        Ok(Done::Now(photo))
    }

    /// Where the output lies if it became what the report says.
    pub(super) fn place(&self, job: &Job, photo: &PhotoReport) -> Option<PathBuf> {
        places::place(&job.output, photo.status, self.settings.unprotected, self.journal)
    }

    /// Puts the output in its place, whole or not at all.
    fn write(&self, job: &Job, place: &Path, bytes: &[u8], photo: &PhotoReport) -> Result<()> {
        self.journal.map_or(Ok(()), Journal::still_there)?;
        let failed = |error| output_error(place, error);
        std::fs::create_dir_all(place.parent().unwrap_or(Path::new("."))).map_err(failed)?;
        let file = Unplaced::of(place, bytes, Rights::of(&job.input)).map_err(failed)?;
        if self.settings.encode.metadata == MetadataPolicy::Keep {
            file.as_old_as(&job.input).map_err(failed)?;
        }
        let ours = match self.existing {
            Existing::Overwrite => true,
            // What is there was found to be as the journal says.
            Existing::Renew => self.journal.is_some_and(|journal| journal.entry(&job.output).is_some()),
            Existing::Refuse | Existing::Resume => false,
        };
        // First the journal: a file without a line would not be believed.
        self.note(job, photo)?;
        let placed = if ours { file.replace() } else { file.create() };
        placed.map_err(failed)
    }

    fn note(&self, job: &Job, photo: &PhotoReport) -> Result<()> {
        self.journal.map_or(Ok(()), |journal| journal.note(&job.output, photo))
    }
}

/// Whether anything is in this place, a link that leads nowhere among it.
pub(crate) fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// An error of the whole run where no further output can be written, else of this one.
fn output_error(path: &Path, source: std::io::Error) -> Error {
    use std::io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    match source.kind() {
        StorageFull | QuotaExceeded | ReadOnlyFilesystem => Error::Output { path: shown(path), source },
        _ => Error::file(path, source),
    }
}

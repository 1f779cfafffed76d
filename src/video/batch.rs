//! Clip after clip, each written whole or not at all; one bad clip never stops the rest.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::progress::ClipProgress;
use super::protect::protect;
use super::report::ClipReport;
use super::run_report::ClipsReport;
use super::settings::ClipSettings;
use crate::error::{Error, Result};
use crate::listing::{Found, LeftOut};
use crate::models::Ensemble;
use crate::names::{shown, text};
use crate::pipeline::{
    Existing, Former, Job, Journal, People, is_done, is_there, place_of, refuse_clashes, remove_former,
    sum_of,
};
use crate::whole::{Rights, Unplaced};

/// What happens in a batch of clips, as it happens.
#[derive(Debug)]
pub enum ClipEvent<'a> {
    /// A clip is begun.
    Started(&'a Job),
    /// A frame or a gradient step is done.
    Step(ClipProgress),
    /// The last clip of the report is done, and its output, if there is one, in place.
    Finished(&'a ClipsReport),
    /// The last clip of the report was done by an earlier run.
    Kept(&'a ClipsReport),
}

/// A batch of clips with all that it needs.
#[derive(Debug)]
pub struct Clips<'a> {
    /// The networks.
    pub ensemble: &'a Ensemble,
    /// What is wanted of each.
    pub settings: &'a ClipSettings,
    /// Those in photos that were protected or looked at: the cloaks lead away from them, too.
    pub people: &'a People,
    /// What happens where an output is there already.
    pub existing: Existing,
    /// The journal of the folder that is written to. Without one, no run can go on from this one.
    pub journal: Option<&'a Journal>,
    /// What of the folders is left out, for the report.
    pub left_out: &'a [LeftOut],
}

/// How a clip came to its report.
enum Done {
    Now(ClipReport),
    Before(ClipReport),
}

impl Clips<'_> {
    /// The places of clips under `output`: all are written as MP4.
    ///
    /// # Errors
    /// Where two would be written to one file, or one would replace an input.
    pub fn place(clips: &[Found], output: &Path) -> Result<Vec<Job>> {
        let mut taken: HashSet<PathBuf> = HashSet::new();
        let job = |clip: &Found| {
            let mut place = clip.place.with_extension("mp4");
            if !taken.insert(place.clone()) {
                place.set_extension(format!("{}.mp4", ending(&clip.place)));
            }
            Job { input: clip.file.clone(), output: output.join(place) }
        };
        let jobs: Vec<Job> = clips.iter().map(job).collect();
        refuse_clashes(&jobs)?;
        Ok(jobs)
    }

    /// Works through the jobs. `hook` may break off at every event: the clip in work is dropped, and what is finished stays.
    pub fn run(&self, jobs: &[Job], hook: &mut dyn FnMut(ClipEvent<'_>) -> ControlFlow<()>) -> ClipsReport {
        let mut report = ClipsReport::new(self.ensemble, self.settings.preset, self.settings.seed);
        report.left_out = self.left_out.to_vec();
        for (i, job) in jobs.iter().enumerate() {
            if hook(ClipEvent::Started(job)).is_break() {
                return report;
            }
            let done = self.one(job, &mut |step| hook(ClipEvent::Step(step)));
            let flow = match done {
                Err(Error::Cancelled) => return report,
                Ok(Done::Before(clip)) => {
                    report.clips.push(clip);
                    hook(ClipEvent::Kept(&report))
                }
                Ok(Done::Now(clip)) => {
                    report.clips.push(clip);
                    hook(ClipEvent::Finished(&report))
                }
                Err(error) => {
                    report.clips.push(ClipReport::failed(text(&job.input), error.to_string()));
                    hook(ClipEvent::Finished(&report))
                }
            };
            if flow.is_break() && i + 1 < jobs.len() {
                return report;
            }
        }
        report.cancelled = false;
        report
    }

    /// Protects one clip, unless it was done before.
    ///
    /// # Errors
    /// Where the clip cannot be read or written, a network fails, or `hook` broke off.
    pub fn protect(
        &self,
        job: &Job,
        hook: &mut dyn FnMut(ClipProgress) -> ControlFlow<()>,
    ) -> Result<ClipReport> {
        let (Done::Now(clip) | Done::Before(clip)) = self.one(job, hook)?;
        Ok(clip)
    }

    fn one(&self, job: &Job, hook: &mut dyn FnMut(ClipProgress) -> ControlFlow<()>) -> Result<Done> {
        let start = Instant::now();
        if self.existing == Existing::Refuse && is_there(&job.output) {
            let name = shown(&job.output);
            return Err(Error::Usage(format!("{name} is there already; use --resume or --overwrite")));
        }
        let sum = sum_of(&job.input)?;
        let known = self.known(job);
        let resumed = matches!(self.existing, Existing::Resume | Existing::Renew);
        if resumed && let Some(clip) = self.done_before(job, known.as_ref(), &sum)? {
            return Ok(Done::Before(clip));
        }
        let failed = |error| Error::file(&job.output, error);
        std::fs::create_dir_all(job.output.parent().unwrap_or(Path::new("."))).map_err(failed)?;
        let file = Unplaced::with(&job.output, Rights::of(&job.input), |_| Ok(())).map_err(failed)?;
        let mut clip =
            protect(&job.input, file.unfinished(), self.ensemble, (self.settings, self.people), hook)?;
        (clip.input, clip.input_sha256) = (text(&job.input), Some(sum));
        clip.seconds = start.elapsed().as_secs_f64();
        let place = self.destination(job, &clip).filter(|_| clip.rounds > 0);
        match &place {
            Some(place) => self.put(file, (job, place), &mut clip)?,
            None => self.note(job, &clip)?,
        }
        let former = known.and_then(|(_, clip)| clip.output_sha256);
        remove_former(former.as_deref(), &job.output, place.as_deref(), self.journal)?;
        Ok(Done::Now(clip))
    }

    /// Puts the output in its place, whole or not at all.
    fn put(&self, file: Unplaced<'_>, (job, place): (&Job, &Path), clip: &mut ClipReport) -> Result<()> {
        let failed = |error| Error::file(place, error);
        file.sync().map_err(failed)?;
        clip.output = Some(text(place));
        clip.output_bytes = std::fs::metadata(file.unfinished()).ok().map(|about| about.len());
        clip.output_sha256 = Some(sum_of(file.unfinished())?);
        std::fs::create_dir_all(place.parent().unwrap_or(Path::new("."))).map_err(failed)?;
        let ours = match self.existing {
            Existing::Overwrite => true,
            // What is there was found to be as the journal says.
            Existing::Renew => self.known(job).is_some(),
            Existing::Refuse | Existing::Resume => false,
        };
        // First the journal: a file without a line would not be believed.
        self.note(job, clip)?;
        let file = file.bound_for(place);
        let placed = if ours { file.replace() } else { file.create() };
        placed.map_err(failed)
    }

    /// What the journal says of a clip, and whether that was made with the settings of this run.
    fn known(&self, job: &Job) -> Option<(bool, ClipReport)> {
        let (ours, clip) = self.journal?.clip(&job.output)?;
        Some((ours, serde_json::from_value(clip).ok()?))
    }

    /// Where the output lies if it became what the report says.
    fn destination(&self, job: &Job, clip: &ClipReport) -> Option<PathBuf> {
        place_of(&job.output, clip.status, self.settings.unprotected, self.journal)
    }

    /// The report of a clip that an earlier run finished.
    ///
    /// # Errors
    /// Where something else is in the output's place.
    fn done_before(
        &self,
        job: &Job,
        known: Option<&(bool, ClipReport)>,
        sum: &str,
    ) -> Result<Option<ClipReport>> {
        let place = known.and_then(|(_, clip)| self.destination(job, clip));
        let place = place.unwrap_or_else(|| job.output.clone());
        let former = known.map(|(of_this_run, clip)| Former {
            input_sha256: clip.input_sha256.as_deref(),
            output_sha256: clip.output_sha256.as_deref(),
            status: clip.status,
            of_this_run: *of_this_run,
        });
        let done = is_done(&place, former.as_ref(), sum, self.existing, || sum_of(&place))?;
        let clip = known.filter(|_| done).map(|(_, clip)| clip.clone());
        Ok(clip.map(|clip| ClipReport {
            input: text(&job.input),
            output: clip.output.as_ref().map(|_| text(&place)),
            ..clip
        }))
    }

    fn note(&self, job: &Job, clip: &ClipReport) -> Result<()> {
        self.journal.map_or(Ok(()), |journal| journal.note_clip(&job.output, clip))
    }
}

fn ending(path: &Path) -> String {
    path.extension().map(|ending| ending.to_string_lossy().into_owned()).unwrap_or_default()
}

//! Clip after clip, each written whole or not at all; one bad clip never stops the rest.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::protect::{ClipProgress, ClipSettings, protect};
use super::report::{ClipReport, ClipsReport};
use crate::error::{Error, Result};
use crate::listing::Found;
use crate::models::{Ensemble, sha256_of};
use crate::names::{shown, text};
use crate::pipeline::{Existing, Job, Journal, refuse_clashes};
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
    /// What happens where an output is there already.
    pub existing: Existing,
    /// The journal of the folder that is written to. Without one, no run can go on from this one.
    pub journal: Option<&'a Journal>,
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

    fn one(&self, job: &Job, hook: &mut dyn FnMut(ClipProgress) -> ControlFlow<()>) -> Result<Done> {
        let start = Instant::now();
        let sum = sum_of(&job.input)?;
        if let Some(clip) = self.done_before(job, &sum)? {
            return Ok(Done::Before(ClipReport { input: text(&job.input), ..clip }));
        }
        let failed = |error| Error::file(&job.output, error);
        std::fs::create_dir_all(job.output.parent().unwrap_or(Path::new("."))).map_err(failed)?;
        let file = Unplaced::with(&job.output, Rights::of(&job.input), |_| Ok(())).map_err(failed)?;
        let mut clip = protect(&job.input, file.unfinished(), self.ensemble, self.settings, hook)?;
        (clip.input, clip.input_sha256) = (text(&job.input), Some(sum));
        clip.seconds = start.elapsed().as_secs_f64();
        if clip.rounds == 0 {
            self.note(job, &clip)?;
            return Ok(Done::Now(clip));
        }
        file.sync().map_err(failed)?;
        clip.output = Some(text(&job.output));
        clip.output_bytes = std::fs::metadata(file.unfinished()).ok().map(|about| about.len());
        clip.output_sha256 = Some(sum_of(file.unfinished())?);
        // First the journal: a file without a line would not be believed.
        self.note(job, &clip)?;
        let placed = if self.existing == Existing::Overwrite { file.replace() } else { file.create() };
        placed.map_err(failed)?;
        Ok(Done::Now(clip))
    }

    /// The report of a clip that an earlier run finished.
    ///
    /// # Errors
    /// Where something else is in the output's place.
    fn done_before(&self, job: &Job, sum: &str) -> Result<Option<ClipReport>> {
        let there = job.output.symlink_metadata().is_ok();
        let refused = |why: &str| Err(Error::Usage(format!("{} {why}", shown(&job.output))));
        match self.existing {
            Existing::Overwrite => return Ok(None),
            Existing::Refuse if there => return refused("is there already; use --resume or --overwrite"),
            Existing::Refuse => return Ok(None),
            Existing::Resume | Existing::Renew => {}
        }
        let known = self.journal.and_then(|journal| journal.clip(&job.output));
        let known =
            known.and_then(|(ours, clip)| Some((ours, serde_json::from_value::<ClipReport>(clip).ok()?)));
        let Some((ours, clip)) = known else {
            return if there {
                refused("is there already and was not written by this run; use --overwrite")
            } else {
                Ok(None)
            };
        };
        let same = ours && clip.input_sha256.as_deref() == Some(sum);
        match (there, &clip.output_sha256) {
            (false, None) if same => Ok(Some(clip)),
            (false, _) => Ok(None),
            (true, _) if !same => {
                refused("was made from another clip or with other settings; use --overwrite")
            }
            (true, Some(written)) if *written == sum_of(&job.output)? => Ok(Some(clip)),
            (true, _) => refused("has changed since it was written; use --overwrite"),
        }
    }

    fn note(&self, job: &Job, clip: &ClipReport) -> Result<()> {
        self.journal.map_or(Ok(()), |journal| journal.note_clip(&job.output, clip))
    }
}

fn ending(path: &Path) -> String {
    path.extension().map(|ending| ending.to_string_lossy().into_owned()).unwrap_or_default()
}

fn sum_of(path: &Path) -> Result<String> {
    let sum = std::fs::File::open(path).and_then(sha256_of);
    sum.map_err(|error| Error::file(path, error))
}

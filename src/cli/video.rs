//! `visard video`

use anyhow::{Result, bail};

use super::args::Video;
use super::progress::Progress;
use super::report::ReportFile;
use super::teller::Teller;
use super::wanted::{beside, look_at, stopped_by_ctrl_c, whose};
use super::words::summary_of_clips;
use super::{Outcome, judges, name_left_out};
use visard::listing::{Listing, clips};
use visard::models::{Ensemble, Library};
use visard::names::{printable, shown};
use visard::pipeline::{Batch, Existing, Journal, People, Settings, Status};
use visard::video::{ClipEvent, ClipReport, ClipSettings, Clips, Part, Stage, TrackReport, check_ffmpeg};
use visard::whole::Rights;

pub(super) fn run(command: &Video, library: &Library) -> Result<Outcome> {
    let Listing { photos: found, left_out } = clips(&command.paths, Some(&command.output))?;
    name_left_out(&left_out);
    if found.is_empty() {
        bail!("no videos there");
    }
    check_ffmpeg()?;
    let jobs = Clips::place(&found, &command.output)?;
    let beside = beside(&command.beside, &command.output)?;
    let mut settings = settings(command);
    let ensemble = Ensemble::open(library, &command.networks.models, &command.networks.judges)?;
    judges::of_run(&ensemble, library, !command.networks.models.is_empty());
    settings.whose = whose(&command.whom, &ensemble, &settings.limits)?;
    let rights = Rights::strictest(jobs.iter().map(|job| job.input.as_path()));
    let file = command.report.as_deref().map(|path| ReportFile::open(path, &jobs, rights)).transpose()?;
    let journal = Journal::open(&command.output, rights, &ensemble, &settings)?;
    journal.clear_for(&jobs)?;
    let stopped = stopped_by_ctrl_c()?;
    let progress = Progress::new(jobs.len());
    let mut people = People::default();
    let of_photos = Settings { limits: settings.limits, ..Settings::default() };
    look_at(&beside, &photos(&ensemble, &of_photos), &mut people, &progress, &stopped);
    let batch = Clips {
        ensemble: &ensemble,
        settings: &settings,
        people: &people,
        existing: command.existing(),
        journal: Some(&journal),
        left_out: &left_out,
    };
    let mut teller = Teller::new(progress, command.json, file);
    let report = batch.run(&jobs, &mut |event| {
        tell(&mut teller, &event, 0);
        if let ClipEvent::Finished(report) = event {
            teller.grow(report);
        }
        teller.flow(&stopped)
    });
    teller.end(&report, report.all_protected(), || {
        summary_of_clips(&report.clips, jobs.len(), &report.left_out, &report.networks);
    })
}

/// What photos are looked at with.
fn photos<'a>(ensemble: &'a Ensemble, settings: &'a Settings) -> Batch<'a> {
    Batch { ensemble, settings, existing: Existing::Refuse, journal: None, left_out: &[] }
}

fn settings(command: &Video) -> ClipSettings {
    ClipSettings {
        preset: command.strength.into(),
        faces: command.whom.faces.into(),
        others: command.whom.others.into(),
        part: Part { from: command.from.unwrap_or(0.), to: command.to, longest: command.longest },
        codec: command.codec(),
        quality: command.crf,
        limits: command.memory.limits(),
        seed: command.seed,
        ..ClipSettings::default()
    }
}

/// Tells of a clip, before which so many photos were done.
pub(super) fn tell(teller: &mut Teller, event: &ClipEvent<'_>, before: usize) {
    match event {
        ClipEvent::Started(job) => teller.progress.start(&shown(&job.input)),
        ClipEvent::Step(step) => {
            teller.progress.stage(match step.stage {
                Stage::Following => "following the faces",
                Stage::Cloaking => "making the cloaks",
                Stage::Writing => "writing the clip",
                Stage::Checking => "judging what was written",
            });
            teller.progress.set(step.done);
        }
        ClipEvent::Kept(report) | ClipEvent::Finished(report) => {
            teller.progress.done(before + report.clips.len());
            if let Some(clip) = report.clips.last() {
                teller.tell(clip, || sentence(clip));
            }
        }
    }
}

/// What became of a clip, in one line.
fn sentence(clip: &ClipReport) -> String {
    let reason = printable(clip.reason.as_deref().unwrap_or_default());
    let count = |which: fn(&TrackReport) -> bool| clip.tracks.iter().filter(|track| which(track)).count();
    let (chosen, hidden) = (count(|track| track.chosen), count(|track| track.hiding.is_some()));
    let also = |count: usize, what: &str| match count {
        0 => String::new(),
        count => format!("; {} {what}", tracks(count, "other ")),
    };
    let left = also(clip.tracks.len() - chosen - hidden, "left as before");
    let frames = clip.frames;
    let what = match clip.status {
        Status::Protected => {
            let hidden = also(hidden, "hidden");
            format!("protected ({} in {frames} frames{hidden}{left})", tracks(chosen, ""))
        }
        Status::Hidden => format!("hidden ({} in {frames} frames{left})", tracks(hidden, "")),
        Status::NoFace => "NO FACE FOUND, not written".into(),
        Status::NobodyChosen => format!("NOBODY TO PROTECT, not written{left}"),
        Status::StillRecognisable => format!("STILL RECOGNISABLE: {reason}{left}"),
        Status::NotTheSamePhoto => format!("NOT THE SAME CLIP: {reason}"),
        Status::Failed => format!("FAILED: {reason}"),
    };
    let notes: String = clip.notes.iter().map(|note| format!("; {}", printable(note))).collect();
    format!("{}: {what}{notes}, {:.1} s", printable(&clip.input), clip.seconds)
}

fn tracks(count: usize, which: &str) -> String {
    if count == 1 { format!("1 {which}track") } else { format!("{count} {which}tracks") }
}

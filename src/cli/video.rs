//! `visard video`

use anyhow::{Result, bail};

use super::args::Video;
use super::progress::Progress;
use super::report::ReportFile;
use super::teller::Teller;
use super::wanted::stopped_by_ctrl_c;
use super::{Outcome, judges, name_left_out};
use visard::listing::{Listing, clips};
use visard::models::{Ensemble, Library, Role};
use visard::names::{printable, shown};
use visard::pipeline::{Journal, Status};
use visard::video::{ClipEvent, ClipReport, ClipSettings, Clips, ClipsReport, Part, Stage, check_ffmpeg};
use visard::whole::Rights;

pub(super) fn run(command: &Video, library: &Library) -> Result<Outcome> {
    let Listing { photos: found, left_out } = clips(&command.paths, Some(&command.output))?;
    name_left_out(&left_out);
    if found.is_empty() {
        bail!("no videos there");
    }
    check_ffmpeg()?;
    let jobs = Clips::place(&found, &command.output)?;
    let settings = settings(command);
    let ensemble = Ensemble::open(library, &command.networks.models, &command.networks.judges)?;
    judges::of_run(&ensemble, library, !command.networks.models.is_empty());
    let rights = Rights::strictest(jobs.iter().map(|job| job.input.as_path()));
    let file = command.report.as_deref().map(|path| ReportFile::open(path, &jobs, rights)).transpose()?;
    let journal = Journal::open(&command.output, rights, &ensemble, &settings)?;
    journal.clear_for(&jobs)?;
    let stopped = stopped_by_ctrl_c()?;
    let batch = Clips {
        ensemble: &ensemble,
        settings: &settings,
        existing: command.existing(),
        journal: Some(&journal),
    };
    let mut teller = Teller::new(Progress::new(jobs.len()), command.json, file);
    let report = batch.run(&jobs, &mut |event| {
        tell(&mut teller, &event);
        teller.flow(&stopped)
    });
    teller.end(&report, report.all_protected(), || summary(&report, jobs.len()))
}

fn settings(command: &Video) -> ClipSettings {
    ClipSettings {
        preset: command.strength.into(),
        part: Part { from: command.from.unwrap_or(0.), to: command.to, longest: command.longest },
        codec: command.codec(),
        quality: command.crf,
        limits: command.memory.limits(),
        seed: command.seed,
    }
}

fn tell(teller: &mut Teller, event: &ClipEvent<'_>) {
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
            teller.progress.done(report.clips.len());
            if let Some(clip) = report.clips.last() {
                teller.tell(clip, || sentence(clip));
            }
            if matches!(event, ClipEvent::Finished(_)) {
                teller.grow(report);
            }
        }
    }
}

/// What became of a clip, in one line.
fn sentence(clip: &ClipReport) -> String {
    let reason = printable(clip.reason.as_deref().unwrap_or_default());
    let tracks = match clip.tracks.len() {
        1 => "1 track".to_string(),
        n => format!("{n} tracks"),
    };
    let what = match clip.status {
        Status::Protected => format!("protected ({tracks} in {} frames)", clip.frames),
        Status::NoFace => "NO FACE FOUND, not written".into(),
        Status::NotTheSamePhoto => format!("NOT THE SAME CLIP: {reason}"),
        Status::Failed => format!("FAILED: {reason}"),
        _ => format!("STILL RECOGNISABLE: {reason}"),
    };
    let notes: String = clip.notes.iter().map(|note| format!("; {}", printable(note))).collect();
    format!("{}: {what}{notes}, {:.1} s", printable(&clip.input), clip.seconds)
}

/// What became of all clips, in one line on standard error.
fn summary(report: &ClipsReport, all: usize) {
    let of = |status| report.clips.iter().filter(|clip| clip.status == status).count();
    let judges: Vec<&str> =
        report.networks.iter().filter(|n| n.role == Some(Role::Judge)).map(|n| n.name.as_str()).collect();
    eprintln!("{} of {all} clips protected (judged by {})", of(Status::Protected), judges.join(", "));
}

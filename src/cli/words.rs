//! What became of photos, in words.

use std::path::PathBuf;

use visard::listing::LeftOut;
use visard::models::Role;
use visard::names::{printable, shown};
use visard::pipeline::{FaceReport, NetworkReport, PhotoReport, Report, Status};
use visard::video::ClipReport;

/// What became of a photo, in one line.
pub(super) fn sentence(photo: &PhotoReport) -> String {
    let count = |which: fn(&FaceReport) -> bool| photo.faces.iter().filter(|face| which(face)).count();
    let (chosen, hidden) = (count(|f| f.chosen), count(|f| f.hiding.is_some()));
    let others = match hidden {
        0 => String::new(),
        hidden => format!("; {} hidden", faces(hidden, "other ")),
    };
    let left = match photo.faces.len() - chosen - hidden {
        0 => String::new(),
        1 => "; 1 other face left as it is".into(),
        left => format!("; {left} other faces left as they are"),
    };
    let written = match (photo.cleaned, &photo.output) {
        (true, Some(_)) => "cleaned: its traces are removed, its picture is bit for bit as it was",
        (false, Some(_)) => "written without a cloak",
        (_, None) => "not written",
    };
    let reason = printable(photo.reason.as_deref().unwrap_or_default());
    let what = match photo.status {
        Status::Protected => format!("protected ({}{others}{left})", faces(chosen, "")),
        Status::Hidden => format!("hidden ({}{left})", faces(hidden, "")),
        Status::NoFace if photo.cleaned => format!("no-face, {written}"),
        Status::NoFace => format!("NO FACE FOUND, {written}"),
        Status::NobodyChosen => format!("NOBODY TO PROTECT, {written}{left}"),
        Status::StillRecognisable => format!("STILL RECOGNISABLE: {reason}{left}"),
        Status::NotTheSamePhoto => format!("NOT THE SAME PHOTO: {reason}"),
        Status::Failed => format!("FAILED: {reason}"),
    };
    let notes: String = photo.notes.iter().map(|note| format!("; {}", printable(note))).collect();
    format!("{}: {what}{notes}, {:.1} s", printable(&photo.input), photo.seconds)
}

fn faces(count: usize, which: &str) -> String {
    if count == 1 { format!("1 {which}face") } else { format!("{count} {which}faces") }
}

/// What became of all photos, in one line on standard error.
pub(super) fn summary(report: &Report, all: usize) {
    let statuses: Vec<Status> = report.photos.iter().map(|photo| photo.status).collect();
    sum_up("photo", &statuses, all, &report.left_out, &report.networks);
}

/// The same of clips.
pub(super) fn summary_of_clips(
    clips: &[ClipReport],
    all: usize,
    left_out: &[LeftOut],
    networks: &[NetworkReport],
) {
    let statuses: Vec<Status> = clips.iter().map(|clip| clip.status).collect();
    sum_up("clip", &statuses, all, left_out, networks);
}

fn sum_up(what: &str, statuses: &[Status], all: usize, left_out: &[LeftOut], networks: &[NetworkReport]) {
    let of = |status| statuses.iter().filter(|one| **one == status).count();
    let left_out = left_out.iter().filter(|left| left.picture).count();
    let mut parts = vec![format!("{} of {} {what}s protected", of(Status::Protected), all + left_out)];
    let another = format!("not the same {what}");
    for (count, text) in [
        (of(Status::Hidden), "hidden"),
        (of(Status::NobodyChosen), "with nobody to protect"),
        (of(Status::StillRecognisable), "still recognisable"),
        (of(Status::NotTheSamePhoto), &another),
        (of(Status::NoFace), "without a face"),
        (of(Status::Failed), "failed"),
        (all - statuses.len(), "not reached"),
        (left_out, "left out"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {text}"));
        }
    }
    let judges = networks.iter().filter(|network| network.role == Some(Role::Judge));
    let judges: Vec<&str> = judges.map(|network| network.name.as_str()).collect();
    eprintln!("{} (judged by {})", parts.join(", "), judges.join(", "));
}

/// Paths, one after the other.
pub(super) fn names(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| shown(path)).collect::<Vec<_>>().join(", ")
}

//! What became of photos, in words.

use std::path::PathBuf;

use visard::names::{printable, shown};
use visard::pipeline::{FaceReport, PhotoReport, Report, Status};

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
    let of = |status| report.count(status);
    let left_out = report.pictures_left_out().count();
    let mut parts = vec![format!("{} of {} photos protected", of(Status::Protected), all + left_out)];
    for (count, text) in [
        (of(Status::Hidden), "hidden"),
        (of(Status::NobodyChosen), "with nobody to protect"),
        (of(Status::StillRecognisable), "still recognisable"),
        (of(Status::NotTheSamePhoto), "not the same photo"),
        (of(Status::NoFace), "without a face"),
        (of(Status::Failed), "failed"),
        (all - report.photos.len(), "not reached"),
        (left_out, "left out"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {text}"));
        }
    }
    let judges: Vec<&str> = report
        .networks
        .iter()
        .filter(|n| n.role == Some(visard::models::Role::Judge))
        .map(|n| n.name.as_str())
        .collect();
    eprintln!("{} (judged by {})", parts.join(", "), judges.join(", "));
}

/// Paths, one after the other.
pub(super) fn names(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| shown(path)).collect::<Vec<_>>().join(", ")
}

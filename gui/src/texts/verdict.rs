//! What became of photos and faces: states, verdicts, the answer to "does it work?".

use visard::models::Role;
use visard::pipeline::{FaceReport, PhotoReport, Report, Status};
use visard::verify::Opinion;
use visard::video::TrackReport;

use super::words::{faces, plain, these};
use super::{CLIP_WAITS, NO_NETWORKS, NOBODY_CHOSEN, NOT_LOOKED};
use crate::queue::{Outcome, Progress, Queue, Row, State, Sum};

pub(crate) fn state(state: State) -> &'static str {
    match state {
        State::Waiting => "Waiting",
        State::Working => "Working",
        State::Protected => "Protected",
        State::NoFace => "No face found",
        State::StillRecognisable => "Still recognisable",
        State::Failed => "Failed",
    }
}

/// What is said of a row beside its state.
pub(crate) fn row_detail(row: &Row) -> String {
    let Some(sum) = row.report.as_ref().map(Outcome::sum) else { return before(row) };
    match row.state() {
        State::Waiting | State::Working => before(row),
        State::Protected => match sum.faces - sum.chosen {
            0 => faces(sum.chosen),
            left => format!("{}, {left} left as before", faces(sum.chosen)),
        },
        State::StillRecognisable if sum.saved => format!("{}, saved apart", still_known(&sum)),
        State::NoFace if sum.saved => "Saved apart, WITHOUT protection".into(),
        State::NoFace => "Nothing was changed and nothing was saved".into(),
        State::StillRecognisable | State::Failed => said(&sum),
    }
}

/// The same before it is done.
fn before(row: &Row) -> String {
    match row.faces() {
        _ if row.unreadable.is_some() => {
            format!("It cannot be read: {}", plain(row.unreadable.as_deref().unwrap_or_default()))
        }
        _ if row.is_left() => NOBODY_CHOSEN.into(),
        _ if row.is_clip() => CLIP_WAITS.into(),
        None => NOT_LOOKED.into(),
        Some(0) => "No face found: open it to add one".into(),
        Some(n) => format!("{} found", faces(n)),
    }
}

/// What a screen reader says of a row.
pub(crate) fn row_label(row: &Row) -> String {
    format!("{}: {}. {}", row.name(), state(row.state()), row_detail(row))
}

/// The answer to "does it work?" for a photo or a clip, in one sentence.
pub(crate) fn said(sum: &Sum<'_>) -> String {
    let (none, what) = (none_of(sum.checks), sum.what);
    match sum.status {
        Status::Protected if sum.chosen == 1 => format!("{none} recognises the face in the saved {what}."),
        Status::Protected => format!("{none} recognises any of the faces in the saved {what}."),
        Status::Hidden => format!("{none} recognises any of the hidden faces in the saved {what}."),
        Status::NobodyChosen => "No face was to be protected, so nothing was changed.".into(),
        Status::NoFace if sum.saved => "No face was found: it was saved apart, WITHOUT protection.".into(),
        Status::NoFace => "No face was found, so nothing was changed and nothing was saved.".into(),
        Status::StillRecognisable => format!("NOT protected: {} in the saved {what}.", still_known(sum)),
        Status::NotTheSamePhoto if what == "clip" => {
            "NOT protected: the saved file does not show this clip. Protect it again.".into()
        }
        Status::NotTheSamePhoto => {
            "NOT protected: the saved file does not show this photo. Protect it again.".into()
        }
        Status::Failed => format!("It could not be protected: {}.", plain(sum.reason)),
    }
}

/// How many faces a check still recognises.
fn still_known(sum: &Sum<'_>) -> String {
    format!("{} of {} still recognised", sum.known, faces(sum.chosen))
}

fn none_of(checks: usize) -> String {
    match checks {
        0 => "No check".into(),
        1 => "The check that was asked no longer".into(),
        2 => "Neither of the two checks".into(),
        all => format!("None of the {all} checks"),
    }
}

/// The verdict on one face.
pub(crate) fn face_verdict(face: &FaceReport) -> String {
    let hidden = face.hiding.map(|_| face.hidden);
    told((face.chosen, face.protected), hidden, &face.similarities)
}

/// The verdict on a face of a clip, by its worst frame; and when it is seen.
pub(crate) fn track_verdict(track: &TrackReport) -> String {
    let hidden = track.hiding.map(|_| track.hidden);
    let said = told((track.chosen, track.protected), hidden, &track.worst_frame);
    format!("{:.1} to {:.1} s: {said}", track.from, track.to)
}

fn told((chosen, protected): (bool, bool), hidden: Option<bool>, opinions: &[Opinion]) -> String {
    if !chosen {
        let said = match hidden {
            None => "left as it was",
            Some(true) => "hidden",
            Some(false) => "hidden, but still recognised",
        };
        return said.into();
    }
    match (protected, nearest(opinions).is_some_and(|o| (o.similarity - o.threshold).abs() < NARROW)) {
        (true, false) => "protected",
        (true, true) => "protected, but narrowly",
        (false, false) => "still recognised",
        (false, true) => "still recognised, but only just",
    }
    .into()
}

/// A similarity so near to where a check begins to recognise is a narrow matter.
const NARROW: f32 = 0.05;

/// The check that recognises a face most.
fn nearest(opinions: &[Opinion]) -> Option<&Opinion> {
    let checks = opinions.iter().filter(|o| o.role == Role::Judge);
    checks.max_by(|a, b| (a.similarity - a.threshold).total_cmp(&(b.similarity - b.threshold)))
}

/// How sure it is what the checks say of a face.
pub(crate) fn certainty(opinions: &[Opinion]) -> &'static str {
    let Some(check) = nearest(opinions) else { return "Nobody was asked about it." };
    match check.similarity - check.threshold {
        above if above.is_nan() => "A check could not compare it.",
        above if above < -0.2 => "Every check takes it for somebody else, clearly.",
        above if above < -NARROW => "Every check takes it for somebody else.",
        above if above < 0. => "Every check takes it for somebody else, but only just.",
        above if above < NARROW => "A check recognises it, but only just.",
        above if above < 0.3 => "A check recognises it.",
        _ => "A check recognises it clearly.",
    }
}

/// The answer for all photos, in one plain sentence.
pub(crate) fn answer(queue: &Queue) -> String {
    let (done, left): (Vec<&Row>, Vec<&Row>) =
        queue.rows.iter().partition(|row| row.progress == Progress::Done);
    let (protected, all) = (queue.count(State::Protected), done.len());
    let one = if done.first().is_some_and(|row| row.is_clip()) { "clip" } else { "photo" };
    let answer = match (protected, all) {
        (0, 0) => "No photo has been worked on.".into(),
        (0, 1) => format!("The {one} is NOT protected."),
        (0, _) => format!("None of the {} is protected.", these(done)),
        (1, 1) => format!("The {one} is protected."),
        (n, all) if n == all => format!("All {} are protected.", these(done)),
        (n, _) => format!("{n} of {} {} protected.", these(done), if n == 1 { "is" } else { "are" }),
    };
    match left.len() {
        0 => answer,
        _ => format!("{answer} {} still to be done.", these(left)),
    }
}

/// Who looked at the saved photos, and whether they had a part in changing them.
pub(crate) fn asked(report: Option<&Report>) -> String {
    let judges = report.map(|r| names(r, Role::Judge)).unwrap_or_default();
    let close = report.is_some_and(|r| r.warnings.iter().any(|warning| warning.tie.is_close()));
    let checks = match judges.len() {
        0 => return NO_NETWORKS.into(),
        1 => "A check".into(),
        n => format!("{n} checks"),
    };
    match close {
        // Said only where it holds for what they learned from, too.
        false => format!("{checks} looked at the saved photos, with no part in changing them."),
        true => format!(
            "{checks} looked at the saved photos, and learned from what changed them: the answer is worth less."
        ),
    }
}

/// The names of those who looked, and what ties them to those that changed the photos.
pub(crate) fn checked_by(report: &Report) -> Vec<String> {
    let names = format!("Checked by {}.", names(report, Role::Judge).join(" and "));
    std::iter::once(names).chain(report.warnings.iter().map(|warning| format!("{}.", warning.text))).collect()
}

/// The networks of a role.
pub(crate) fn names(report: &Report, role: Role) -> Vec<String> {
    report.networks.iter().filter(|n| n.role == Some(role)).map(|n| n.name.clone()).collect()
}

/// The banner above the list.
pub(crate) fn attention(queue: &Queue) -> String {
    let mut parts = vec![];
    for state in [State::StillRecognisable, State::NoFace, State::Failed] {
        let n = queue.count(state);
        if n > 0 {
            parts.push(format!("{n} {}", self::state(state).to_lowercase()));
        }
    }
    format!("{} not protected: {}", these(queue.overlooked()), parts.join(", "))
}

/// A face in the list beside the open photo.
pub(crate) fn face_number(i: usize) -> String {
    format!("Face {}", i + 1)
}

/// How much can be seen of a change, in words: docs/method.md says where the words begin.
pub(crate) fn seen(face: &FaceReport) -> &'static str {
    match face.ssimulacra2 {
        None => "How much can be seen is not known: the face is too small.",
        Some(90.0..) => "Not seen beside the original.",
        Some(30.0..) => "Seen beside the original only.",
        Some(_) => "Seen.",
    }
}

/// What a strength makes of a photo: how much is seen of it, and how sure it is, by the worst of its faces.
pub(crate) fn tried(report: &PhotoReport) -> String {
    let faces = || report.faces.iter().filter(|face| face.chosen);
    let margin =
        |face: &FaceReport| nearest(&face.similarities).map_or(f32::INFINITY, |o| o.similarity - o.threshold);
    let visible = faces().min_by(|a, b| {
        let score = |face: &FaceReport| face.ssimulacra2.unwrap_or(f32::INFINITY);
        score(a).total_cmp(&score(b))
    });
    let known = faces().max_by(|a, b| margin(a).total_cmp(&margin(b)));
    match visible.zip(known) {
        Some((visible, known)) => format!("{} {}", seen(visible), certainty(&known.similarities)),
        None => said(&Sum::of(report)),
    }
}

/// What stands behind the words on a face of a clip: similarities in its worst frame, and by the mean of all.
pub(crate) fn track_measured(track: &TrackReport) -> Vec<String> {
    let worst = track
        .worst
        .map(|frame| format!("Frame {frame}, of {} that were looked at, is the worst.", track.judged));
    let mean = (!track.mean.is_empty()).then(|| "By the mean of all of them:".to_string());
    let worst_frame = worst.into_iter().chain(track.worst_frame.iter().map(opinion));
    worst_frame.chain(mean).chain(track.mean.iter().map(opinion)).collect()
}

fn opinion(o: &Opinion) -> String {
    format!("{}: similarity {:.2}, recognised from {:.2} on", o.network, o.similarity, o.threshold)
}

/// What stands behind the words on a face: similarities and measures.
pub(crate) fn measured(face: &FaceReport) -> Vec<String> {
    let checks = face.similarities.iter().filter(|o| o.role == Role::Judge);
    let mut lines: Vec<String> = checks.map(opinion).collect();
    if face.steps > 0 {
        lines.push(format!("DSSIM {:.4}", face.visibility.dssim));
        lines.extend(face.ssimulacra2.map(|score| format!("SSIMULACRA 2 {score:.0}")));
        lines.extend(face.butteraugli.map(|worst| format!("Butteraugli {worst:.1}")));
    }
    lines
}

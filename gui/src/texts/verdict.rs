//! What became of photos and faces: states, verdicts, the answer to "does it work?".

use visard::models::Role;
use visard::pipeline::{FaceReport, PhotoReport, Report, Status};
use visard::verify::Opinion;

use super::words::{faces, photos, plain};
use super::{NO_NETWORKS, NOBODY_CHOSEN, NOT_LOOKED};
use crate::queue::{Queue, Row, State};

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
    match (row.state(), &row.report) {
        (State::Waiting | State::Working, _) if row.unreadable.is_some() => {
            format!("It cannot be read: {}", plain(row.unreadable.as_deref().unwrap_or_default()))
        }
        (State::Waiting | State::Working, _) if row.is_left() => NOBODY_CHOSEN.into(),
        (State::Waiting | State::Working, _) => match row.faces() {
            None => NOT_LOOKED.into(),
            Some(0) => "No face found: open it to add one".into(),
            Some(n) => format!("{} found", faces(n)),
        },
        (State::Protected, Some(report)) => {
            let chosen = report.faces.iter().filter(|f| f.chosen).count();
            match report.faces.len() - chosen {
                0 => faces(chosen),
                left => format!("{}, {left} left as before", faces(chosen)),
            }
        }
        (State::StillRecognisable, Some(report)) if report.output.is_some() => {
            format!("{}, saved apart", still_known(report))
        }
        (State::NoFace, Some(report)) if report.output.is_some() => "Saved apart, WITHOUT protection".into(),
        (State::NoFace, Some(_)) => "Nothing was changed and nothing was saved".into(),
        (_, Some(report)) => verdict(report),
        (_, None) => String::new(),
    }
}

/// What a screen reader says of a row.
pub(crate) fn row_label(row: &Row) -> String {
    format!("{}: {}. {}", row.name(), state(row.state()), row_detail(row))
}

/// The answer to "does it work?" for a photo, in one sentence.
pub(crate) fn verdict(report: &PhotoReport) -> String {
    match report.status {
        Status::Protected => format!(
            "{} recognises {} in the saved photo.",
            none_of(judges_of(report)),
            if report.faces.iter().filter(|f| f.chosen).count() == 1 {
                "the face"
            } else {
                "any of the faces"
            }
        ),
        Status::Hidden => {
            format!("{} recognises any of the hidden faces in the saved photo.", none_of(judges_of(report)))
        }
        Status::NobodyChosen => "No face was to be protected, so nothing was changed.".into(),
        Status::NoFace if report.output.is_some() => {
            "No face was found: it was saved apart, WITHOUT protection.".into()
        }
        Status::NoFace => "No face was found, so nothing was changed and nothing was saved.".into(),
        Status::StillRecognisable => format!("NOT protected: {} in the saved photo.", still_known(report)),
        Status::NotTheSamePhoto => {
            "NOT protected: the saved file does not show this photo. Protect it again.".into()
        }
        Status::Failed => {
            let reason = report.reason.as_deref().unwrap_or_default();
            format!("It could not be protected: {}.", plain(reason))
        }
    }
}

/// How many faces a check still recognises.
fn still_known(report: &PhotoReport) -> String {
    let known = report.faces.iter().filter(|f| f.chosen && !f.protected).count();
    let chosen = report.faces.iter().filter(|f| f.chosen).count();
    format!("{known} of {} still recognised", faces(chosen))
}

/// How many independent checks were asked.
fn judges_of(report: &PhotoReport) -> usize {
    let judges = |face: &FaceReport| face.similarities.iter().filter(|o| o.role == Role::Judge).count();
    report.faces.iter().map(judges).max().unwrap_or(0)
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
    if !face.chosen {
        let said = match (face.hiding, face.hidden) {
            (None, _) => "left as it was",
            (Some(_), true) => "hidden",
            (Some(_), false) => "hidden, but still recognised",
        };
        return said.into();
    }
    match (face.protected, nearest(face).is_some_and(|o| (o.similarity - o.threshold).abs() < NARROW)) {
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
fn nearest(face: &FaceReport) -> Option<&Opinion> {
    let checks = face.similarities.iter().filter(|o| o.role == Role::Judge);
    checks.max_by(|a, b| (a.similarity - a.threshold).total_cmp(&(b.similarity - b.threshold)))
}

/// How sure it is what the checks say of a face.
pub(crate) fn certainty(face: &FaceReport) -> &'static str {
    let Some(check) = nearest(face) else { return "Nobody was asked about it." };
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
    let (protected, all) = (queue.count(State::Protected), queue.done());
    let answer = match (protected, all) {
        (0, 0) => "No photo has been worked on.".into(),
        (0, 1) => "The photo is NOT protected.".into(),
        (0, all) => format!("None of the {} is protected.", photos(all)),
        (1, 1) => "The photo is protected.".into(),
        (n, all) if n == all => format!("All {} are protected.", photos(all)),
        (n, all) => format!("{n} of {} {} protected.", photos(all), if n == 1 { "is" } else { "are" }),
    };
    match queue.rows.len() - all {
        0 => answer,
        left => format!("{answer} {} still to be done.", photos(left)),
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
    format!("{} not protected: {}", photos(queue.needing_attention()), parts.join(", "))
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
    let margin = |face: &FaceReport| nearest(face).map_or(f32::INFINITY, |o| o.similarity - o.threshold);
    let visible = faces().min_by(|a, b| {
        let score = |face: &FaceReport| face.ssimulacra2.unwrap_or(f32::INFINITY);
        score(a).total_cmp(&score(b))
    });
    let known = faces().max_by(|a, b| margin(a).total_cmp(&margin(b)));
    match visible.zip(known) {
        Some((visible, known)) => format!("{} {}", seen(visible), certainty(known)),
        None => verdict(report),
    }
}

/// What stands behind the words on a face: similarities and measures.
pub(crate) fn measured(face: &FaceReport) -> Vec<String> {
    let checks = face.similarities.iter().filter(|o| o.role == Role::Judge);
    let mut lines: Vec<String> = checks
        .map(|o| {
            format!("{}: similarity {:.2}, recognised from {:.2} on", o.network, o.similarity, o.threshold)
        })
        .collect();
    if face.steps > 0 {
        lines.push(format!("DSSIM {:.4}", face.visibility.dssim));
        lines.extend(face.ssimulacra2.map(|score| format!("SSIMULACRA 2 {score:.0}")));
        lines.extend(face.butteraugli.map(|worst| format!("Butteraugli {worst:.1}")));
    }
    lines
}

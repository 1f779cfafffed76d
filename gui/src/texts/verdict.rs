//! What became of photos and faces: states, verdicts, the answer to "does it work?".

use visard::models::{Role, Warning};
use visard::pipeline::{FaceReport, PhotoReport, Report, Status};
use visard::verify::Opinion;

use super::{NO_NETWORKS, NOT_LOOKED, faces, photos, plain};
use crate::batch::{Batch, Row, State};

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

/// The second line of a row.
pub(crate) fn row_detail(row: &Row) -> String {
    match (row.state(), &row.report) {
        (State::Waiting | State::Working, _) if row.unreadable.is_some() => {
            format!("It cannot be read: {}", plain(row.unreadable.as_deref().unwrap_or_default()))
        }
        (State::Waiting | State::Working, _) => match row.faces() {
            None => NOT_LOOKED.into(),
            Some(0) => "No face found yet: look at it and draw a box if there is one".into(),
            Some(n) => format!("{} found", faces(n)),
        },
        (State::Protected, Some(report)) => {
            let chosen = report.faces.iter().filter(|f| f.chosen).count();
            match report.faces.len() - chosen {
                0 => faces(chosen),
                left => format!("{}, {left} left as before", faces(chosen)),
            }
        }
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
    let judges = judges_of(report);
    match report.status {
        Status::Protected => format!(
            "{} recognises {} in the saved file.",
            none_of(&judges),
            if report.faces.iter().filter(|f| f.chosen).count() == 1 {
                "the face"
            } else {
                "any of the faces"
            }
        ),
        Status::Hidden => {
            format!("{} recognises any of the hidden faces in the saved file.", none_of(&judges))
        }
        Status::NobodyChosen => "No face was to be protected, so nothing was changed.".into(),
        Status::NoFace if report.output.is_some() => {
            "No face was found: the photo was saved WITHOUT protection.".into()
        }
        Status::NoFace => "No face was found, so nothing was changed and nothing was saved.".into(),
        Status::StillRecognisable => {
            let known = report.faces.iter().filter(|f| f.chosen && !f.protected).count();
            let chosen = report.faces.iter().filter(|f| f.chosen).count();
            format!("NOT protected: {known} of {} can still be recognised in the saved file.", faces(chosen))
        }
        Status::NotTheSamePhoto => {
            "NOT protected: the saved file does not show this photo. Protect it again.".into()
        }
        Status::Failed => {
            let reason = report.reason.as_deref().unwrap_or_default();
            format!("It could not be protected: {}.", plain(reason))
        }
    }
}

fn judges_of(report: &PhotoReport) -> Vec<String> {
    let mut names = vec![];
    for opinion in report.faces.iter().flat_map(|face| &face.similarities) {
        if opinion.role == Role::Judge && !names.contains(&opinion.network) {
            names.push(opinion.network.clone());
        }
    }
    names
}

fn none_of(judges: &[String]) -> String {
    match judges {
        [] => "No network".into(),
        [one] => format!("The network that was asked ({one}) no longer"),
        [a, b] => format!("Neither {a} nor {b}"),
        all => format!("None of the {} networks that were asked ({})", all.len(), all.join(", ")),
    }
}

/// The verdict on one face.
pub(crate) fn face_verdict(face: &FaceReport) -> String {
    if !face.chosen {
        return "left as it was".into();
    }
    let knows: Vec<&str> = face
        .similarities
        .iter()
        .filter(|o| o.role == Role::Judge && o.recognises())
        .map(|o| o.network.as_str())
        .collect();
    match (face.protected, knows.as_slice()) {
        (true, _) => "protected".into(),
        (false, []) => "not protected".into(),
        (false, names) => format!("still recognised by {}", names.join(" and ")),
    }
}

/// The answer for all photos, in one plain sentence.
pub(crate) fn answer(batch: &Batch) -> String {
    let (protected, all) = (batch.count(State::Protected), batch.done());
    let answer = match (protected, all) {
        (0, 0) => "No photo has been worked on.".into(),
        (0, 1) => "The photo is NOT protected.".into(),
        (0, all) => format!("None of the {} is protected.", photos(all)),
        (1, 1) => "The photo is protected.".into(),
        (n, all) if n == all => format!("All {} are protected.", photos(all)),
        (n, all) => format!("{n} of {} {} protected.", photos(all), if n == 1 { "is" } else { "are" }),
    };
    match batch.rows.len() - all {
        0 => answer,
        left => format!("{answer} {} still to be done.", photos(left)),
    }
}

/// Which networks were asked, and what ties them to those that changed the photos.
pub(crate) fn asked(report: Option<&Report>) -> String {
    let judges = report.map(|r| names(r, Role::Judge)).unwrap_or_default();
    if judges.is_empty() {
        return NO_NETWORKS.into();
    }
    let warnings = report.map(|r| r.warnings.as_slice()).unwrap_or_default();
    let mut said = format!("Asked about the saved files: {}", judges.join(" and "));
    said += &no_part(warnings);
    for warning in warnings {
        said += &format!(" But {}.", warning.text);
    }
    said
}

/// That the judges had no part in changing the photos; said only where that holds for what they learned from, too.
pub(crate) fn no_part(warnings: &[Warning]) -> String {
    let close = warnings.iter().any(|warning| warning.tie.is_close());
    if close { ".".into() } else { ", which had no part in changing them.".into() }
}

/// The networks of a role.
pub(crate) fn names(report: &Report, role: Role) -> Vec<String> {
    report.networks.iter().filter(|n| n.role == Some(role)).map(|n| n.name.clone()).collect()
}

/// The banner above the list.
pub(crate) fn attention(batch: &Batch) -> String {
    let mut parts = vec![];
    for state in [State::StillRecognisable, State::NoFace, State::Failed] {
        let n = batch.count(state);
        if n > 0 {
            parts.push(format!("{n} {}", self::state(state).to_lowercase()));
        }
    }
    format!("{} not protected: {}", photos(batch.needing_attention()), parts.join(", "))
}

/// A face in the list beside the open photo.
pub(crate) fn face_number(i: usize) -> String {
    format!("Face {}", i + 1)
}

/// What a network says of a face.
pub(crate) fn opinion(opinion: &Opinion) -> String {
    let sign = if opinion.recognises() { "recognises it" } else { "does not recognise it" };
    format!("{} {sign}: {:.2}, threshold {:.2}", opinion.network, opinion.similarity, opinion.threshold)
}

/// How much can be seen of a change, in words and by SSIMULACRA 2: docs/method.md says where the words begin.
pub(crate) fn visible(face: &FaceReport) -> String {
    let Some(score) = face.ssimulacra2 else {
        return format!("Change of the picture (DSSIM): {:.4}", face.visibility.dssim);
    };
    let words = match score {
        90.0.. => "Not seen beside the original",
        30.0.. => "Seen beside the original only",
        _ => "Seen",
    };
    let worst = face.butteraugli.map_or(String::new(), |worst| format!(", Butteraugli: {worst:.1}"));
    format!("{words} (SSIMULACRA 2: {score:.0}{worst})")
}

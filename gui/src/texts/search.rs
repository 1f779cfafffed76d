//! "Check my folder".

use std::path::Path;

use visard::search::{Answer, Hit};

use super::words::{duration, faces, photos};
use crate::model::Searching;
use crate::search::{Searched, Stage};

pub(crate) const CHECK_INTRO: &str = "Would a search find you? Take a folder with other photos of the same people as if it \
    were the collection of a search engine. It is searched for each face twice: with the original and with the saved \
    photo.";
pub(crate) const GALLERY: &str = "Search in";
pub(crate) const NO_GALLERY: &str = "No folder chosen yet";
pub(crate) const SEARCH_WAITS: &str = "Waiting for the photo in work…";
pub(crate) const NOBODY: &str = "There is no face to compare with.";
pub(crate) const SEARCH: &str = "Search";
pub(crate) const STOP_SEARCH: &str = "Stop the search";
pub(crate) const SEARCH_STOPPED: &str = "The search was stopped.";
pub(crate) const NOTHING_TO_CHECK: &str = "Protect some photos first: then there is something to search for.";
pub(crate) const CLIPS_NOT_SEARCHED: &str = "The faces in clips are not searched for here.";
pub(crate) const BEFORE: &str = "With the original";
pub(crate) const AFTER: &str = "With the saved photo";
pub(crate) const CHECK_MEANING: &str = "“Found” means: the most similar face in the folder is this person’s, and more similar \
    than strangers are in so large a folder (of 100 searches for somebody who is not in it, one finds somebody). It says \
    nothing about other folders and other networks.";

/// What a search found, in one sentence; and what is not quite a find, in another one.
pub(crate) fn search_answer(searched: &Searched) -> String {
    let count = |side: usize, answer: Answer| {
        searched.findings.iter().filter(|finding| finding.answers()[side] == answer).count()
    };
    let [before, after] = [0, 1].map(|side| count(side, Answer::Found));
    let found = format!(
        "Of {} in your photos, the search finds {before} with the originals and {after} with the saved photos.",
        faces(searched.findings.len())
    );
    match count(1, Answer::First) {
        0 => found,
        n => format!("{found} With the saved photos {n} more come first without being found for sure."),
    }
}

/// How many faces were looked through.
pub(crate) fn looked_through(searched: &Searched) -> String {
    format!("The folder has {}.", faces(searched.faces))
}

/// An answer in few words.
pub(crate) fn found(answer: Answer) -> &'static str {
    match answer {
        Answer::Found => "Found",
        Answer::First => "First, but not sure",
        Answer::NotFound => "Not found",
    }
}

/// What the most similar face of the folder is.
pub(crate) fn hit(hit: &Hit) -> String {
    let name = name(&hit.photo);
    match hit.answer {
        Answer::Found => format!("This person is on {name}."),
        Answer::First => {
            format!("The most similar face is this person’s, on {name}; strangers can be as similar.")
        }
        Answer::NotFound => format!("The most similar face, on {name}, counts as a stranger’s."),
    }
}

/// What the network says of it.
pub(crate) fn hit_measured(hit: &Hit) -> String {
    format!("{}: similarity {:.2}, found from {:.2} on", hit.network, hit.similarity, hit.threshold)
}

pub(crate) fn searched_with(networks: &[String]) -> String {
    format!("Searched with {}, not used to change the photos.", networks.join(" and "))
}

pub(crate) fn to_check(n: usize) -> String {
    format!("Searches for the faces in {} of your list that have been saved.", photos(n))
}

pub(crate) fn face_of(photo: &Path, number: usize) -> String {
    format!("{}, face {number}", name(photo))
}

/// How far a search is, and how long it still takes.
pub(crate) fn searching(searching: &Searching) -> String {
    let stage = match searching.stage {
        None => return SEARCH_WAITS.into(),
        Some(Stage::Reading(done, all)) => format!("Reading the folder: {done} of {}", photos(all)),
        Some(Stage::Searching(done, all)) => format!("Searching: {done} of {}", photos(all)),
    };
    match searching.seconds_left() {
        Some(seconds) => format!("{stage}. About {} left", duration(seconds)),
        None => stage,
    }
}

fn name(photo: &Path) -> String {
    photo.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

//! "Check my folder": a face search over the user's own photos, with the networks that check.

use std::ops::ControlFlow;
use std::path::PathBuf;

use visard::Error;
use visard::models::Ensemble;
use visard::search::{Answer, Compared, Index, Networks};

use crate::texts;

/// What is to be searched for, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    /// The folder that stands for the photos that a face search knows.
    pub(crate) gallery: PathBuf,
    /// Originals, and the protected photos made of them.
    pub(crate) photos: Vec<(PathBuf, PathBuf)>,
}

/// What a search finds for one face of a photo.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) original: PathBuf,
    pub(crate) protected: PathBuf,
    /// Number of the face in its photo, from 1.
    pub(crate) number: usize,
    pub(crate) compared: Compared,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Searched {
    /// Faces in the gallery.
    pub(crate) faces: usize,
    /// The networks that searched.
    pub(crate) networks: Vec<String>,
    /// Those that a search finds first.
    pub(crate) findings: Vec<Finding>,
}

impl Finding {
    /// What the search says with the original and with the protected photo.
    pub(crate) fn answers(&self) -> [Answer; 2] {
        [&self.compared.before, &self.compared.after]
            .map(|hit| hit.as_ref().map_or(Answer::NotFound, |hit| hit.answer))
    }
}

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stage {
    /// So many photos of the folder are read, of so many.
    Reading(usize, usize),
    /// So many photos are searched for, of so many.
    Searching(usize, usize),
}

/// Searches. `index` is kept for the next search, which reads only what has changed. `hook` hears how
/// far it is, and may break off.
///
/// # Errors
/// In words for the user; [`texts::SEARCH_STOPPED`] where `hook` broke off.
pub(crate) fn answer(
    question: &Question,
    ensemble: &Ensemble,
    index: &mut Option<Index>,
    hook: &mut dyn FnMut(Stage) -> ControlFlow<()>,
) -> Result<Searched, String> {
    let networks = Networks {
        detector: &ensemble.detector,
        detector_entry: &ensemble.detector_entry,
        judges: &ensemble.judges,
    };
    let index = index.get_or_insert_with(|| Index::new(&networks));
    index
        .update(std::slice::from_ref(&question.gallery), &networks, &mut |done, all| {
            hook(Stage::Reading(done, all))
        })
        .map_err(|error| plain(&error))?;
    let mut findings = vec![];
    for (i, (original, protected)) in question.photos.iter().enumerate() {
        let said = |error| format!("{}: {}", original.display(), plain(&error));
        let compared = index.compare(original, protected, &networks).map_err(said)?;
        findings.extend(compared.into_iter().zip(1..).map(|(compared, number)| Finding {
            original: original.clone(),
            protected: protected.clone(),
            number,
            compared,
        }));
        if hook(Stage::Searching(i + 1, question.photos.len())).is_break() {
            return Err(texts::SEARCH_STOPPED.into());
        }
    }
    findings.sort_by_key(|finding| {
        std::cmp::Reverse({
            let [before, after] = finding.answers();
            (after, before)
        })
    });
    let names = ensemble.judges.iter().map(|judge| judge.entry.name.clone()).collect();
    Ok(Searched { faces: index.faces(), networks: names, findings })
}

fn plain(error: &Error) -> String {
    match error {
        Error::Cancelled => texts::SEARCH_STOPPED.into(),
        error => error.to_string(),
    }
}

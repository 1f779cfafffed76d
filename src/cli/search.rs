//! `visard search`

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use etcetera::BaseStrategy as _;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::args::Search;
use super::progress::Progress;
use super::wanted::stopped_by_ctrl_c;
use super::{Outcome, message, name_left_out, print, read};
use visard::Error;
use visard::embed::Embeddings;
use visard::face::Face;
use visard::listing::{Listing, list};
use visard::models::{Ensemble, Library, Recogniser};
use visard::names::{printable, shown, text};
use visard::photo::{Limits, decode};
use visard::search::{Found, Index, Networks, faces_of, nearest, random_embeddings, threshold};

/// A face that is searched for.
struct Query {
    photo: PathBuf,
    face: Face,
    /// One for each judge.
    rows: Vec<Vec<f32>>,
}

/// The answer for one face by one judge, as it is printed.
#[derive(Serialize)]
struct Answer<'a> {
    photo: String,
    face: &'a Face,
    judge: &'a str,
    /// From here on a search of so many faces finds somebody.
    threshold: f32,
    /// Faces that were compared with.
    gallery: usize,
    /// Of them made up.
    distractors: usize,
    /// Time for the comparison of all faces of the run by this judge.
    seconds: f64,
    matches: Vec<Match<'a>>,
}

#[derive(Serialize)]
struct Match<'a> {
    /// None for a made-up stranger.
    file: Option<String>,
    face: Option<&'a Face>,
    similarity: f32,
    recognised: bool,
}

pub(super) fn run(command: &Search, library: &Library) -> Result<Outcome> {
    let (detector, detector_entry) = Ensemble::detector(library)?;
    let judges = Ensemble::judges(library, &command.judges)?;
    let networks = Networks { detector: &detector, detector_entry: &detector_entry, judges: &judges };
    let listing = list(&command.gallery, None)?;
    name_left_out(&listing.left_out);
    let index = index(command, &listing, &networks)?;
    // A face may be in what is not searched.
    let missed = listing.left_out.iter().any(|left| left.picture);
    let mut outcome = if missed { Outcome::Incomplete } else { Outcome::Complete };
    let mut queries = vec![];
    for path in &command.photos {
        let limits = Limits::default();
        let found = read(path, &limits).and_then(|bytes| {
            let photo = decode(&bytes, &limits).with_context(|| shown(path))?;
            Ok(faces_of(&photo, &networks)?)
        });
        match found {
            Ok(faces) if !faces.is_empty() => {
                queries.extend(faces.into_iter().map(|(face, rows)| Query {
                    photo: path.clone(),
                    face,
                    rows,
                }));
                continue;
            }
            Ok(_) => eprintln!("{}: no face was found", shown(path)),
            Err(error) => eprintln!("{}", message(&error)),
        }
        outcome = Outcome::Incomplete;
    }
    for (i, judge) in judges.iter().enumerate() {
        answers(command, &index, (i, judge), &queries)?.iter().try_for_each(|answer| {
            if command.json { print(&serde_json::to_string(answer)?) } else { show(answer) }
        })?;
    }
    Ok(outcome)
}

/// The index of the folders, brought up to date and kept.
fn index(command: &Search, listing: &Listing, networks: &Networks<'_>) -> Result<Index> {
    let path = match &command.index {
        Some(path) => path.clone(),
        None => usual_place(command, networks)?,
    };
    if Index::is_foreign(&path) {
        bail!("{} is no index and is not replaced: name another file by --index", shown(&path));
    }
    let (mut index, damage) = Index::open(&path, networks);
    if let Some(reason) = damage {
        eprintln!("the index {} cannot be used ({reason}): it is made anew", shown(&path));
    }
    let stopped = stopped_by_ctrl_c()?;
    let mut progress = None;
    let files = listing.photos.iter().map(|found| found.file.clone()).collect();
    let updated = index.update_files(files, networks, &mut |done, all| {
        progress.get_or_insert_with(|| Progress::new(all)).done(done);
        if stopped.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if let Some(progress) = progress {
        progress.finish();
    }
    if !matches!(&updated, Ok(changes) if changes.embedded + changes.removed == 0) {
        index.save(&path)?;
    }
    let changes = match updated {
        Err(Error::Cancelled) => bail!("stopped; the next search goes on from here"),
        updated => updated?,
    };
    let unreadable = index.photos().iter().filter(|p| !p.readable).count();
    eprintln!(
        "{} faces in {} photos ({} new or changed, {} removed, {unreadable} not readable)",
        index.faces(),
        index.photos().len(),
        changes.embedded,
        changes.removed,
    );
    Ok(index)
}

/// A file in the user's cache, of its own for each choice of folders and networks.
fn usual_place(command: &Search, networks: &Networks<'_>) -> Result<PathBuf> {
    let mut sum = Sha256::new();
    for folder in &command.gallery {
        let folder = folder.canonicalize().with_context(|| format!("cannot read {}", shown(folder)))?;
        sum.update(folder.as_os_str().as_encoded_bytes());
        sum.update([0]);
    }
    networks.judges.iter().for_each(|judge| sum.update(&judge.entry.sha256));
    let name: String = sum.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect();
    let places = etcetera::base_strategy::choose_native_strategy()
        .context("there is no place for the index: name a file by --index")?;
    Ok(places.cache_dir().join("visard").join(format!("{name}.index")))
}

fn answers<'a>(
    command: &Search,
    index: &'a Index,
    (i, judge): (usize, &'a Recogniser),
    queries: &'a [Query],
) -> Result<Vec<Answer<'a>>> {
    let Some(first) = queries.first() else { return Ok(vec![]) };
    let mut rows = Embeddings::new(first.rows[i].len());
    queries.iter().for_each(|query| rows.push(&query.rows[i]));
    let strangers = random_embeddings(command.distractors, rows.dimension(), command.seed);
    let start = Instant::now();
    // One more of each photo, since a face is found in its own photo too.
    let own =
        queries.iter().map(|q| queries.iter().filter(|o| o.photo == q.photo).count()).max().unwrap_or(0);
    let found = index.nearest(i, &rows, command.top + own);
    let others = if command.distractors > 0 {
        nearest(&rows, &strangers, command.top)
    } else {
        vec![vec![]; queries.len()]
    };
    let seconds = start.elapsed().as_secs_f64();
    let gallery = index.faces() + command.distractors;
    let threshold = threshold(&judge.entry, gallery);
    let answer = |((query, found), others): ((&'a Query, Vec<Found<'a>>), Vec<visard::search::Match>)| {
        let real =
            found.into_iter().filter(|f| !same_file(f.photo, &query.photo)).map(|f| (Some(f), f.similarity));
        let mut all: Vec<_> = real.chain(others.into_iter().map(|m| (None, m.similarity))).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all.truncate(command.top);
        let matches = all.into_iter().map(|(found, similarity)| Match {
            file: found.map(|f| text(f.photo)),
            face: found.map(|f| f.face),
            similarity,
            recognised: similarity >= threshold,
        });
        Answer {
            photo: text(&query.photo),
            face: &query.face,
            judge: &judge.entry.name,
            threshold,
            gallery,
            distractors: command.distractors,
            seconds,
            matches: matches.collect(),
        }
    };
    Ok(queries.iter().zip(found).zip(others).map(answer).collect())
}

fn same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn show(answer: &Answer<'_>) -> Result<()> {
    let b = answer.face.bounds;
    print(&format!(
        "{}, face at ({:.0}, {:.0}), {} among {} faces; recognised from {:.3}:",
        printable(&answer.photo),
        b.x,
        b.y,
        answer.judge,
        answer.gallery,
        answer.threshold
    ))?;
    for (i, found) in answer.matches.iter().enumerate() {
        let verdict = if found.recognised { "RECOGNISED" } else { "-" };
        let file = found.file.as_deref().map_or("(made-up stranger)".into(), printable);
        print(&format!("  {:>3}  {:.3}  {verdict:<10}  {file}", i + 1, found.similarity))?;
    }
    if answer.matches.is_empty() { print("  nobody") } else { Ok(()) }
}

//! The index: which faces are in which photos, and their embeddings.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::nearest::nearest;
use crate::embed::{Crop, Embeddings, Input};
use crate::error::{Error, Result};
use crate::face::{Alignment, DetectOptions, Detector, Face};
use crate::listing::list;
use crate::models::{Entry, Recogniser};
use crate::photo::{Limits, Photo, decode};
use crate::verify::embedding;

/// The networks of a search.
#[derive(Clone, Copy, Debug)]
pub struct Networks<'a> {
    /// Finds the faces.
    pub detector: &'a Detector,
    /// What is known of the detector.
    pub detector_entry: &'a Entry,
    /// Say who resembles whom.
    pub judges: &'a [Recogniser],
}

/// The faces of photos, with their embeddings by each judge.
#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    /// Names, sums and inputs of the networks, the detector first.
    pub(super) made_with: Vec<Fingerprint>,
    pub(super) photos: Vec<IndexedPhoto>,
    /// For each judge one row for each face, in the order of the photos.
    pub(super) embeddings: Vec<Embeddings>,
}

/// Which network it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    name: String,
    sha256: String,
    /// What an embedder was given: the same file with another input gives other embeddings.
    given: Option<(Crop, Input)>,
}

/// A photo of an index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexedPhoto {
    /// Its file.
    #[serde(with = "crate::names")]
    pub path: PathBuf,
    /// Bytes of the file.
    pub size: u64,
    /// When the file was changed last, in nanoseconds since 1970.
    pub modified: u64,
    /// Whether it could be read as a photo.
    pub readable: bool,
    /// Columns of the upright photo; 0 where it could not be read.
    pub width: usize,
    /// Rows of the upright photo; 0 where it could not be read.
    pub height: usize,
    /// Its faces, the most certain first.
    pub faces: Vec<Face>,
}

/// What an update did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Photos that were embedded: new ones and changed ones.
    pub embedded: usize,
    /// Photos whose files had not changed.
    pub kept: usize,
    /// Photos that are not there any more.
    pub removed: usize,
}

/// A face of the index that resembles a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found<'i> {
    /// The photo that it is in.
    pub photo: &'i Path,
    /// Where it is.
    pub face: &'i Face,
    /// Cosine of the embeddings.
    pub similarity: f32,
    /// The row of its embedding.
    pub row: usize,
}

impl Index {
    /// An empty index.
    pub fn new(networks: &Networks<'_>) -> Self {
        let dimension = |judge: &Recogniser| judge.entry.dimension.unwrap_or(0);
        Self {
            made_with: fingerprints(networks),
            photos: vec![],
            embeddings: networks.judges.iter().map(|j| Embeddings::new(dimension(j))).collect(),
        }
    }

    /// The photos.
    pub fn photos(&self) -> &[IndexedPhoto] {
        &self.photos
    }

    /// Number of judges whose embeddings there are.
    pub fn judges(&self) -> usize {
        self.embeddings.len()
    }

    /// The embeddings of all faces by one judge, counted from 0.
    pub fn embeddings(&self, judge: usize) -> &Embeddings {
        &self.embeddings[judge]
    }

    /// Number of faces.
    pub fn faces(&self) -> usize {
        self.photos.iter().map(|p| p.faces.len()).sum()
    }

    /// Whether the index was made with these networks, and its embeddings are as long as theirs.
    pub(super) fn fits(&self, networks: &Networks<'_>) -> bool {
        let as_long = |(judge, rows): (&Recogniser, &Embeddings)| {
            rows.is_empty() || judge.entry.dimension.is_none_or(|dimension| dimension == rows.dimension())
        };
        self.made_with == fingerprints(networks) && networks.judges.iter().zip(&self.embeddings).all(as_long)
    }

    /// Brings the index to what is below the folders now; files that did not change (path, size and
    /// time) are not read again.
    ///
    /// `hook` is told after each photo how many are done of how many, and may break off: what is
    /// done by then stays in the index.
    ///
    /// # Errors
    /// Where a folder cannot be read, a network fails, or `hook` broke off. A file that is no photo
    /// is not an error: it has no faces.
    pub fn update(
        &mut self,
        folders: &[PathBuf],
        networks: &Networks<'_>,
        hook: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<Changes> {
        let photos = list(folders, None)?.photos;
        self.update_files(photos.into_iter().map(|found| found.file).collect(), networks, hook)
    }

    /// [`Self::update`] for a list of files.
    pub fn update_files(
        &mut self,
        mut files: Vec<PathBuf>,
        networks: &Networks<'_>,
        hook: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<Changes> {
        files.sort();
        files.dedup();
        let old = std::mem::replace(self, Self::new(networks));
        let known: HashMap<&Path, usize> =
            old.photos.iter().enumerate().map(|(i, p)| (p.path.as_path(), i)).collect();
        let first = first_rows(&old.photos);
        let mut changes = Changes::default();
        for (done, path) in files.iter().enumerate() {
            let (size, modified) = stamp(path);
            match known.get(path.as_path()).map(|&i| (i, &old.photos[i])) {
                Some((i, photo)) if (photo.size, photo.modified) == (size, modified) => {
                    for face in 0..photo.faces.len() {
                        let rows = old.embeddings.iter().map(|e| e.row(first[i] + face));
                        self.embeddings.iter_mut().zip(rows).for_each(|(to, row)| push(to, row));
                    }
                    self.photos.push(photo.clone());
                    changes.kept += 1;
                }
                _ => {
                    self.add(path, (size, modified), networks)?;
                    changes.embedded += 1;
                }
            }
            if hook(done + 1, files.len()).is_break() {
                return Err(Error::Cancelled);
            }
        }
        let now: std::collections::HashSet<&Path> = files.iter().map(PathBuf::as_path).collect();
        changes.removed = known.keys().filter(|path| !now.contains(*path)).count();
        Ok(changes)
    }

    fn add(&mut self, path: &Path, (size, modified): (u64, u64), networks: &Networks<'_>) -> Result<()> {
        let limits = Limits::default();
        let photo = limits.read(path).ok().and_then(|bytes| decode(&bytes, &limits).ok());
        let faces = photo.as_ref().map(|p| faces_of(p, networks)).transpose()?.unwrap_or_default();
        for (_, rows) in &faces {
            self.embeddings.iter_mut().zip(rows).for_each(|(to, row)| push(to, row));
        }
        self.photos.push(IndexedPhoto {
            path: path.into(),
            size,
            modified,
            readable: photo.is_some(),
            width: photo.as_ref().map_or(0, Photo::width),
            height: photo.as_ref().map_or(0, Photo::height),
            faces: faces.into_iter().map(|(face, _)| face).collect(),
        });
        Ok(())
    }

    /// The faces that resemble each query most, the best first.
    ///
    /// # Shapes
    /// - `queries`: rows by the judge, counted from 0
    /// - returns: for each query, at most `top` faces
    pub fn nearest(&self, judge: usize, queries: &Embeddings, top: usize) -> Vec<Vec<Found<'_>>> {
        if self.embeddings[judge].is_empty() {
            return vec![vec![]; queries.len()];
        }
        let first = first_rows(&self.photos);
        let found = nearest(queries, &self.embeddings[judge], top);
        let named = |m: super::Match| {
            let photo = first.partition_point(|&row| row <= m.row) - 1;
            let (photo, face) = (&self.photos[photo], m.row - first[photo]);
            Found { photo: &photo.path, face: &photo.faces[face], similarity: m.similarity, row: m.row }
        };
        found.into_iter().map(|list| list.into_iter().map(named).collect()).collect()
    }
}

/// The faces of a photo that can be aligned, with their embeddings by each judge.
pub fn faces_of(photo: &Photo, networks: &Networks<'_>) -> Result<Vec<(Face, Vec<Vec<f32>>)>> {
    let mut found = vec![];
    for face in networks.detector.detect(photo, &DetectOptions::default())? {
        if Alignment::of(&face).is_none() {
            continue;
        }
        let rows: Option<Vec<Vec<f32>>> = networks
            .judges
            .iter()
            .map(|judge| embedding(judge, photo, &face).transpose())
            .collect::<Option<crate::network::Result<_>>>()
            .transpose()?;
        found.extend(rows.map(|rows| (face, rows)));
    }
    Ok(found)
}

/// Row of the first face of each photo.
fn first_rows(photos: &[IndexedPhoto]) -> Vec<usize> {
    let start = |row: &mut usize, photo: &IndexedPhoto| {
        let first = *row;
        *row += photo.faces.len();
        Some(first)
    };
    photos.iter().scan(0, start).collect()
}

/// Adds a row; the first one says how long rows are where the catalogue does not.
fn push(embeddings: &mut Embeddings, row: &[f32]) {
    if embeddings.is_empty() {
        *embeddings = Embeddings::new(row.len());
    }
    embeddings.push(row);
}

/// Size and time of a file; zeros where it is not there.
fn stamp(path: &Path) -> (u64, u64) {
    let Ok(data) = std::fs::metadata(path) else { return (0, 0) };
    let since = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    (data.len(), since.map_or(0, |time| time.as_nanos() as u64))
}

fn fingerprints(networks: &Networks<'_>) -> Vec<Fingerprint> {
    let judges = networks.judges.iter().map(|judge| &judge.entry);
    std::iter::once(networks.detector_entry)
        .chain(judges)
        .map(|entry| Fingerprint {
            name: entry.name.clone(),
            sha256: entry.sha256.clone(),
            given: entry.embedding(),
        })
        .collect()
}

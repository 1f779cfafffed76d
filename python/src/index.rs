//! A face search over folders.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use numpy::{PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;
use visard::Visard;
use visard::names::text;
use visard::search;

use crate::arrays::{embeddings_of, rows_of};
use crate::error::{UsageError, raised};
use crate::networks::{Networks, json};
use crate::watch::Watch;

/// The faces in folders, with their embeddings by each judge.
#[pyclass(frozen)]
pub(crate) struct Index {
    visard: Arc<Visard>,
    index: Mutex<search::Index>,
}

/// A photo, the JSON of a face in it, and its cosine.
type Found = (String, String, f32);

#[pymethods]
impl Index {
    /// Opens the index of a file where there is one that fits the networks; an empty one elsewhere.
    #[new]
    #[pyo3(signature = (networks, file=None))]
    fn new(networks: &Networks, file: Option<PathBuf>) -> PyResult<Self> {
        let visard = networks.0.clone();
        if let Some(file) = file.as_ref().filter(|file| search::Index::is_foreign(file)) {
            let said = format!("{} is no index and is not written over", file.display());
            return Err(UsageError::new_err(said));
        }
        let opened = file.map(|file| search::Index::open(&file, &visard.networks()).0);
        let index = opened.unwrap_or_else(|| search::Index::new(&visard.networks()));
        Ok(Self { visard, index: Mutex::new(index) })
    }

    /// Brings it to what is in the folders now: photos that were embedded, kept and removed.
    #[pyo3(signature = (folders, progress=None))]
    fn update(
        &self,
        py: Python<'_>,
        folders: Vec<PathBuf>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<(usize, usize, usize)> {
        let mut watch = Watch::new(progress);
        let changes = py.detach(|| {
            let hook = &mut |done: usize, all: usize| watch.tell(done as f64 / all.max(1) as f64);
            self.index().update(&folders, &self.visard.networks(), hook)
        });
        let changes = watch.end(changes)?;
        Ok((changes.embedded, changes.kept, changes.removed))
    }

    fn save(&self, py: Python<'_>, file: PathBuf) -> PyResult<()> {
        py.detach(|| self.index().save(&file)).map_err(raised)
    }

    /// The faces that resemble each row most, by a judge counted from 0.
    fn nearest(
        &self,
        py: Python<'_>,
        judge: usize,
        rows: PyReadonlyArray2<'_, f32>,
        top: usize,
    ) -> PyResult<Vec<Vec<Found>>> {
        let queries = embeddings_of(&rows);
        py.detach(|| {
            let index = self.index();
            let fits = index.faces() == 0
                || judge < index.judges() && index.embeddings(judge).dimension() == queries.dimension();
            if !fits {
                return Err(UsageError::new_err("the rows are not of that judge"));
            }
            let named =
                |found: &search::Found<'_>| Ok((text(found.photo), json(found.face)?, found.similarity));
            let found = index.nearest(judge, &queries, top);
            found.iter().map(|list| list.iter().map(named).collect()).collect()
        })
    }

    /// The cosine from which on a judge, counted from 0, takes the most similar of all these faces for the person who is
    /// searched for.
    fn threshold(&self, judge: usize) -> Option<f32> {
        let entry = &self.visard.networks().judges.get(judge)?.entry;
        Some(search::threshold(entry, self.index().faces()))
    }

    /// JSON of the photos, in the order of the rows.
    fn photos(&self) -> PyResult<String> {
        json(&self.index().photos())
    }

    /// The rows of all faces by a judge, counted from 0.
    fn rows<'py>(&self, py: Python<'py>, judge: usize) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let index = self.index();
        if judge >= index.judges() {
            return Err(UsageError::new_err(format!("there are {} judges", index.judges())));
        }
        let rows = index.embeddings(judge);
        rows_of(py, rows.values().to_vec(), rows.dimension())
    }
}

impl Index {
    fn index(&self) -> MutexGuard<'_, search::Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

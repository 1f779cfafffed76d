//! The networks of a run: photos in and out.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use numpy::{PyArray2, PyArray3, PyArray4, PyReadonlyArray3};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Serialize;
use visard::Visard;
use visard::embed::aligned_crop;
use visard::face::{Alignment, CROP, Face};
use visard::photo::{OutputFormat, decode};
use visard::pipeline::{Progress, Protected, Report, Settings, protect};
use visard::video::ClipProgress;

use crate::arrays::{file_of, picture_of, rows_of, stack_of};
use crate::embedder::Embedder;
use crate::error::{UsageError, raised};
use crate::options::{self, PhotosOf};
use crate::watch::Watch;

/// JSON of what the library gives.
pub(crate) fn json(value: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|e| UsageError::new_err(e.to_string()))
}

/// The people in photos that were protected before; each further photo of a person is led away from all of them.
#[pyclass(frozen)]
#[derive(Default)]
pub(crate) struct People(Mutex<visard::pipeline::People>);

#[pymethods]
impl People {
    #[new]
    fn new() -> Self {
        Self::default()
    }
}

impl People {
    fn known(&self) -> MutexGuard<'_, visard::pipeline::People> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Networks that are opened, and settings.
#[pyclass(frozen)]
pub(crate) struct Networks(pub(crate) Arc<Visard>);

/// A file and the JSON of its report.
type Done<'py, T> = PyResult<(Option<Bound<'py, T>>, String)>;

/// What one photo needs besides the networks.
struct Wish {
    seed: Option<u64>,
    people: Option<Py<People>>,
    progress: Option<Py<PyAny>>,
}

#[pymethods]
impl Networks {
    /// `only`, `except`: photos of people, whose faces alone or not at all are protected.
    #[new]
    fn new(py: Python<'_>, options: &str, only: PhotosOf, except: PhotosOf) -> PyResult<Self> {
        py.detach(|| Ok(Self(Arc::new(options::choose(options::open(options)?, only, except)?))))
    }

    #[pyo3(signature = (photo, seed=None, people=None, progress=None))]
    fn protect<'py>(
        &self,
        py: Python<'py>,
        photo: &[u8],
        seed: Option<u64>,
        people: Option<Py<People>>,
        progress: Option<Py<PyAny>>,
    ) -> Done<'py, PyBytes> {
        let done = self.work(py, photo, self.0.settings().clone(), Wish { seed, people, progress })?;
        Ok((done.bytes().map(|bytes| PyBytes::new(py, bytes)), json(&done.report)?))
    }

    #[pyo3(signature = (pixels, seed=None, people=None, progress=None))]
    fn protect_picture<'py>(
        &self,
        py: Python<'py>,
        pixels: PyReadonlyArray3<'py, u8>,
        seed: Option<u64>,
        people: Option<Py<People>>,
        progress: Option<Py<PyAny>>,
    ) -> Done<'py, PyArray3<u8>> {
        let mut settings = self.0.settings().clone();
        settings.encode.format = OutputFormat::Png;
        let done = self.work(py, &file_of(&pixels)?, settings, Wish { seed, people, progress })?;
        Ok((done.bytes().map(|bytes| picture_of(py, bytes)).transpose()?, json(&done.report)?))
    }

    /// JSON of the report on a clip; `wish` is JSON too.
    #[pyo3(signature = (input, output, wish, progress=None))]
    fn protect_video(
        &self,
        py: Python<'_>,
        input: PathBuf,
        output: PathBuf,
        wish: &str,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<String> {
        let settings = options::of_clip(self.0.settings(), wish)?;
        let mut watch = Watch::new(progress);
        let done = py.detach(|| {
            let hook = &mut |progress: ClipProgress| watch.tell(progress.done.into());
            self.0.protect_clip_with(&input, &output, &settings, hook)
        });
        json(&watch.end(done)?)
    }

    /// Takes the people of a photo that is not protected into `people`; how many faces there are.
    fn look(&self, py: Python<'_>, photo: &[u8], people: Py<People>) -> PyResult<usize> {
        py.detach(|| self.0.look(photo, &mut people.get().known())).map_err(raised)
    }

    /// JSON of the report on a written file.
    fn verify(&self, py: Python<'_>, original: &[u8], written: &[u8]) -> PyResult<String> {
        json(&py.detach(|| self.0.verify(original, written)).map_err(raised)?)
    }

    /// JSON of the faces.
    fn detect(&self, py: Python<'_>, photo: &[u8]) -> PyResult<String> {
        json(&py.detach(|| self.0.detect(photo)).map_err(raised)?)
    }

    /// JSON of the faces, and one row for each.
    fn embed<'py>(
        &self,
        py: Python<'py>,
        photo: &[u8],
        network: &str,
    ) -> PyResult<(String, Bound<'py, PyArray2<f32>>)> {
        let seen = py.detach(|| self.0.embed(photo, network)).map_err(raised)?;
        let faces: Vec<&Face> = seen.iter().map(|one| &one.face).collect();
        let columns = seen.first().map_or(0, |one| one.embedding.len());
        let faces = json(&faces)?;
        let values = seen.into_iter().flat_map(|one| one.embedding).collect();
        Ok((faces, rows_of(py, values, columns)?))
    }

    /// JSON of the faces that can be aligned, and their crops.
    fn crops<'py>(&self, py: Python<'py>, photo: &[u8]) -> PyResult<(String, Bound<'py, PyArray4<f32>>)> {
        let (faces, values) = py.detach(|| crops(&self.0, photo)).map_err(raised)?;
        Ok((json(&faces)?, stack_of(py, values, CROP)?))
    }

    /// The network of a name, to be differentiated.
    fn embedder(&self, name: &str) -> PyResult<Embedder> {
        Embedder::of(&self.0, name)
    }

    /// JSON of the networks that take part, as a report names them.
    fn networks(&self) -> PyResult<String> {
        let settings = self.0.settings();
        json(&Report::new(self.0.ensemble(), settings.preset, settings.seed).networks)
    }
}

impl Networks {
    fn work(&self, py: Python<'_>, photo: &[u8], settings: Settings, wish: Wish) -> PyResult<Protected> {
        let settings = Settings { seed: wish.seed.unwrap_or(settings.seed), ..settings };
        let mut watch = Watch::new(wish.progress);
        let done = py.detach(|| {
            let mut alone = visard::pipeline::People::default();
            let mut known = wish.people.as_ref().map(|people| people.get().known());
            let people = known.as_deref_mut().unwrap_or(&mut alone);
            let hook = &mut |progress: Progress| watch.tell(progress.done.into());
            protect(photo, self.0.ensemble(), &settings, people, hook)
        });
        let mut done = watch.end(done)?;
        done.report.read_from(String::new(), photo);
        Ok(done)
    }
}

/// The faces of a photo that can be aligned, and `(faces, 3, 112, 112)`.
fn crops(visard: &Visard, photo: &[u8]) -> visard::Result<(Vec<Face>, Vec<f32>)> {
    let faces = visard.detect(photo)?;
    let photo = decode(photo, &visard.settings().limits)?;
    let (mut kept, mut values) = (vec![], vec![]);
    for face in faces {
        let Some(alignment) = Alignment::of(&face) else { continue };
        let Some(crop) = aligned_crop(&photo, &alignment)? else { continue };
        let crop = crop.flatten_all().and_then(|crop| crop.to_vec1::<f32>());
        values.extend(crop.map_err(visard::network::Error::from)?);
        kept.push(face);
    }
    Ok((kept, values))
}

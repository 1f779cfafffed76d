//! Arrays in and out.

use numpy::{
    IntoPyArray as _, PyArray2, PyArray3, PyArray4, PyArrayMethods as _, PyReadonlyArray2, PyReadonlyArray3,
    PyUntypedArrayMethods as _,
};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use visard::embed::Embeddings;
use visard::photo::{EncodeOptions, Limits, OutputFormat, Photo, decode, encode};

use crate::error::{UsageError, raised};

/// A picture of `(height, width, 3)` as a file without loss.
pub(crate) fn file_of(pixels: &PyReadonlyArray3<'_, u8>) -> PyResult<Vec<u8>> {
    let wrong = || UsageError::new_err("a picture is an array of (height, width, 3) bytes, none of them 0");
    let &[height, width, 3] = pixels.shape() else { return Err(wrong()) };
    let (Ok(width), Ok(height)) = (u32::try_from(width), u32::try_from(height)) else { return Err(wrong()) };
    let samples = pixels.as_array().iter().copied().collect();
    let photo = Photo::from_rgb(width, height, samples).ok_or_else(wrong)?;
    let options = EncodeOptions { format: OutputFormat::Png, ..EncodeOptions::default() };
    Ok(encode(&photo, &options).map_err(raised)?.bytes)
}

/// The picture of a file that [`file_of`] or a protection of it made.
pub(crate) fn picture_of<'py>(py: Python<'py>, file: &[u8]) -> PyResult<Bound<'py, PyArray3<u8>>> {
    let photo = decode(file, &Limits::default()).map_err(raised)?;
    let samples: Vec<u8> = photo.rgb(photo.region()).into_iter().map(|sample| sample.round() as u8).collect();
    samples.into_pyarray(py).reshape([photo.height(), photo.width(), 3])
}

/// Rows of one length.
pub(crate) fn rows_of<'py>(
    py: Python<'py>,
    values: Vec<f32>,
    columns: usize,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let rows = values.len().checked_div(columns).unwrap_or(0);
    values.into_pyarray(py).reshape([rows, columns])
}

/// Pictures of one size, channels first.
pub(crate) fn stack_of<'py>(
    py: Python<'py>,
    values: Vec<f32>,
    side: usize,
) -> PyResult<Bound<'py, PyArray4<f32>>> {
    let count = values.len() / (3 * side * side);
    values.into_pyarray(py).reshape([count, 3, side, side])
}

/// The same rows as the library knows them.
pub(crate) fn embeddings_of(rows: &PyReadonlyArray2<'_, f32>) -> Embeddings {
    let values = rows.as_array().iter().copied().collect();
    Embeddings::from_values(rows.shape()[1], values).unwrap_or_default()
}

/// A picture of (height, width, 3) uint8, red first, as a file of PNG without loss.
#[pyfunction]
pub(crate) fn png<'py>(py: Python<'py>, pixels: PyReadonlyArray3<'py, u8>) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(py, &file_of(&pixels)?))
}

/// Rows and cosines, the best first.
type Nearest<'py> = (Bound<'py, PyArray2<i64>>, Bound<'py, PyArray2<f32>>);

/// The `top` rows of a gallery that resemble each query most, the best first; of equal ones the first row first.
///
/// queries, gallery: (n, dimension) float32, rows of L2 norm 1. Returns rows (queries, k) int64 and cosines (queries, k)
/// float32; k is `top`, or all of a smaller gallery.
#[pyfunction]
pub(crate) fn nearest<'py>(
    py: Python<'py>,
    queries: PyReadonlyArray2<'py, f32>,
    gallery: PyReadonlyArray2<'py, f32>,
    top: usize,
) -> PyResult<Nearest<'py>> {
    let (queries, gallery) = (embeddings_of(&queries), embeddings_of(&gallery));
    if !gallery.is_empty() && queries.dimension() != gallery.dimension() {
        return Err(UsageError::new_err(
            "queries and gallery are of two networks: their rows differ in length",
        ));
    }
    let (count, top) = (queries.len(), top.min(gallery.len()));
    let found = match gallery.is_empty() {
        true => vec![],
        false => py.detach(|| visard::search::nearest(&queries, &gallery, top)).concat(),
    };
    let rows: Vec<i64> = found.iter().map(|found| found.row as i64).collect();
    let cosines: Vec<f32> = found.iter().map(|found| found.similarity).collect();
    Ok((rows.into_pyarray(py).reshape([count, top])?, cosines.into_pyarray(py).reshape([count, top])?))
}

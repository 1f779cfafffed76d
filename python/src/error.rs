//! The library's errors as exceptions.

use pyo3::exceptions::PyException;
use pyo3::{PyErr, create_exception};

create_exception!(visard, Error, PyException, "Whatever visard could not do.");
create_exception!(visard, PhotoError, Error, "The photo cannot be read or written in this way.");
create_exception!(visard, ModelsError, Error, "The networks of a run could not be had.");
create_exception!(visard, NetworkError, Error, "A network failed.");
create_exception!(visard, FileError, Error, "A file could not be read or written.");
create_exception!(visard, UsageError, Error, "The caller asked for something that cannot be done.");
create_exception!(visard, Cancelled, Error, "The caller broke off.");

/// The exception of an error.
pub(crate) fn raised(error: impl Into<visard::Error>) -> PyErr {
    let error = error.into();
    exception(&error, error.to_string())
}

/// The exception of an error with a photo that has a name.
pub(crate) fn raised_of(name: &str, error: &visard::Error) -> PyErr {
    exception(error, format!("{name}: {error}"))
}

fn exception(error: &visard::Error, said: String) -> PyErr {
    use visard::Error as E;
    match error {
        E::Photo(_) => PhotoError::new_err(said),
        E::Models(_) => ModelsError::new_err(said),
        E::Network(_) => NetworkError::new_err(said),
        E::File { .. } | E::Output { .. } => FileError::new_err(said),
        E::Cancelled => Cancelled::new_err(said),
        _ => UsageError::new_err(said),
    }
}

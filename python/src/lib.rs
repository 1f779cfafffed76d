//! visard for Python: the part of the package `visard` that is compiled. What it takes and gives is plain: bytes, arrays,
//! and JSON of the library's own types; `visard/__init__.py` makes of it what people use.

#![expect(clippy::needless_pass_by_value, reason = "arguments come from Python by value")]

mod arrays;
mod embedder;
mod error;
mod evaluate;
mod index;
mod networks;
mod options;
mod watch;

use pyo3::prelude::*;

#[pymodule]
mod _visard {
    #[pymodule_export]
    use crate::arrays::{nearest, png};
    #[pymodule_export]
    use crate::embedder::{Embedder, Trace};
    #[pymodule_export]
    use crate::error::{Cancelled, Error, FileError, ModelsError, NetworkError, PhotoError, UsageError};
    #[pymodule_export]
    use crate::evaluate::evaluate;
    #[pymodule_export]
    use crate::index::Index;
    #[pymodule_export]
    use crate::networks::{Networks, People};
    #[pymodule_export]
    use crate::options::{ending, photos};
}

//! One network with its input gradient, for those who write attacks of their own.

use std::sync::Arc;

use candle_core::{Device, Tensor, Var};
use numpy::{PyArray2, PyArray4, PyReadonlyArray2, PyReadonlyArray4, PyUntypedArrayMethods as _};
use pyo3::prelude::*;
use visard::Visard;
use visard::embed::Embed as _;
use visard::face::CROP;

use crate::arrays::{rows_of, stack_of};
use crate::error::{NetworkError, UsageError, raised};

/// A surrogate or judge. Whoever makes cloaks with a judge's gradients must not believe that judge afterwards.
#[pyclass(frozen)]
pub(crate) struct Embedder {
    visard: Arc<Visard>,
    name: String,
}

/// Embeddings that remember what they were made from.
#[pyclass(frozen)]
pub(crate) struct Trace {
    crops: Var,
    rows: Tensor,
}

impl Embedder {
    pub(crate) fn of(visard: &Arc<Visard>, name: &str) -> PyResult<Self> {
        visard.recogniser(name).map_err(raised)?;
        Ok(Self { visard: visard.clone(), name: name.into() })
    }

    fn rows(&self, crops: &Tensor) -> visard::Result<Tensor> {
        Ok(self.visard.recogniser(&self.name)?.embedder.embed(crops)?)
    }
}

#[pymethods]
impl Embedder {
    /// Rows of L2 norm 1 of aligned faces: (n, 3, 112, 112) float32, RGB in 0 to 1.
    fn embed<'py>(
        &self,
        py: Python<'py>,
        crops: PyReadonlyArray4<'py, f32>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let crops = tensor(&crops)?;
        let rows = py.detach(|| self.rows(&crops)).map_err(raised)?;
        array(py, &rows)
    }

    /// The same, to be differentiated.
    fn trace<'py>(
        &self,
        py: Python<'py>,
        crops: PyReadonlyArray4<'py, f32>,
    ) -> PyResult<(Bound<'py, PyArray2<f32>>, Trace)> {
        let crops = Var::from_tensor(&tensor(&crops)?).map_err(failed)?;
        let rows = py.detach(|| self.rows(crops.as_tensor())).map_err(raised)?;
        Ok((array(py, &rows)?, Trace { crops, rows }))
    }
}

#[pymethods]
impl Trace {
    /// By how much a number grows with the crops that grows so with the rows: (n, dimension) to (n, 3, 112, 112).
    fn gradient<'py>(
        &self,
        py: Python<'py>,
        by_rows: PyReadonlyArray2<'py, f32>,
    ) -> PyResult<Bound<'py, PyArray4<f32>>> {
        if by_rows.shape() != self.rows.dims() {
            let said = format!("the slope must be of {:?}, not {:?}", self.rows.dims(), by_rows.shape());
            return Err(UsageError::new_err(said));
        }
        let slope: Vec<f32> = by_rows.as_array().iter().copied().collect();
        let back = || -> candle_core::Result<Vec<f32>> {
            let slope = Tensor::from_vec(slope, self.rows.dims(), &Device::Cpu)?;
            let gradients = (&self.rows * slope)?.sum_all()?.backward()?;
            match gradients.get(self.crops.as_tensor()) {
                Some(gradient) => gradient.flatten_all()?.to_vec1(),
                None => self.crops.zeros_like()?.flatten_all()?.to_vec1(),
            }
        };
        stack_of(py, py.detach(back).map_err(failed)?, CROP)
    }
}

fn tensor(crops: &PyReadonlyArray4<'_, f32>) -> PyResult<Tensor> {
    let shape = crops.shape();
    if shape[0] == 0 || shape[1..] != [3, CROP, CROP] {
        return Err(UsageError::new_err(format!("crops are of (n, 3, 112, 112), not {shape:?}")));
    }
    let values = crops.as_array().iter().copied().collect();
    Tensor::from_vec(values, shape, &Device::Cpu).map_err(failed)
}

fn array<'py>(py: Python<'py>, rows: &Tensor) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let columns = rows.dim(1).map_err(failed)?;
    rows_of(py, rows.flatten_all().and_then(|rows| rows.to_vec1()).map_err(failed)?, columns)
}

fn failed(error: candle_core::Error) -> PyErr {
    NetworkError::new_err(error.to_string())
}

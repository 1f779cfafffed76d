//! Progress, and the ways to break off: the caller's function, and Ctrl-C.

use std::ops::ControlFlow;

use pyo3::prelude::*;

use crate::error::raised;

/// Tells a function of the caller how far the work is.
pub(crate) struct Watch {
    told: Option<Py<PyAny>>,
    raised: Option<PyErr>,
}

impl Watch {
    pub(crate) fn new(told: Option<Py<PyAny>>) -> Self {
        Self { told, raised: None }
    }

    /// Breaks off where the function returns False or raises, or Ctrl-C was pressed.
    pub(crate) fn tell(&mut self, done: f64) -> ControlFlow<()> {
        let go_on = Python::attach(|py| {
            py.check_signals()?;
            let Some(told) = &self.told else { return Ok(true) };
            let answer = told.bind(py).call1((done,))?;
            Ok(!matches!(answer.extract::<bool>(), Ok(false)))
        });
        match go_on {
            Ok(true) => ControlFlow::Continue(()),
            Ok(false) => ControlFlow::Break(()),
            Err(error) => {
                self.raised = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    /// The result of the work, or what was raised meanwhile.
    pub(crate) fn end<T>(self, result: visard::Result<T>) -> PyResult<T> {
        match self.raised {
            Some(error) => Err(error),
            None => result.map_err(raised),
        }
    }
}

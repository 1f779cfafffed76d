//! Gradients by automatic differentiation.

use candle_core::{Tensor, Var};

use crate::network::Result;

/// The gradient of a loss at a point; zero where the loss does not depend on it.
pub(crate) fn gradient(at: &Tensor, loss: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    let variable = Var::from_tensor(at)?;
    let slope = loss(variable.as_tensor())?.backward()?.remove(&variable);
    Ok(slope.map_or_else(|| at.zeros_like(), Ok)?)
}

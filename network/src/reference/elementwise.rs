//! Elementwise functions as candle operations.

use candle_core::Tensor;

use crate::plan::{Binary, Unary};

pub(super) fn binary(operation: Binary, a: &Tensor, b: &Tensor) -> candle_core::Result<Tensor> {
    match operation {
        Binary::Add => a.broadcast_add(b),
        Binary::Sub => a.broadcast_sub(b),
        Binary::Mul => a.broadcast_mul(b),
        Binary::Div => a.broadcast_div(b),
        Binary::Min => a.broadcast_minimum(b),
        Binary::Max => a.broadcast_maximum(b),
        Binary::Power => a.broadcast_pow(b),
        Binary::Less => a.detach().broadcast_lt(&b.detach())?.to_dtype(a.dtype()),
        Binary::LessOrEqual => a.detach().broadcast_le(&b.detach())?.to_dtype(a.dtype()),
        Binary::Equal => a.detach().broadcast_eq(&b.detach())?.to_dtype(a.dtype()),
    }
}

pub(super) fn unary(function: Unary, x: &Tensor) -> candle_core::Result<Tensor> {
    match function {
        Unary::Relu => x.relu(),
        Unary::LeakyRelu { slope } => x.gt(0.)?.where_cond(x, &(x * f64::from(slope))?),
        // Two shifted rectifiers: unlike a clamp they have one gradient, 0 outside and 1 inside.
        Unary::Clip { low, high } if low > f32::MIN && high < f32::MAX => {
            let (low, high) = (f64::from(low), f64::from(high));
            ((x - low)?.relu()? - (x - high)?.relu()?)? + low
        }
        Unary::Clip { low, high } => x.clamp(low, high),
        Unary::Sigmoid => candle_nn::ops::sigmoid(x),
        Unary::Tanh => x.tanh(),
        Unary::Erf => x.erf(),
        Unary::Exp => x.exp(),
        Unary::Log => x.log(),
        Unary::Sqrt => x.sqrt(),
        // candle's own has the slope 1 at 0.
        Unary::Abs => x * unary(Unary::Sign, x)?,
        Unary::Neg => x.neg(),
        Unary::Reciprocal => x.recip(),
        Unary::Sin => x.sin(),
        Unary::Cos => x.cos(),
        Unary::Power(exponent) => x.powf(f64::from(exponent)),
        Unary::HardSwish => {
            let gate = unary(Unary::Clip { low: 0., high: 1. }, &x.affine(1. / 6., 0.5)?)?;
            x * gate
        }
        // Neither exp overflows, whatever the sign.
        Unary::Softplus => x.relu()? + (x.abs()?.neg()?.exp()? + 1.)?.log()?,
        Unary::Elu { alpha } => {
            let positive = x.gt(0.)?;
            let low = positive.where_cond(&x.zeros_like()?, x)?;
            positive.where_cond(x, &((low.exp()? - 1.)? * f64::from(alpha))?)
        }
        Unary::Floor => x.detach().floor(),
        Unary::Ceil => x.detach().ceil(),
        Unary::Round => x + (to_even(&x.detach())? - x.detach())?,
        Unary::Sign => {
            let (x, zero) = (x.detach(), x.zeros_like()?);
            x.gt(&zero)?.to_dtype(x.dtype())? - x.lt(&zero)?.to_dtype(x.dtype())?
        }
    }
}

/// The nearest whole numbers; of two the even one.
fn to_even(x: &Tensor) -> candle_core::Result<Tensor> {
    let down = x.floor()?;
    let rest = (x - &down)?;
    let half = rest.affine(0., 0.5)?;
    let odd = (&down - ((&down * 0.5)?.floor()? * 2.)?)?;
    let tie = (rest.eq(&half)?.to_dtype(x.dtype())? * odd)?;
    let above = rest.gt(&half)?.to_dtype(x.dtype())?;
    down + (above + tie)?
}

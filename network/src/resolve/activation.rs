//! Functions of one operand.

use super::super::Operator;
use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Binary, Unary};
use super::builder::{Builder, Value, required};
use super::steps::number;

pub(super) fn plain(b: &mut Builder, node: &Node, inputs: &[Option<Value>], f: Unary) -> Result<Value> {
    node.allow(&[])?;
    b.unary(node, f, required(node, inputs, 0)?)
}

pub(super) fn leaky(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["alpha"])?;
    b.unary(node, Unary::LeakyRelu { slope: node.float("alpha", 0.01)? }, required(node, inputs, 0)?)
}

/// `Elu`, and those that are made of it: `Selu` is a multiple, `Celu` has its argument divided.
pub(super) fn elu(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    operator: Operator,
) -> Result<Value> {
    node.allow(if operator == Operator::Selu { &["alpha", "gamma"] } else { &["alpha"] })?;
    let x = required(node, inputs, 0)?;
    match operator {
        Operator::Selu => {
            let elu = b.unary(node, Unary::Elu { alpha: node.float("alpha", 1.673_263_2)? }, x)?;
            b.affine(node, &elu, node.float("gamma", 1.050_701)?, 0.)
        }
        Operator::Celu => {
            let alpha = node.float("alpha", 1.)?;
            if alpha <= 0. {
                return Err(node.invalid("its alpha must be above 0"));
            }
            let inner = b.affine(node, x, 1. / alpha, 0.)?;
            let elu = b.unary(node, Unary::Elu { alpha: 1. }, &inner)?;
            b.affine(node, &elu, alpha, 0.)
        }
        _ => b.unary(node, Unary::Elu { alpha: node.float("alpha", 1.)? }, x),
    }
}

pub(super) fn gelu(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    operator: Operator,
) -> Result<Value> {
    node.allow(match operator {
        Operator::Gelu => &["approximate"],
        Operator::QuickGelu => &["alpha"],
        _ => &[],
    })?;
    let mut x = required(node, inputs, 0)?.clone();
    if let Some(Some(bias)) = inputs.get(1) {
        x = b.binary(node, Binary::Add, &x, bias)?;
    }
    let approximate = node.text("approximate", "none")? == "tanh" || operator == Operator::FastGelu;
    if operator == Operator::QuickGelu {
        return gated(b, node, &x, node.float("alpha", 1.702)?);
    }
    if approximate {
        // x / 2 * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
        let square = b.binary(node, Binary::Mul, &x, &x)?;
        let factor = b.affine(node, &square, 0.797_884_6 * 0.044_715, 0.797_884_6)?;
        let inner = b.binary(node, Binary::Mul, &x, &factor)?;
        let tanh = b.unary(node, Unary::Tanh, &inner)?;
        let gate = b.affine(node, &tanh, 0.5, 0.5)?;
        return b.binary(node, Binary::Mul, &x, &gate);
    }
    // As exporters write it, which the engine knows: x * (1 + erf(x / sqrt(2))) / 2
    let inner = b.binary(node, Binary::Mul, &x, &number(std::f32::consts::FRAC_1_SQRT_2)?)?;
    let erf = b.unary(node, Unary::Erf, &inner)?;
    let gate = b.binary(node, Binary::Add, &erf, &number(1.)?)?;
    let twice = b.binary(node, Binary::Mul, &x, &gate)?;
    b.binary(node, Binary::Mul, &twice, &number(0.5)?)
}

/// `x * sigmoid(alpha * x)`
fn gated(b: &mut Builder, node: &Node, x: &Value, alpha: f32) -> Result<Value> {
    let inner = b.affine(node, x, alpha, 0.)?;
    let gate = b.unary(node, Unary::Sigmoid, &inner)?;
    b.binary(node, Binary::Mul, x, &gate)
}

pub(super) fn swish(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["alpha"])?;
    gated(b, node, required(node, inputs, 0)?, node.float("alpha", 1.)?)
}

pub(super) fn hard_sigmoid(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["alpha", "beta"])?;
    let x = required(node, inputs, 0)?;
    let line = b.affine(node, x, node.float("alpha", 0.2)?, node.float("beta", 0.5)?)?;
    b.unary(node, Unary::Clip { low: 0., high: 1. }, &line)
}

pub(super) fn mish(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    let x = required(node, inputs, 0)?;
    let soft = b.unary(node, Unary::Softplus, x)?;
    let gate = b.unary(node, Unary::Tanh, &soft)?;
    b.binary(node, Binary::Mul, x, &gate)
}

pub(super) fn softsign(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    let x = required(node, inputs, 0)?;
    let size = b.unary(node, Unary::Abs, x)?;
    let divisor = b.affine(node, &size, 1., 1.)?;
    b.binary(node, Binary::Div, x, &divisor)
}

/// `ThresholdedRelu`: `x` above `alpha`, else 0. `Shrink`: `x` nearer to 0 by `bias` outside `lambd`, else 0.
pub(super) fn threshold(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    operator: Operator,
) -> Result<Value> {
    let x = required(node, inputs, 0)?;
    let zero = number(0.)?;
    if operator == Operator::ThresholdedRelu {
        node.allow(&["alpha"])?;
        let above = b.binary(node, Binary::Less, &number(node.float("alpha", 1.)?)?, x)?;
        return b.choose(node, &above, [x, &zero]);
    }
    node.allow(&["bias", "lambd"])?;
    let (bias, limit) = (node.float("bias", 0.)?, node.float("lambd", 0.5)?);
    let above = b.binary(node, Binary::Less, &number(limit)?, x)?;
    let below = b.binary(node, Binary::Less, x, &number(-limit)?)?;
    let (less, more) = (b.affine(node, x, 1., -bias)?, b.affine(node, x, 1., bias)?);
    let negative = b.choose(node, &below, [&more, &zero])?;
    b.choose(node, &above, [&less, &negative])
}

/// `Sinh`, `Cosh`, their inverses and that of `Tanh`, and `Tan`, as what they are made of.
pub(super) fn hyperbolic(
    b: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    operator: Operator,
) -> Result<Value> {
    node.allow(&[])?;
    let x = required(node, inputs, 0)?;
    match operator {
        Operator::Tan => {
            let (sine, cosine) = (b.unary(node, Unary::Sin, x)?, b.unary(node, Unary::Cos, x)?);
            b.binary(node, Binary::Div, &sine, &cosine)
        }
        Operator::Sinh | Operator::Cosh => {
            let minus = b.unary(node, Unary::Neg, x)?;
            let (up, down) = (b.unary(node, Unary::Exp, x)?, b.unary(node, Unary::Exp, &minus)?);
            let joined = if operator == Operator::Sinh { Binary::Sub } else { Binary::Add };
            let twice = b.binary(node, joined, &up, &down)?;
            b.affine(node, &twice, 0.5, 0.)
        }
        Operator::Atanh => {
            let minus = b.unary(node, Unary::Neg, x)?;
            let (above, below) = (b.affine(node, x, 1., 1.)?, b.affine(node, &minus, 1., 1.)?);
            let ratio = b.binary(node, Binary::Div, &above, &below)?;
            let twice = b.unary(node, Unary::Log, &ratio)?;
            b.affine(node, &twice, 0.5, 0.)
        }
        // log(x + sqrt(x^2 + 1)), for Acosh with minus 1; odd functions are taken of the size for their digits.
        _ => {
            let one = if operator == Operator::Asinh { 1. } else { -1. };
            let size = b.unary(node, Unary::Abs, x)?;
            let square = b.binary(node, Binary::Mul, x, x)?;
            let inner = b.affine(node, &square, 1., one)?;
            let root = b.unary(node, Unary::Sqrt, &inner)?;
            let sum = b.binary(node, Binary::Add, &size, &root)?;
            let value = b.unary(node, Unary::Log, &sum)?;
            if operator == Operator::Acosh {
                return Ok(value);
            }
            let sign = b.unary(node, Unary::Sign, x)?;
            b.binary(node, Binary::Mul, &sign, &value)
        }
    }
}

//! `Attention` of operator set 23: scaled products of queries and keys weigh the values.

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Binary, Op, Reduction, Taps, Unary};
use super::builder::{Builder, Value, optional, required};
use super::steps::{number, numbers};

pub(super) fn attention(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["is_causal", "kv_num_heads", "q_num_heads", "scale", "softcap", "softmax_precision"])?;
    if inputs.len() > 4 && inputs[4..].iter().any(Option::is_some) {
        return Err(node.unsupported("keys and values of earlier runs"));
    }
    let flat = b.shape(required(node, inputs, 0)?).len() == 3;
    let heads = |name: &str| usize::try_from(node.int(name, 0).unwrap_or(0)).unwrap_or(0);
    let query = headed(b, node, required(node, inputs, 0)?, heads("q_num_heads"))?;
    let key = headed(b, node, required(node, inputs, 1)?, heads("kv_num_heads"))?;
    let value = headed(b, node, required(node, inputs, 2)?, heads("kv_num_heads"))?;
    let &[batch, count, rows, width] = b.shape(&query).as_slice() else {
        return Err(node.invalid("its query has not four axes"));
    };
    let (key, value) = (repeated(b, node, &key, count)?, repeated(b, node, &value, count)?);
    let scale = node.float("scale", 1. / (width as f32).sqrt())?;
    let query = b.affine(node, &query, scale, 0.)?;
    let turned = b.transpose(node, &key, vec![0, 1, 3, 2])?;
    let mut scores = b.product(node, &query, &turned)?;
    let cap = node.float("softcap", 0.)?;
    if cap > 0. {
        let inner = b.affine(node, &scores, 1. / cap, 0.)?;
        let bent = b.unary(node, Unary::Tanh, &inner)?;
        scores = b.affine(node, &bent, cap, 0.)?;
    }
    let columns = b.shape(&turned)[3];
    if node.int("is_causal", 0)? != 0 {
        let later = |i: usize| if i % columns > i / columns { f32::NEG_INFINITY } else { 0. };
        let mask = numbers((0..rows * columns).map(later).collect(), &[rows, columns])?;
        scores = b.binary(node, Binary::Add, &scores, &mask)?;
    }
    if let Some(mask) = optional(inputs, 3) {
        scores = masked(b, node, &scores, mask)?;
    }
    let mut weights = b.apply(node, Op::Softmax { axis: 3 }, &scores)?;
    if optional(inputs, 3).is_some() {
        // Who may look at nothing sees nothing.
        let largest = b.reduce(node, Reduction::Max, &scores, (&[3], true))?;
        let some = b.binary(node, Binary::Less, &number(f32::MIN)?, &largest)?;
        weights = b.choose(node, &some, [&weights, &number(0.)?])?;
    }
    let result = b.product(node, &weights, &value)?;
    if !flat {
        return Ok(result);
    }
    let depth = b.shape(&result)[3];
    let joined = b.transpose(node, &result, vec![0, 2, 1, 3])?;
    b.reshape(node, &joined, vec![batch, rows, count * depth])
}

/// `(batch, heads, rows, width)` of `(batch, rows, heads * width)`.
fn headed(b: &mut Builder, node: &Node, x: &Value, heads: usize) -> Result<Value> {
    match *b.shape(x).as_slice() {
        [_, _, _, _] => Ok(x.clone()),
        [batch, rows, width] if heads > 0 && width % heads == 0 => {
            let split = b.reshape(node, x, vec![batch, rows, heads, width / heads])?;
            b.transpose(node, &split, vec![0, 2, 1, 3])
        }
        ref shape => Err(node.invalid(format!("{heads} heads of an operand of shape {shape:?}"))),
    }
}

/// As many heads as the query has; each serves several of them.
fn repeated(b: &mut Builder, node: &Node, x: &Value, count: usize) -> Result<Value> {
    let &[_, own, ..] = b.shape(x).as_slice() else { return Err(node.invalid("its operand has no heads")) };
    if own == count {
        return Ok(x.clone());
    }
    if own == 0 || !count.is_multiple_of(own) {
        return Err(node.invalid(format!("{count} heads of queries and {own} of keys")));
    }
    b.mix(node, x, 1, Taps::picks((0..count).map(|head| head / (count / own))))
}

/// Truth values leave out, numbers are added.
fn masked(b: &mut Builder, node: &Node, scores: &Value, mask: &Value) -> Result<Value> {
    match mask {
        Value::Known(mask) if mask.dtype() == candle_core::DType::U8 => {
            let numbers = mask.to_dtype(candle_core::DType::F32)?;
            let minus = candle_core::Tensor::full(f32::NEG_INFINITY, numbers.dims(), numbers.device())?;
            let mask = mask.where_cond(&numbers.zeros_like()?, &minus)?;
            b.binary(node, Binary::Add, scores, &Value::Known(mask))
        }
        mask => b.binary(node, Binary::Add, scores, mask),
    }
}

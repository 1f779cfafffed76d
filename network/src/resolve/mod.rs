//! Resolution: a [`Graph`] and an input shape become a [`Plan`].
//!
//! Every node is visited once, in order. What depends on constants only is computed on the spot,
//! the rest is lowered to steps of the plan.

mod builder;
mod constant;
mod elementwise;
mod fold;
mod layout;
mod linear;
mod normalise;
mod spatial;

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};

use self::builder::{Builder, Value};
use super::graph::{Graph, Node};
use super::onnx::tensor::MAX_CONSTANT;
use super::plan::Plan;
use super::reference::Reference;
use super::{Error, Result};

/// Resolves `graph` for an input of shape `(batch, channels, height, width)`.
pub(super) fn resolve(graph: &Graph, input: [usize; 4]) -> Result<Plan> {
    check_input(graph, input)?;
    let mut builder = Builder::new(input);
    let mut values: HashMap<&str, Value> = HashMap::new();
    values.insert(&graph.input.name, Value::Runtime(0));
    values.extend(graph.constants.iter().map(|(name, t)| (name.as_str(), Value::Known(t.clone()))));
    let context = Context { opset: graph.opset, batch: (graph.input.shape[0], input[0]) };
    let mut made = 0;
    for node in &graph.nodes {
        let inputs: Vec<Option<Value>> =
            node.inputs.iter().map(|name| values.get(name.as_str()).cloned()).collect();
        let results = visit(&mut builder, node, &inputs, context)?;
        made += results.iter().filter_map(Value::known).map(|t| t.elem_count()).sum::<usize>();
        if made > MAX_CONSTANT {
            return Err(node.invalid("the constants that are computed are too large"));
        }
        values.extend(node.outputs.iter().map(String::as_str).zip(results));
    }
    for name in &graph.outputs {
        match values.get(name.as_str()) {
            Some(Value::Runtime(id)) => {
                let shape = &builder.plan.values[*id];
                if shape.first() != Some(&input[0]) {
                    return Err(Error::Malformed(format!(
                        "output {name:?} of shape {shape:?} does not keep the pictures of a batch apart"
                    )));
                }
                builder.plan.outputs.push((name.clone(), *id));
            }
            _ => return Err(Error::Malformed(format!("output {name:?} does not depend on the picture"))),
        }
    }
    Ok(fold::fold(builder.plan))
}

/// What a node's meaning depends on besides its operands.
#[derive(Clone, Copy, Debug)]
struct Context {
    opset: i64,
    /// The batch that the file fixes, and the one that was asked for.
    batch: (Option<usize>, usize),
}

fn check_input(graph: &Graph, input: [usize; 4]) -> Result<()> {
    if input.iter().any(|&n| n == 0 || n > 1 << 15) {
        return Err(Error::Usage(format!("an input of shape {input:?} is empty or too large")));
    }
    match graph.input.shape[1] {
        Some(channels) if channels != input[1] => {
            Err(Error::Usage(format!("the network takes {channels} channels, not {}", input[1])))
        }
        _ => Ok(()),
    }
}

fn visit(
    builder: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    context: Context,
) -> Result<Vec<Value>> {
    if node.op == "Shape" {
        return Ok(vec![shape_of(builder, node, inputs)?]);
    }
    let known: Option<Vec<Option<Tensor>>> =
        inputs.iter().map(|v| v.as_ref().map_or(Some(None), |v| v.known().map(Some))).collect();
    let Some(known) = known else { return lower(builder, node, inputs, context) };
    match constant::evaluate(node, &known, context)? {
        Some(tensor) => Ok(vec![Value::Known(tensor)]),
        None => compute(node, inputs, context),
    }
}

fn shape_of(builder: &Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["start", "end"])?;
    let shape = builder.shape(builder::required(node, inputs, 0)?);
    let rank = shape.len() as i64;
    let bound = |at: i64| (if at < 0 { at.saturating_add(rank) } else { at }).clamp(0, rank) as usize;
    let (start, end) = (bound(node.int("start", 0)?), bound(node.int("end", rank)?));
    let sizes: Vec<i64> = shape.get(start..end).unwrap_or_default().iter().map(|&n| n as i64).collect();
    let count = sizes.len();
    Ok(Value::Known(Tensor::from_vec(sizes, count, &Device::Cpu)?))
}

/// Computes a node whose operands are all known, with the reference executor.
fn compute(node: &Node, inputs: &[Option<Value>], context: Context) -> Result<Vec<Value>> {
    let mut scratch = Builder::new([1, 1, 1, 1]);
    let results = lower(&mut scratch, node, inputs, context)?;
    for value in &results {
        if let Value::Runtime(id) = value {
            scratch.plan.outputs.push((String::new(), *id));
        }
    }
    let nothing = Tensor::zeros((1, 1, 1, 1), DType::F32, &Device::Cpu)?;
    let mut computed = Reference::new(&scratch.plan, &Device::Cpu, DType::F32)?.run(&nothing)?.into_iter();
    Ok(results
        .into_iter()
        .map(|value| match value {
            Value::Known(tensor) => Value::Known(tensor),
            Value::Runtime(id) => computed.next().map_or(Value::Runtime(id), Value::Known),
        })
        .collect())
}

/// Emits the steps of one node; one value for each of its outputs.
fn lower(b: &mut Builder, node: &Node, inputs: &[Option<Value>], context: Context) -> Result<Vec<Value>> {
    let one = match node.op.as_str() {
        "Conv" => spatial::conv(b, node, inputs),
        "MaxPool" => spatial::max_pool(b, node, inputs),
        "AveragePool" => spatial::average_pool(b, node, inputs),
        "GlobalAveragePool" => spatial::global_average_pool(b, node, inputs),
        "Resize" | "Upsample" => spatial::resize(b, node, inputs),
        "Add" | "Sub" | "Mul" | "Div" => elementwise::binary(b, node, inputs),
        "PRelu" => elementwise::prelu(b, node, inputs),
        "Clip" => elementwise::clip(b, node, inputs),
        "Pow" => elementwise::power(b, node, inputs),
        "MatMul" => linear::matmul(b, node, inputs),
        "Gemm" => linear::gemm(b, node, inputs),
        "BatchNormalization" => normalise::batch(b, node, inputs),
        "LayerNormalization" => normalise::layer(b, node, inputs),
        "Softmax" => normalise::softmax(b, node, inputs, context.opset),
        "ReduceMean" | "ReduceSum" | "ReduceL2" | "ReduceMax" => normalise::reduce(b, node, inputs),
        "Split" => return layout::split(b, node, inputs),
        _ => match layout::lower(b, node, inputs, context)? {
            Some(value) => Ok(value),
            None => elementwise::unary(b, node, inputs),
        },
    };
    one.map(|value| vec![value])
}

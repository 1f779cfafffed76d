//! Resolution: a [`Graph`] and an input shape become a [`Plan`].
//!
//! Every node is visited once, in order. What depends on constants only is computed on the spot,
//! the rest is lowered to steps of the plan.

mod activation;
mod attention;
mod builder;
mod constant;
mod einsum;
mod elementwise;
mod fold;
mod gather;
mod groups;
mod layout;
mod linear;
mod normalise;
mod operators;
mod pool;
mod quantise;
mod quantised;
mod reduce;
mod resize;
mod scatter;
mod spatial;
mod steps;
mod transposed;

use std::collections::{BTreeMap, HashMap, HashSet};

use self::builder::{Builder, Value};
use self::operators::lower;
use super::graph::{Graph, Node};
use super::onnx::tensor::MAX_CONSTANT;
use super::plan::Plan;
use super::{Error, Result};

/// Resolves `graph` for an input of a shape.
pub(super) fn resolve(graph: &Graph, input: &[usize]) -> Result<Plan> {
    check_input(graph, input)?;
    check_operators(graph)?;
    let mut builder = Builder::new(input);
    let mut values: HashMap<&str, Value> = HashMap::new();
    values.insert(&graph.input.name, Value::Runtime(0));
    values.extend(graph.constants.iter().map(|(name, t)| (name.as_str(), Value::Known(t.clone()))));
    let batch = (graph.input.shape.first().copied().flatten(), input.first().copied().unwrap_or(1));
    let context = Context { opset: graph.opset, batch, ranges: &graph.ranges };
    let mut made = 0;
    let mut unmade: HashSet<&str> = HashSet::new();
    for node in &graph.nodes {
        let inputs: Vec<Option<Value>> =
            node.inputs.iter().map(|name| values.get(name.as_str()).cloned()).collect();
        if let Some(name) = node.inputs.iter().find(|name| unmade.contains(name.as_str())) {
            return Err(
                node.unsupported(format!("operand {name:?}, which is not the first result of its node,"))
            );
        }
        let results = visit(&mut builder, node, &inputs, context)?;
        unmade.extend(
            node.outputs.iter().skip(results.len()).filter(|name| !name.is_empty()).map(String::as_str),
        );
        made += results.iter().filter_map(Value::known).map(|t| t.elem_count()).sum::<usize>();
        if made > MAX_CONSTANT {
            return Err(node.invalid("the constants that are computed are too large"));
        }
        values.extend(node.outputs.iter().map(String::as_str).zip(results));
    }
    for name in &graph.outputs {
        match values.get(name.as_str()) {
            Some(Value::Runtime(id)) => builder.plan.outputs.push((name.clone(), *id)),
            _ if unmade.contains(name.as_str()) => {
                let reason =
                    format!("output {name:?} is not the first result of its node, which is not supported");
                return Err(Error::Malformed(reason));
            }
            _ => return Err(Error::Malformed(format!("output {name:?} does not depend on the picture"))),
        }
    }
    Ok(fold::fold(builder.plan))
}

/// What a node's meaning depends on besides its operands.
#[derive(Clone, Copy, Debug)]
struct Context<'a> {
    opset: i64,
    /// The batch that the file fixes, and the one that was asked for.
    batch: (Option<usize>, usize),
    /// The least and the largest number of the types of weights that are small integers.
    ranges: &'a BTreeMap<String, [f32; 2]>,
}

fn check_input(graph: &Graph, input: &[usize]) -> Result<()> {
    let own = &graph.input.shape;
    if own.len() != input.len() {
        return Err(Error::Usage(format!("the network takes {} axes, not {}", own.len(), input.len())));
    }
    let count = input.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
    if input.contains(&0) || count.is_none_or(|n| n > 1 << 28) {
        return Err(Error::Usage(format!("an input of shape {input:?} is empty or too large")));
    }
    match (own.get(1), input.get(1)) {
        (Some(&Some(channels)), Some(&given)) if channels != given => {
            Err(Error::Usage(format!("the network takes {channels} channels, not {given}")))
        }
        _ => Ok(()),
    }
}

/// Names all nodes that are not supported at once.
fn check_operators(graph: &Graph) -> Result<()> {
    let unknown: Vec<&Node> = graph.nodes.iter().filter(|node| node.operator.is_none()).collect();
    match unknown.as_slice() {
        [] => Ok(()),
        [node] => Err(node.unsupported("this operator")),
        [first, ..] => {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            unknown.iter().for_each(|node| *counts.entry(node.op.as_str()).or_default() += 1);
            let (kinds, count) = (counts.len(), unknown.len());
            let list = counts.iter().take(20).map(|(op, n)| format!("{op:.40} ({n})"));
            let more = if kinds > 20 { ", ..." } else { "" };
            Err(Error::Operators {
                count,
                list: list.collect::<Vec<_>>().join(", ") + more,
                first: first.name.clone(),
            })
        }
    }
}

fn visit(
    builder: &mut Builder,
    node: &Node,
    inputs: &[Option<Value>],
    context: Context<'_>,
) -> Result<Vec<Value>> {
    let known = inputs.iter().flatten().all(|value| value.known().is_some());
    if known { constant::compute(node, inputs, context) } else { lower(builder, node, inputs, context) }
}

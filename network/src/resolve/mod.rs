//! Resolution: a [`Graph`] and an input shape become a [`Plan`].
//!
//! Every node is visited once, in order. What depends on constants only is computed on the spot,
//! the rest is lowered to steps of the plan.

mod activation;
mod attention;
mod builder;
mod compute;
mod constant;
mod einsum;
mod elementwise;
mod fold;
mod gather;
mod groups;
mod layout;
mod linear;
mod normalise;
mod on_grid;
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
mod walk;

use std::collections::{BTreeMap, HashMap};

use self::builder::{Builder, Context, Value};
use self::walk::Walk;
use super::graph::{Graph, Node};
use super::plan::Plan;
use super::{Error, Result};

impl Graph {
    /// Resolves the network for an input of a shape, for pictures `(batch, channels, height, width)`.
    ///
    /// The batch may be any, also where the file fixes it.
    ///
    /// # Errors
    /// Names all nodes whose operators are not supported, or the first that does not fit, and what is missing.
    pub fn resolve(&self, input: impl AsRef<[usize]>) -> Result<Plan> {
        resolve(self, input.as_ref())
    }
}

/// Resolves `graph` for an input of a shape.
fn resolve(graph: &Graph, input: &[usize]) -> Result<Plan> {
    check_input(graph, input)?;
    check_operators(graph)?;
    let builder = Builder::new(input);
    let mut values: HashMap<&str, Value> = HashMap::new();
    values.insert(&graph.input.name, Value::Runtime(0));
    values.extend(graph.constants.iter().map(|(name, t)| (name.as_str(), Value::Known(t.clone()))));
    let batch = (graph.input.shape.first().copied().flatten(), input.first().copied().unwrap_or(1));
    let context = Context { opset: graph.opset, batch, ranges: &graph.ranges };
    let mut walk = Walk::new(graph.parameter_count(), values, builder, context);
    walk.nodes(&graph.nodes)?;
    let Walk { mut builder, values, unmade, .. } = walk;
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
            let list =
                counts.iter().take(20).map(|(op, n)| format!("{:.40} ({n})", op.escape_debug().to_string()));
            let more = if kinds > 20 { ", ..." } else { "" };
            Err(Error::Operators {
                count,
                list: list.collect::<Vec<_>>().join(", ") + more,
                first: first.name.clone(),
            })
        }
    }
}

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

use candle_core::Tensor;

use self::builder::{Builder, Context, Value};
use self::operators::lower;
use super::graph::{Attribute, Graph, Node};
use super::onnx::limits::MAX_CONSTANT;
use super::plan::Plan;
use super::{Error, Operator, Result};

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
    let mut walk = Walk { builder, values, unmade: HashSet::new(), made: 0, context };
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

/// The way through the nodes.
struct Walk<'g> {
    builder: Builder,
    /// What each name stands for.
    values: HashMap<&'g str, Value>,
    /// Results that nobody computes: those behind the first of an operator that has but one here.
    unmade: HashSet<&'g str>,
    /// Elements of the constants that were computed.
    made: usize,
    context: Context<'g>,
}

impl<'g> Walk<'g> {
    fn nodes(&mut self, nodes: &'g [Node]) -> Result<()> {
        nodes.iter().try_for_each(|node| self.node(node))
    }

    fn node(&mut self, node: &'g Node) -> Result<()> {
        let mut inputs = Vec::with_capacity(node.inputs.len());
        for name in &node.inputs {
            let value = self.values.get(name.as_str()).cloned();
            if self.unmade.contains(name.as_str()) {
                let missing = format!("operand {name:?}, which is not the first result of its node,");
                return Err(node.unsupported(missing));
            }
            if value.is_none() && !name.is_empty() {
                return Err(node.invalid(format!("operand {name:?} is not made before it is used")));
            }
            inputs.push(value);
        }
        let results = self.results(node, &inputs)?;
        self.made += results.iter().filter_map(Value::known).map(|t| t.elem_count()).sum::<usize>();
        if self.made > MAX_CONSTANT {
            return Err(node.invalid("the constants that are computed are too large"));
        }
        let rest = node.outputs.iter().skip(results.len()).filter(|name| !name.is_empty());
        self.unmade.extend(rest.map(String::as_str));
        self.values.extend(node.outputs.iter().map(String::as_str).zip(results));
        Ok(())
    }

    fn results(&mut self, node: &'g Node, inputs: &[Option<Value>]) -> Result<Vec<Value>> {
        let known = inputs.iter().flatten().all(|value| value.known().is_some());
        match (node.operator, inputs) {
            (Some(Operator::If), [Some(Value::Known(condition))]) => self.branch(node, condition),
            _ if known => compute::compute(node, inputs, self.context),
            _ => lower(&mut self.builder, node, inputs, self.context),
        }
    }

    /// The branch of an `If` that a known condition chooses.
    fn branch(&mut self, node: &'g Node, condition: &Tensor) -> Result<Vec<Value>> {
        let holds = steps::reals(condition)?.first().is_some_and(|&condition| condition != 0.);
        let name = if holds { "then_branch" } else { "else_branch" };
        let Some(Attribute::Branch(branch)) = node.attributes.get(name) else {
            return Err(node.invalid(format!("its {name} is missing")));
        };
        let constants = branch.constants.iter();
        self.values.extend(constants.map(|(name, tensor)| (name.as_str(), Value::Known(tensor.clone()))));
        self.nodes(&branch.nodes)?;
        let result = |name: &String| {
            let result = self.values.get(name.as_str()).cloned();
            result.ok_or_else(|| node.invalid(format!("its result {name:?} is never made")))
        };
        branch.outputs.iter().map(result).collect()
    }
}

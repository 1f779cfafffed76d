//! The way through the nodes, and into the graphs inside of them that constants choose.

use std::collections::{HashMap, HashSet};

use candle_core::{Device, Tensor};

use super::super::graph::{Attribute, Branch, Node};
use super::super::onnx::limits::{MAX_CONSTANT, MAX_NODES, MAX_WEIGHTS};
use super::super::{Operator, Result};
use super::builder::{Builder, Context, Value, known};
use super::operators::lower;
use super::{compute, layout, steps};

/// The way through the nodes.
pub(super) struct Walk<'g> {
    pub(super) builder: Builder,
    /// What each name stands for.
    pub(super) values: HashMap<&'g str, Value>,
    /// Results that nobody computes: those behind the first of an operator that has but one here.
    pub(super) unmade: HashSet<&'g str>,
    /// Elements of the constants that were computed.
    made: usize,
    /// How many there may be.
    most: usize,
    /// Nodes that were visited, those of loops once a round.
    visited: usize,
    context: Context<'g>,
}

impl<'g> Walk<'g> {
    /// For a graph with so many weights; what is known is in `values`.
    pub(super) fn new(
        weights: usize,
        values: HashMap<&'g str, Value>,
        builder: Builder,
        context: Context<'g>,
    ) -> Self {
        // Weights that are normalised are computed in some steps.
        let most = (8 * weights).clamp(MAX_CONSTANT, MAX_WEIGHTS);
        Self { builder, values, unmade: HashSet::new(), made: 0, most, visited: 0, context }
    }

    pub(super) fn nodes(&mut self, nodes: &'g [Node]) -> Result<()> {
        nodes.iter().try_for_each(|node| self.node(node))
    }

    fn node(&mut self, node: &'g Node) -> Result<()> {
        self.visit(node)?;
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
        if self.made > self.most {
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
            (Some(Operator::If), [Some(Value::Known(condition))]) => self.choice(node, condition),
            (Some(Operator::Loop), _) => self.rounds(node, inputs),
            _ if known => compute::compute(node, inputs, self.context),
            _ => lower(&mut self.builder, node, inputs, self.context),
        }
    }

    /// Counts a node, or a round of a loop.
    fn visit(&mut self, node: &Node) -> Result<()> {
        self.visited += 1;
        match self.visited {
            ..=MAX_NODES => Ok(()),
            _ => Err(node.invalid(format!("with the rounds of loops there are more than {MAX_NODES} nodes"))),
        }
    }

    /// The branch of an `If` that a known condition chooses.
    fn choice(&mut self, node: &'g Node, condition: &Tensor) -> Result<Vec<Value>> {
        let branch = branch(node, if holds(condition)? { "then_branch" } else { "else_branch" })?;
        self.inside(node, branch, vec![])
    }

    /// The results of a graph inside of a node.
    fn inside(&mut self, node: &Node, branch: &'g Branch, given: Vec<Value>) -> Result<Vec<Value>> {
        self.visit(node)?;
        if branch.inputs.len() != given.len() {
            let (own, given) = (branch.inputs.len(), given.len());
            return Err(node.invalid(format!("its graph takes {own} operands and is given {given}")));
        }
        self.values.extend(branch.inputs.iter().map(String::as_str).zip(given));
        let constants = branch.constants.iter();
        self.values.extend(constants.map(|(name, tensor)| (name.as_str(), Value::Known(tensor.clone()))));
        self.nodes(&branch.nodes)?;
        let result = |name: &String| {
            let result = self.values.get(name.as_str()).cloned();
            result.ok_or_else(|| node.invalid(format!("its result {name:?} is never made")))
        };
        branch.outputs.iter().map(result).collect()
    }

    /// A `Loop` whose rounds constants count, one round after the other.
    fn rounds(&mut self, node: &'g Node, inputs: &[Option<Value>]) -> Result<Vec<Value>> {
        node.allow(&["body"])?;
        let body = branch(node, "body")?;
        let most = known(node, inputs, 0)?.map(|count| count.flatten_all()?.to_vec1::<i64>()).transpose()?;
        let most = most.and_then(|count| count.first().copied()).unwrap_or(i64::MAX);
        let mut again = known(node, inputs, 1)?.map_or(Ok(true), |condition| holds(&condition))?;
        let mut state = inputs.iter().skip(2).cloned().collect::<Option<Vec<_>>>();
        let state = state.as_mut().ok_or_else(|| node.invalid("one of its states is missing"))?;
        let (mut rows, mut round) = (Vec::new(), 0);
        while again && round < most {
            let number = Value::Known(Tensor::from_vec(vec![round], (), &Device::Cpu)?);
            let yes = Value::Known(Tensor::from_vec(vec![1u8], (), &Device::Cpu)?);
            let given = [vec![number, yes], state.clone()].concat();
            let mut results = self.inside(node, body, given)?.into_iter();
            again = goes_on(node, results.next())?;
            *state = results.by_ref().take(state.len()).collect();
            rows.push(results.collect::<Vec<Value>>());
            round += 1;
        }
        let columns = body.outputs.len().saturating_sub(1 + state.len());
        let columns = (0..columns).map(|column| self.stacked(node, &rows, column));
        Ok([state.clone(), columns.collect::<Result<_>>()?].concat())
    }

    /// What a loop gives in each round, along a new first axis.
    fn stacked(&mut self, node: &Node, rows: &[Vec<Value>], column: usize) -> Result<Value> {
        let values: Vec<&Value> = rows.iter().filter_map(|row| row.get(column)).collect();
        if values.is_empty() {
            return Err(node.unsupported("a list of what no round gives"));
        }
        if let Some(known) = values.iter().map(|value| value.known()).collect::<Option<Vec<_>>>() {
            return Ok(Value::Known(Tensor::stack(&known, 0)?));
        }
        let b = &mut self.builder;
        let row = |value: &Value| {
            let shape = [vec![1], b.shape(value)].concat();
            b.reshape(node, value, shape).map(Some)
        };
        let rows = values.into_iter().map(row).collect::<Result<Vec<_>>>()?;
        layout::join(b, node, &rows, 0)
    }
}

/// A graph inside of a node.
fn branch<'g>(node: &'g Node, name: &str) -> Result<&'g Branch> {
    match node.attributes.get(name) {
        Some(Attribute::Branch(branch)) => Ok(branch),
        _ => Err(node.invalid(format!("its {name} is missing"))),
    }
}

/// Whether the condition that a round gives holds.
fn goes_on(node: &Node, condition: Option<Value>) -> Result<bool> {
    match condition {
        Some(Value::Known(condition)) => holds(&condition),
        Some(Value::Runtime(_)) => Err(node.unsupported("a condition that depends on the picture")),
        None => Err(node.invalid("its graph gives no condition")),
    }
}

/// Whether a condition holds.
fn holds(condition: &Tensor) -> Result<bool> {
    Ok(steps::reals(condition)?.first().is_some_and(|&condition| condition != 0.))
}

//! What can be said of a file before it is resolved.

use std::collections::BTreeMap;

use super::graph::{Graph, Node};
use super::{Error, Operator, Result};

impl Graph {
    /// Version of the operator set that the file uses.
    pub fn opset(&self) -> i64 {
        self.opset
    }

    /// The program that wrote the file, and its version; empty where the file does not say.
    pub fn producer(&self) -> &str {
        &self.producer
    }

    /// Names of the outputs.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        self.outputs.iter().map(String::as_str)
    }

    /// How often each operator occurs.
    pub fn operators(&self) -> BTreeMap<&str, usize> {
        count(self.nodes.iter())
    }

    /// How often each operator occurs that is not supported.
    pub fn unsupported(&self) -> BTreeMap<&str, usize> {
        count(self.nodes.iter().filter(|node| node.operator.is_none()))
    }

    /// Whether it computes with quantised numbers.
    pub fn is_quantised(&self) -> bool {
        use Operator::*;
        self.nodes.iter().any(|node| {
            matches!(
                node.operator,
                Some(
                    QuantizeLinear
                        | DequantizeLinear
                        | DynamicQuantizeLinear
                        | QLinearConv
                        | QLinearMatMul
                        | ConvInteger
                        | MatMulInteger
                        | DynamicQuantizeMatMul
                        | QGemm
                )
            )
        })
    }

    /// The same network with one output.
    ///
    /// # Errors
    /// Where it has no output of that name; names those that it has.
    pub fn with_output(mut self, name: &str) -> Result<Self> {
        if !self.outputs.iter().any(|output| output == name) {
            let names = self.outputs.join(", ");
            return Err(Error::Usage(format!("the network has no output {name:?}, but {names}")));
        }
        self.outputs = vec![name.to_owned()];
        Ok(self)
    }
}

fn count<'n>(nodes: impl Iterator<Item = &'n Node>) -> BTreeMap<&'n str, usize> {
    let mut counts = BTreeMap::new();
    nodes.for_each(|node| *counts.entry(node.op.as_str()).or_default() += 1);
    counts
}

//! A network as its file states it: operators by name, shapes not yet known.

use std::collections::BTreeMap;

use candle_core::Tensor;

use super::{Error, Operator, Result};

/// A network as its file states it.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Version of the ONNX operator set.
    pub(crate) opset: i64,
    /// The program that wrote the file.
    pub(crate) producer: String,
    /// The picture batch.
    pub(crate) input: Input,
    /// Names of the results.
    pub(crate) outputs: Vec<String>,
    /// Weights by name.
    pub(crate) constants: BTreeMap<String, Tensor>,
    /// The least and the largest number of the types of weights that are small integers, by name.
    pub(crate) ranges: BTreeMap<String, [f32; 2]>,
    /// The operators, each after those whose results it uses.
    pub(crate) nodes: Vec<Node>,
}

/// What the network is given.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) name: String,
    /// For pictures `(batch, channels, height, width)`; `None` where the file leaves it open.
    pub(crate) shape: Vec<Option<usize>>,
}

/// One operator.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) op: String,
    /// `None` where it is not supported.
    pub(crate) operator: Option<Operator>,
    pub(crate) inputs: Vec<String>,
    pub(crate) outputs: Vec<String>,
    pub(crate) attributes: BTreeMap<String, Attribute>,
}

/// A graph inside of a node: what `If` does in one of two cases, or `Loop` in each round.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub(crate) inputs: Vec<String>,
    pub(crate) constants: BTreeMap<String, Tensor>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) outputs: Vec<String>,
}

/// An operator's setting.
#[derive(Clone, Debug)]
pub(crate) enum Attribute {
    Branch(Branch),
    Float(f32),
    Int(i64),
    Text(String),
    Tensor(Tensor),
    Floats(Vec<f32>),
    Ints(Vec<i64>),
}

impl Graph {
    /// Shape of the input in the file, for pictures batch, channels, height, width; `None` where it is open.
    pub fn input_shape(&self) -> &[Option<usize>] {
        &self.input.shape
    }

    /// Number of operators in the file, for display.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Number of weights in the file.
    pub fn parameter_count(&self) -> usize {
        self.constants.values().map(Tensor::elem_count).sum::<usize>()
            + self.nodes.iter().flat_map(|n| n.attributes.values()).map(Attribute::parameters).sum::<usize>()
    }
}

impl Attribute {
    fn parameters(&self) -> usize {
        match self {
            Self::Tensor(tensor) => tensor.elem_count(),
            _ => 0,
        }
    }
}

impl Node {
    pub(crate) fn unsupported(&self, missing: impl Into<String>) -> Error {
        Error::Unsupported { node: self.name.clone(), op: self.op.clone(), missing: missing.into() }
    }

    pub(crate) fn invalid(&self, reason: impl Into<String>) -> Error {
        Error::Invalid { node: self.name.clone(), op: self.op.clone(), reason: reason.into() }
    }

    /// Refuses every attribute that is not listed.
    pub(crate) fn allow(&self, attributes: &[&str]) -> Result<()> {
        match self.attributes.keys().find(|name| !attributes.contains(&name.as_str())) {
            Some(name) => Err(self.unsupported(format!("attribute {name:?}"))),
            None => Ok(()),
        }
    }

    pub(crate) fn int(&self, name: &str, default: i64) -> Result<i64> {
        match self.attributes.get(name) {
            None => Ok(default),
            Some(Attribute::Int(value)) => Ok(*value),
            Some(_) => Err(self.invalid(format!("attribute {name:?} must be an integer"))),
        }
    }

    pub(crate) fn float(&self, name: &str, default: f32) -> Result<f32> {
        match self.attributes.get(name) {
            None => Ok(default),
            Some(Attribute::Float(value)) => Ok(*value),
            Some(_) => Err(self.invalid(format!("attribute {name:?} must be a number"))),
        }
    }

    pub(crate) fn text(&self, name: &str, default: &str) -> Result<String> {
        match self.attributes.get(name) {
            None => Ok(default.into()),
            Some(Attribute::Text(value)) => Ok(value.clone()),
            Some(_) => Err(self.invalid(format!("attribute {name:?} must be a text"))),
        }
    }

    pub(crate) fn ints(&self, name: &str) -> Result<Option<Vec<i64>>> {
        match self.attributes.get(name) {
            None => Ok(None),
            Some(Attribute::Ints(values)) => Ok(Some(values.clone())),
            Some(_) => Err(self.invalid(format!("attribute {name:?} must be a list of integers"))),
        }
    }

    /// Refuses an attribute that has another value than the one that is supported.
    pub(crate) fn expect_int(&self, name: &str, supported: i64) -> Result<()> {
        match self.int(name, supported)? {
            value if value == supported => Ok(()),
            value => Err(self.unsupported(format!("{name} = {value}"))),
        }
    }
}

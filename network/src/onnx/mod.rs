//! The one door for networks: an ONNX file to a [`Graph`].

mod cost;
mod external;
mod functions;
pub(crate) mod limits;
mod proto;
pub(crate) mod tensor;
mod wire;

use std::collections::{BTreeMap, HashSet};

use candle_core::Tensor;
use prost::Message as _;

use self::limits::{MAX_NODES, MAX_WEIGHTS, OPSETS};
use super::graph::{Attribute, Branch, Graph, Input, Node};
use super::{Error, Operator, Result};

pub use external::gather;

/// Reads an ONNX file of up to 1 GiB. Weights that lie in files beside it have to be put in by [`gather`].
///
/// What is in it is counted before it is built up: that takes at most 64 MiB and six times the file's length, and never
/// more than 2 GiB, besides 1 GiB for the weights as `f32` (2 GiB for integers).
///
/// # Errors
/// [`Error::Malformed`] where the bytes are not a sound ONNX file with one picture input.
/// Whether each operator is supported is found by [`Graph::resolve`].
pub fn import(bytes: &[u8]) -> Result<Graph> {
    cost::check(bytes)?;
    let model = proto::Model::decode(bytes).map_err(|e| Error::Malformed(e.to_string()))?;
    let opset = standard_opset(&model)?;
    let graph = model.graph.ok_or_else(|| Error::Malformed("it holds no graph".into()))?;
    if !graph.sparse_initializer.is_empty() {
        return Err(Error::Malformed("sparse weights are not supported".into()));
    }
    if graph.node.len() > MAX_NODES {
        return Err(Error::Malformed(format!(
            "{} nodes, but at most {MAX_NODES} are taken",
            graph.node.len()
        )));
    }
    let weights = model.functions.iter().map(|f| count_in(&f.node)).sum::<usize>() + count(&graph);
    if weights > MAX_WEIGHTS {
        let reason = format!("{weights} numbers in weights, but at most {MAX_WEIGHTS} are taken");
        return Err(Error::Malformed(reason));
    }
    let constants = initializers(&graph)?;
    let input = input(&graph, &constants)?;
    let outputs: Vec<String> = graph.output.iter().map(|o| o.name.clone()).collect();
    if outputs.is_empty() {
        return Err(Error::Malformed("it has no output".into()));
    }
    let small = graph
        .initializer
        .iter()
        .filter_map(|t| Some((t.name.clone(), tensor::range(i64::from(t.data_type))?)));
    let ranges = small.collect();
    let nodes = functions::inline(graph.node, &model.functions)?;
    let nodes = nodes.iter().enumerate().map(|(i, n)| node(i, n)).collect::<Result<Vec<_>>>()?;
    let producer = format!("{} {}", model.producer_name, model.producer_version).trim().to_owned();
    let graph = Graph { opset, producer, input, outputs, constants, ranges, nodes };
    check_names(&graph)?;
    Ok(graph)
}

fn standard_opset(model: &proto::Model) -> Result<i64> {
    let version =
        model.opset_import.iter().find(|o| o.domain.is_empty() || o.domain == "ai.onnx").map(|o| o.version);
    match version {
        Some(version) if OPSETS.contains(&version) => Ok(version),
        Some(version) => Err(Error::Malformed(format!(
            "operator set {version}, but {} to {} are understood",
            OPSETS.start(),
            OPSETS.end()
        ))),
        None => Err(Error::Malformed("it does not say which operator set it uses".into())),
    }
}

/// Numbers in the weights of a graph and of those inside.
fn count(graph: &proto::Graph) -> usize {
    graph.initializer.iter().map(size).sum::<usize>() + count_in(&graph.node)
}

fn count_in(nodes: &[proto::Node]) -> usize {
    let attributes = nodes.iter().flat_map(|node| &node.attribute);
    attributes.map(|a| a.t.as_ref().map_or(0, size) + a.g.as_ref().map_or(0, count)).sum()
}

fn size(tensor: &proto::Tensor) -> usize {
    tensor::shape_within(&tensor.dims, MAX_WEIGHTS).map_or(0, |shape| shape.iter().product())
}

fn initializers(graph: &proto::Graph) -> Result<BTreeMap<String, Tensor>> {
    graph.initializer.iter().map(|t| Ok((t.name.clone(), tensor::import(t)?))).collect()
}

/// The one input that is not a weight (old files list the weights as inputs too).
fn input(graph: &proto::Graph, constants: &BTreeMap<String, Tensor>) -> Result<Input> {
    let mut free = graph.input.iter().filter(|i| !constants.contains_key(&i.name));
    let (Some(info), None) = (free.next(), free.next()) else {
        return Err(Error::Malformed("it must have exactly one input, the picture".into()));
    };
    let shape = info.r#type.as_ref().and_then(|t| t.tensor_type.as_ref()).and_then(|t| t.shape.as_ref());
    let sizes: Vec<Option<usize>> = shape
        .map(|s| {
            s.dim.iter().map(|d| d.value.filter(|&v| v > 0).and_then(|v| usize::try_from(v).ok())).collect()
        })
        .unwrap_or_default();
    if sizes.len() > 8 {
        return Err(Error::Malformed(format!("input {:?} has more than 8 axes", info.name)));
    }
    Ok(Input { name: info.name.clone(), shape: sizes })
}

fn node(index: usize, node: &proto::Node) -> Result<Node> {
    let name = if node.name.is_empty() { format!("#{index}") } else { node.name.clone() };
    let mut result = Node {
        name,
        op: node.op_type.clone(),
        operator: Operator::of(&node.domain, &node.op_type),
        inputs: node.input.clone(),
        outputs: node.output.clone(),
        attributes: BTreeMap::new(),
    };
    if !matches!(node.domain.as_str(), "" | "ai.onnx" | "com.microsoft") {
        result.op = format!("{}.{}", node.domain, node.op_type);
    }
    for a in &node.attribute {
        let value =
            attribute(a)?.ok_or_else(|| result.unsupported(format!("the kind of attribute {:?}", a.name)))?;
        result.attributes.insert(a.name.clone(), value);
    }
    Ok(result)
}

/// A graph inside of a node, which may use what is around it.
fn branch(graph: &proto::Graph) -> Result<Branch> {
    if !graph.sparse_initializer.is_empty() {
        return Err(Error::Malformed("a branch with sparse weights is not supported".into()));
    }
    Ok(Branch {
        inputs: graph.input.iter().map(|i| i.name.clone()).collect(),
        constants: initializers(graph)?,
        nodes: graph.node.iter().enumerate().map(|(i, n)| node(i, n)).collect::<Result<Vec<_>>>()?,
        outputs: graph.output.iter().map(|o| o.name.clone()).collect(),
    })
}

fn attribute(a: &proto::Attribute) -> Result<Option<Attribute>> {
    const F: i32 = 1;
    const I: i32 = 2;
    const S: i32 = 3;
    const T: i32 = 4;
    const G: i32 = 5;
    const FLOATS: i32 = 6;
    const INTS: i32 = 7;
    Ok(match (a.kind, &a.t) {
        (F, _) => Some(Attribute::Float(a.f.unwrap_or(0.))),
        (I, _) => Some(Attribute::Int(a.i.unwrap_or(0))),
        (S, _) => {
            Some(Attribute::Text(String::from_utf8_lossy(a.s.as_deref().unwrap_or_default()).into_owned()))
        }
        (T, Some(t)) => Some(Attribute::Tensor(tensor::import(t)?)),
        (G, _) => a.g.as_ref().map(branch).transpose()?.map(Attribute::Branch),
        (FLOATS, _) => Some(Attribute::Floats(a.floats.clone())),
        (INTS, _) => Some(Attribute::Ints(a.ints.clone())),
        _ => None,
    })
}

/// Every name is made once and before it is used.
fn check_names(graph: &Graph) -> Result<()> {
    let mut made: HashSet<&str> = graph.constants.keys().map(String::as_str).collect();
    made.insert(&graph.input.name);
    for node in &graph.nodes {
        if let Some(name) = node.inputs.iter().find(|n| !n.is_empty() && !made.contains(n.as_str())) {
            return Err(node.invalid(format!("operand {name:?} is not made before it is used")));
        }
        if let Some(name) = node.outputs.iter().find(|n| !n.is_empty() && !made.insert(n)) {
            return Err(node.invalid(format!("result {name:?} is made twice")));
        }
    }
    match graph.outputs.iter().find(|n| !made.contains(n.as_str())) {
        Some(name) => Err(Error::Malformed(format!("output {name:?} is never made"))),
        None => Ok(()),
    }
}

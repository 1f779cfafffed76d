//! Functions that a file defines itself: their nodes take the place of those that call them.

use super::limits::MAX_NODES;
use super::proto;
use crate::{Error, Operator, Result};

/// How deep functions may call each other.
const MAX_DEPTH: usize = 16;

/// The nodes with all calls replaced.
pub(super) fn inline(nodes: Vec<proto::Node>, functions: &[proto::Function]) -> Result<Vec<proto::Node>> {
    if functions.is_empty() {
        return Ok(nodes);
    }
    let mut all = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.into_iter().enumerate() {
        expand(node, functions, &format!("#{index}"), &mut all, 0)?;
    }
    Ok(all)
}

fn expand(
    node: proto::Node,
    functions: &[proto::Function],
    place: &str,
    all: &mut Vec<proto::Node>,
    depth: usize,
) -> Result<()> {
    let called = functions.iter().find(|f| f.name == node.op_type && f.domain == node.domain);
    let Some(function) = called.filter(|_| Operator::of(&node.domain, &node.op_type).is_none()) else {
        all.push(node);
        return Ok(());
    };
    if depth == MAX_DEPTH || all.len() > MAX_NODES {
        return Err(Error::Malformed(format!("function {:?} calls too many others", function.name)));
    }
    for (index, inner) in function.node.iter().enumerate() {
        let place = format!("{place}/{index}");
        expand(bound(inner, function, &node, &place), functions, &place, all, depth + 1)?;
    }
    Ok(())
}

/// A node of a function with the names and settings of the call.
fn bound(inner: &proto::Node, function: &proto::Function, call: &proto::Node, place: &str) -> proto::Node {
    let scope = place.rsplit_once('/').map_or(place, |(scope, _)| scope);
    let rename = |name: &String| {
        let passed = |own: &[String], given: &[String]| {
            own.iter().position(|own| own == name).map(|i| given.get(i).cloned().unwrap_or_default())
        };
        if name.is_empty() {
            return String::new();
        }
        passed(&function.input, &call.input)
            .or_else(|| passed(&function.output, &call.output).filter(|name| !name.is_empty()))
            .unwrap_or_else(|| format!("{scope}/{name}"))
    };
    let setting = |attribute: &proto::Attribute| {
        if attribute.ref_attr_name.is_empty() {
            return Some(attribute.clone());
        }
        let named = |a: &&proto::Attribute| a.name == attribute.ref_attr_name;
        let given = call.attribute.iter().find(named).or(function.attribute_proto.iter().find(named))?;
        Some(proto::Attribute { name: attribute.name.clone(), ..given.clone() })
    };
    proto::Node {
        input: inner.input.iter().map(rename).collect(),
        output: inner.output.iter().map(rename).collect(),
        name: if inner.name.is_empty() { place.to_owned() } else { format!("{scope}/{}", inner.name) },
        attribute: inner.attribute.iter().filter_map(setting).collect(),
        ..inner.clone()
    }
}

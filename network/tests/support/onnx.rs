//! Writes ONNX files: just enough protobuf for networks that a test makes on the spot.

/// The value of a node's attribute.
pub(crate) enum Setting<'a> {
    Int(i64),
    Ints(&'a [i64]),
    Text(&'a str),
    Float(f32),
    /// A tensor as [`tensor`] writes it.
    Tensor(Vec<u8>),
    /// A graph as [`inside`] writes it.
    Graph(Vec<u8>),
}

/// ONNX element types.
pub(crate) const FLOAT: i64 = 1;
pub(crate) const INT64: i64 = 7;

/// A network in the making: one picture `x` in, the named results out.
pub(crate) struct Graph<'a> {
    /// Batch, channels, height, width; 0 where it is open.
    pub(crate) input: [i64; 4],
    pub(crate) weights: Vec<Vec<u8>>,
    pub(crate) nodes: Vec<Vec<u8>>,
    pub(crate) outputs: Vec<&'a str>,
}

impl Graph<'_> {
    /// The file.
    pub(crate) fn file(&self) -> Vec<u8> {
        let dimensions: Vec<u8> = self
            .input
            .iter()
            .flat_map(|&size| bytes(1, &if size > 0 { number(1, size) } else { bytes(2, b"open") }))
            .collect();
        let kind = bytes(2, &bytes(1, &[number(1, FLOAT), bytes(2, &dimensions)].concat()));
        let mut graph: Vec<u8> = self.nodes.iter().flat_map(|n| bytes(1, n)).collect();
        graph.extend(self.weights.iter().flat_map(|w| bytes(5, w)));
        graph.extend(bytes(11, &[bytes(1, b"x"), kind].concat()));
        graph.extend(self.outputs.iter().flat_map(|name| bytes(12, &bytes(1, name.as_bytes()))));
        let opset = [bytes(1, b""), number(2, 17)].concat();
        [number(1, 8), bytes(7, &graph), bytes(8, &opset)].concat()
    }
}

/// A node; its name is that of its first result.
pub(crate) fn node(op: &str, inputs: &[&str], outputs: &[&str], settings: &[(&str, Setting<'_>)]) -> Vec<u8> {
    let mut node: Vec<u8> = inputs.iter().flat_map(|name| bytes(1, name.as_bytes())).collect();
    node.extend(outputs.iter().flat_map(|name| bytes(2, name.as_bytes())));
    node.extend(bytes(3, outputs[0].as_bytes()));
    node.extend(bytes(4, op.as_bytes()));
    node.extend(settings.iter().flat_map(|(name, value)| bytes(5, &attribute(name, value))));
    node
}

fn attribute(name: &str, value: &Setting<'_>) -> Vec<u8> {
    let (kind, content) = match value {
        Setting::Float(x) => (1, [varint(2 << 3 | 5), x.to_le_bytes().to_vec()].concat()),
        Setting::Int(i) => (2, number(3, *i)),
        Setting::Text(text) => (3, bytes(4, text.as_bytes())),
        Setting::Tensor(tensor) => (4, bytes(5, tensor)),
        Setting::Graph(graph) => (5, bytes(6, graph)),
        Setting::Ints(list) => (7, list.iter().flat_map(|&i| number(8, i)).collect()),
    };
    [bytes(1, name.as_bytes()), content, number(20, kind)].concat()
}

/// A graph inside of a node, with what it is given and what it gives.
pub(crate) fn inside(inputs: &[&str], nodes: &[Vec<u8>], outputs: &[&str]) -> Vec<u8> {
    let value = |field, name: &&str| bytes(field, &bytes(1, name.as_bytes()));
    let mut graph: Vec<u8> = nodes.iter().flat_map(|node| bytes(1, node)).collect();
    graph.extend(inputs.iter().flat_map(|name| value(11, name)));
    graph.extend(outputs.iter().flat_map(|name| value(12, name)));
    graph
}

/// A tensor of single-precision numbers whose data lie in another file, as its settings say.
pub(crate) fn beside(name: &str, sizes: &[i64], settings: &[(&str, &str)]) -> Vec<u8> {
    let mut tensor: Vec<u8> = sizes.iter().flat_map(|&size| number(1, size)).collect();
    tensor.extend(number(2, FLOAT));
    tensor.extend(bytes(8, name.as_bytes()));
    let setting =
        |&(key, value): &(&str, &str)| [bytes(1, key.as_bytes()), bytes(2, value.as_bytes())].concat();
    tensor.extend(settings.iter().flat_map(|pair| bytes(13, &setting(pair))));
    tensor.extend(number(14, 1));
    tensor
}

/// A tensor of single-precision numbers.
pub(crate) fn reals(name: &str, sizes: &[i64], values: &[f32]) -> Vec<u8> {
    tensor(name, FLOAT, sizes, &values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>())
}

/// A list of integers.
pub(crate) fn integers(name: &str, values: &[i64]) -> Vec<u8> {
    let raw: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    tensor(name, INT64, &[values.len() as i64], &raw)
}

/// A tensor of any type from its raw bytes.
pub(crate) fn tensor(name: &str, kind: i64, sizes: &[i64], raw: &[u8]) -> Vec<u8> {
    let mut tensor: Vec<u8> = sizes.iter().flat_map(|&size| number(1, size)).collect();
    tensor.extend(number(2, kind));
    tensor.extend(bytes(8, name.as_bytes()));
    tensor.extend(bytes(9, raw));
    tensor
}

/// A protobuf field that holds bytes.
fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(content.len() as u64), content.to_vec()].concat()
}

/// A protobuf field that holds an integer.
fn number(field: u64, value: i64) -> Vec<u8> {
    [varint(field << 3), varint(value as u64)].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut result = vec![];
    while value > 0x7f {
        result.push(value as u8 | 0x80);
        value >>= 7;
    }
    result.push(value as u8);
    result
}

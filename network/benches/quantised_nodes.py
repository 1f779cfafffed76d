"""A network quantised by ONNX Runtime as QOperator, node by node: each node gets ONNX Runtime's own numbers, so that what a
node rounds otherwise is not mixed with what the nodes before it did.

    python network/benches/quantised_networks.py --keep FOLDER
    python network/benches/quantised_nodes.py FOLDER/MobileFaceNet-3.onnx [--binary FILE]

For each kind of node: how many there are, their numbers in one picture, how many of these differ, and by how many steps at most.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from checker import ROOT, Checker, outputs
from quantised_networks import patterns

# Where a node has its operands, each with scale and zero point behind it, and its result's zero point.
PLACES = {"QLinearConv": ([0], 7), "QLinearAdd": ([0, 3], 7), "QGemm": ([0], 8), "QLinearGlobalAveragePool": ([0], 4),
          "QuantizeLinear": ([0], 2)}


def plain_session(model):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def numbers_of_all_nodes(model, nodes, x):
    """What ONNX Runtime computes at the start and the end of each node."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    names = {name for node in nodes for name in (*(node.input[i] for i in PLACES[node.op_type][0]), node.output[0])}
    picture = model.graph.input[0].name
    del model.graph.output[:]
    model.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in sorted(names - {picture}))
    session = plain_session(model)
    found = session.run(None, {picture: x})
    return {picture: x, **dict(zip([output.name for output in session.get_outputs()], found))}


def alone(model, node, operands):
    """A network of one node: its operands lie one after the other in its input, without their zero points."""
    places, zero = PLACES[node.op_type]
    names = set(node.input)
    weights = [value for value in model.graph.initializer if value.name in names]
    weights.append(numpy_helper.from_array(np.array(1, np.float32), "one"))
    parts = [f"part{i}" for i in places]
    nodes = [helper.make_node("Split", ["x"], parts, axis=0)] if len(places) > 1 else [helper.make_node("Identity", ["x"], parts)]
    inner = onnx.NodeProto.FromString(node.SerializeToString())
    for part, place in zip(parts, places):
        inner.input[place] = part
        if node.op_type != "QuantizeLinear":
            nodes.append(helper.make_node("QuantizeLinear", [part, "one", node.input[place + 2]], [f"{part}-whole"]))
            inner.input[place] = f"{part}-whole"
    nodes += [inner, helper.make_node("DequantizeLinear", [node.output[0], "one", node.input[zero]], ["y"])]
    shape = [len(places) * operands[0].shape[0], *operands[0].shape[1:]]
    graph = helper.make_graph(
        nodes, "alone", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], weights,
    )
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("network", type=Path)
    parser.add_argument("--binary", type=Path, default=ROOT / "target" / "release" / "examples" / "check_network")
    args = parser.parse_args()
    model, checker, counts = onnx.load(args.network), Checker(args.binary), defaultdict(lambda: [0, 0, 0, 0])
    nodes = [node for node in model.graph.node if node.op_type in PLACES]
    weights = {value.name: numpy_helper.to_array(value) for value in model.graph.initializer}
    numbers = numbers_of_all_nodes(model, nodes, patterns(5, 2)[:1].numpy())
    for node in nodes:
        places, zero = PLACES[node.op_type]
        real = node.op_type == "QuantizeLinear"
        operands = [numbers[node.input[i]] - (0 if real else np.float32(weights[node.input[i + 2]])) for i in places]
        answer, found = checker.ask(alone(model, node, operands).SerializeToString(), np.concatenate(operands))
        if "shapes" not in answer:
            print(node.op_type, node.name, answer, flush=True)
            continue
        expected = numbers[node.output[0]].astype(np.float32) - weights[node.input[zero]]
        steps = np.abs(outputs(answer, found[0])[0][0].ravel() - expected.ravel())
        count = counts[node.op_type]
        count[0], count[1], count[2] = count[0] + 1, count[1] + steps.size, count[2] + int((steps > 0).sum())
        count[3] = max(count[3], int(steps.max()))
    for kind, (nodes, size, differ, most) in counts.items():
        print(f"{nodes} {kind}: {differ} of {size} numbers differ, by {most} at most")


if __name__ == "__main__":
    main()

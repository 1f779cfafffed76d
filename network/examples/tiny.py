"""Writes `tiny.onnx`: two convolutions and a matrix product with random weights, for examples and tests.

    pip install onnx && python tiny.py
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(1)


def weight(name, *shape):
    return numpy_helper.from_array(random.normal(0, 0.3, shape).astype(np.float32), name)


nodes = [
    helper.make_node("Conv", ["picture", "a"], ["edges"], strides=[2, 2], pads=[1, 1, 1, 1]),
    helper.make_node("Relu", ["edges"], ["seen"]),
    helper.make_node("Conv", ["seen", "b"], ["parts"], strides=[2, 2], pads=[1, 1, 1, 1]),
    helper.make_node("Relu", ["parts"], ["active"]),
    helper.make_node("GlobalAveragePool", ["active"], ["mean"]),
    helper.make_node("Flatten", ["mean"], ["row"]),
    helper.make_node("Gemm", ["row", "c"], ["scores"]),
]
picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["batch", 3, 32, 32])
scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 4])
weights = [weight("a", 8, 3, 3, 3), weight("b", 12, 8, 3, 3), weight("c", 12, 4)]
graph = helper.make_graph(nodes, "tiny", [picture], [scores], weights)
model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
onnx.checker.check_model(model)
onnx.save(model, Path(__file__).with_name("tiny.onnx"))

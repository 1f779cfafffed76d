"""Writes an IResNet-18 with random weights as ONNX: the shape of large face networks, for timing.

Usage: python iresnet18.py FILE.onnx
"""

import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Builder:
    """Collects nodes and weights; every method returns the name of its result."""

    def __init__(self):
        self.nodes, self.weights = [], []
        self.random = np.random.default_rng(18)

    def constant(self, array):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array.astype(np.float32), name))
        return name

    def node(self, op, inputs, **attributes):
        output = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def conv(self, x, inputs, outputs, size, stride):
        """A convolution with the normalisation behind it folded in, as exporters leave it."""
        scale = np.sqrt(2 / (inputs * size * size))
        weight = self.random.normal(0, scale, (outputs, inputs, size, size))
        bias = self.random.normal(0, 0.1, outputs)
        return self.node(
            "Conv",
            [x, self.constant(weight), self.constant(bias)],
            kernel_shape=[size, size],
            strides=[stride, stride],
            pads=[size // 2] * 4,
        )

    def norm(self, x, channels):
        draw = self.random.normal
        mean, shift = draw(0, 0.1, channels), draw(0, 0.1, channels)
        scale, variance = draw(1, 0.1, channels), 1 + draw(0, 0.1, channels) ** 2
        return self.node("BatchNormalization", [x, *map(self.constant, (scale, shift, mean, variance))])

    def prelu(self, x, channels):
        return self.node("PRelu", [x, self.constant(np.full((channels, 1, 1), 0.25))])

    def block(self, x, inputs, outputs, stride):
        y = self.conv(self.norm(x, inputs), inputs, outputs, 3, 1)
        y = self.conv(self.prelu(y, outputs), outputs, outputs, 3, stride)
        if stride != 1 or inputs != outputs:
            x = self.conv(x, inputs, outputs, 1, stride)
        # Halved, so that random weights do not let the numbers grow from block to block.
        return self.node("Add", [self.node("Mul", [y, self.constant(np.array(0.5))]), x])


def iresnet18():
    build = Builder()
    x = build.prelu(build.conv("input", 3, 64, 3, 1), 64)
    inputs = 64
    for outputs in (64, 128, 256, 512):
        x = build.block(x, inputs, outputs, 2)
        x = build.block(x, outputs, outputs, 1)
        inputs = outputs
    x = build.node("Flatten", [build.norm(x, 512)])
    matrix = build.random.normal(0, 0.01, (512, 512 * 49))
    x = build.node("Gemm", [x, build.constant(matrix), build.constant(np.zeros(512))], transB=1)
    x = build.norm(x, 512)
    picture = helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 3, 112, 112])
    embedding = helper.make_tensor_value_info(x, TensorProto.FLOAT, ["batch", 512])
    graph = helper.make_graph(build.nodes, "iresnet18", [picture], [embedding], build.weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


if __name__ == "__main__":
    onnx.save(iresnet18(), sys.argv[1])

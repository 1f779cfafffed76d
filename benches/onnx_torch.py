"""Runs an ONNX network in PyTorch as its authors would have written it there: channels_last,
normalisation folded into convolutions, and `linear`, `gelu` and `normalize` in one call each."""

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper


class Network:
    """A network for one input shape. Whatever does not depend on the input is computed ahead."""

    def __init__(self, path, shape):
        graph = onnx.load(path).graph
        self.known = {w.name: torch.from_numpy(numpy_helper.to_array(w).copy()) for w in graph.initializer}
        self.output = graph.output[0].name
        weights = set(self.known)
        self.input = next(i.name for i in graph.input if i.name not in weights)
        self.steps = []
        values = {self.input: torch.randn(shape)}
        with torch.no_grad():
            for node in graph.node:
                self.add(node, values)
        self.fuse()

    def add(self, node, values):
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        operands = [None if not n else values.get(n, self.known.get(n)) for n in node.input]
        function = build(node.op_type, attributes, operands)
        results = function(*operands)
        results = results if isinstance(results, tuple) else (results,)
        fixed = node.op_type == "Shape" or not any(n in values for n in node.input)
        target = self.known if fixed else values
        target.update(zip(node.output, results))
        if not fixed:
            self.steps.append([node.op_type, function, list(node.input), list(node.output)])

    def uses(self, name):
        return [s for s in self.steps if name in s[2]]

    def replace(self, steps, last, op, function, inputs):
        """Replaces `steps` by one at the place of the last."""
        at = self.steps.index(last)
        self.steps[at] = [op, function, inputs, last[3]]
        self.steps = [s for s in self.steps if not any(s is dead for dead in steps)]

    def chain(self, step, *ops):
        """The only readers of each result in turn, if they are these operators."""
        found = [step]
        for op in ops:
            readers = self.uses(found[-1][3][0])
            if len(readers) != 1 or readers[0][0] != op:
                return None
            found.append(readers[0])
        return found

    def fuse(self):
        for step in list(self.steps):
            if step not in self.steps:
                continue
            {"MatMul": self.linear, "Div": self.gelu, "ReduceL2": self.normalize}.get(step[0], lambda s: None)(step)
        for step in self.steps:
            if step[0] == "Conv":
                self.known[step[2][1]] = self.known[step[2][1]].contiguous(memory_format=torch.channels_last)

    def linear(self, step):
        matrix = self.known.get(step[2][1])
        found = self.chain(step, "Add")
        if matrix is None or found is None:
            return
        bias = next(n for n in found[1][2] if n != step[3][0])
        if bias not in self.known or self.known[bias].dim() != 1:
            return
        self.known[step[2][1]] = matrix.t().contiguous()
        self.replace([step], found[1], "Linear", F.linear, [step[2][0], step[2][1], bias])

    def gelu(self, step):
        x = step[2][0]
        if [s[0] for s in self.uses(x)].count("Mul") != 1:
            return
        found = self.chain(step, "Erf", "Add", "Mul", "Mul")
        if found and x in found[3][2]:
            self.replace(found[:4], found[4], "Gelu", F.gelu, [x])

    def normalize(self, step):
        found = self.chain(step, "Clip", "Expand", "Div")
        if found:
            self.replace(found[:3], found[3], "Normalize", lambda x: F.normalize(x, dim=-1), [step[2][0]])

    def __call__(self, x):
        values = {self.input: x}
        known = self.known
        for _, function, inputs, outputs in self.steps:
            operands = [values[n] if n in values else known.get(n) for n in inputs]
            results = function(*operands)
            if len(outputs) == 1:
                values[outputs[0]] = results
            else:
                values.update(zip(outputs, results))
        return values[self.output]


def ints(x):
    return [int(i) for i in x.reshape(-1)]


def build(op, a, operands):
    """A function of the operands for a node. What it needs of constants it takes now."""
    axis = a.get("axis", 0)
    simple = {
        "Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "MatMul": torch.matmul,
        "Erf": torch.erf, "Sigmoid": torch.sigmoid, "Sin": torch.sin, "Cos": torch.cos, "Relu": F.relu,
        "Not": torch.logical_not, "Identity": lambda x: x,
    }
    if op in simple:
        return simple[op]
    return BUILDERS[op](a, axis, operands)


def conv(a, _, __):
    stride, pads, groups = a.get("strides", [1, 1]), a.get("pads", [0] * 4), a.get("group", 1)
    dilation = a.get("dilations", [1, 1])
    assert pads[:2] == pads[2:]
    return lambda x, w, b=None: F.conv2d(x, w, b, stride, pads[:2], dilation, groups)


def prelu(_, __, operands):
    slope = operands[1].reshape(-1)
    return lambda x, _: F.prelu(x, slope)


def batch_norm(a, _, __):
    epsilon = a.get("epsilon", 1e-5)
    return lambda x, s, b, m, v: F.batch_norm(x, m, v, s, b, False, 0.0, epsilon)


def clip(_, __, operands):
    low, high = [float(o) if o is not None else None for o in (operands + [None, None])[1:3]]
    return lambda x, *_: torch.clamp(x, low, high)


def reshape(_, __, operands):
    shape = [operands[0].shape[i] if n == 0 else n for i, n in enumerate(ints(operands[1]))]
    return lambda x, _: x.reshape(shape)


def slices(_, __, operands):
    starts, ends = ints(operands[1]), ints(operands[2])
    axes = ints(operands[3]) if len(operands) > 3 else list(range(len(starts)))
    steps = ints(operands[4]) if len(operands) > 4 else [1] * len(starts)
    index = [slice(None)] * operands[0].dim()
    for start, end, axis, step in zip(starts, ends, axes, steps):
        index[axis] = slice(start, end, step)
    return lambda x, *_: x[tuple(index)]


def gemm(a, _, __):
    assert a.get("transB", 0) == 1 and a.get("transA", 0) == 0
    return lambda x, w, b: F.linear(x, w, b)


def layer_norm(a, _, __):
    epsilon = a.get("epsilon", 1e-5)
    return lambda x, s, b: F.layer_norm(x, s.shape, s, b, epsilon)


def split(_, axis, operands):
    sizes = ints(operands[1])
    return lambda x, _: torch.split(x, sizes, axis)


def squeeze(_, __, operands):
    axes = tuple(ints(operands[1]))
    return lambda x, _: x.squeeze(axes)


def unsqueeze(_, __, operands):
    axes = sorted(ints(operands[1]))

    def apply(x, _):
        for axis in axes:
            x = x.unsqueeze(axis)
        return x

    return apply


def divide(_, __, operands):
    if operands[0].is_floating_point():
        return torch.div
    return lambda x, y: torch.div(x, y, rounding_mode="trunc")


BUILDERS = {
    "Conv": conv, "PRelu": prelu, "BatchNormalization": batch_norm, "Clip": clip, "Reshape": reshape,
    "Slice": slices, "Gemm": gemm, "LayerNormalization": layer_norm, "Split": split, "Squeeze": squeeze,
    "Unsqueeze": unsqueeze, "Div": divide,
    "Constant": lambda a, _, __: lambda: torch.from_numpy(np.array(numpy_helper.to_array(a["value"]))),
    "Flatten": lambda a, _, __: lambda x: x.flatten(a.get("axis", 1)),
    "Transpose": lambda a, _, __: lambda x: x.permute(a["perm"]),
    "Softmax": lambda a, _, __: lambda x: torch.softmax(x, a.get("axis", -1)),
    "Concat": lambda _, axis, __: lambda *xs: torch.cat(xs, axis),
    "Shape": lambda a, _, __: lambda x: torch.tensor(x.shape)[a.get("start", 0):a.get("end")],
    "Gather": lambda _, axis, __: lambda x, i: x.index_select(axis, i.reshape(-1)).reshape(
        x.shape[:axis] + i.shape + x.shape[axis + 1:]),
    "ConstantOfShape": lambda a, _, __: lambda s: torch.full(
        ints(s), numpy_helper.to_array(a["value"]).item(),
        dtype=torch.from_numpy(numpy_helper.to_array(a["value"]).copy()).dtype),
    "Cast": lambda a, _, __: lambda x: x.to(
        torch.from_numpy(np.zeros(1, helper.tensor_dtype_to_np_dtype(a["to"]))).dtype),
    "CumSum": lambda _, __, o: lambda x, axis: torch.cumsum(x, int(o[1])),
    "ReduceL2": lambda a, _, __: lambda x, *_: torch.linalg.vector_norm(
        x, dim=tuple(a.get("axes", [-1])), keepdim=bool(a.get("keepdims", 1))),
    "Expand": lambda _, __, o: lambda x, s: x.expand(torch.broadcast_shapes(x.shape, tuple(ints(o[1])))),
    "GlobalAveragePool": lambda _, __, ___: lambda x: F.adaptive_avg_pool2d(x, 1),
}

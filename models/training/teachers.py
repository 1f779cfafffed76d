"""The four published networks that label the pictures, as torch modules that give gradients.

ONNX Runtime cannot differentiate and torch runs these small graphs at the same speed, so the few operators they
use are interpreted here. `python teachers.py` compares every network with ONNX Runtime.
"""

from dataclasses import dataclass

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper

from device import autocast
from paths import TEACHER_FILES


@dataclass(frozen=True)
class Recogniser:
    """How a network of ../shared/models wants its picture (RGB, 0..255, arcface-112)."""

    file: str
    dim: int
    mean: tuple = (0.0,)
    std: tuple = (1.0,)
    columns: tuple = (0, 112)

    def normalise(self, crop: torch.Tensor) -> torch.Tensor:
        mean = crop.new_tensor(self.mean).view(1, -1, 1, 1)
        std = crop.new_tensor(self.std).view(1, -1, 1, 1)
        return (crop[..., self.columns[0] : self.columns[1]] - mean) / std


IMAGENET = {"mean": (123.675, 116.28, 103.53), "std": (58.395, 57.12, 57.375)}
TEACHERS = {
    "foamliu": Recogniser("foamliu-mobilefacenet.onnx", 128, **IMAGENET),
    "mobileface": Recogniser("mobileface-v2.onnx", 256),
    "espressif": Recogniser("espressif-mfn.onnx", 512, (127.5,), (127.5,)),
    "xiaoccer": Recogniser("xiaoccer-mobilefacenet.onnx", 128, (127.5,), (128.0,), (8, 104)),
    "ghostfacenet": Recogniser("ghostfacenet-05.onnx", 512, (127.5,), (128.0,)),
}
JUDGES_ONLY = ("ghostfacenet",)
"""Teachers of judges, and never of a surrogate."""
JUDGES = {
    "insightface-y1": Recogniser("insightface-y1.onnx", 128),
    "edgeface-xxs": Recogniser("edgeface-xxs.onnx", 512, (127.5,), (127.5,)),
}
"""For evaluation only: never a gradient, a label or a distillation from these."""


class Graph(torch.nn.Module):
    """An ONNX graph of a plain convolutional network. Weights are constants."""

    def __init__(self, file: str):
        super().__init__()
        model = onnx.load(str(TEACHER_FILES / file)).graph
        values = {i.name: numpy_helper.to_array(i) for i in model.initializer}
        self._steps = []
        for node in model.node:
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "Constant":
                values[node.output[0]] = numpy_helper.to_array(attributes["value"])
            else:
                inputs = list(node.input)
                if node.op_type == "Clip":  # its bounds as numbers
                    attributes = {"bounds": [float(values[i]) if i else None for i in (inputs + [""])[1:3]]}
                    inputs = inputs[:1]
                self._steps.append((node.op_type, inputs, node.output[0], attributes))
        used = {name for _, inputs, _, _ in self._steps for name in inputs}
        for name in used & values.keys():
            value = torch.from_numpy(np.array(values[name]))
            if value.dim() == 4:
                value = value.contiguous(memory_format=torch.channels_last)
            self.register_buffer(self._key(name), value)
        self._constants = used & values.keys()
        self._input = next(i.name for i in model.input if i.name not in values)
        self._output = model.output[0].name

    @staticmethod
    def _key(name: str) -> str:
        return "c_" + name.replace("/", "_").replace(".", "_").replace(":", "_")

    def forward(self, x: torch.Tensor, keep: tuple = ()):
        """The output, and those named in `keep` beside it."""
        live = {self._input: x}

        def value(name):
            if not name:
                return None
            return getattr(self, self._key(name)) if name in self._constants else live[name]

        for op, inputs, output, attributes in self._steps:
            if op in ("Shape", "Gather", "Unsqueeze"):  # they only compute Reshape's target
                continue
            if op == "Concat" and any(i not in self._constants and i not in live for i in inputs):
                continue
            if op == "Reshape":
                x, shape = value(inputs[0]), inputs[1] in self._constants and value(inputs[1])
                live[output] = x.flatten(1) if shape is False else x.reshape(len(x), *shape[1:].tolist())
                continue
            live[output] = OPERATORS[op](attributes, *[value(i) for i in inputs])
        return (live[self._output], *[live[k] for k in keep]) if keep else live[self._output]

    def places(self, x: torch.Tensor) -> list:
        """Names of the residual sums, where a student's stages end."""
        made_by = {output: op for op, _, output, _ in self._steps}
        names = [  # not the two halves of a PReLU, nor a constant that is added
            output for op, inputs, output, _ in self._steps
            if op == "Add" and all(made_by.get(i) not in (None, "Relu", "Mul") for i in inputs)
        ]  # fmt: skip
        with torch.no_grad():
            sums = self(x, tuple(names))[1:]
        return [name for name, value in zip(names, sums) if value.dim() == 4]


def _conv(a, x, w, b=None):
    top, left, bottom, right = a.get("pads", [0, 0, 0, 0])
    if (top, left) != (bottom, right):
        x, top, left = F.pad(x, (left, right, top, bottom)), 0, 0
    return F.conv2d(x, w, b, a.get("strides", [1, 1]), (top, left), a.get("dilations", [1, 1]), a.get("group", 1))


OPERATORS = {
    "Conv": _conv,
    "PRelu": lambda a, x, slope: F.prelu(x, slope.flatten()),
    "Relu": lambda a, x: F.relu(x),
    "Clip": lambda a, x: torch.clamp(x, *a["bounds"]),
    "Add": lambda a, x, y: x + y,
    "Neg": lambda a, x: -x,
    "ReduceMean": lambda a, x: x.mean(a["axes"], keepdim=bool(a.get("keepdims", 1))),
    "Sub": lambda a, x, y: x - y,
    "Mul": lambda a, x, y: x * y,
    "Concat": lambda a, *xs: torch.cat(xs, a["axis"]),
    "Flatten": lambda a, x: x.flatten(a.get("axis", 1)),
    "MatMul": lambda a, x, y: x @ y.to(x.dtype),
    "Gemm": lambda a, x, w, b: F.linear(x, w if a.get("transB", 0) else w.t(), b),
    "BatchNormalization": lambda a, x, g, b, m, v: F.batch_norm(x, m, v, g, b, False, 0.0, a["epsilon"]),
}


class Teacher(torch.nn.Module):
    """RGB crops of 0..255 to unit embeddings."""

    def __init__(self, recogniser: Recogniser):
        super().__init__()
        self.recogniser = recogniser
        self.graph = Graph(recogniser.file)

    def input(self, crop: torch.Tensor) -> torch.Tensor:
        return self.recogniser.normalise(crop).contiguous(memory_format=torch.channels_last)

    def forward(self, crop: torch.Tensor) -> torch.Tensor:
        return F.normalize(self.graph(self.input(crop)).float(), dim=1)


class Labeller(torch.nn.Module):
    """A teacher with the maps inside it that a student imitates, each channel standardised over `crops`."""

    def __init__(self, teacher: Teacher, crops: torch.Tensor):
        super().__init__()
        self.teacher = teacher
        x = teacher.input(crops)
        self.names = tuple(teacher.graph.places(x))
        with torch.no_grad():
            maps = teacher.graph(x, self.names)[1:]
        self.shapes = [tuple(m.shape[1:]) for m in maps]
        self.mean = [m.mean((0, 2, 3), keepdim=True) for m in maps]
        self.std = [m.std((0, 2, 3), keepdim=True) + 1e-3 for m in maps]

    def forward(self, crop: torch.Tensor):
        """Unit embeddings and the maps."""
        with torch.no_grad(), autocast(crop.device):
            out, *maps = self.teacher.graph(self.teacher.input(crop), self.names)
            maps = [(m - mean) / std for m, mean, std in zip(maps, self.mean, self.std)]
        return F.normalize(out.float(), dim=1), maps


def load(names=TEACHERS) -> dict:
    return {name: Teacher(TEACHERS[name]).eval() for name in names}


def check() -> None:
    import time

    import onnxruntime

    torch.manual_seed(1)
    crops = torch.rand(32, 3, 112, 112) * 255
    for name, recogniser in (TEACHERS | {"insightface-y1": JUDGES["insightface-y1"]}).items():
        teacher = Teacher(recogniser).eval()
        session = onnxruntime.InferenceSession(str(TEACHER_FILES / recogniser.file))
        feed = session.get_inputs()[0].name
        start = time.time()
        with torch.no_grad():
            ours = teacher(crops)
        middle = time.time()
        fixed = recogniser.normalise(crops).numpy()
        theirs = np.concatenate([session.run(None, {feed: fixed[i : i + 1]})[0] for i in range(32)])
        end = time.time()
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            teacher(crops)
            again = time.time()
            half = teacher(crops)
        last = time.time()
        theirs = F.normalize(torch.from_numpy(theirs), dim=1)
        print(
            f"{name}: largest difference {(ours - theirs).abs().max():.1e}, torch {32 / (middle - start):.0f}/s, "
            f"onnxruntime {32 / (end - middle):.0f}/s, bfloat16 {32 / (last - again):.0f}/s "
            f"cosine {(half * ours).sum(1).mean():.4f}"
        )


if __name__ == "__main__":
    torch.set_num_threads(2)
    check()

"""Write a student as ONNX and check it against torch.

    python export.py inverted-espressif/whole.pt ../surrogates/visard-inverted.onnx

Batch normalisation is folded into the convolutions. The weights of every output channel are stored as int8 with a scale of
their own (DequantizeLinear in the graph), those of a judge, with `--half`, as float16 (Cast): importers fold both away. Input: RGB, N x 3 x 112 x 112 (or 96: columns 8 to 103), (x - 127.5) / 127.5; output: one
embedding per face.
"""

import argparse
import copy
import hashlib
import json

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from data import centre, tensor
from paths import WORK
from students import build


class Whole(nn.Module):
    """From the normalised crop to the embedding."""

    def __init__(self, student):
        super().__init__()
        self.stages = nn.Sequential(*student.stages)

    def forward(self, x):
        return self.stages(x)


def fold(module: nn.Module) -> None:
    """Batch normalisation into the convolution before it, everywhere."""
    for child in module.children():
        fold(child)
    if isinstance(module, nn.Sequential):
        for i in range(len(module) - 1):
            if isinstance(module[i], nn.Conv2d) and isinstance(module[i + 1], nn.BatchNorm2d):
                module[i] = fuse_conv_bn_eval(module[i], module[i + 1])
                module[i + 1] = nn.Identity()


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """Weights as float16, each with a cast to float32."""
    graph, casts = model.graph, []
    for tensor_ in list(graph.initializer):
        if tensor_.data_type != TensorProto.FLOAT or np.prod(tensor_.dims) < 16:
            continue
        value = numpy_helper.to_array(tensor_).astype(np.float16)
        graph.initializer.remove(tensor_)
        graph.initializer.append(numpy_helper.from_array(value, tensor_.name + "_half"))
        casts.append(helper.make_node("Cast", [tensor_.name + "_half"], [tensor_.name], to=TensorProto.FLOAT))
    for cast in reversed(casts):
        graph.node.insert(0, cast)
    return model


FEW = 512
"""Fewer weights stay as they are."""


def quantise(model: onnx.ModelProto) -> onnx.ModelProto:
    """Matrices and kernels as int8, each output channel with a scale."""
    graph = model.graph
    users = {name: node for node in graph.node for name in node.input}
    for stored in list(graph.initializer):
        if stored.data_type != TensorProto.FLOAT or len(stored.dims) < 2 or np.prod(stored.dims) < FEW:
            continue
        axis = len(stored.dims) - 1 if users[stored.name].op_type == "MatMul" else 0
        value = np.moveaxis(numpy_helper.to_array(stored), axis, -1)
        scale = np.maximum(np.abs(value).max(tuple(range(value.ndim - 1))) / 127, 1e-12).astype(np.float32)
        whole = np.moveaxis(np.round(value / scale), -1, axis).astype(np.int8)
        graph.initializer.remove(stored)
        graph.initializer.append(numpy_helper.from_array(whole, stored.name + "_int8"))
        graph.initializer.append(numpy_helper.from_array(scale, stored.name + "_scale"))
        inputs = [stored.name + "_int8", stored.name + "_scale"]
        graph.node.insert(0, helper.make_node("DequantizeLinear", inputs, [stored.name], axis=axis))
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("file")
    parser.add_argument("--half", action="store_true", help="weights of 16 bits: for a judge")
    options = parser.parse_args()
    torch.set_num_threads(1)
    state = torch.load(WORK / options.checkpoint, map_location="cpu", weights_only=False)
    student = build(state)
    whole = Whole(copy.deepcopy(student)).eval()
    fold(whole)
    whole = whole.to(memory_format=torch.contiguous_format)
    torch.onnx.export(
        whole,
        (torch.zeros(2, 3, 112, student.columns[1] - student.columns[0]),),
        options.file,
        input_names=["input"],
        output_names=["embedding"],
        dynamic_axes={"input": {0: "batch"}, "embedding": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    model = (halve if options.half else quantise)(onnx.load(options.file))
    model.doc_string = "visard: " + state["options"]["name"]
    onnx.checker.check_model(model)
    onnx.save(model, options.file)

    faces = centre(tensor(np.load(WORK / "lfw-evaluation.npy", mmap_mode="r")[:16].copy()))
    session = onnxruntime.InferenceSession(options.file)
    theirs = torch.from_numpy(session.run(None, {"input": student.input(faces).numpy()})[0])
    with torch.no_grad():
        ours = student(faces).float()
    data = open(options.file, "rb").read()
    print(
        json.dumps(
            {
                "file": options.file,
                "bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
                "operators": sorted({n.op_type for n in model.graph.node}),
                "least cosine to torch": float(torch.cosine_similarity(ours, theirs).min()),
            }
        )
    )


if __name__ == "__main__":
    main()

"""Networks quantised by ONNX Runtime, in the engine and the reference executor against ONNX Runtime.

    cargo build --release --package ingrad --examples
    pip install torch timm onnx onnxruntime
    python network/benches/quantised_networks.py [--table FILE] [--binary FILE] [--keep FOLDER]

A MobileFaceNet and a ResNet-18 with random weights, batch statistics of 64 random patterns, and eight patterns to
calibrate with. Each figure is the lowest cosine of the output with ONNX Runtime's over five patterns: as it runs by itself,
with kernels that it fused, and with its optimisations switched off, where every rounding is done as the file says.

On processors without VNNI the fused kernels of ONNX Runtime add up products of unsigned and signed bytes in 16 bits, and
what does not fit is cut off; its own guide therefore advises unsigned or 7-bit weights there. Rows with signed weights of
8 bits show that.
"""

import argparse
import io
import logging
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import timm
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import nn

from checker import ROOT, Checker, outputs
from timm_networks import settle


def convolution(inputs, outputs, size=1, stride=1, padding=0, groups=1, activation=True):
    layers = [nn.Conv2d(inputs, outputs, size, stride, padding, groups=groups, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, *([nn.PReLU(outputs)] if activation else []))


class Bottleneck(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        middle = expansion * inputs
        self.same = stride == 1 and inputs == outputs
        self.layers = nn.Sequential(
            convolution(inputs, middle),
            convolution(middle, middle, 3, stride, 1, middle),
            convolution(middle, outputs, activation=False),
        )

    def forward(self, x):
        return x + self.layers(x) if self.same else self.layers(x)


def mobile_face_net():
    """MobileFaceNet, https://arxiv.org/abs/1804.07573, table 1."""
    blocks, channels = [convolution(3, 64, 3, 2, 1), convolution(64, 64, 3, 1, 1, 64)], 64
    for expansion, outputs, count, stride in ((2, 64, 5, 2), (4, 128, 1, 2), (2, 128, 6, 1), (4, 128, 1, 2), (2, 128, 2, 1)):
        for index in range(count):
            blocks.append(Bottleneck(channels, outputs, stride if index == 0 else 1, expansion))
            channels = outputs
    blocks += [convolution(128, 512), convolution(512, 512, 7, groups=512, activation=False)]
    return nn.Sequential(*blocks, convolution(512, 128, activation=False), nn.Flatten())


def resnet():
    return timm.create_model("resnet18", num_classes=128)


def patterns(count, seed):
    """Smooth colours with some noise: what differs from one to the other is not lost on the way, as it is with noise."""
    random = torch.Generator().manual_seed(seed)
    smooth = nn.functional.interpolate(torch.randn(count, 3, 6, 6, generator=random), 112, mode="bicubic")
    return smooth + 0.2 * torch.randn(count, 3, 112, 112, generator=random)


class Patterns(CalibrationDataReader):
    def __init__(self):
        self.left = list(patterns(8, 1).split(1))

    def get_next(self):
        return {"x": self.left.pop().numpy()} if self.left else None


def written(make, path):
    torch.manual_seed(0)
    net = make().eval()
    settle(net, patterns(64, 0))
    file = io.BytesIO()
    torch.onnx.export(net, torch.randn(1, 3, 112, 112), file, dynamo=False, opset_version=17, input_names=["x"])
    plain = path.with_suffix(".plain")
    plain.write_bytes(file.getvalue())
    quant_pre_process(str(plain), str(path))


def static(form, **settings):
    return lambda source, target: quantize_static(source, target, Patterns(), quant_format=form, **settings)


UNSIGNED = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QUInt8}
SEVEN_BITS = {"activation_type": QuantType.QUInt8, "reduce_range": True, "per_channel": True}
WAYS = {
    "static QDQ, uint8": static(QuantFormat.QDQ, **UNSIGNED),
    "static QDQ, 7-bit weights by channel": static(QuantFormat.QDQ, **SEVEN_BITS),
    "static QDQ, int8 weights by channel": static(QuantFormat.QDQ, per_channel=True),
    "static QOperator, uint8": static(QuantFormat.QOperator, **UNSIGNED),
    "static QOperator, 7-bit weights by channel": static(QuantFormat.QOperator, **SEVEN_BITS),
    "static QOperator, int8 weights": static(QuantFormat.QOperator, activation_type=QuantType.QUInt8),
    "dynamic": lambda source, target: quantize_dynamic(source, target, weight_type=QuantType.QUInt8),
}


def session(path, optimised):
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 3, 1
    if not optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def cosine(a, b):
    a, b = a.ravel().astype(np.float64), b.ravel().astype(np.float64)
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def judge(checker, path):
    """The lowest cosines: engine and reference with each of ONNX Runtime's two, and these with each other."""
    fused, plain = session(str(path), True), session(str(path), False)
    rows = []
    for x in patterns(5, 2).split(1):
        x = x.numpy()
        a, b = (s.run(None, {"x": x})[0] for s in (fused, plain))
        answer, numbers = checker.ask(path.read_bytes(), x)
        if "shapes" not in answer:
            raise ValueError(answer)
        engine, reference = (outputs(answer, row)[0][0] for row in numbers)
        rows.append([cosine(engine, a), cosine(engine, b), cosine(reference, b), cosine(a, b)])
    return np.min(rows, axis=0)


def main():
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser()
    parser.add_argument("--table", type=Path)
    parser.add_argument("--binary", type=Path, help="check_network, if it lies elsewhere",
                        default=ROOT / "target" / "release" / "examples" / "check_network")
    parser.add_argument("--keep", type=Path, help="a folder for the networks")
    args = parser.parse_args()
    checker, folder = Checker(args.binary), args.keep or Path(tempfile.mkdtemp())
    lines = [
        "| network | quantised | engine with ONNX Runtime | engine, it without optimisations | reference, the same "
        "| ONNX Runtime with itself |",
        "|---|---|---|---|---|---|",
    ]
    for name, make in (("MobileFaceNet", mobile_face_net), ("ResNet-18", resnet)):
        source = folder / f"{name}.onnx"
        written(make, source)
        for index, (way, quantise) in enumerate(WAYS.items()):
            target = folder / f"{name}-{index}.onnx"
            quantise(str(source), str(target))
            lines.append(f"| {name} | {way} | " + " | ".join(f"{c:.6f}" for c in judge(checker, target)) + " |")
            print(lines[-1], flush=True)
    if args.table:
        args.table.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

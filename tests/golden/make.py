"""Makes the golden numbers of tests/networks.rs with ONNX Runtime, and a gradient with PyTorch.

    pip install onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6 torch==2.15.0 onnx2torch==1.5.15
    python tests/golden/make.py ../shared/models

Writes one file a network beside this script: a line for each picture (embedders) or output (detector,
400 numbers of each, evenly spaced).
"""

import pathlib
import sys

import numpy as np
import onnx
import onnx2torch
import onnxruntime
import torch

HERE = pathlib.Path(__file__).parent


def picture(shape):
    """The same integers 0 to 255 as `picture` in tests/networks.rs."""
    state, values = 1, np.empty(int(np.prod(shape)), np.float32)
    for i in range(values.size):
        state = (state * 1_664_525 + 1_013_904_223) % 2**32
        values[i] = state >> 24
    return values.reshape(shape)


def write(name, rows):
    lines = (" ".join(f"{x:.7g}" for x in row) for row in rows)
    (HERE / f"{name}.txt").write_text("\n".join(lines) + "\n")


def gradient(path):
    """Gradient of a fixed weighted sum of the embedding, as `value_and_gradient` in tests/networks.rs."""
    network = onnx2torch.convert(onnx.load(path)).eval()
    x = torch.tensor(picture((1, 3, 112, 112)) - 127, requires_grad=True)
    y = network(x).ravel()
    (y * torch.tensor([float(i * 7 % 11 - 5) for i in range(len(y))])).sum().backward()
    return x.grad.numpy().ravel()


def main(folder):
    for path in sorted(pathlib.Path(folder).glob("*.onnx")):
        session = onnxruntime.InferenceSession(str(path))
        name = session.get_inputs()[0].name
        if path.stem.startswith("yunet"):
            outputs = session.run(None, {name: picture((1, 3, 640, 640))})
            flat = [o.ravel() for o in outputs]
            write(path.stem, [o[np.arange(400) * o.size // 400] for o in flat])
            continue
        if path.stem == "insightface-y1":
            g = gradient(path)
            write(path.stem + ".gradient", [g[np.arange(400) * g.size // 400]])
        width = 96 if path.stem.startswith("xiaoccer") else 112
        pictures = picture((2, 3, 112, width)) / 128 - 1
        write(path.stem, [session.run(None, {name: p[None]})[0][0] for p in pictures])


if __name__ == "__main__":
    main(sys.argv[1])

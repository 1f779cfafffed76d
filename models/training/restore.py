"""Make a checkpoint again from an exported ONNX file, to train it further where the checkpoints are lost.

    python restore.py ../surrogates/visard-inverted.onnx --name inverted-espressif --student inverted --teacher espressif
    python distill.py --name inverted-espressif ... --phase further --from-checkpoint inverted-espressif/restored.pt --on-policy 0

The file has no batch normalisation left. Each is given the statistics that its convolution has on training faces, and
the scale and shift that undo them: the function is the same, and training can go on. With `--refit` the last layer is led
back to the teacher's embeddings (ridge regression on training faces), which a student that went through wccn.py has left.
"""

import argparse

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import nn

from data import View, centre, tensor, training_faces
from paths import WORK
from students import STUDENTS, Student
from teachers import TEACHERS, Labeller, load


def pairs(module: nn.Module, prefix: str = ""):
    """The names and layers of every convolution with its batch normalisation."""
    for name, child in module.named_children():
        path = f"{prefix}{name}"
        if isinstance(child, nn.Sequential):
            for i in range(len(child) - 1):
                if isinstance(child[i], nn.Conv2d) and isinstance(child[i + 1], nn.BatchNorm2d):
                    yield f"{path}.{i}", child[i], child[i + 1]
        yield from pairs(child, f"{path}.")


def stored(file: str) -> dict:
    """The weights of a file by the names that they have in torch."""
    graph = onnx.load(file).graph
    values = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    weights = {
        name.removesuffix("_half"): torch.from_numpy(value.astype("float32"))
        for name, value in values.items() if value.dtype.kind == "f"
    }  # fmt: skip
    for node in graph.node:
        if node.op_type == "DequantizeLinear":
            (whole, scale), axis = node.input, node.attribute[0].i
            value = np.moveaxis(np.moveaxis(values[whole], axis, -1) * values[scale], -1, axis)
            weights[node.output[0]] = torch.from_numpy(value)
    for node in graph.node:  # a linear layer over squares lost its name: its node tells it
        if node.op_type == "MatMul" and node.input[1] in weights:
            whole, *inner = node.name.split("/")[-3:-1]
            weights[".".join([whole, *inner, "weight"])] = weights.pop(node.input[1]).t()
    return weights


@torch.no_grad()
def fill(student: Student, weights: dict) -> list:
    """The weights of the file, with batch normalisation that does nothing. Returns the layers of normalisation.

    A weight that the file lacks is a KeyError.
    """
    layers = list(pairs(student))
    folded = {name for name, _, _ in layers}
    made_up = {f"{name.rpartition('.')[0]}.{int(name.rpartition('.')[2]) + 1}" for name in folded}
    for key, value in student.state_dict().items():
        layer = key.rpartition(".")[0]
        if layer not in folded | made_up:
            value.copy_(weights[key])
    for name, layer, norm in layers:
        layer.weight.copy_(weights[f"{name}.weight"])
        norm.running_mean.zero_()
        norm.running_var.fill_(1 - norm.eps)
        norm.weight.fill_(1)
        norm.bias.copy_(weights[f"{name}.bias"])
    return [norm for _, _, norm in layers]


@torch.no_grad()
def normalise(student: Student, norms: list, faces: torch.Tensor) -> None:
    """True statistics, and the scale and shift that undo them."""

    def measure(norm, inputs):
        mean, var = inputs[0].mean((0, 2, 3)), inputs[0].var((0, 2, 3))
        norm.bias.add_(mean)
        norm.weight.copy_((var + norm.eps).sqrt())
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(var)

    hooks = [norm.register_forward_pre_hook(measure) for norm in norms]
    student(faces)
    for hook in hooks:
        hook.remove()


@torch.no_grad()
def refit(student: Student, teacher: nn.Module, crops) -> None:
    """The last layer, such that the outputs are as near to the teacher's unit embeddings as a linear map brings them."""
    parts = [centre(tensor(part)) for part in crops.reshape(-1, 64, *crops.shape[1:])]
    ours = torch.cat([student(part) for part in parts]).double()
    theirs = torch.cat([teacher(part) for part in parts]).double()
    rows = torch.cat([ours, torch.ones(len(ours), 1, dtype=ours.dtype)], 1)
    ridge = 1e-4 * torch.eye(rows.shape[1], dtype=rows.dtype) * (rows * rows).mean() * len(rows)
    *weight, bias = torch.linalg.solve(rows.t() @ rows + ridge, rows.t() @ theirs)
    weight = torch.stack(weight).t()
    last = student.stages[-1][-1]
    last.bias.copy_(weight @ last.bias.double() + bias)
    last.weight.copy_(weight @ last.weight.double())
    print("mean cosine to the teacher", float(torch.cosine_similarity(student(parts[0]), teacher(parts[0])).mean()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--name", required=True)
    parser.add_argument("--student", choices=STUDENTS, required=True)
    parser.add_argument("--teacher", choices=TEACHERS, required=True)
    parser.add_argument("--refit", action="store_true", help="lead the last layer back to the teacher")
    options = parser.parse_args()
    torch.set_num_threads(1)
    crops, _ = training_faces()
    teacher, labels = TEACHERS[options.teacher], load([options.teacher])[options.teacher]
    places = Labeller(labels, centre(tensor(crops[:32]))).shapes
    shape = {"kind": options.student, "places": places, "dim": teacher.dim, "columns": teacher.columns}
    student = Student(**shape).eval()
    norms = fill(student, stored(options.file))
    with torch.no_grad():
        faces = View(256)(tensor(crops[:: len(crops) // 256][:256]))
        session = onnxruntime.InferenceSession(options.file)
        before = torch.from_numpy(session.run(None, {"input": student.input(faces).numpy()})[0])
        normalise(student, norms, faces)
        after = student(faces)
    print("least cosine to the file", float(torch.cosine_similarity(before, after).min()))
    if options.refit:
        refit(student, labels, crops[:: len(crops) // 4096][:4096])
    folder = WORK / options.name
    folder.mkdir(parents=True, exist_ok=True)
    state = student.state_dict()
    checkpoint = {"step": 0, "shape": shape, "average": state, "options": vars(options)}
    torch.save(checkpoint, folder / "restored.pt")


if __name__ == "__main__":
    main()

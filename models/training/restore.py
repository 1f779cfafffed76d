"""Make a checkpoint again from an exported ONNX file, to train it further where the checkpoints are lost.

    python restore.py ../visard-residual.onnx --name residual --student residual --teachers espressif,foamliu
    python distill.py --name residual ... --from-checkpoint residual/restored.pt

The file has no batch normalisation left. Each is given the statistics that its convolution has on training faces, and
the scale and shift that undo them: the function is the same, and training can go on. The convolutions that read the
hints are new.
"""

import argparse

import onnx
import torch
from onnx import numpy_helper
from torch import nn

from data import View, tensor, training_faces
from paths import WORK
from students import build
from teachers import TEACHERS


def pairs(module: nn.Module, prefix: str = ""):
    """The names and layers of every convolution, or linear layer, with its batch normalisation."""
    for name, child in module.named_children():
        path = f"{prefix}{name}"
        if isinstance(child, nn.Sequential) and len(child) > 1 and isinstance(child[1], nn.BatchNorm2d):
            yield f"{path}.0", child[0], child[1]
        yield from pairs(child, f"{path}.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--name", required=True)
    parser.add_argument("--student", default="residual")
    parser.add_argument("--teachers", required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    graph = onnx.load(options.file).graph
    weights = {
        i.name.removesuffix("_half"): torch.from_numpy(numpy_helper.to_array(i).astype("float32"))
        for i in graph.initializer
        if numpy_helper.to_array(i).dtype.kind == "f"
    }
    student = build(options.student, {n: TEACHERS[n].dim for n in options.teachers.split(",")}).eval()
    layers = list(pairs(student)) + [("trunk.features.1", student.trunk.features[1], student.trunk.norm)]
    state = student.state_dict()
    with torch.no_grad():
        for key, value in state.items():
            if key in weights and f"{key.rsplit('.', 1)[0]}" not in [n for n, _, _ in layers]:
                value.copy_(weights[key])
        for name, layer, norm in layers:
            layer.weight.copy_(weights[f"{name}.weight"])
            norm.running_mean.zero_()
            norm.running_var.fill_(1 - norm.eps)
            norm.weight.fill_(1)
            norm.bias.copy_(weights[f"{name}.bias"])
        crops, _ = training_faces()
        faces = View(256)(tensor(crops[:: len(crops) // 256][:256]))
        before = student(faces)

        def measure(norm, inputs):
            axes = (0, 2, 3) if inputs[0].dim() == 4 else (0,)
            mean, var = inputs[0].mean(axes), inputs[0].var(axes)
            norm.bias.add_(mean)
            norm.weight.copy_((var + norm.eps).sqrt())
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(var)

        hooks = [norm.register_forward_pre_hook(measure) for _, _, norm in layers]
        student(faces)
        for hook in hooks:
            hook.remove()
        after = student(faces)
    print("least cosine before and after", float(torch.cosine_similarity(before, after).min()))
    folder = WORK / options.name
    folder.mkdir(parents=True, exist_ok=True)
    state = student.state_dict()
    checkpoint = {"step": 0, "student": state, "average": state, "options": vars(options)}
    torch.save(checkpoint, folder / "restored.pt")


if __name__ == "__main__":
    main()

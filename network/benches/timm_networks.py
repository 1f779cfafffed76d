"""Networks of timm with random weights, written by both of PyTorch's exporters: outputs and input gradients of both
executors against PyTorch in double precision, and times against PyTorch and ONNX Runtime.

    cargo build --release --package ingrad --examples
    pip install torch timm onnx onnxscript onnxruntime
    python network/benches/timm_networks.py [--only a,b] [--table FILE] [--binaries FOLDER]

A unit whose input is 0 up to rounding may have either slope, and one of a million units often has such an input: then
PyTorch's own gradients in single and double precision differ by more than 1e-3. Such a picture says nothing of an engine.
So a network gets three of 8 random pictures for which PyTorch's gradient in single precision, in both of its memory
layouts, is within 2e-4 of the one in double precision, and the middle of the three results counts (the first, where it is
well). Where there are no three, the first pictures count as they are, and the result is well if it is no further from the
truth than PyTorch's own in single precision is in the worst of the 8: such results are marked with an asterisk. Beside the
engine's distances stand those of PyTorch.

Where PyTorch's two layouts contradict each other in double precision, the one that finite differences confirm is right.

A table that is there already keeps its rows of other networks.
"""

import argparse
import copy
import io
import logging
import re
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx  # noqa: F401 (the newer exporter wants it)
import timm
import torch

from checker import ROOT, Checker, outputs
from times import compare

# One or more of each family, small ones where there is a choice.
NAMES = """
resnet18 resnetv2_18 resnext26ts seresnet18 resnest14d res2net50_14w_8s skresnet18 ecaresnet26t resnetaa34d gcresnet33ts
wide_resnet50_2 dla34 dpn48b densenet121 vgg11_bn inception_v3 inception_v4 inception_next_atto xception41 mobilenetv1_100
mobilenetv2_050 mobilenetv3_small_050 mobilenetv4_conv_small_035 mobileone_s0 mnasnet_small lcnet_035 tinynet_e fbnetc_100
fbnetv3_b spnasnet_100 mixnet_s hardcorenas_a rexnetr_100 ghostnet_050 ghostnetv2_100 semnasnet_075 efficientnet_b0
efficientnetv2_rw_t tf_efficientnet_lite0 gernet_s repvgg_a0 repghostnet_050 repvit_m0_9 regnetx_002 regnety_002 nfnet_l0
cspresnet50 darknet17 vovnet39a ese_vovnet19b_dw selecsls42 hrnet_w18_small hgnet_tiny hgnetv2_b0 convnext_atto
convnextv2_atto convmixer_768_32 fasternet_t0 starnet_s1 rdnet_tiny edgenext_xx_small vit_tiny_patch16_224
deit_tiny_patch16_224 deit3_small_patch16_224 beit_base_patch16_224 cait_xxs24_224 xcit_nano_12_p16_224 crossvit_tiny_240
swin_tiny_patch4_window7_224 swinv2_cr_tiny_ns_224 coatnet_nano_rw_224 maxvit_pico_rw_256 mobilevit_xxs mobilevitv2_050
levit_128s pit_ti_224 poolformer_s12 caformer_s18 twins_svt_small pvt_v2_b0 efficientformer_l1 efficientvit_m0
efficientvit_b0 fastvit_t8 tiny_vit_5m_224 gcvit_xxtiny davit_tiny mixer_s32_224 resmlp_12_224 gmlp_ti16_224 visformer_tiny
volo_d1_224 eva02_tiny_patch14_224 focalnet_tiny_srf nest_tiny shvit_s1 mambaout_femto
""".split()

HEAD = [
    "| network | side | older exporter | newer exporter | PyTorch itself | forward: engine | PyTorch | ONNX Runtime "
    "| with gradient: engine | PyTorch |",
    "|" + "---|" * 10,
]


def network(name):
    """The network and the side of its picture: 112 where it takes that, else its own."""
    for own in (False, True):
        torch.manual_seed(0)
        try:
            net, side = made(name, own)
            with torch.no_grad():
                net(torch.randn(1, 3, side, side))
            settle(net, torch.randn(8, 3, side, side))
            return net, side
        except (TypeError, AssertionError, RuntimeError, ValueError):
            if own:
                raise


def made(name, own):
    """A network with random weights for pictures of 112 or its own size."""
    net = timm.create_model(name, num_classes=16)
    side = net.default_cfg["input_size"][-1] if own else 112
    if not own and net.default_cfg.get("fixed_input_size"):
        net = timm.create_model(name, num_classes=16, img_size=side)
    for parameter in net.parameters():
        # Scales and shifts, and some matrices, start as ones, zeros or tiny numbers, with which whole branches would not show.
        if parameter.ndim < 2:
            parameter.data += 0.2 * torch.randn_like(parameter)
        elif not parameter.any():
            parameter.data.normal_(0, 0.05)
        parameter.requires_grad_(False)
    return net.eval(), side


def settle(net, pictures):
    """Batch normalisation with the statistics of eight pictures, as training would leave it."""
    layers = [m for m in net.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    for layer in layers:
        layer.train()
        layer.momentum = 1.0
    with torch.no_grad():
        net(pictures)
    for layer in layers:
        layer.eval()
        layer.running_var.clamp_(min=1e-3)


def exported(net, x, dynamo):
    if not dynamo:
        file = io.BytesIO()
        torch.onnx.export(net, x, file, dynamo=False, opset_version=17)
        return file.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        torch.onnx.export(net, (x,), str(path), dynamo=True, external_data=False, verbose=False)
        return path.read_bytes()


def expected(net, x):
    x = x.clone().requires_grad_()
    y = net(x)
    weights = 1 + torch.sin(torch.arange(y.numel(), dtype=y.dtype)).reshape(y.shape) / 2
    (y * weights).sum().backward()
    return y.detach().numpy(), x.grad.numpy()


def difference(found, right):
    if found.size != right.size or not np.isfinite(found).all():
        return float("inf")
    return float(np.abs(found.ravel() - right.ravel()).max() / np.abs(right).max())


LAYOUTS = (torch.contiguous_format, torch.channels_last)


def in_layouts(net):
    return [copy.deepcopy(net).to(memory_format=layout) for layout in LAYOUTS]


def answers(nets, x):
    """What each of the networks says, which are one in each layout."""
    return [expected(net, x.contiguous(memory_format=layout)) for net, layout in zip(nets, LAYOUTS)]


def truth(doubles, x):
    """Output and gradient in double precision, and the numbers of the layouts in which PyTorch finds them."""
    found = answers(doubles, x.double())
    if difference(found[0][1], found[1][1]) < 1e-6:
        return found[0], (0, 1)
    way, step = torch.randn(x.shape, generator=torch.Generator().manual_seed(2)).double(), 1e-6
    ends = [expected(doubles[0], x.double() + sign * step * way)[0] for sign in (1, -1)]
    weights = 1 + np.sin(np.arange(ends[0].size)).reshape(ends[0].shape) / 2
    slope = ((ends[0] - ends[1]) * weights).sum() / (2 * step)
    best = int(np.argmin([abs((gradient * way.numpy()).sum() - slope) for _, gradient in found]))
    return found[best], (best,)


def pictures(net, side):
    """Three pictures with what is right there, and PyTorch's own distances from it: for each, and the worst where large."""
    random, found = torch.Generator().manual_seed(1), []
    singles, doubles = in_layouts(net), in_layouts(copy.deepcopy(net).double())
    for _ in range(8):
        x = torch.randn(1, 3, side, side, generator=random)
        right, places = truth(doubles, x)
        own = [answer for place, answer in enumerate(answers(singles, x)) if place in places]
        found.append((x, right, [max(difference(one[i], right[i]) for one in own) for i in (0, 1)]))
        small = [picture for picture in found if picture[2][1] < 2e-4]
        if len(small) == 3:
            return small, [0, 0]
    return found[:3], [max(own[i] for _, _, own in found) for i in (0, 1)]


def check(checker, model, found, worst):
    """One cell of the table, and whether it is well."""
    rows = []
    for x, right, _ in found:
        answer, numbers = checker.ask(model, x.numpy())
        if "shapes" not in answer:
            return (answer.get("error") or answer["crash"])[:160].replace("|", "/"), False
        results = [outputs(answer, row) for row in numbers]
        output = max(difference(y[0], right[0]) for y, _ in results)
        gradient = max(difference(g, right[1]) for _, g in results)
        bad = output > max(1e-4, worst[0]) or gradient > max(1e-3, worst[1])
        rows.append((bad, gradient, output))
        if not rows[0][0]:
            break
    bad, gradient, output = sorted(rows)[len(rows) // 2]
    mark = "" if gradient < 1e-3 else "\\*"
    borrowed = f", borrows {len(answer['borrowed'])}" if answer["borrowed"] else ""
    return f"{output:.0e} / {gradient:.0e}{mark}{borrowed}", not bad


def row(checker, timer, name):
    """A row of the table."""
    torch.set_num_threads(1)
    net, side = network(name)
    found, worst = pictures(net, side)
    x, _, own = found[0]
    cells, models = [], []
    for dynamo in (False, True):
        try:
            models.append(exported(net, x, dynamo))
            text, well = check(checker, models[-1], found, worst)
        except Exception as error:
            text, well = f"not exported: {type(error).__name__}", False
        cells.append(text if well else f"**{text}**")
    times = compare(timer, net, models[-1], x) if models else [float("nan")] * 5
    cells += [f"{own[0]:.0e} / {own[1]:.0e}", *(f"{1e3 * t:.1f}" for t in times)]
    return f"| {name} | {side} | " + " | ".join(cells) + " |"


def summary(rows):
    """How many networks are well in each exporter, and in how many the engine is as fast as PyTorch."""
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in rows]
    well = [sum(not row[column].startswith("**") for row in cells) for column in (2, 3)]
    strictly = [sum(not row[column].startswith("**") and "*" not in row[column] for row in cells) for column in (2, 3)]
    fast = [sum(float(row[a]) <= float(row[b]) for row in cells) for a, b in ((5, 6), (8, 9))]
    return (
        f"Well: {well[0]} and {well[1]} of {len(rows)}. As fast as PyTorch or faster: {fast[0]} forward, "
        f"{fast[1]} with the gradient.\nWithout what the asterisks allow: {strictly[0]} and {strictly[1]}."
    )


def main():
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default=",".join(NAMES))
    parser.add_argument("--table", type=Path, help="write the table to a file")
    parser.add_argument("--binaries", type=Path, help="the folder of the examples, if it is another",
                        default=ROOT / "target" / "release" / "examples")
    args = parser.parse_args()
    checker, rows = Checker(args.binaries / "check_network"), {}
    if args.table and args.table.exists():
        rows = {m[1]: m[0] for m in re.finditer(r"^\| (\w+) \| \d.*\|$", args.table.read_text(), re.M)}
    for name in args.only.split(","):
        stdout, sys.stdout = sys.stdout, io.StringIO()
        try:
            line = row(checker, args.binaries / "time_network", name)
        except Exception as error:
            line = f"{name} left out: {error!r}"[:200]
        finally:
            sys.stdout = stdout
        print(line, flush=True)
        if line.startswith("|"):
            rows[name] = line
        if args.table:
            kept = [rows[name] for name in NAMES if name in rows]
            args.table.write_text("\n".join([*HEAD, *kept, "", summary(kept)]) + "\n")


if __name__ == "__main__":
    main()

"""Networks of timm with random weights, written by both of PyTorch's exporters: outputs and input gradients of both
executors against PyTorch's.

    cargo build --example check_network
    pip install torch timm onnx onnxscript
    python network/benches/timm_networks.py [--only a,b] [--table FILE]
"""

import argparse
import io
import logging
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import timm
import torch

from checker import Checker, outputs

# One or more of each family, small ones where there is a choice.
NAMES = """
resnet18 resnetv2_18 resnext26ts seresnet18 resnest14d res2net50_14w_8s skresnet18 ecaresnet26t resnetaa34d gcresnet33ts
wide_resnet50_2 dla34 dpn48b densenet121 vgg11_bn inception_v3 inception_v4 inception_resnet_v2 inception_next_atto xception41
mobilenetv1_100 mobilenetv2_050 mobilenetv3_small_050 mobilenetv4_conv_small_035 mobileone_s0 mnasnet_small lcnet_035
tinynet_e fbnetc_100 fbnetv3_b spnasnet_100 mixnet_s hardcorenas_a rexnetr_100 ghostnet_050 ghostnetv2_100 semnasnet_075
efficientnet_b0 efficientnetv2_rw_t tf_efficientnet_lite0 gernet_s repvgg_a0 repghostnet_050 repvit_m0_9 regnetx_002
regnety_002 nfnet_l0 cspresnet50 cspdarknet53 darknet17 vovnet39a ese_vovnet19b_dw selecsls42 hrnet_w18_small hgnet_tiny
hgnetv2_b0 convnext_atto convnextv2_atto convmixer_768_32 fasternet_t0 starnet_s1 rdnet_tiny edgenext_xx_small
vit_tiny_patch16_224 deit_tiny_patch16_224 deit3_small_patch16_224 beit_base_patch16_224 cait_xxs24_224 xcit_nano_12_p16_224
crossvit_tiny_240 swin_tiny_patch4_window7_224 swinv2_cr_tiny_ns_224 coatnet_nano_rw_224 maxvit_pico_rw_256 mobilevit_xxs
mobilevitv2_050 levit_128s pit_ti_224 poolformer_s12 caformer_s18 twins_svt_small pvt_v2_b0 efficientformer_l1
efficientvit_m0 efficientvit_b0 fastvit_t8 tiny_vit_5m_224 gcvit_xxtiny davit_tiny mixer_s32_224 resmlp_12_224 gmlp_ti16_224
visformer_tiny volo_d1_224 eva02_tiny_patch14_224 focalnet_tiny_srf nest_tiny shvit_s1 mambaout_femto
""".split()


def network(name):
    """The network and the side of its picture: 112 where it takes that, else its own."""
    torch.manual_seed(0)
    try:
        net, side = timm.create_model(name, num_classes=16, img_size=112), 112
    except (TypeError, AssertionError, RuntimeError, ValueError):
        net = timm.create_model(name, num_classes=16)
        own = net.default_cfg.get("fixed_input_size")
        side = net.default_cfg["input_size"][-1] if own else 112
    for parameter in net.parameters():
        # Scales and shifts start as ones, zeros or tiny numbers, with which whole branches would not show.
        if parameter.ndim < 2:
            parameter.data += 0.2 * torch.randn_like(parameter)
    for key, buffer in net.named_buffers():
        if key.endswith("running_mean"):
            buffer.normal_(0, 0.1)
        elif key.endswith("running_var"):
            buffer.uniform_(0.7, 1.5)
    net.eval()
    for parameter in net.parameters():
        parameter.requires_grad_(False)
    with torch.no_grad():
        try:
            net(torch.randn(1, 3, side, side))
        except Exception:
            side = net.default_cfg["input_size"][-1]
    return net, side


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


def check(checker, net, pictures, dynamo):
    """One cell of the table, and whether it is well: in two of three pictures.

    A unit whose input is 0 up to rounding may have either slope, and with random weights a picture of many thousand
    units may meet one; PyTorch's own gradients in single and double precision then differ as much.
    """
    try:
        model = exported(net, pictures[0][0], dynamo)
    except Exception as error:
        return f"not exported: {type(error).__name__}", None
    rows = []
    for x, right in pictures:
        answer, numbers = checker.ask(model, x.numpy())
        if "shapes" not in answer:
            return (answer.get("error") or answer["crash"])[:160], False
        found = [outputs(answer, row) for row in numbers]
        rows.append([max(difference(y[0], right[0]) for y, _ in found), max(difference(g, right[1]) for _, g in found)])
        if len(rows) == 1 and rows[0][0] < 1e-4 and rows[0][1] < 1e-3:
            break
    output, gradient = np.median(rows, axis=0)
    borrowed = f", borrows {len(answer['borrowed'])}" if answer["borrowed"] else ""
    return f"{output:.0e} / {gradient:.0e}{borrowed}", bool(output < 1e-4 and gradient < 1e-3)


def main():
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default=",".join(NAMES))
    parser.add_argument("--table")
    parser.add_argument("--binary", help="check_network, if it lies elsewhere")
    args = parser.parse_args()
    torch.set_num_threads(1)
    checker, lines, good = Checker(args.binary), ["| network | side | older exporter | newer exporter |", "|---|---|---|---|"], [0, 0]
    for name in args.only.split(","):
        try:
            net, side = network(name)
            random = torch.Generator().manual_seed(1)
            pictures = [torch.randn(1, 3, side, side, generator=random) for _ in range(3)]
            pictures = [(x, expected(net, x)) for x in pictures]
        except Exception as error:
            print(name, "left out:", repr(error)[:100], flush=True)
            continue
        stdout, sys.stdout = sys.stdout, io.StringIO()
        try:
            cells = [check(checker, net, pictures, dynamo) for dynamo in (False, True)]
        finally:
            sys.stdout = stdout
        good = [count + bool(well) for count, (_, well) in zip(good, cells)]
        lines.append(f"| {name} | {side} | " + " | ".join(text.replace("|", "/") for text, _ in cells) + " |")
        print(lines[-1], "" if all(well for _, well in cells) else "  <<<", flush=True)
        if args.table:
            Path(args.table).write_text("\n".join(lines) + f"\n\n{good[0]} and {good[1]} of {len(lines) - 2}\n")
    print(f"{good[0]} and {good[1]} of {len(lines) - 2} work")


if __name__ == "__main__":
    main()

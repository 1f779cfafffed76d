"""Where trainings run, and in which precision."""

import torch

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
"""Of a training. Measurements run on the CPU."""

torch.backends.cudnn.benchmark = True  # the shapes of a training stay

HALF = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
"""Whether the processor multiplies bfloat16. One that does not takes 2.5 times as long with it as in single precision."""


def autocast(device: torch.device):
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type != "cpu" or HALF)

"""Aligned training faces and their random views."""

import numpy as np
import torch
import torch.nn.functional as F

from paths import WORK
from prepare import MARGIN

VALIDATION_PEOPLE = 150
"""People of the training photos that are kept out of training, to choose by: those with the most photos at hand."""


def person(line: str) -> str:
    return line.split("/")[1]


def training_faces() -> tuple:
    """Crops to train on (uint8, N x 144 x 144 x 3) and the validation crops with their people."""
    lfw = np.load(WORK / "lfw-training.npy")
    names = [person(line) for line in (WORK / "lfw-training.txt").read_text().split()]
    counts = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    several = sorted(name for name in counts if 4 <= counts[name])
    chosen = set(np.random.default_rng(7).permutation(several)[:VALIDATION_PEOPLE])
    held = np.array([name in chosen for name in names])
    validation = (lfw[held], [n for n in names if n in chosen])
    return np.concatenate([lfw[~held], np.load(WORK / "faces-unlabelled.npy")]), validation


def tensor(crops) -> torch.Tensor:
    """N x 3 x height x width of N x height x width x 3, which may lie on any device."""
    return torch.as_tensor(crops).permute(0, 3, 1, 2).float()


def centre(crops: torch.Tensor) -> torch.Tensor:
    """The plain arcface-112 crop of a crop with margin."""
    return crops[..., MARGIN:-MARGIN, MARGIN:-MARGIN]


class View:
    """A random alignment: the same similarity transform, and perhaps a flip, for a batch of wide crops."""

    def __init__(self, n: int, strength: float = 1.0, flip: bool = True, generator=None):
        def normal(scale):
            return torch.randn(n, generator=generator).clamp(-2, 2) * scale * strength

        angle, scale = normal(0.05), 1 + normal(0.035)
        mirror = torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0) if flip else torch.ones(n)
        ratio = 112 / 144
        cos, sin = torch.cos(angle) * scale * ratio, torch.sin(angle) * scale * ratio
        shift = torch.stack([normal(1.5), normal(1.5)], 1) / 72
        self._matrix = torch.stack(
            [torch.stack([cos * mirror, -sin, shift[:, 0]], 1), torch.stack([sin * mirror, cos, shift[:, 1]], 1)], 1
        )

    def __call__(self, wide: torch.Tensor) -> torch.Tensor:
        grid = F.affine_grid(self._matrix.to(wide.device), (len(wide), 3, 112, 112), align_corners=False)
        return F.grid_sample(wide, grid, "bilinear", "border", align_corners=False)


def _gaussian(sigma: float, device: torch.device) -> torch.Tensor:
    t = torch.arange(-4, 5, device=device).float()
    k = torch.exp(-(t**2) / (2 * sigma**2))
    return k / k.sum()


def blur(crops: torch.Tensor, sigma: float) -> torch.Tensor:
    k = _gaussian(sigma, crops.device)
    x = F.conv2d(crops.flatten(0, 1)[:, None], k.view(1, 1, 1, -1), padding=(0, 4))
    norm = F.conv2d(torch.ones_like(x[:1]), k.view(1, 1, 1, -1), padding=(0, 4))
    x = F.conv2d(x / norm, k.view(1, 1, -1, 1), padding=(4, 0))
    norm = F.conv2d(torch.ones_like(x[:1]), k.view(1, 1, -1, 1), padding=(4, 0))
    return (x / norm).view_as(crops)


def spoil(crops: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """What happens to photos: light, colour, blur, downscaling, noise. A part of the batch each."""
    n = len(crops)

    def random(scale, channels=1):
        return scale * torch.randn(n, channels, 1, 1, device=crops.device)

    crops = (crops - 110) * (1 + random(0.15) + random(0.05, 3)) + 110 + random(12) + random(4, 3)
    grey = torch.rand(n, device=crops.device) < 0.08
    crops = torch.where(grey.view(-1, 1, 1, 1), crops.mean(1, keepdim=True), crops)
    order = torch.from_numpy(rng.permutation(n))
    parts = order.split([n // 6, n // 6, n // 4, n - n // 6 * 2 - n // 4])
    crops = crops.clone()
    crops[parts[0]] = blur(crops[parts[0]], float(rng.uniform(0.5, 1.6)))
    side = int(rng.integers(40, 100))
    small = F.interpolate(crops[parts[1]], (side, side), mode="bilinear", antialias=True)
    crops[parts[1]] = F.interpolate(small, (112, 112), mode="bicubic")
    crops[parts[2]] += float(rng.uniform(1, 8)) * torch.randn_like(crops[parts[2]])
    return crops.clamp(0, 255)


def mix(wide: torch.Tensor, share: float, rng: np.random.Generator) -> torch.Tensor:
    """A share of the batch blended with other faces: the teachers label whatever comes out."""
    n = int(len(wide) * share)
    if n == 0:
        return wide
    weight = torch.from_numpy(rng.uniform(0.2, 0.8, (n, 1, 1, 1))).float().to(wide.device)
    other = torch.from_numpy(rng.permutation(len(wide))[:n])
    return torch.cat([wide[:n] * weight + wide[other] * (1 - weight), wide[n:]])

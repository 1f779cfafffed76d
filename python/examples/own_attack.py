"""An attack of one's own, written with PyTorch, on visard's networks: ten steps of MI-FGSM, beside visard's cloak.

python python/examples/own_attack.py
"""

import torch
from faces import PHOTOS, SEEN, cloaked, crops_of, likeness

import visard
import visard.torch


def attack(embedder: torch.nn.Module, crops: torch.Tensor, radius: float = 8 / 255) -> torch.Tensor:
    """Away from the person by signs of a gradient with momentum, inside a ball (Dong et al. 2018)."""
    person, momentum = embedder(crops), torch.zeros_like(crops)
    changed = (crops + torch.empty_like(crops).uniform_(-1, 1) / 255).clamp(0, 1)
    for _ in range(10):
        changed = changed.detach().requires_grad_()
        (embedder(changed) * person).sum().backward()
        momentum = momentum + changed.grad / changed.grad.abs().mean((1, 2, 3), keepdim=True)
        moved = changed.detach() - radius / 5 * momentum.sign()
        changed = (crops + (moved - crops).clamp(-radius, radius)).clamp(0, 1)
    return changed.detach()


opened = visard.Visard(strength="subtle")
photos = [PHOTOS / "amber-neutral.jpg", PHOTOS / "jonas-neutral.jpg"]
crops = crops_of(opened, photos)
print("MI-FGSM:", likeness(opened, crops, attack(visard.torch.Embedder(opened, SEEN), crops)))
print("visard: ", likeness(opened, crops, cloaked(opened, photos)))

"""Cloaks that a student makes of its own training photos, kept from one time to the next.

A cloak lives in the coordinates of the wide crop, is seen through a random view at every gradient step and stays
inside the budget, as in the product. It takes tens of steps there; here every photo's cloak is kept in a bank and only
goes a few steps further each time the photo is drawn, so that the student meets strong cloaks at the price of weak ones.
"""

import numpy as np
import torch
import torch.nn.functional as F

from data import View, blur, centre, tensor
from device import autocast


class Bank:
    """A pool of photos with their cloaks so far. Photos leave it at random after about seven visits."""

    def __init__(self, crops: torch.Tensor, pool: int = 256, largest: float = 20.0):
        self._crops, self._largest = crops, largest
        self._photos = np.arange(pool) % len(crops)
        self._cloaks = torch.zeros((pool, 3, *crops.shape[1:3]), dtype=torch.int8, device=crops.device)
        self._fresh = np.ones(pool, bool)

    def draw(self, student, count: int, rng: np.random.Generator, steps: int = 3):
        """Wide crops, and the same with their cloaks after a few more steps."""
        places = rng.choice(len(self._photos), count, replace=False)
        renew = places[(rng.random(count) < 0.15) | self._fresh[places]]
        self._photos[renew] = rng.integers(len(self._crops), size=len(renew))
        self._cloaks[renew], self._fresh[renew] = 0, False
        device = self._crops.device
        wide = tensor(self._crops[torch.from_numpy(self._photos[places])])
        cloak = self._cloaks[places].float() / 4
        cloak += torch.randn_like(cloak) * 0.3
        strength = torch.from_numpy(rng.uniform(3.0, 10.0, (count, 1, 1, 1))).float().to(device)
        student.eval()
        for p in student.parameters():
            p.requires_grad_(False)
        with torch.no_grad(), autocast(device):
            own = student(centre(wide)).float()
        for _ in range(steps):
            cloak.requires_grad_(True)
            view = View(count, 0.8, flip=False)((wide + cloak).clamp(0, 255))
            with autocast(device):
                seen = student(blur(view, 0.8) if rng.random() < 0.2 else view)
            score = F.cosine_similarity(seen.float(), own)
            (slope,) = torch.autograd.grad(score.sum(), cloak)
            with torch.no_grad():
                slope = slope / (slope.square().mean((1, 2, 3), keepdim=True).sqrt() + 1e-9)
                # between a gradient step and a sign step, as adam's is
                cloak = self._limit(cloak - strength * slope / (slope.abs() + 0.5), strength)
        for p in student.parameters():
            p.requires_grad_(True)
        self._cloaks[places] = (cloak * 4).round().clamp(-127, 127).to(torch.int8)
        return wide, (wide + cloak).clamp(0, 255)

    def _limit(self, cloak, strength):
        """Inside the largest change and the energy that DSSIM allows, with less freedom in colour than in light."""
        grey = cloak.mean(1, keepdim=True)
        cloak = grey + 0.7 * (cloak - grey)
        energy = cloak.square().mean((1, 2, 3), keepdim=True).sqrt()
        cloak = cloak * (strength / (energy + 1e-9)).clamp(max=1)
        return cloak.clamp(-self._largest, self._largest)

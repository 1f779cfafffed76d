"""Cloaks that a student makes of its own training photos, kept from one time to the next.

A cloak lives in the coordinates of the wide crop, is seen through a random view at every gradient step and stays
inside the budget, as in the product. It takes tens of steps there; here every photo's cloak is kept in a bank and only
goes a few steps further each time the photo is drawn, so that the student meets strong cloaks at the price of weak ones.
"""

import numpy as np
import torch
import torch.nn.functional as F

from data import View, blur, centre


class Bank:
    def __init__(self, photos: int, side: int = 144, largest: float = 20.0):
        self._cloaks = np.zeros((photos, 3, side, side), np.int8)
        self._largest = largest

    def cloak(self, student, wide: torch.Tensor, photos: np.ndarray, rng: np.random.Generator, steps: int = 3):
        """The wide crops with their cloaks after a few more steps."""
        fresh = rng.random(len(photos)) < 0.15
        cloak = torch.from_numpy(self._cloaks[photos]).float() / 4
        cloak[torch.from_numpy(fresh)] = 0
        cloak += torch.randn_like(cloak) * 0.3
        strength = torch.from_numpy(rng.uniform(1.5, 5.5, (len(photos), 1, 1, 1))).float()
        student.eval()
        for p in student.parameters():
            p.requires_grad_(False)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            own = student(centre(wide)).float()
        for _ in range(steps):
            cloak.requires_grad_(True)
            with torch.autocast("cpu", torch.bfloat16):
                seen = student(View(len(wide), 0.7, flip=False)((wide + cloak).clamp(0, 255)))
            score = F.cosine_similarity(seen.float(), own)
            (slope,) = torch.autograd.grad(score.sum(), cloak)
            with torch.no_grad():
                slope = slope / (slope.square().mean((1, 2, 3), keepdim=True).sqrt() + 1e-9)
                # between a gradient step and a sign step, as adam's is
                cloak = cloak - strength * 0.35 * slope / (slope.abs() + 0.5)
                cloak = self._limit(cloak, strength)
        for p in student.parameters():
            p.requires_grad_(True)
        self._cloaks[photos] = (cloak * 4).round().clamp(-127, 127).to(torch.int8).numpy()
        return (wide + cloak).clamp(0, 255)

    def _limit(self, cloak, strength):
        """Inside the largest change and the energy that DSSIM allows, with less freedom in colour than in light."""
        grey = cloak.mean(1, keepdim=True)
        cloak = grey + 0.7 * (cloak - grey)
        energy = cloak.square().mean((1, 2, 3), keepdim=True).sqrt()
        cloak = cloak * (strength / (energy + 1e-9)).clamp(max=1)
        return cloak.clamp(-self._largest, self._largest)

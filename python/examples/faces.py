"""What the other scripts share: the example photos, and a model that tells whose face it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

import visard
import visard.torch

PHOTOS = Path(__file__).parents[2] / "examples" / "photos"
#: The network that attacks see, and one that they do not.
SEEN, UNSEEN = "visard-narrow", "visard-judge"


class Who(torch.nn.Module):
    """Aligned faces (n, 3, 112, 112) in 0 to 1 to (n, people): how much each resembles each person, for cross entropy."""

    def __init__(self, embedder: visard.torch.Embedder, people: torch.Tensor) -> None:
        super().__init__()
        self.embedder = embedder
        self.register_buffer("people", embedder(people))

    def forward(self, crops: torch.Tensor) -> torch.Tensor:
        """Cosines times 64, as face recognition is trained."""
        return 64 * self.embedder(crops) @ self.people.T


def crops_of(opened: visard.Visard, photos: list) -> torch.Tensor:
    """The first face of each photo."""
    return torch.from_numpy(np.concatenate([opened.crops(photo)[1][:1] for photo in photos]))


def likeness(opened: visard.Visard, before: torch.Tensor, after: torch.Tensor) -> str:
    """Mean cosine to the faces as they were, by the network that was seen and by one that was not."""
    told = []
    for name in (SEEN, UNSEEN):
        embed = opened.embedder(name).embed
        told.append(f"{name} {(embed(before.numpy()) * embed(after.numpy())).sum(1).mean():.2f}")
    return ", ".join(told)


def cloaked(opened: visard.Visard, photos: list) -> torch.Tensor:
    """The same faces in photos that visard protected."""
    return crops_of(opened, [opened.protect(photo).photo for photo in photos])

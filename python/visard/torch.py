"""visard's networks as modules of PyTorch whose input gradient is the engine's: for attacks and defences of one's own.

    embedder = visard.torch.Embedder(visard.Visard(), "visard-narrow")
    rows = embedder(crops)          # (n, 3, 112, 112) in 0 to 1 -> (n, dimension) of norm 1
    rows[0].dot(person).backward()  # crops.grad

Weights get no gradient, and second derivatives do not exist.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from .core import Visard

__all__ = ["Embedder"]


class _Embed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, crops: torch.Tensor, embedder: Any) -> torch.Tensor:
        values = np.ascontiguousarray(crops.detach().cpu().numpy(), dtype=np.float32)
        if ctx.needs_input_grad[0]:
            rows, ctx.trace = embedder.trace(values)
        else:
            rows = embedder.embed(values)
        return torch.from_numpy(rows).to(crops)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, slope: torch.Tensor) -> tuple[torch.Tensor, None]:
        by_rows = np.ascontiguousarray(slope.cpu().numpy(), dtype=np.float32)
        return torch.from_numpy(ctx.trace.gradient(by_rows)).to(slope), None


class Embedder(torch.nn.Module):
    """A surrogate or judge by its name; aligned faces (n, 3, 112, 112), RGB in 0 to 1, to (n, dimension), rows of norm 1.

    ``Visard.crops`` gives the aligned faces of a photo.
    """

    def __init__(self, visard: Visard, name: str) -> None:
        super().__init__()
        self._embedder = visard.embedder(name)

    def forward(self, crops: torch.Tensor) -> torch.Tensor:
        """Embeds aligned faces."""
        rows: torch.Tensor = _Embed.apply(crops, self._embedder)
        return rows

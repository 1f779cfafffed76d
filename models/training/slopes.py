"""Input gradients, which a surrogate exists for, matched to its teacher's (Sobolev training, Czarnecki et al. 2017,
arxiv.org/abs/1706.04859).
"""

import torch
import torch.nn.functional as F

from precision import autocast

POOL = 2
"""Slopes are compared as means of squares of so many pixels: finer ones say little about any network but their own."""


def slope(network, crops: torch.Tensor, identity: torch.Tensor, create: bool = False) -> torch.Tensor:
    """How the cosine to an identity changes with the crops, coarse, one row for each crop."""
    crops = crops.detach().requires_grad_(True)
    with autocast():
        embedding = network(crops)
    score = F.cosine_similarity(embedding.float(), identity).sum()
    (gradient,) = torch.autograd.grad(score, crops, create_graph=create)
    return F.avg_pool2d(gradient, POOL).flatten(1)


def agreement(student, teacher, crops: torch.Tensor, clean: torch.Tensor) -> torch.Tensor:
    """Mean cosine between the student's and the teacher's slopes on cloaked crops, away from who is on the clean ones."""
    with torch.no_grad():
        identity = teacher(clean)
    theirs = slope(teacher, crops, identity)
    student.eval()
    ours = slope(student, crops, identity, create=True)
    return F.cosine_similarity(ours, theirs).mean()

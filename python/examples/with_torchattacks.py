"""An attack of torchattacks on visard's networks, with visard's cloak as a baseline.

pip install torchattacks; python python/examples/with_torchattacks.py
"""

import torch
import torchattacks
from faces import PHOTOS, SEEN, Who, cloaked, crops_of, likeness

import visard
import visard.torch

opened = visard.Visard(strength="subtle")
photos = [PHOTOS / "amber-neutral.jpg", PHOTOS / "jonas-neutral.jpg"]
crops, labels = crops_of(opened, photos), torch.arange(len(photos))
model = Who(visard.torch.Embedder(opened, SEEN), crops).eval()


def told(name: str, changed: torch.Tensor) -> None:
    fooled = int((model(changed).argmax(1) != labels).sum())
    print(f"{name}: fooled {fooled} of {len(photos)};", likeness(opened, crops, changed))


told("as they are", crops)
told("MI-FGSM of torchattacks", torchattacks.MIFGSM(model, eps=8 / 255, steps=10)(crops, labels))
told("visard", cloaked(opened, photos))

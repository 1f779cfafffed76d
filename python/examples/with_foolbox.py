"""An attack of foolbox on visard's networks, with visard's cloak as a baseline.

pip install foolbox; python python/examples/with_foolbox.py
"""

import foolbox
import torch
from faces import PHOTOS, SEEN, Who, cloaked, crops_of, likeness

import visard
import visard.torch

opened = visard.Visard(strength="subtle")
photos = [PHOTOS / "amber-neutral.jpg", PHOTOS / "jonas-neutral.jpg"]
crops, labels = crops_of(opened, photos), torch.arange(len(photos))
model = foolbox.PyTorchModel(Who(visard.torch.Embedder(opened, SEEN), crops).eval(), bounds=(0, 1))
print("recognised before:", foolbox.accuracy(model, crops, labels))
attack = foolbox.attacks.LinfPGD(steps=10, rel_stepsize=0.2)
_, changed, fooled = attack(model, crops, labels, epsilons=8 / 255)
print(f"PGD of foolbox: fooled {int(fooled.sum())} of {len(photos)};", likeness(opened, crops, changed))
ours = cloaked(opened, photos)
fooled = model(ours).argmax(1) != labels
print(f"visard:         fooled {int(fooled.sum())} of {len(photos)};", likeness(opened, crops, ours))

"""Train a student from one teacher, stage by stage and then as a whole.

    python distill.py --name large-mobileface --student large-kernel --teacher mobileface --phase apart --batch 96 --steps 1200
    python distill.py --name large-mobileface ... --phase whole --from-checkpoint large-mobileface/apart.pt --rate 2e-3 --steps 900

Every step the teacher labels the augmented pictures themselves: its embedding, and the maps inside it. In the phase
`apart` every stage of the student is given the teacher's map before it and learns the next one, all at the same time; in
any other phase the student sees the pictures alone. There, from `--on-policy` (a share of the schedule) on, half of every
batch are cloaks that the student itself made (cloaks.py). phase.py keeps checkpoints and resumes.
"""

import argparse

import numpy as np
import torch
import torch.nn.functional as F

from cloaks import Bank
from data import View, centre, mix, spoil, tensor, training_faces
from device import DEVICE, autocast
from phase import APART, Phase, add_arguments
from students import STUDENTS, Student
from teachers import TEACHERS, Labeller, load

MAPS, EMBEDDING, SIMILARITY, LENGTH = 1.0, 2.0, 5.0, 0.1
"""Weights of the losses: squared error of the maps, 1 - cosine, squared error of the cosines within the batch, and the
embedding's length, whose square should be 1."""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True, help="of the network and its folder of checkpoints")
    parser.add_argument("--student", choices=STUDENTS, required=True)
    parser.add_argument("--teacher", choices=TEACHERS, required=True)
    parser.add_argument("--mix", type=float, default=0.2, help="share of blended faces")
    parser.add_argument("--on-policy", type=float, default=0.5, help="share of the schedule without own cloaks; 1: never any")
    add_arguments(parser, steps=3000, batch=32)
    return parser.parse_args()


def losses(embedding, maps, target, theirs) -> dict:
    embedding = embedding.float()
    unit = F.normalize(embedding, dim=1)
    return {
        "maps": sum((a.float() - b[: len(a)].float()).square().mean() for a, b in zip(maps, theirs)) / len(maps),
        "embedding": 1 - (unit * target).sum(1).mean(),
        "similarity": F.mse_loss(unit @ unit.t(), target @ target.t()),
        "length": (embedding.norm(dim=1) - 1).square().mean(),
    }


def whole(parts: dict, places: int):
    return (
        MAPS * places * parts["maps"]
        + EMBEDDING * parts["embedding"]
        + SIMILARITY * parts["similarity"]
        + LENGTH * parts["length"]
    )


class HeldOut:
    """Agreement with the teacher on 128 faces of people who are not trained on."""

    def __init__(self, student, labeller, crops, batch: int):
        self._student = student
        self._faces = centre(tensor(crops[:: max(1, len(crops) // 128)][:128]).to(DEVICE)).split(batch)
        self._labels = [labeller(f) for f in self._faces]

    @torch.no_grad()
    def __call__(self) -> dict:
        cosines, errors = [], []
        for faces, (target, theirs) in zip(self._faces, self._labels):
            embedding, maps = self._student.walk(faces)
            cosines.append(F.cosine_similarity(embedding, target))
            errors.append([float((a - b.float()).square().mean()) for a, b in zip(maps, theirs)])
        return {
            "held-out cosine": round(float(torch.cat(cosines).mean()), 4),
            "held-out error of the maps": np.mean(errors, 0).round(3).tolist(),
        }


class Batches:
    """Random pictures: spoiled views of faces, blended with others now and then, and own cloaks."""

    def __init__(self, crops: np.ndarray, options, seed: int):
        self._crops, self._options = torch.from_numpy(crops).to(DEVICE), options
        self._rng, self._bank = np.random.default_rng(seed), Bank(self._crops, 2 * options.batch if DEVICE.type == "cuda" else 256)

    def draw(self, student, cloaked: bool) -> torch.Tensor:
        """N x 3 x 112 x 112, 0..255; `cloaked`: the second half are cloaks that the student made."""
        n = self._options.batch // 2 if cloaked else self._options.batch
        wide = tensor(self._crops[torch.from_numpy(self._rng.choice(len(self._crops), n, replace=False))])
        faces = spoil(View(n)(mix(wide, self._options.mix, self._rng)), self._rng)
        if not cloaked:
            return faces
        _, cloaks = self._bank.draw(student, n, self._rng, steps=2)
        return torch.cat([faces, View(n)(cloaks).clamp(0, 255)])


def step(student, faces, labels, apart: bool) -> tuple:
    """The loss of a batch, and what is printed of it."""
    target, theirs = labels
    student.train()
    with autocast(faces.device):
        embedding, maps = student.apart(faces, theirs) if apart else student.walk(faces)
    parts = losses(embedding, maps, target, theirs)
    agreed, half = F.cosine_similarity(embedding.float(), target), len(faces) // 2
    return whole(parts, len(maps)), {**parts, "first half": agreed[:half].mean(), "second half": agreed[half:].mean()}


def main() -> None:
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    crops, (held, _) = training_faces()
    teacher = TEACHERS[options.teacher]
    labeller = Labeller(load([options.teacher])[options.teacher].to(DEVICE), centre(tensor(crops[:: len(crops) // 96]).to(DEVICE)))
    shape = {"kind": options.student, "places": labeller.shapes, "dim": teacher.dim, "columns": teacher.columns}
    student = Student(**shape).to(DEVICE, memory_format=torch.channels_last)
    phase = Phase(student, options, HeldOut(student, labeller, held, options.batch), shape=shape)
    torch._dynamo.config.recompile_limit = 256  # an operator is compiled for each shape that it meets in a teacher
    label = torch.compile(labeller, dynamic=False) if DEVICE.type == "cpu" else labeller
    batches, apart = Batches(crops, options, phase.seed), options.phase == APART
    for share in phase:
        faces = batches.draw(student, cloaked=not apart and share >= options.on_policy)
        loss, record = step(student, faces, label(faces), apart)
        phase.learn(loss, **record)


if __name__ == "__main__":
    main()

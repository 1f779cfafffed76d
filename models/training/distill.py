"""Train a student from one teacher, stage by stage and then as a whole.

    python distill.py --name large-mobileface --student large-kernel --teacher mobileface --phase apart --batch 96 --steps 1200
    python distill.py --name large-mobileface ... --phase whole --from-checkpoint large-mobileface/apart.pt --rate 2e-3 --steps 900

Every step the teacher labels the augmented pictures themselves: its embedding, and the maps inside it. In the phase
`apart` every stage of the student is given the teacher's map before it and learns the next one, all at the same time; in
any other phase the student sees the pictures alone. There, from `--on-policy` (a share of the schedule) on, half of every
batch are cloaks that the student itself made (cloaks.py). The schedule counts steps, so a training may be stopped at any
time; the same command resumes it.
"""

import argparse
import json
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from cloaks import Bank
from data import View, centre, mix, spoil, tensor, training_faces
from paths import WORK
from precision import autocast
from students import STUDENTS, Student
from teachers import TEACHERS, Labeller, load

MAPS, EMBEDDING, SIMILARITY, LENGTH = 1.0, 2.0, 5.0, 0.1
"""Weights of the losses: squared error of the maps, 1 - cosine, squared error of the cosines within the batch, and the
embedding's length, whose square should be 1."""


APART = "apart"
"""The phase in which stages learn alone."""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True, help="of the network and its folder of checkpoints")
    parser.add_argument("--student", choices=STUDENTS, required=True)
    parser.add_argument("--teacher", choices=TEACHERS, required=True)
    parser.add_argument("--phase", default=APART, help="name of this phase; each has its own schedule")
    parser.add_argument("--from-checkpoint", help="start a new phase from this file")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--mix", type=float, default=0.2, help="share of blended faces")
    parser.add_argument("--on-policy", type=float, default=0.5, help="share of the schedule without own cloaks; 1: never any")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--every", type=int, default=100, help="steps between checkpoints")
    return parser.parse_args()


def schedule(share: float) -> float:
    """One cycle: up in the first tenth, then a cosine down to nothing."""
    return share / 0.1 if share < 0.1 else 0.5 * (1 + np.cos(np.pi * (share - 0.1) / 0.9))


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


class Average:
    """The weights' running mean: what is published."""

    def __init__(self, student):
        self.state = {k: v.clone() for k, v in student.state_dict().items()}

    @torch.no_grad()
    def follow(self, student, step: int) -> None:
        keep = min(0.995, (step + 1) / (step + 10))
        for key, value in student.state_dict().items():
            if value.dtype.is_floating_point:
                self.state[key].lerp_(value, 1 - keep)
            else:
                self.state[key].copy_(value)


@torch.no_grad()
def held_out(student, average, check, truth, labelled) -> dict:
    """Agreement of the published weights with the teacher, on people who are not trained on."""
    kept = {k: v.clone() for k, v in student.state_dict().items()}
    student.load_state_dict(average.state)
    student.eval()
    outs, errors = [], []
    for crops, (_, theirs) in zip(check, labelled):
        out, maps = student.walk(crops)
        outs.append(out)
        errors.append([float((a - b.float()).square().mean()) for a, b in zip(maps, theirs)])
    student.load_state_dict(kept)
    return {
        "held-out cosine": round(float(F.cosine_similarity(torch.cat(outs), truth).mean()), 4),
        "held-out error of the maps": np.mean(errors, 0).round(3).tolist(),
    }


def main() -> None:
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    folder = WORK / options.name
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / f"{options.phase}.pt"

    crops, (held, _) = training_faces()
    faces = centre(tensor(crops[:: len(crops) // 96]))
    labeller = Labeller(load([options.teacher])[options.teacher], faces)
    teacher = TEACHERS[options.teacher]
    shape = {"kind": options.student, "places": labeller.shapes, "dim": teacher.dim, "columns": teacher.columns}
    student = Student(**shape).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(student.parameters(), lr=options.rate, weight_decay=0.01, betas=(0.9, 0.98))
    start = 0
    if checkpoint.exists() or options.from_checkpoint:
        source = checkpoint if checkpoint.exists() else WORK / options.from_checkpoint
        state = torch.load(source, weights_only=False)
        student.load_state_dict(state["average" if source != checkpoint else "student"])
    average = Average(student)
    if checkpoint.exists():
        optimiser.load_state_dict(state["optimiser"])
        average.state, start = state["average"], state["step"]
    bank = Bank(crops)
    label = torch.compile(labeller, dynamic=False)
    check = centre(tensor(held[:: max(1, len(held) // 128)][:128])).split(options.batch)
    labelled = [labeller(c) for c in check]
    truth = torch.cat([t for t, _ in labelled])

    apart, sums, began = options.phase == APART, {}, time.process_time()
    for step in range(start, options.steps):
        share = step / options.steps
        for group in optimiser.param_groups:
            group["lr"] = options.rate * schedule(share)
        half = options.batch // 2
        clean = options.batch if apart or share < options.on_policy else half
        wide = tensor(crops[rng.choice(len(crops), clean, replace=False)])
        x = spoil(View(clean)(mix(wide, options.mix, rng)), rng)
        if clean == half:
            _, cloaked = bank.draw(student, half, rng, steps=2)
            x = torch.cat([x, View(half)(cloaked).clamp(0, 255)])
        target, theirs = label(x)
        student.train()
        with autocast():
            embedding, maps = student.apart(x, theirs) if apart else student.walk(x)
        parts = losses(embedding, maps, target, theirs)
        loss = whole(parts, len(maps))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(student.parameters(), 5.0)
        optimiser.step()
        average.follow(student, step - start)

        with torch.no_grad():
            agreed = F.cosine_similarity(embedding.float(), target)
        record = {**parts, "first half": agreed[:half].mean(), "second half": agreed[half:].mean()}
        for key, value in record.items():
            sums[key] = sums.get(key, 0.0) + float(value.detach())
        if (step + 1) % 50 == 0:
            line = {k: round(v / 50, 4) for k, v in sums.items()}
            print(json.dumps({"step": step + 1, **line, "cpu seconds": round(time.process_time() - began)}), flush=True)
            sums = {}
        if (step + 1) % options.every == 0 or step + 1 == options.steps:
            scores = held_out(student, average, check, truth, labelled)
            state = {
                "step": step + 1,
                "shape": shape,
                "student": student.state_dict(),
                "optimiser": optimiser.state_dict(),
                "average": average.state,
                "options": vars(options),
                **scores,
            }
            torch.save(state, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").rename(checkpoint)
            print(json.dumps({"step": step + 1, **scores}), flush=True)


if __name__ == "__main__":
    main()

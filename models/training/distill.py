"""Train a student from the teachers.

    python distill.py --name residual --student residual --teachers espressif,foamliu --steps 4000
    python distill.py --name residual --on-policy --steps 3000        (goes on from its checkpoint)

Every step one teacher labels the augmented pictures themselves: its embedding, and the maps inside it. With
`--on-policy` half of every batch are cloaks that the student itself made (cloaks.py). The schedule counts steps, so a
training may be stopped at any time; the same command resumes it.
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
from students import build
from teachers import TEACHERS, Labeller, load


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True, help="of the network and its folder of checkpoints")
    parser.add_argument("--student", default="residual")
    parser.add_argument("--teachers", default=",".join(TEACHERS))
    parser.add_argument("--phase", default="distil", help="name of this phase; each has its own schedule")
    parser.add_argument("--from-checkpoint", help="start a new phase from this file")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--hints", type=float, default=1.0, help="weight of the maps inside the teachers; 0: none")
    parser.add_argument("--mix", type=float, default=0.2, help="share of blended faces")
    parser.add_argument("--on-policy", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--every", type=int, default=250, help="steps between checkpoints")
    return parser.parse_args()


def schedule(step: int, steps: int) -> float:
    """One cycle: up in the first tenth, then a cosine down to nothing."""
    warm = max(1, steps // 10)
    return (step + 1) / warm if step < warm else 0.5 * (1 + np.cos(np.pi * (step - warm) / max(1, steps - warm)))


class Hints(nn.Module):
    """Linear maps from the student's stages to a teacher's."""

    SIDES = {28: 1, 14: 2, 7: 3}

    def __init__(self, widths, labellers: dict):
        super().__init__()
        self.maps = nn.ModuleDict(
            {
                f"{name}-{side}": nn.Conv2d(widths[self.SIDES[side]], channels, 1)
                for name, labeller in labellers.items()
                for side, channels in labeller.channels.items()
            }
        )

    def forward(self, name, ours, theirs):
        """Share of the variance of the teacher's maps that is not explained."""
        losses = []
        for side, target in theirs.items():
            guess = self.maps[f"{name}-{side}"](ours[self.SIDES[side]]).float()
            cut = (guess.shape[3] - target.shape[3]) // 2
            guess = guess[..., cut : guess.shape[3] - cut]
            losses.append(F.smooth_l1_loss(guess, target.float(), beta=2.0) * 4)
        return sum(losses) / len(losses)


def main() -> None:
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    names = options.teachers.split(",")
    folder = WORK / options.name
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / f"{options.phase}.pt"

    crops, (held, _) = training_faces()
    labellers = {n: Labeller(t, centre(tensor(crops[:: len(crops) // 96]))) for n, t in load(names).items()}
    student = build(options.student, {n: TEACHERS[n].dim for n in names})
    hints = Hints(student.widths, labellers).to(memory_format=torch.channels_last)
    parameters = [*student.parameters(), *hints.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=options.rate, weight_decay=0.02, betas=(0.9, 0.98))
    average = {k: v.clone() for k, v in student.state_dict().items()}
    start = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        student.load_state_dict(state["student"])
        hints.load_state_dict(state["hints"])
        optimiser.load_state_dict(state["optimiser"])
        average, start = state["average"], state["step"]
    elif options.from_checkpoint:
        state = torch.load(WORK / options.from_checkpoint, weights_only=False)
        student.load_state_dict(state["average"])
        if "hints" in state:
            hints.load_state_dict(state["hints"])
        average = {k: v.clone() for k, v in state["average"].items()}
    bank = Bank(crops) if options.on_policy else None
    label = {n: torch.compile(l, dynamic=False) for n, l in labellers.items()}
    check = centre(tensor(held[:: max(1, len(held) // 256)][:256]))
    truth = {n: torch.cat([l(c)[0] for c in check.split(options.batch)]) for n, l in label.items()}

    sums, began = {}, time.time()
    for step in range(start, options.steps):
        rate = options.rate * schedule(step, options.steps)
        for group in optimiser.param_groups:
            group["lr"] = rate
        name = names[step % len(names)]
        if bank:
            half = options.batch // 2
            clean = tensor(crops[rng.choice(len(crops), half, replace=False)])
            cloaked = bank.draw(student, half, rng)
            view = View(half)
            clean = spoil(View(half)(mix(clean, options.mix, rng)), rng)
            x = torch.cat([clean, view(cloaked).clamp(0, 255)])
        else:
            picked = rng.choice(len(crops), options.batch, replace=False)
            wide = tensor(crops[picked])
            x = spoil(View(options.batch)(mix(wide, options.mix, rng)), rng)
        target, theirs = label[name](x)
        student.train()
        with torch.autocast("cpu", torch.bfloat16):
            vector, ours = student.features(x)
            guess = student.heads[name](vector)
            hint = hints(name, ours, theirs) if options.hints else torch.zeros(())
        guess = guess.float()
        unit = F.normalize(guess, dim=1)
        agreement = (unit * target).sum(1)
        similarity = F.mse_loss(unit @ unit.t(), target @ target.t())
        loss = (1 - agreement).mean() + 5 * similarity + 0.1 * (guess.norm(dim=1) - 1).square().mean()
        loss = loss + options.hints * hint
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 5.0)
        optimiser.step()
        keep = min(0.996, (step - start + 1) / (step - start + 10))
        with torch.no_grad():
            for key, value in student.state_dict().items():
                if value.dtype.is_floating_point:
                    average[key].lerp_(value, 1 - keep)
                else:
                    average[key].copy_(value)

        half = len(x) // 2
        record = {"loss": loss, "hint": hint, "clean": agreement[:half].mean(), "second": agreement[half:].mean()}
        for key, value in record.items():
            sums[key] = sums.get(key, 0.0) + float(value.detach())
        if (step + 1) % 50 == 0:
            line = {k: round(v / 50, 4) for k, v in sums.items()}
            print(json.dumps({"step": step + 1, "rate": round(rate, 6), **line, "seconds": round(time.time() - began)}), flush=True)
            sums = {}
        if (step + 1) % options.every == 0 or step + 1 == options.steps:
            state = {
                "step": step + 1,
                "student": student.state_dict(),
                "hints": hints.state_dict(),
                "optimiser": optimiser.state_dict(),
                "average": average,
                "options": vars(options),
            }
            torch.save(state, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").rename(checkpoint)
            kept = {k: v.clone() for k, v in student.state_dict().items()}
            student.load_state_dict(average)
            student.eval()
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                vectors = torch.cat([student.features(c)[0] for c in check.split(64)])
                scores = {
                    n: round(float(F.cosine_similarity(student.heads[n](vectors).float(), truth[n]).mean()), 4)
                    for n in names
                }
            student.load_state_dict(kept)
            print(json.dumps({"step": step + 1, "held-out agreement": scores}), flush=True)


if __name__ == "__main__":
    main()

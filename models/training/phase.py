"""One phase of a training: its schedule, its checkpoints, and the average of the weights, which is what is published.

The schedule counts steps, so a training may be stopped at any time; the same command resumes it from NAME/PHASE.pt.
"""

import contextlib
import json
import time

import numpy as np
import torch
from torch import nn

from device import DEVICE
from paths import WORK

APART = "apart"
"""The phase in which stages learn alone."""


def add_arguments(parser, steps: int, batch: int) -> None:
    parser.add_argument("--phase", default=APART, help="name of this phase; each has its own schedule")
    parser.add_argument("--from-checkpoint", help="start a new phase from this file")
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--minutes", type=float, help="follow the clock instead of the steps: for a machine at hand for a while")
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--every", type=int, default=100, help="steps between checkpoints")


def schedule(share: float) -> float:
    """One cycle: up in the first tenth, then a cosine down to nothing."""
    return share / 0.1 if share < 0.1 else 0.5 * (1 + np.cos(np.pi * (share - 0.1) / 0.9))


class Phase:
    """Iterating over it gives the share of the schedule at every step that is left; the body calls `learn` once.

    `check` measures the network with the published weights and is stored with every checkpoint, as `described` is.
    """

    def __init__(self, network: nn.Module, options, check=dict, **described):
        self._network, self._options, self._check = network, options, check
        self._described = {"options": vars(options), **described}
        self._file = WORK / options.name / f"{options.phase}.pt"
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._optimiser = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=0.01, betas=(0.9, 0.98))
        resumed = torch.load(self._file, map_location=DEVICE, weights_only=False) if self._file.exists() else None
        if resumed:
            network.load_state_dict(resumed["network"])
            self._optimiser.load_state_dict(resumed["optimiser"])
        elif options.from_checkpoint:
            before = torch.load(WORK / options.from_checkpoint, map_location=DEVICE, weights_only=False)
            network.load_state_dict(before["average"])
        self._start = resumed["step"] if resumed else 0
        self._began = time.time() - (60 * options.minutes * resumed["share"] if resumed and options.minutes else 0)
        self.seed = options.seed * 1000 + self._start
        """Of the random numbers from here on: a training that goes on does not meet the same pictures again."""
        torch.manual_seed(self.seed)
        self._average = resumed["average"] if resumed else {k: v.clone() for k, v in network.state_dict().items()}
        self._records = []

    def __iter__(self):
        step = self._start
        while (share := self._share(step)) < 1:
            for group in self._optimiser.param_groups:
                group["lr"] = self._options.rate * schedule(share)
            yield share
            self._follow(step)
            step += 1
            if step % 50 == 0:
                self._print(step)
            if step % self._options.every == 0:
                self._save(step)
        if step > self._start and step % self._options.every:
            self._save(step)

    def _share(self, step: int) -> float:
        """Of the schedule that is over after so many steps."""
        minutes = self._options.minutes
        return (time.time() - self._began) / 60 / minutes if minutes else step / self._options.steps

    def _print(self, step: int) -> None:
        means = {k: torch.stack([r[k] for r in self._records]).double().mean(0) for k in self._records[0]}
        means = {k: mean.cpu().numpy().round(4).tolist() for k, mean in means.items()}
        print(json.dumps({"step": step, **means, "seconds": round(time.time() - self._began)}), flush=True)
        self._records = []

    def learn(self, loss: torch.Tensor, **record: torch.Tensor) -> None:
        """A step down `loss`; the means of `record` are printed."""
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self._network.parameters(), 5.0)
        self._optimiser.step()
        self._records.append({key: value.detach() for key, value in record.items()})

    @torch.no_grad()
    def _follow(self, step: int) -> None:
        keep = min(0.995, (step + 1) / (step + 10))
        now = self._network.state_dict()
        moving = [key for key, value in now.items() if value.dtype.is_floating_point]
        torch._foreach_lerp_([self._average[key] for key in moving], [now[key] for key in moving], 1 - keep)
        for key in now.keys() - set(moving):
            self._average[key].copy_(now[key])

    @contextlib.contextmanager
    def _published(self):
        """The network as it would be published."""
        kept = {k: v.clone() for k, v in self._network.state_dict().items()}
        self._network.load_state_dict(self._average)
        self._network.eval()
        yield
        self._network.load_state_dict(kept)
        self._network.train()

    def _save(self, step: int) -> None:
        with self._published():
            scores = self._check()
        state = {"step": step, "share": self._share(step), "network": self._network.state_dict(), "average": self._average,
                 "optimiser": self._optimiser.state_dict(), **self._described, **scores}  # fmt: skip
        torch.save(state, self._file.with_suffix(".part"))
        self._file.with_suffix(".part").rename(self._file)
        print(json.dumps({"step": step, **scores}), flush=True)

"""Give a finished student a better last layer: within-class covariance normalisation.

    python wccn.py judge/long.pt --shrink 3         writes judge/long-wccn.pt

Hatch, Kajarekar and Stolcke 2006 (www.isca-archive.org/interspeech_2006/hatch06_interspeech.html): the embedding is
centred and multiplied by the inverse square root of the covariance that photos of one person have around their mean, so that what differs between photos of a person
counts less in the cosine. Both are linear, so they become part of the last layer and cost nothing.
The people are those of LFW with two photos or more, without the evaluation and validation people. `--shrink` is what is
added to the covariance, in units of its mean variance: small numbers trust it more. Choose it by the accuracy on the
validation people, which is printed.
"""

import argparse

import numpy as np
import torch

from data import centre, person, tensor, training_faces
from evaluate import accuracy, distractors, lines
from paths import WORK
from students import build


def photos_of_several() -> tuple:
    """Training crops of people with two photos or more, and whose they are."""
    names = np.array([person(line) for line in lines("lfw-training")])
    held = set(training_faces()[1][1])
    counts = dict(zip(*np.unique(names, return_counts=True)))
    chosen = np.array([name not in held and counts[name] >= 2 for name in names])
    return np.load(WORK / "lfw-training.npy", mmap_mode="r")[chosen], names[chosen]


@torch.no_grad()
def outputs(student, crops: np.ndarray) -> torch.Tensor:
    return torch.cat([student(centre(tensor(crops[i : i + 64]))) for i in range(0, len(crops), 64)]).double()


def normalisation(rows: torch.Tensor, owners: np.ndarray, shrink: float) -> tuple:
    """The mean, and the inverse square root of the covariance within people."""
    people = np.unique(owners, return_inverse=True)[1]
    within = torch.zeros(rows.shape[1], rows.shape[1], dtype=rows.dtype)
    for k in range(people.max() + 1):
        own = rows[torch.from_numpy(people == k)]
        off = own - own.mean(0)
        within += off.t() @ off
    within /= len(rows) - people.max() - 1
    values, axes = torch.linalg.eigh(within)
    values = values + shrink * values.mean()
    root = axes @ torch.diag(values.rsqrt()) @ axes.t()
    return rows.mean(0), root * values.mean().sqrt()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("--shrink", type=float, default=1.0)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    state = torch.load(WORK / options.checkpoint, map_location="cpu", weights_only=False)
    student = build(state)
    crops, owners = photos_of_several()
    mean, root = normalisation(outputs(student, crops), owners, options.shrink)
    validation, of = training_faces()[1]
    held, others = outputs(student, validation), outputs(student, distractors())
    for name, change in (("before", lambda x: x), ("after", lambda x: (x - mean) @ root)):
        pair = [torch.nn.functional.normalize(change(x), dim=1).float() for x in (held, others)]
        print(name, accuracy(*pair, np.array(of)))
    last = student.stages[-1][-1]
    with torch.no_grad():
        last.bias.copy_(root @ (last.bias.double() - mean))
        last.weight.copy_(root @ last.weight.double())
    kept = WORK / options.checkpoint
    own = student.state_dict()
    torch.save({**state, "average": own, "network": own}, kept.with_stem(kept.stem + "-wccn"))


if __name__ == "__main__":
    main()

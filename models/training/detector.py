"""Train the face detector to give YuNet's answers.

    python detector.py --phase apart --steps 1200       resumes from its checkpoint
    python detector.py --phase whole --from-checkpoint detector/apart.pt --rate 2e-3 --steps 900
    python detector.py --restore FILE.onnx      makes detector/restored.pt of an exported file, to train it further
    python detector.py --export FILE.onnx

Pictures are made as they are needed (pictures.py): photos of lfw, faces-unlabelled and portraits, scaled, turned by up to 30 degrees,
partly covered, pasted over scenes, one to six in a picture of 320 x 320 or up to 16 side by side, or plain scenes, cut out
and turned at random. YuNet (yunet.py) labels what came out, square by square: the student learns its raw outputs at strides 8, 16
and 32, so the same decoding serves both. It is built as a chain of stages between YuNet's maps and trained in the same two
phases as the embedders (distill.py).
"""

import argparse

import cv2
import onnx
import torch
import torch.nn.functional as F
from torch import nn

from device import DEVICE, autocast
from paths import WORK
from phase import APART, Phase, add_arguments
from pictures import Pictures
from students import conv
from yunet import HINTS, NAMES, PARTS, SIDE, STRIDES, labels, yunet

CHANNELS = 64
PLACE, MAPS = 4.0, 1.0
"""Weights of the losses of boxes and points, and of the maps, beside that of the scores."""


def up(x):
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def pair(inputs, wide, outputs):
    """Two dense 3 x 3 convolutions, where YuNet has two separable ones."""
    return [conv(inputs, wide), nn.ReLU(), conv(wide, outputs), nn.ReLU()]


def gain(channels):
    """A factor for every channel: the maps that are added were scaled apart."""
    return nn.Conv2d(channels, channels, 1, groups=channels, bias=False)


class Detector(nn.Module):
    """Dense convolutions and a pyramid, stage by stage between YuNet's maps. Input as YuNet's: BGR of 0..255."""

    def __init__(self):
        super().__init__()
        start = nn.Sequential(conv(3, 24, 3, 2), nn.ReLU(), conv(24, 16), nn.ReLU(), nn.MaxPool2d(2))
        fine = [nn.Sequential(*pair(16, 24, 32)), nn.Sequential(*pair(32, 48, CHANNELS))]
        coarse = [nn.Sequential(nn.MaxPool2d(2), *pair(CHANNELS, 96, CHANNELS)) for _ in STRIDES]
        self.trunk = nn.ModuleList([start, *fine, *coarse])
        self.neck = nn.ModuleList([nn.Sequential(conv(CHANNELS, CHANNELS), nn.ReLU()) for _ in STRIDES])
        self.gains = nn.ModuleList([gain(CHANNELS) for _ in STRIDES[1:]])
        self.heads = nn.ModuleList([nn.Conv2d(CHANNELS, sum(PARTS.values()), 3, 1, 1) for _ in STRIDES])

    @torch.no_grad()
    def even(self, scales: list):
        """Begins with sums as YuNet's, whose maps are given divided by these scales."""
        scale = dict(zip(HINTS, scales))
        for factor, coarse, fine in zip(self.gains, ("246", "236"), ("214", "223")):
            factor.weight.copy_((scale[coarse] / scale[fine]).reshape(-1, 1, 1, 1))

    def forward(self, bgr):
        return self.walk(bgr)[0]

    def walk(self, bgr, theirs=None):
        """Raw answers at each stride (N x squares x 16), and the maps on the way.

        With YuNet's maps in `theirs`, every stage is given those before it instead of its own.
        """
        maps = []

        def keep(x):
            maps.append(x)
            return x if theirs is None else theirs[len(maps) - 1].to(x.dtype)

        x, levels = (bgr - 127.5) / 64, []
        for stage in self.trunk:
            x = keep(stage(x))
            levels.append(x)
        eight, sixteen, thirty_two = levels[-3:]
        coarse = keep(self.neck[2](thirty_two))
        middle = keep(self.neck[1](sixteen + up(self.gains[1](coarse))))
        fine = keep(self.neck[0](eight + up(self.gains[0](middle))))
        answers = [head(x) for head, x in zip(self.heads, (fine, middle, coarse))]
        return [a.permute(0, 2, 3, 1).flatten(1, 2) for a in answers], maps


class Exported(nn.Module):
    """With YuNet's twelve outputs."""

    def __init__(self, detector):
        super().__init__()
        self.detector = detector

    def forward(self, bgr):
        maps = [m.split(list(PARTS.values()), 2) for m in self.detector(bgr)]
        return tuple(
            torch.sigmoid(m[i]) if name in ("cls", "obj") else m[i] for i, name in enumerate(PARTS) for m in maps
        )


def spread(maps: list) -> list:
    """The deviation of every channel; its zero stays where it is, since YuNet's maps end in ReLU."""
    return [m.std((0, 2, 3), keepdim=True) + 1e-2 for m in maps]


def loss_of(ours: list, theirs: list) -> tuple:
    score, place = 0.0, 0.0
    for guess, target in zip(ours, theirs):
        certain = (target[..., 0] * target[..., 1]).clamp(0, 1)  # what YuNet's own decoding uses
        wanted = target[..., :2].clamp(0, 1)
        cross = F.binary_cross_entropy_with_logits(guess[..., :2], wanted, reduction="none")
        weight = (torch.sigmoid(guess[..., :2]).detach() - wanted).abs().square() + 0.02 + 0.5 * certain[..., None]
        score = score + (cross * weight).sum() / len(guess) / 10
        near = certain * (certain > 0.2)
        off = F.smooth_l1_loss(guess[..., 2:], target[..., 2:], beta=0.1, reduction="none").mean(2)
        place = place + (off * near).sum() / (near.sum() + 1)
    return score, place


def step(detector, x, labelled: tuple, apart: bool) -> tuple:
    """The loss of a batch, and what is printed of it."""
    target, theirs = labelled
    with autocast(x.device):
        guess, maps = detector.walk(x, theirs if apart else None)
    score, place = loss_of([g.float() for g in guess], target)
    inside = torch.stack([(a.float() - b).square().mean() for a, b in zip(maps, theirs)])
    return score + PLACE * place + MAPS * inside.sum(), {"score": score, "place": place, "maps": inside}


def train(options) -> None:
    torch.manual_seed(options.seed)
    session = yunet()
    scales = spread(labels(session, Pictures(options.seed, 300).batch(48))[1])
    detector = Detector()
    detector.even(scales)
    detector.to(DEVICE, memory_format=torch.channels_last)
    phase = Phase(detector, options)
    pictures, apart = Pictures(phase.seed), options.phase == APART
    for _ in phase:
        batch = pictures.batch(options.batch)
        target, maps = labels(session, batch)
        labelled = [t.to(DEVICE) for t in target], [(m / s).to(DEVICE) for m, s in zip(maps, scales)]
        x = torch.from_numpy(batch).permute(0, 3, 1, 2).float().to(DEVICE, memory_format=torch.channels_last)
        loss, record = step(detector, x, labelled, apart)
        phase.learn(loss, **record)


def restore(file: str) -> None:
    from restore import fill, normalise, stored

    detector = Detector().eval()
    pictures = torch.from_numpy(Pictures(1, 300).batch(48)).permute(0, 3, 1, 2).float()
    norms = fill(detector, {k.removeprefix("detector."): v for k, v in stored(file).items()})
    with torch.no_grad():
        before = detector(pictures)
        normalise(detector, norms, pictures)
        print("largest difference before and after", max(float((a - b).abs().max()) for a, b in zip(before, detector(pictures))))
    (WORK / "detector").mkdir(parents=True, exist_ok=True)
    state = detector.state_dict()
    torch.save({"step": 0, "average": state, "options": {}}, WORK / "detector" / "restored.pt")


def export(file: str, checkpoint: str) -> None:
    from export import fold, halve

    detector = Detector()
    detector.load_state_dict(torch.load(WORK / checkpoint, map_location="cpu", weights_only=False)["average"])
    detector.eval()
    fold(detector)
    axes = {"input": {0: "batch", 2: "height", 3: "width"}} | {n: {0: "batch", 1: "squares"} for n in NAMES}
    torch.onnx.export(Exported(detector), (torch.zeros(1, 3, SIDE, SIDE),), file, input_names=["input"],
                      output_names=NAMES, dynamic_axes=axes, opset_version=17, dynamo=False)
    model = halve(onnx.load(file))
    onnx.checker.check_model(model)
    onnx.save(model, file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.set_defaults(name="detector")
    add_arguments(parser, steps=1200, batch=16)
    parser.add_argument("--restore")
    parser.add_argument("--export", help="of detector/whole.pt, or of --from-checkpoint")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    if options.restore:
        restore(options.restore)
    elif options.export:
        export(options.export, options.from_checkpoint or "detector/whole.pt")
    else:
        train(options)


if __name__ == "__main__":
    main()

"""Our own networks: chains of stages, each of which learns what one part of its teacher does.

A stage maps the teacher's map at one residual sum to its map at the next (standardised, channel by channel); the last
one gives the embedding. The blocks inside differ from one student to the next. Every block ends linearly, as a residual
sum does.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

SLOPE = 0.25
"""One fixed slope below zero everywhere: as cheap as ReLU to train on a CPU, without its dead gradients."""


class Activation(nn.Module):
    def forward(self, x):
        return F.leaky_relu(x, SLOPE)


def conv(inputs, outputs, kernel=3, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)
    )


class Block(nn.Module):
    """`body`, with a shortcut around it where the shape stays."""

    def __init__(self, inputs, outputs, stride, *body):
        super().__init__()
        self.body = nn.Sequential(*body)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.body(x) if self.shortcut else self.body(x)


def large(inputs, outputs, stride=1):
    """A depthwise 7 x 7 between two 1 x 1 (in the manner of ConvNeXt, arxiv.org/abs/2201.03545)."""
    wide = max(256, 6 * outputs)
    return Block(
        inputs, outputs, stride,
        conv(inputs, wide, 1), Activation(), conv(wide, wide, 7, stride, wide), Activation(), conv(wide, outputs, 1),
    )  # fmt: skip


def inverted(inputs, outputs, stride=1):
    """A depthwise 3 x 3 between two 1 x 1, which widen and narrow (MobileNetV2, arxiv.org/abs/1801.04381)."""
    wide = max(192, 3 * outputs) if stride == 1 else 2 * (inputs + outputs)
    return Block(
        inputs, outputs, stride,
        conv(inputs, wide, 1), Activation(), conv(wide, wide, 3, stride, wide), Activation(), conv(wide, outputs, 1),
    )  # fmt: skip


def bottleneck(inputs, outputs, stride=1):
    """A dense 3 x 3 between two 1 x 1 (He et al. 2015, without the last activation)."""
    wide = outputs * 3 // 2
    return Block(
        inputs, outputs, stride,
        conv(inputs, wide, 1), Activation(), conv(wide, wide, 3, stride), Activation(), conv(wide, outputs, 1),
    )  # fmt: skip


class Attention(nn.Module):
    """A transformer block over the squares of a map. A depthwise 3 x 3 inside its second half tells places apart
    (PVT v2, Wang et al. 2021, arxiv.org/abs/2106.13797)."""

    def __init__(self, width, heads=4):
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mix = inverted(width, width)

    def forward(self, x):
        b, c, h, w = x.shape
        t = x.flatten(2).transpose(1, 2)
        q, k, v = self.qkv(self.norm(t)).reshape(b, h * w, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        mixed = torch.softmax(q @ k.transpose(2, 3) * (c // self.heads) ** -0.5, 3) @ v
        t = t + self.out(mixed.transpose(1, 2).reshape(b, h * w, c))
        return self.mix(t.transpose(1, 2).reshape(b, c, h, w).contiguous(memory_format=torch.channels_last))


def attentive(inputs, outputs, stride=1):
    """Attention, or a block without it where the shape changes."""
    return Attention(outputs) if stride == 1 and inputs == outputs else inverted(inputs, outputs, stride)


def dense_stem():
    """Channels at 56 squares, and the layers that lead there."""
    return 64, [conv(3, 32, 3, 2), Activation(), conv(32, 64), Activation()]


def depthwise_stem():
    return 64, [conv(3, 64, 3, 2), Activation(), conv(64, 64, 3, 1, 64), Activation()]


@dataclass(frozen=True)
class Kind:
    """Which block is used on maps of 28 squares and which on smaller ones, and what lies before them."""

    early: callable
    late: callable
    stem: callable


STUDENTS = {
    "inverted": Kind(inverted, inverted, depthwise_stem),
    "large-kernel": Kind(inverted, large, depthwise_stem),
    "hybrid": Kind(bottleneck, attentive, dense_stem),
    "attentive": Kind(inverted, attentive, dense_stem),
}


class Student(nn.Module):
    """The stages of one student: one for each residual sum of the teacher, and the embedding's.

    A stage is one block, or two where the map becomes smaller. `places`: the teacher's (channels, height, width) at its
    sums.
    """

    def __init__(self, kind: str, places: list, dim: int, columns=(0, 112)):
        super().__init__()
        self.columns = columns
        self.stages = nn.ModuleList()
        kind = STUDENTS[kind]
        channels, before = kind.stem()
        side = 56
        for outputs, height, _ in places:
            make = kind.early if height >= 28 else kind.late
            blocks = [make(channels, outputs, 2), make(outputs, outputs)] if height < side else [make(channels, outputs)]
            self.stages.append(nn.Sequential(*before, *blocks))
            channels, side, before = outputs, height, []
        wide = 8 * channels
        self.stages.append(
            nn.Sequential(
                conv(channels, wide, 1), Activation(),
                nn.Conv2d(wide, wide, places[-1][1:], groups=wide), nn.Flatten(), nn.Linear(wide, dim),
            )
        )  # fmt: skip

    def input(self, crop):
        """From aligned RGB crops of 112 x 112, 0..255."""
        crop = crop[..., self.columns[0] : self.columns[1]]
        return ((crop - 127.5) / 127.5).contiguous(memory_format=torch.channels_last)

    def walk(self, crop):
        """The embedding and every map on the way."""
        x, maps = self.input(crop), []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps.pop(), maps

    def apart(self, crop, theirs):
        """The embedding and every map, each stage given the teacher's map before it.

        The larger a stage's map, the fewer pictures it is given (a twelfth at 112 squares, a sixth at 28, a third at 14):
        each has more places to learn from.
        """
        maps = []
        for stage, given in zip(self.stages, [self.input(crop), *theirs]):
            share = 12 if given.shape[2] > 56 else 6 if given.shape[2] > 14 else 3 if given.shape[2] > 7 else 1
            maps.append(stage(given[: len(given) // share]))
        return maps.pop(), maps

    def forward(self, crop):
        return self.walk(crop)[0]


def build(state: dict) -> Student:
    """The student that a checkpoint describes."""
    student = Student(**state["shape"]).to(memory_format=torch.channels_last)
    student.load_state_dict(state["average"])
    return student.eval()

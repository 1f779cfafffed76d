"""Our own networks. Each maps RGB crops of -1..1 to an embedding: one linear head per teacher, side by side.

The heads are trained towards unit length, so the cosine of the whole is the mean of the teachers' cosines.
"""

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


class Residual(nn.Module):
    """Two dense 3 x 3 convolutions and a shortcut."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = conv(inputs, outputs, 3, stride)
        self.second = conv(outputs, outputs)
        self.shortcut = nn.Identity() if stride == 1 and inputs == outputs else conv(inputs, outputs, 1, stride)
        self.activation = Activation()

    def forward(self, x):
        return self.activation(self.second(self.activation(self.first(x))) + self.shortcut(x))


class Trunk(nn.Module):
    """A stem at half the side and four stages of 56, 28, 14 and 7 squares."""

    def __init__(self, stem, stages, final, squeeze=64, features=256):
        super().__init__()
        self.stem, self.stages = stem, nn.ModuleList(stages)
        self.squeeze = nn.Sequential(conv(final, squeeze, 1), Activation())
        self.features = nn.Sequential(nn.Flatten(), nn.Linear(49 * squeeze, features, bias=False))
        self.norm = nn.BatchNorm1d(features)

    def forward(self, x):
        maps = []
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return self.norm(self.features(self.squeeze(x)).float()), maps


class Student(nn.Module):
    """A trunk and one head per teacher."""

    def __init__(self, trunk, heads: dict, features=256):
        super().__init__()
        self.trunk = trunk
        self.heads = nn.ModuleDict({name: nn.Linear(features, dim) for name, dim in heads.items()})

    def features(self, crop):
        """From crops of 0..255 to the feature vector and the maps of the stages."""
        x = ((crop - 127.5) / 127.5).contiguous(memory_format=torch.channels_last)
        return self.trunk(x)

    def forward(self, crop):
        vector, _ = self.features(crop)
        return torch.cat([head(vector) for head in self.heads.values()], 1)


def thin_residual(widths=(24, 48, 96, 192), blocks=(2, 2, 3, 2)):
    stages, inputs = [], widths[0]
    for i, (width, count) in enumerate(zip(widths, blocks)):
        layers = []
        for j in range(count):
            layers.append(Residual(inputs, width, 2 if i > 0 and j == 0 else 1))
            inputs = width
        stages.append(nn.Sequential(*layers))
    stem = nn.Sequential(conv(3, widths[0], 3, 2), Activation())
    return Trunk(stem, stages, widths[-1]), widths


class Attention(nn.Module):
    """A transformer block over the squares of a map, with a depthwise 3 x 3 for place."""

    def __init__(self, width, heads, expand=3):
        super().__init__()
        self.heads = heads
        self.place = nn.Conv2d(width, width, 3, 1, 1, groups=width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, expand * width), nn.Linear(expand * width, width)
        self.activation = Activation()

    def forward(self, x):
        x = x + self.place(x)
        b, c, h, w = x.shape
        t = x.flatten(2).transpose(1, 2)
        q, k, v = self.qkv(self.norm1(t)).reshape(b, h * w, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        mixed = torch.softmax(q @ k.transpose(2, 3) * (c // self.heads) ** -0.5, 3) @ v
        t = t + self.out(mixed.transpose(1, 2).reshape(b, h * w, c))
        t = t + self.down(self.activation(self.up(self.norm2(t))))
        return t.transpose(1, 2).reshape(b, c, h, w).contiguous(memory_format=torch.channels_last)


def hybrid(widths=(24, 64, 128, 192)):
    """Convolutions down to 28 squares, attention at 14 and 7."""
    stem = nn.Sequential(conv(3, widths[0], 3, 2), Activation())
    stages = [
        nn.Sequential(Residual(widths[0], widths[0], 1)),
        nn.Sequential(Residual(widths[0], widths[1], 2), Residual(widths[1], widths[1], 1)),
        nn.Sequential(conv(widths[1], widths[2], 3, 2), *[Attention(widths[2], 4) for _ in range(4)]),
        nn.Sequential(conv(widths[2], widths[3], 3, 2), *[Attention(widths[3], 6) for _ in range(2)]),
    ]
    return Trunk(stem, stages, widths[-1]), widths


STUDENTS = {"residual": thin_residual, "hybrid": hybrid}


def build(name: str, heads: dict) -> Student:
    trunk, widths = STUDENTS[name]()
    student = Student(trunk, heads).to(memory_format=torch.channels_last)
    student.widths = widths
    return student

#!/usr/bin/env python3
"""Compares `visard embed --json` with ONNX Runtime on an aligned crop that is made here anew.

    visard --models-dir ../shared/models embed PHOTO... --model NAME --json | python tests/golden/check_embed.py ../shared/models

Of visard only the five points are taken: the crop is aligned and sampled by the code below, after
the description in src/face and src/embed (similarity by least squares; the photo shrunk so that a
crop pixel is at least half a cell, by a triangle filter; the mean of `taps` x `taps` bilinear
samples for each crop pixel). Prints the smallest cosine for each network, and ends with 1 where
one is below 0.9999.
"""

import json
import math
import sys
import tomllib
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

CATALOGUE = Path(__file__).parent.parent.parent / "models/catalogue.toml"
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
SIDE = 112


def similarity(source, target):
    """The least-squares similarity as (complex factor, complex shift)."""
    p, q = (points[:, 0] + 1j * points[:, 1] for points in (source, target))
    factor = np.vdot(p - p.mean(), q - q.mean()) / np.vdot(p - p.mean(), p - p.mean())
    return factor, q.mean() - factor * p.mean()


def grid(factor, shift, width, height):
    """First column and row, pitch, columns and rows of the cells that the photo is shrunk to."""
    extent = SIDE / abs(factor)
    pitch = max(extent / (2 * SIDE), 1.0)
    end = SIDE - 1
    corners = (np.array([0, end, end + 1j * end, 1j * end]) - shift) / factor

    def axis(values, limit):
        low, high = values.min() - 0.05 * extent, values.max() + 0.05 * extent
        start = int(min(max(math.floor(low), 0), limit))
        return start, int((min(max(math.ceil(high), 0), limit) - start) / pitch)

    (x, columns), (y, rows) = axis(corners.real, width), axis(corners.imag, height)
    return x, y, pitch, columns, rows


def triangle(start, pitch, cells, limit):
    """The matrix that shrinks one axis of the photo to cells."""
    matrix = np.zeros((cells, limit))
    for i in range(cells):
        middle = start + (i + 0.5) * pitch
        places = np.arange(limit) + 0.5
        weights = np.maximum(1 - np.abs(places - middle) / pitch, 0)
        matrix[i] = weights / weights.sum()
    return matrix


def sample(picture, places):
    """Bilinear samples of (height, width, 3) at complex places; 0 outside."""
    height, width = picture.shape[:2]
    left, top = np.floor(places.real).astype(int), np.floor(places.imag).astype(int)
    result = np.zeros(places.shape + (3,))
    for dy in (0, 1):
        for dx in (0, 1):
            x, y = left + dx, top + dy
            weight = np.abs(1 - dx - (places.real - left)) * np.abs(1 - dy - (places.imag - top))
            inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
            values = picture[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]
            result += (weight * inside)[..., None] * values
    return result


def crop(photo, points):
    """The aligned crop, (112, 112, 3), 0 to 255."""
    factor, shift = similarity(points, TEMPLATE)
    height, width = photo.shape[:2]
    x, y, pitch, columns, rows = grid(factor, shift, width, height)
    across, down = triangle(x, pitch, columns, width), triangle(y, pitch, rows, height)
    cells = np.einsum("yh,xw,hwc->yxc", down, across, photo, optimize=True).clip(0, 255)
    to_cells = lambda p: (p + 0.5 * (1 + 1j) - (x + 1j * y)) / pitch - 0.5 * (1 + 1j)
    taps = min(max(math.ceil(1 / abs(factor) / pitch - 1e-3), 1), 16)
    offsets = (np.arange(taps) + 0.5) / taps - 0.5
    column, row = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    result = 0
    for dy in offsets:
        for dx in offsets:
            places = (column + dx) + 1j * (row + dy)
            result = result + sample(cells, to_cells((places - shift) / factor))
    return result / taps**2


def embed(session, entry, picture):
    if entry["crop"] == "sphereface-112x96":
        picture = picture[:, 8:104]
    values = (picture - np.array(entry["mean"])) / np.array(entry["std"])
    if entry.get("order") == "bgr":
        values = values[..., ::-1]
    batch = values.transpose(2, 0, 1)[None].astype(np.float32)
    return session.run(None, {session.get_inputs()[0].name: batch})[0].ravel()


def main():
    folder = Path(sys.argv[1])
    entries = {e["name"]: e for e in tomllib.loads(CATALOGUE.read_text())["network"]}
    sessions, photos, cosines = {}, {}, {}
    for line in map(json.loads, sys.stdin):
        name, path = line["model"], line["photo"]
        if name not in sessions:
            sessions[name] = onnxruntime.InferenceSession(str(folder / entries[name]["file"]))
        if path not in photos:
            upright = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
            photos[path] = np.asarray(upright).astype(float)
        points = np.array([[p["x"], p["y"]] for p in line["face"]["points"]])
        expected = embed(sessions[name], entries[name], crop(photos[path], points))
        found = np.array(line["embedding"])
        cosine = expected @ found / np.linalg.norm(expected) / np.linalg.norm(found)
        cosines.setdefault(name, []).append(float(cosine))
    for name, values in sorted(cosines.items()):
        print(f"{name:<24} {len(values):>3} faces, smallest cosine {min(values):.7f}")
    sys.exit(not cosines or min(map(min, cosines.values())) < 0.9999)


if __name__ == "__main__":
    main()

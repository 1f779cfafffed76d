#!/usr/bin/env python3
"""Faces that YuNet in OpenCV finds in ../shared/data/family, for tests/faces.rs.

Every photo is searched twice: at its own size ("faces"), and in the upper left of a black square
whose side is a multiple of 32 ("square"), which is what the comparison of points takes. Run from the repository's root:

    python tests/golden/make_faces.py > tests/golden/faces.json
"""

import json
from pathlib import Path

import cv2
import numpy as np

SHARED = Path("../shared")


def search(photo):
    height, width = photo.shape[:2]
    network = str(SHARED / "models/yunet-2023mar.onnx")
    detector = cv2.FaceDetectorYN.create(network, "", (width, height), 0.7, 0.3, 5000)
    _, found = detector.detect(photo)
    faces = []
    for row in found if found is not None else []:
        row = [round(float(x), 3) for x in row]
        points = [row[i : i + 2] for i in range(4, 14, 2)]
        faces.append({"box": row[:4], "points": points, "score": row[14]})
    return faces


def main():
    lines = []
    for path in sorted((SHARED / "data/family").glob("*.jpg")):
        photo = cv2.imread(str(path))
        height, width = photo.shape[:2]
        side = -(-max(width, height) // 32) * 32
        square = np.zeros((side, side, 3), np.uint8)
        square[:height, :width] = photo
        found = {"faces": search(photo), "square": search(square)}
        lines.append(json.dumps({"photo": path.name, "width": width, "height": height, **found}))
    print("[\n" + ",\n".join(lines) + "\n]")


if __name__ == "__main__":
    main()

"""Detect and align every training and evaluation face once.

    python prepare.py

Writes to the work folder, for each set, NAME.npy (uint8, N x 144 x 144 x 3, RGB: arcface-112 with 16 pixels of
margin, so that jittered alignments find real pixels) and NAME.txt (one picture a line, relative to ../shared/data).
"""

import cv2
import numpy as np

from faces import Detector, align, central_face, points_of
from paths import LFW, SHARED, UNLABELLED, WORK

MARGIN = 16


def gather(name: str, files: list) -> None:
    detector = Detector()
    crops, kept = [], []
    for file in files:
        bgr = cv2.imread(str(file))
        row = central_face(detector(bgr), bgr.shape[1], bgr.shape[0])
        if row is None:
            continue
        crops.append(align(bgr, points_of(row), MARGIN))
        kept.append(str(file.relative_to(SHARED / "data")))
    np.save(WORK / f"{name}.npy", np.stack(crops))
    (WORK / f"{name}.txt").write_text("\n".join(kept) + "\n")
    print(f"{name}: {len(kept)} faces of {len(files)} pictures", flush=True)


def ids(name: str) -> list:
    return (SHARED / "data" / name).read_text().split()


def main() -> None:
    cv2.setNumThreads(2)
    WORK.mkdir(parents=True, exist_ok=True)
    evaluation = set(ids("lfw-evaluation-ids.txt"))
    people = sorted(p.name for p in LFW.iterdir() if p.is_dir())
    photos = {p: sorted((LFW / p).glob("*.jpg")) for p in people}
    gather("lfw-evaluation", [f for p in people if p in evaluation for f in photos[p]])
    gather("lfw-training", [f for p in people if p not in evaluation for f in photos[p]])
    gather("faces-unlabelled", sorted(UNLABELLED.glob("*.jpg")))


if __name__ == "__main__":
    main()

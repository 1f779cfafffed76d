"""Check the example portraits: is every face found, and is nobody real recognised in them?

    python check_portraits.py
"""

import sys

import cv2
import numpy as np
import onnxruntime
import torch

from faces import Detector, align, points_of
from paths import ROOT, SHARED, TEACHER_FILES
from teachers import JUDGES


def main() -> None:
    sys.path.insert(0, str(ROOT / "examples" / "photos"))
    detector = Detector()
    made = sorted((ROOT / "examples" / "photos").glob("*.jpg"))
    real = sorted((SHARED / "data" / "portraits").glob("*.jpg"))
    crops = {}
    for file in made + real:
        bgr = cv2.imread(str(file))  # turns by EXIF
        rows = detector(bgr)
        if file in made:
            print(f"{file.name}: {bgr.shape[1]} x {bgr.shape[0]}, {len(rows)} faces, scores {[round(float(r[14]), 2) for r in rows]}")
        crops[file] = [align(bgr, points_of(r)) for r in rows]
    for name, judge in JUDGES.items():
        session = onnxruntime.InferenceSession(str(TEACHER_FILES / judge.file))

        def embed(crop):
            x = judge.normalise(torch.from_numpy(crop).permute(2, 0, 1)[None].float()).numpy()
            y = session.run(None, {session.get_inputs()[0].name: x})[0][0]
            return y / np.linalg.norm(y)

        vectors = {f: [embed(c) for c in crops[f]] for f in crops}
        singles = [f for f in made if len(vectors[f]) == 1]
        for f in singles:
            v = vectors[f][0]
            near = sorted(((float(v @ vectors[r][0]), r.stem) for r in real if vectors[r]), reverse=True)[:4]
            others = sorted(((float(v @ vectors[g][0]), g.stem) for g in singles if g != f), reverse=True)[:2]
            print(f"{name} {f.stem}: nearest real {[(round(s, 2), n) for s, n in near]}, made {[(round(s, 2), n) for s, n in others]}")


if __name__ == "__main__":
    main()

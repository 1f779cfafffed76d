"""A detector against YuNet on family, celeb and held-out lfw, and false faces in scenes: python check_detector.py FILE.onnx"""

import json
import sys

import cv2
import numpy as np
import onnxruntime

import faces
from paths import LFW, SHARED
from prepare import ids
from yunet import decode


def overlap(a, b) -> float:
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(w, 0) * max(h, 0)
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def evaluate(file: str) -> None:
    """Recall and false faces at the score of the product (.7), against YuNet at .8; its weaker answers (.5) excuse a false face."""
    ours, theirs = onnxruntime.InferenceSession(file), faces.Detector(score=0.5)
    data = SHARED / "data"
    evaluation = set(ids("lfw-evaluation-ids.txt"))
    sets = {
        "family": sorted((data / "family").glob("*.jpg")),
        "celeb": sorted((data / "celeb").glob("*/*.jpg"))[::2],
        "lfw": [f for p in sorted(LFW.iterdir()) if p.name in evaluation for f in sorted(p.glob("*.jpg"))[:2]],
        "scenes": sorted((data / "scenes").glob("*.jpg"))[::5],
    }
    for name, files in sets.items():
        true = found = answers = wrong = 0
        off = []
        for path in files:
            bgr = cv2.imread(str(path))
            shrink = min(1, 960 / max(bgr.shape[:2]))
            bgr = cv2.resize(bgr, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else bgr
            reference, rows = theirs(bgr), decode(ours, bgr, 0.7)
            answers += len(rows)
            wrong += sum(all(overlap(r, q) < 0.4 for q in reference) for r in rows)
            for q in reference[reference[:, 14] >= 0.8] if len(reference) else []:
                near = [r for r in rows if overlap(r, q) >= 0.4]
                true, found = true + 1, found + bool(near)
                if near:
                    best = max(near, key=lambda r: overlap(r, q))
                    eyes = np.hypot(*(q[4:6] - q[6:8]))
                    off.append(np.hypot(*(best[4:14] - q[4:14]).reshape(5, 2).T).mean() / max(eyes, 1))
        print(json.dumps({"set": name, "pictures": len(files), "YuNet faces": true, "recall": round(found / max(true, 1), 4),
                          "answers": answers, "false": int(wrong), "points off, share of eye distance": round(float(np.median(off)), 4) if off else None}), flush=True)


if __name__ == "__main__":
    evaluate(sys.argv[1])

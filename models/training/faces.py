"""Faces in pictures: detection with YuNet and alignment to the arcface-112 crop."""

import cv2
import numpy as np

from paths import TEACHER_FILES

ARCFACE_112 = np.array(
    [
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ]
)
"""Left eye, right eye, nose tip, left and right mouth corner, as seen in the picture."""


class Detector:
    """YuNet, the faces of a picture, best first."""

    def __init__(self, score: float = 0.6):
        file = str(TEACHER_FILES / "yunet-2023mar.onnx")
        self._net = cv2.FaceDetectorYN.create(file, "", (320, 320), score, 0.3, 5000)

    def __call__(self, bgr: np.ndarray) -> np.ndarray:
        """Rows of x, y, width, height, five points (x, y), score."""
        height, width = bgr.shape[:2]
        self._net.setInputSize((width, height))
        _, rows = self._net.detect(bgr)
        return np.zeros((0, 15), np.float32) if rows is None else rows


def points_of(row: np.ndarray) -> np.ndarray:
    """Five points ordered by where they are in the picture."""
    return row[4:14].reshape(5, 2).astype(np.float64)


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The 2 x 3 similarity transform that maps `source` to `target` with least squared error."""
    n = len(source)
    a = np.zeros((2 * n, 4))
    a[:n] = np.c_[source[:, 0], -source[:, 1], np.ones(n), np.zeros(n)]
    a[n:] = np.c_[source[:, 1], source[:, 0], np.zeros(n), np.ones(n)]
    b = np.r_[target[:, 0], target[:, 1]]
    p, q, tx, ty = np.linalg.lstsq(a, b, rcond=None)[0]
    return np.array([[p, -q, tx], [q, p, ty]])


def align(bgr: np.ndarray, points: np.ndarray, margin: int = 0) -> np.ndarray:
    """The aligned crop in RGB, with `margin` more pixels on each side than arcface-112."""
    matrix = similarity(points, ARCFACE_112 + margin)
    side = 112 + 2 * margin
    shrink = np.hypot(matrix[0, 0], matrix[1, 0])
    if shrink < 0.5:  # a plain bilinear warp would alias
        sigma = 0.5 * (1 / shrink - 1)
        bgr = cv2.GaussianBlur(bgr, (0, 0), sigma)
    crop = cv2.warpAffine(bgr, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cv2.cvtColor(crop, cv2.COLOR_BGR2RGB)


def central_face(rows: np.ndarray, width: int, height: int) -> np.ndarray | None:
    """The face nearest the middle of the picture, large ones first: LFW centres its person."""
    if len(rows) == 0:
        return None
    centre = rows[:, :2] + rows[:, 2:4] / 2
    off = np.hypot(centre[:, 0] - width / 2, centre[:, 1] - height / 2)
    return rows[np.argmin(off - 0.5 * rows[:, 2])]

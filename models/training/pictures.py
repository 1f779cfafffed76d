"""Random pictures that a detector learns from."""

import cv2
import numpy as np

from paths import LFW, SHARED, UNLABELLED
from prepare import ids
from yunet import SIDE


class Pictures:
    """Random training pictures (uint8, BGR)."""

    def __init__(self, seed: int, count: int = 4000):
        self._rng = np.random.default_rng(seed)
        evaluation = set(ids("lfw-evaluation-ids.txt"))
        lfw = [f for p in sorted(LFW.iterdir()) if p.name not in evaluation for f in sorted(p.glob("*.jpg"))]
        faces = [f for i, f in enumerate(lfw) if i % 10] + sorted(UNLABELLED.glob("*.jpg"))
        faces = [faces[i] for i in self._rng.permutation(len(faces))[:count]]
        faces += sorted((SHARED / "data" / "portraits").glob("*.jpg"))
        self._faces = [self._small(f, 250) for f in faces]
        scenes = sorted((SHARED / "data" / "scenes").glob("*.jpg"))
        self._scenes = [self._small(f, 480) for i, f in enumerate(scenes) if i % 5]

    @staticmethod
    def _small(file, side):
        picture = cv2.imread(str(file))
        shrink = side / max(picture.shape[:2])
        return cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else picture

    def one(self) -> np.ndarray:
        rng = self._rng
        picture = self._scene()
        if rng.random() < 0.3:
            self._tile(picture, rng.choice([1, 2, 2, 3, 4]))
        else:
            many = rng.choice([0, 1, 2, 3, 4, 6], p=[0.35, 0.25, 0.15, 0.1, 0.1, 0.05])
            for _ in range(many):
                largest = 2.2 if many == 1 else 1.1
                scale = np.exp(rng.uniform(np.log(0.12), np.log(largest)))
                self._paste(picture, self._face(), scale, rng.uniform(0.05, 0.95, 2) * SIDE)
        if rng.random() < 0.5:
            picture = picture[:, ::-1]
        gain, shift = rng.normal(1, 0.2), rng.normal(0, 15)
        picture = np.clip((picture.astype(np.float32) - 110) * gain + 110 + shift, 0, 255)
        if rng.random() < 0.1:
            picture[:] = picture.mean(2, keepdims=True)
        picture = np.ascontiguousarray(picture.round().astype(np.uint8))
        if rng.random() < 0.3:
            picture = cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 90))])[1], 1)
        return picture

    def _face(self) -> np.ndarray:
        return self._faces[self._rng.integers(len(self._faces))]

    def _scene(self) -> np.ndarray:
        """A part of a scene, between all of it and 160 pixels of it, perhaps on its side."""
        rng = self._rng
        scene = self._scenes[rng.integers(len(self._scenes))]
        height, width = np.minimum(rng.uniform(160, 480, 2), scene.shape[:2]).astype(int)
        top, left = rng.integers(scene.shape[0] - height + 1), rng.integers(scene.shape[1] - width + 1)
        part = scene[top : top + height, left : left + width]
        return cv2.resize(np.rot90(part, rng.choice([0, 0, 1, 3])), (SIDE, SIDE), interpolation=cv2.INTER_AREA)

    def _tile(self, picture, across):
        """Faces side by side: many answers to learn from in one picture."""
        cell = SIDE / across
        for x in range(across):
            for y in range(across):
                place = (np.array([x, y]) + self._rng.uniform(0.35, 0.65, 2)) * cell
                self._paste(picture, self._face(), cell / 250 * self._rng.uniform(0.8, 2.0), place)

    def _paste(self, picture, face, scale, place):
        rng = self._rng
        angle = rng.normal(0, 12) if rng.random() < 0.8 else rng.uniform(-30, 30)
        height, width = face.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
        matrix[:, 2] += place - (width / 2, height / 2)
        if scale < 0.5:
            face = cv2.GaussianBlur(face, (0, 0), 0.4 / scale)
        placed = cv2.warpAffine(face, matrix, (SIDE, SIDE))
        mask = cv2.warpAffine(np.ones(face.shape[:2], np.uint8), matrix, (SIDE, SIDE), flags=cv2.INTER_NEAREST)
        picture[mask > 0] = placed[mask > 0]
        if rng.random() < 0.15:  # something in front
            x, y = (matrix @ (width / 2, height / 2, 1)).astype(int) + rng.normal(0, 40 * scale, 2).astype(int)
            size = max(2, int(35 * scale))
            box = (slice(max(0, y - size), max(0, y + size)), slice(max(0, x - size), max(0, x + size)))
            picture[box] = rng.integers(0, 255, 3)

    def batch(self, count: int) -> np.ndarray:
        return np.stack([self.one() for _ in range(count)])

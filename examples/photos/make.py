"""Make the example portraits: people who do not exist, composed of eight real ones each.

    python -m venv venv && venv/bin/pip install mediapipe==0.10.21
    venv/bin/python examples/photos/make.py

Reads ../shared/data/portraits (Face Research Lab London Set, CC-BY 4.0) and writes the photos beside this script.
Every face is a landmark-based morph: the shapes of the contributors are averaged, their pictures are warped to the
average shape and averaged, with other weights for eyes, nose, mouth and the rest. Hair, neck and clothes come
from one donor, warped to the same shape. The landmarks are MediaPipe's 478, because the smiling photos of the set have
none of their own.
"""

import sys
from pathlib import Path

import cv2
import mediapipe
import numpy as np
from PIL import Image
from scipy.interpolate import RBFInterpolator

HERE = Path(__file__).resolve().parent
PORTRAITS = HERE.parents[2] / "shared" / "data" / "portraits"
if len(sys.argv) > 1:
    PORTRAITS = Path(sys.argv[1])
SIDE = 1000

# name: donor of hair and clothes, contributors to the face, seed
PEOPLE = {
    "amber": ("100", ("002", "009", "027", "081", "118", "135", "112", "139"), 1),
    "jonas": ("141", ("018", "128", "130", "105", "022", "123", "125", "033"), 2),
    "nadia": ("099", ("006", "038", "134", "034", "135", "144", "113", "124"), 3),
    "kofi": ("137", ("044", "082", "119", "021", "131", "069", "038", "172"), 4),
    "ruth": ("124", ("113", "090", "139", "112", "039", "034", "081", "002"), 5),
    "marco": ("121", ("004", "033", "092", "140", "069", "125", "119", "172"), 6),
}

OVAL = [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149]
OVAL += [150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109]
EYES = (468, 473)
STEADY = [33, 133, 263, 362, 168, 6, 197, 195, 4, 234, 454]
"""Points that a smile hardly moves: they give the common frame."""


class Face:
    """One photo in the common frame: eyes level, at a fixed place and distance."""

    def __init__(self, mesh, segmentation, photo: str, frame: np.ndarray):
        rgb = cv2.cvtColor(cv2.imread(str(PORTRAITS / f"{photo}.jpg")), cv2.COLOR_BGR2RGB)
        found = mesh.process(rgb).multi_face_landmarks
        points = np.array([(p.x * rgb.shape[1], p.y * rgb.shape[0]) for p in found[0].landmark])
        matrix, _ = cv2.estimateAffinePartial2D(points[STEADY], frame[STEADY], method=cv2.LMEDS)
        self.points = points @ matrix[:, :2].T + matrix[:, 2]
        self.picture = cv2.warpAffine(rgb, matrix, (SIDE, SIDE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        self.picture = self.picture.astype(np.float32)
        body = segmentation.process(rgb).segmentation_mask
        self.body = cv2.warpAffine(body, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)


def warp(picture: np.ndarray, source: np.ndarray, target: np.ndarray, smoothing: float = 5.0) -> np.ndarray:
    """Move the points `source` to `target`; the border of the picture stays."""
    edge = np.linspace(0, SIDE - 1, 8)
    border = [(x, y) for x in edge for y in (0, SIDE - 1)] + [(x, y) for x in (0, SIDE - 1) for y in edge[1:-1]]
    at = np.r_[target, border]
    move = np.r_[source - target, np.zeros((len(border), 2))]
    at, first = np.unique(at.round(1), axis=0, return_index=True)
    spline = RBFInterpolator(at, move[first], kernel="thin_plate_spline", smoothing=smoothing)
    step = 8
    axis = np.arange(0, SIDE + step, step, dtype=np.float64)
    y, x = np.meshgrid(axis, axis, indexing="ij")
    field = spline(np.c_[x.ravel(), y.ravel()]).reshape(len(axis), len(axis), 2).astype(np.float32)
    matrix = np.array([[1 / step, 0, 0], [0, 1 / step, 0]], np.float32)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    field = cv2.warpAffine(field, matrix, (SIDE, SIDE), flags=flags)
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    return cv2.remap(picture, x + field[..., 0], y + field[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def hull(points: np.ndarray) -> np.ndarray:
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.fillPoly(mask, [points.round().astype(np.int32)], 1.0)
    return mask


def soft(mask: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(mask, (0, 0), sigma)


def colours(picture: np.ndarray, mask: np.ndarray) -> tuple:
    pixels = picture[mask > 0.5]
    return pixels.mean(0), pixels.std(0)


def recolour(picture: np.ndarray, mask: np.ndarray, aim: tuple) -> np.ndarray:
    mean, std = colours(picture, mask)
    return (picture - mean) * np.clip(aim[1] / std, 0.7, 1.4) + aim[0]


def weights(count: int, rng: np.random.Generator, flat: float) -> np.ndarray:
    return rng.dirichlet(np.full(count, flat))


def compose(donor: Face, faces: list, seed: int) -> tuple:
    """The composite in the donor's photo, its body mask beside it. Same seed, same person."""
    rng = np.random.default_rng(seed)
    count = len(faces)
    shares = {"rest": weights(count, rng, 12.0)}
    for part in ("eyes", "nose", "mouth"):
        shares[part] = weights(count, rng, 6.0)
    shape = sum(w * f.points for w, f in zip(shares["rest"], faces))
    # towards the outline the shape leans to the donor's, so that hair and ears need to move little
    off = np.linalg.norm(shape[:, None] - shape[None, OVAL], axis=2).min(1)
    lean = 0.3 * np.exp(-((off / 60) ** 2))
    shape = shape + lean[:, None] * (donor.points - shape)

    guides = sorted({*OVAL, *STEADY, 61, 291, 13, 14, 17, 199, 205, 425})
    base = warp(donor.picture, donor.points[guides], shape[guides], 50.0)
    body = warp(donor.body, donor.points[guides], shape[guides], 50.0)
    centre = shape[OVAL].mean(0)
    inner = hull(centre + 0.80 * (shape[OVAL] - centre))
    aim_faces = [colours(f.picture, hull(f.points[OVAL].mean(0) + 0.8 * (f.points[OVAL] - f.points[OVAL].mean(0)))) for f in faces]
    own = colours(base, inner)
    mean = 0.75 * own[0] + 0.25 * sum(a[0] for a in aim_faces) / count
    aim = (mean, sum(a[1] for a in aim_faces) / count)
    warped = [recolour(warp(f.picture, f.points, shape), inner, aim) for f in faces]

    # smooth weights of the parts
    span = np.linalg.norm(shape[EYES[1]] - shape[EYES[0]])
    places = {"eyes": [EYES[0], EYES[1], 105, 334], "nose": [1, 4, 5, 195], "mouth": [13, 14, 61, 291]}
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    fields = {"rest": np.full((SIDE, SIDE), 0.25, np.float32)}
    for part, points in places.items():
        near = [np.exp(-((x - shape[p, 0]) ** 2 + (y - shape[p, 1]) ** 2) / (2 * (0.28 * span) ** 2)) for p in points]
        fields[part] = np.max(near, 0)
    total = sum(fields.values())
    average = np.zeros_like(base)
    for i, picture in enumerate(warped):
        share = sum(fields[p] * shares[p][i] for p in fields) / total
        average += share[..., None] * picture
    # averaging smooths the skin: give back the finest grain, that of one contributor
    grain = warped[int(np.argmax(shares["rest"]))]
    fine = grain - cv2.GaussianBlur(grain, (0, 0), 2.5)
    blurred = average - cv2.GaussianBlur(average, (0, 0), 2.5)
    average = average + np.clip(fine, -14, 14) * 0.55 + 0.35 * blurred

    # tone: near the seam the composite follows the donor's own light
    mask = soft(hull(centre + 0.86 * (shape[OVAL] - centre)), 14)
    mask = np.clip((mask - 0.15) / 0.85, 0, 1)[..., None]
    light = cv2.GaussianBlur(base * inner[..., None], (0, 0), 60) - cv2.GaussianBlur(average * inner[..., None], (0, 0), 60)
    light = light / (soft(inner, 60)[..., None] + 1e-3)
    average = average + light * np.clip(1 - soft(inner, 30), 0, 1)[..., None]
    return np.clip(base * (1 - mask) + average * mask, 0, 255), np.clip(body, 0, 1)


def backdrop(height: int, width: int, top, bottom, seed: int) -> np.ndarray:
    """A plain wall: a gradient with soft uneven light."""
    ramp = np.linspace(0, 1, height)[:, None, None]
    wall = (1 - ramp) * np.array(top) + ramp * np.array(bottom)
    noise = np.random.default_rng(seed).normal(0, 1, (height, width, 1)).astype(np.float32)
    patches = cv2.GaussianBlur(noise, (0, 0), width / 6)[..., None]
    wall = wall + 10 * patches / (np.abs(patches).max() + 1e-9)
    return (wall + np.random.default_rng(seed + 1).normal(0, 1.2, (height, width, 3))).astype(np.float32)


def onto(scene: np.ndarray, picture: np.ndarray, body: np.ndarray, left: int, top: int, side: int) -> None:
    """Put a cut-out person of `side` pixels into the scene."""
    cut = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(body, (side, side), interpolation=cv2.INTER_AREA)[..., None]
    alpha = np.clip((alpha - 0.35) / 0.5, 0, 1)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + side, scene.shape[1]), min(top + side, scene.shape[0])
    cut, alpha = cut[y0 - top : y1 - top, x0 - left : x1 - left], alpha[y0 - top : y1 - top, x0 - left : x1 - left]
    scene[y0:y1, x0:x1] = scene[y0:y1, x0:x1] * (1 - alpha) + cut * alpha


def save(name: str, picture: np.ndarray, orientation: int = 1) -> None:
    image = Image.fromarray(np.clip(picture, 0, 255).round().astype(np.uint8))
    exif = Image.Exif()
    if orientation == 6:  # the camera was turned: viewers turn the stored picture clockwise
        image = image.transpose(Image.Transpose.ROTATE_90)
        exif[0x0112] = 6
    image.save(HERE / name, quality=88, optimize=True, exif=exif)
    print(name, image.size, (HERE / name).stat().st_size)


def main() -> None:
    mesh = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=True, refine_landmarks=True)
    segmentation = mediapipe.solutions.selfie_segmentation.SelfieSegmentation(model_selection=0)
    photos = sorted(p.stem for p in PORTRAITS.glob("*.jpg"))
    first = cv2.cvtColor(cv2.imread(str(PORTRAITS / f"{photos[0]}.jpg")), cv2.COLOR_BGR2RGB)
    frame = np.array([(p.x * SIDE, p.y * SIDE) for p in mesh.process(first).multi_face_landmarks[0].landmark])
    frame = frame - frame[STEADY].mean(0) + (500, 470)

    made = {}
    for name, (donor, contributors, seed) in PEOPLE.items():
        for mood in ("neutral", "smiling"):
            faces = [Face(mesh, segmentation, f"{c}_{mood}", frame) for c in contributors]
            made[name, mood] = compose(Face(mesh, segmentation, f"{donor}_{mood}", frame), faces, seed)
            save(f"{name}-{mood}.jpg", cv2.resize(made[name, mood][0][:920, 40:960], (800, 800), interpolation=cv2.INTER_AREA))

    scene = backdrop(720, 1080, (150, 165, 170), (105, 115, 112), 3)
    for name, mood, left, top, side in (
        ("marco", "smiling", 350, 95, 640),
        ("jonas", "smiling", -150, 120, 620),
        ("nadia", "smiling", 120, 165, 580),
        ("amber", "smiling", 625, 150, 580),
    ):
        onto(scene, *made[name, mood], left, top, side)
    save("group.jpg", scene)

    scene = backdrop(1000, 750, (196, 178, 150), (150, 128, 104), 5)
    onto(scene, *made["ruth", "smiling"], -100, 140, 950)
    save("rotated.jpg", scene, orientation=6)


if __name__ == "__main__":
    main()

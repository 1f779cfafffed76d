"""Train the face detector to give YuNet's answers.

    python detector.py --phase apart --steps 1200       resumes from its checkpoint
    python detector.py --phase whole --from-checkpoint detector/apart.pt --rate 2e-3 --steps 900
    python detector.py --restore FILE.onnx      makes detector/restored.pt of an exported file, to train it further
    python detector.py --export FILE.onnx
    python detector.py --evaluate FILE.onnx     against YuNet on family, celeb and held-out lfw; false faces in scenes

Pictures are made as they are needed: photos of lfw, faces-unlabelled and portraits, scaled, turned by up to 30 degrees,
partly covered, pasted over scenes, one to six in a picture of 320 x 320 or up to 16 side by side, or plain scenes, cut out
and turned at random. YuNet labels what came out, square by square: the student learns its raw outputs at strides 8, 16
and 32, so the same decoding serves both. It is built as a chain of stages between YuNet's maps and trained in the same two
phases as the embedders (distill.py).
"""

import argparse
import json
import time

import cv2
import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from torch import nn

from paths import LFW, SHARED, TEACHER_FILES, UNLABELLED, WORK
from precision import autocast
from prepare import ids
from distill import APART, Average, schedule
from students import conv

SIDE = 320
STRIDES = (8, 16, 32)
PARTS = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}

HINTS = ("189", "197", "205", "214", "223", "232", "236", "246", "256")
"""YuNet's maps at stride 4 (16, 32 and 64 channels), at 8, 16, 32 before its pyramid and 32, 16, 8 after it (64)."""
CHANNELS = 64
PLACE, MAPS = 4.0, 1.0
"""Weights of the losses of boxes and points, and of the maps, beside that of the scores."""


def up(x):
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def pair(inputs, wide, outputs):
    """Two dense 3 x 3 convolutions, where YuNet has two separable ones."""
    return [conv(inputs, wide), nn.ReLU(), conv(wide, outputs), nn.ReLU()]


def gain(channels):
    """A factor for every channel: the maps that are added were scaled apart."""
    return nn.Conv2d(channels, channels, 1, groups=channels, bias=False)


class Detector(nn.Module):
    """Dense convolutions and a pyramid, stage by stage between YuNet's maps. Input as YuNet's: BGR of 0..255."""

    def __init__(self):
        super().__init__()
        start = nn.Sequential(conv(3, 24, 3, 2), nn.ReLU(), conv(24, 16), nn.ReLU(), nn.MaxPool2d(2))
        fine = [nn.Sequential(*pair(16, 24, 32)), nn.Sequential(*pair(32, 48, CHANNELS))]
        coarse = [nn.Sequential(nn.MaxPool2d(2), *pair(CHANNELS, 96, CHANNELS)) for _ in STRIDES]
        self.trunk = nn.ModuleList([start, *fine, *coarse])
        self.neck = nn.ModuleList([nn.Sequential(conv(CHANNELS, CHANNELS), nn.ReLU()) for _ in STRIDES])
        self.gains = nn.ModuleList([gain(CHANNELS) for _ in STRIDES[1:]])
        self.heads = nn.ModuleList([nn.Conv2d(CHANNELS, sum(PARTS.values()), 3, 1, 1) for _ in STRIDES])

    @torch.no_grad()
    def even(self, scales: list):
        """Begins with sums as YuNet's, whose maps are given divided by these scales."""
        for i in range(len(self.gains)):
            self.gains[i].weight.copy_((scales[-2 - i] / scales[-6 + i]).reshape(-1, 1, 1, 1))

    def forward(self, bgr):
        return self.walk(bgr)[0]

    def walk(self, bgr, theirs=None):
        """Raw answers at each stride (N x squares x 16), and the maps on the way.

        With YuNet's maps in `theirs`, every stage is given those before it instead of its own.
        """
        maps = []

        def keep(x):
            maps.append(x)
            return x if theirs is None else theirs[len(maps) - 1].to(x.dtype)

        x, levels = (bgr - 127.5) / 64, []
        for stage in self.trunk:
            x = keep(stage(x))
            levels.append(x)
        eight, sixteen, thirty_two = levels[-3:]
        coarse = keep(self.neck[2](thirty_two))
        middle = keep(self.neck[1](sixteen + up(self.gains[1](coarse))))
        fine = keep(self.neck[0](eight + up(self.gains[0](middle))))
        answers = [head(x) for head, x in zip(self.heads, (fine, middle, coarse))]
        return [a.permute(0, 2, 3, 1).flatten(1, 2) for a in answers], maps


class Exported(nn.Module):
    """With YuNet's twelve outputs."""

    def __init__(self, detector):
        super().__init__()
        self.detector = detector

    def forward(self, bgr):
        maps = [m.split(list(PARTS.values()), 2) for m in self.detector(bgr)]
        return tuple(
            torch.sigmoid(m[i]) if name in ("cls", "obj") else m[i] for i, name in enumerate(PARTS) for m in maps
        )


NAMES = [f"{part}_{stride}" for part in PARTS for stride in STRIDES]


def yunet():
    """YuNet for pictures of 320 x 320: its file is fixed to 640."""
    model = onnx.load(str(TEACHER_FILES / "yunet-2023mar.onnx"))
    shape = model.graph.input[0].type.tensor_type.shape.dim
    shape[2].dim_value = shape[3].dim_value = SIDE
    del model.graph.value_info[:]
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    for name in HINTS:
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    threads = onnxruntime.SessionOptions()
    threads.intra_op_num_threads = torch.get_num_threads()
    return onnxruntime.InferenceSession(model.SerializeToString(), threads)


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


def labels(session, pictures: np.ndarray) -> tuple:
    """YuNet's raw answers at each stride (N x squares x 16), and its maps."""
    names = [o.name for o in session.get_outputs()]
    rows, maps = [], []
    for picture in pictures:
        feed = {"input": picture.transpose(2, 0, 1)[None].astype(np.float32)}
        answers = dict(zip(names, session.run(None, feed)))
        rows.append([np.concatenate([answers[f"{p}_{s}"][0] for p in PARTS], 1) for s in STRIDES])
        maps.append([answers[name][0] for name in HINTS])
    join = lambda lists: [torch.from_numpy(np.stack(x)) for x in zip(*lists)]
    return join(rows), join(maps)


def spread(maps: list) -> list:
    """The deviation of every channel; its zero stays where it is, since YuNet's maps end in ReLU."""
    return [m.std((0, 2, 3), keepdim=True) + 1e-2 for m in maps]


def loss_of(ours: list, theirs: list) -> tuple:
    score, place = 0.0, 0.0
    for guess, target in zip(ours, theirs):
        certain = (target[..., 0] * target[..., 1]).clamp(0, 1)  # what YuNet's own decoding uses
        wanted = target[..., :2].clamp(0, 1)
        cross = F.binary_cross_entropy_with_logits(guess[..., :2], wanted, reduction="none")
        weight = (torch.sigmoid(guess[..., :2]).detach() - wanted).abs().square() + 0.02 + 0.5 * certain[..., None]
        score = score + (cross * weight).sum() / len(guess) / 10
        near = certain * (certain > 0.2)
        off = F.smooth_l1_loss(guess[..., 2:], target[..., 2:], beta=0.1, reduction="none").mean(2)
        place = place + (off * near).sum() / (near.sum() + 1)
    return score, place


def train(options) -> None:
    torch.manual_seed(options.seed)
    folder = WORK / "detector"
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / f"{options.phase}.pt"
    detector = Detector().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(detector.parameters(), lr=options.rate, weight_decay=0.01)
    start = 0
    if checkpoint.exists() or options.from_checkpoint:
        source = checkpoint if checkpoint.exists() else WORK / options.from_checkpoint
        state = torch.load(source, weights_only=False)
        detector.load_state_dict(state["average" if source != checkpoint else "detector"])
    scales = spread(labels(yunet(), Pictures(options.seed, 300).batch(48))[1])
    if not (checkpoint.exists() or options.from_checkpoint):
        detector.even(scales)
    average = Average(detector)
    if checkpoint.exists():
        optimiser.load_state_dict(state["optimiser"])
        average.state, start = state["average"], state["step"]
    pictures, session = Pictures(options.seed * 1000 + start), yunet()
    apart, lines, began = options.phase == APART, [], time.process_time()
    for step in range(start, options.steps):
        for group in optimiser.param_groups:
            group["lr"] = options.rate * schedule(step / options.steps)
        batch = pictures.batch(options.batch)
        target, theirs = labels(session, batch)
        theirs = [m / s for m, s in zip(theirs, scales)]
        x = torch.from_numpy(batch).permute(0, 3, 1, 2).float().contiguous(memory_format=torch.channels_last)
        with autocast():
            guess, maps = detector.walk(x, theirs if apart else None)
        score, place = loss_of([g.float() for g in guess], target)
        inside = torch.stack([(a.float() - b).square().mean() for a, b in zip(maps, theirs)])
        optimiser.zero_grad(set_to_none=True)
        (score + PLACE * place + MAPS * inside.sum()).backward()
        nn.utils.clip_grad_norm_(detector.parameters(), 5.0)
        optimiser.step()
        average.follow(detector, step - start)
        lines.append([float(score.detach()), float(place.detach()), *inside.tolist()])
        if (step + 1) % 50 == 0:
            score, place, *inside = np.mean(lines, 0).round(4).tolist()
            line = {"step": step + 1, "score": score, "place": place, "maps": inside}
            print(json.dumps(line | {"cpu seconds": round(time.process_time() - began)}), flush=True)
            lines = []
        if (step + 1) % 100 == 0 or step + 1 == options.steps:
            state = {"step": step + 1, "detector": detector.state_dict(), "average": average.state,
                     "optimiser": optimiser.state_dict(), "options": vars(options)}
            torch.save(state, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").rename(checkpoint)


def restore(file: str) -> None:
    from restore import fill, normalise, stored

    detector = Detector().eval()
    pictures = torch.from_numpy(Pictures(1, 300).batch(48)).permute(0, 3, 1, 2).float()
    norms = fill(detector, {k.removeprefix("detector."): v for k, v in stored(file).items()})
    with torch.no_grad():
        before = detector(pictures)
        normalise(detector, norms, pictures)
        print("largest difference before and after", max(float((a - b).abs().max()) for a, b in zip(before, detector(pictures))))
    (WORK / "detector").mkdir(parents=True, exist_ok=True)
    state = detector.state_dict()
    torch.save({"step": 0, "detector": state, "average": state, "options": {}}, WORK / "detector" / "restored.pt")


def export(file: str, checkpoint: str) -> None:
    from export import fold, halve

    detector = Detector()
    detector.load_state_dict(torch.load(WORK / checkpoint, weights_only=False)["average"])
    detector.eval()
    fold(detector)
    axes = {"input": {0: "batch", 2: "height", 3: "width"}} | {n: {0: "batch", 1: "squares"} for n in NAMES}
    torch.onnx.export(Exported(detector), (torch.zeros(1, 3, SIDE, SIDE),), file, input_names=["input"],
                      output_names=NAMES, dynamic_axes=axes, opset_version=17, dynamo=False)
    model = halve(onnx.load(file))
    onnx.checker.check_model(model)
    onnx.save(model, file)


def decode(session, bgr: np.ndarray, score: float) -> np.ndarray:
    """YuNet's decoding: rows of x, y, width, height, five points, score, after suppression of overlaps."""
    height, width = bgr.shape[:2]
    padded = cv2.copyMakeBorder(bgr, 0, -height % 32, 0, -width % 32, cv2.BORDER_CONSTANT)
    x = padded.transpose(2, 0, 1)[None].astype(np.float32)
    answers = dict(zip([o.name for o in session.get_outputs()], session.run(None, {session.get_inputs()[0].name: x})))
    rows = []
    for s in STRIDES:
        columns = padded.shape[1] // s
        cls, obj, box, points = (answers[f"{p}_{s}"][0] for p in PARTS)
        certain = np.sqrt(np.clip(cls[:, 0], 0, 1) * np.clip(obj[:, 0], 0, 1))
        for i in np.flatnonzero(certain >= score):
            place = np.array([i % columns, i // columns])
            centre, size = (place + box[i, :2]) * s, np.exp(box[i, 2:]) * s
            rows.append([*(centre - size / 2), *size, *((points[i].reshape(5, 2) + place) * s).ravel(), certain[i]])
    rows = np.array(rows, np.float32).reshape(-1, 15)
    if len(rows) == 0:
        return rows
    kept = cv2.dnn.NMSBoxes(rows[:, :4].tolist(), rows[:, 14].tolist(), score, 0.3)
    return rows[np.array(kept).ravel()]


def overlap(a, b) -> float:
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(w, 0) * max(h, 0)
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def evaluate(file: str) -> None:
    """Recall and false faces at the score of the product (.7), against YuNet at .8; its weaker answers (.5) excuse a false face."""
    import faces

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phase", default=APART, help="name of this phase; each has its own schedule")
    parser.add_argument("--from-checkpoint", help="start a new phase from this file")
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--restore")
    parser.add_argument("--export", help="of detector/whole.pt, or of --from-checkpoint")
    parser.add_argument("--evaluate")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    if options.restore:
        restore(options.restore)
    elif options.export:
        export(options.export, options.from_checkpoint or "detector/whole.pt")
    elif options.evaluate:
        evaluate(options.evaluate)
    else:
        train(options)


if __name__ == "__main__":
    main()

"""Measure networks.

    python evaluate.py calibrate NETWORK...          thresholds at FAR 1e-2, 1e-3, 1e-4
    python evaluate.py verify NETWORK...             ten folds of 1,993 same and 3,000 different pairs (mean of 20 draws), TAR
    python evaluate.py transfer NETWORK...           cloaks made with all of them together, judged by the two judges
    python evaluate.py agree JUDGE NETWORK...        what JUDGE and the two judges say of the same cloaks

NETWORK is the name of a teacher or judge, a checkpoint (residual/distil.pt, relative to the work folder) or an ONNX
file of ours; with `+mirror` behind it, faces and their mirror images are embedded together. Faces are aligned with YuNet's points.

Protocols. calibrate: one photo each of 3,000 people of LFW who are not evaluation people, all 4.5 million pairs.
verify: all same pairs of the 80 evaluation people (1,993), different pairs between them and the distractors. transfer: the
first photo of each of `--people` evaluation people (`--group validation`: of people kept out of training, to choose
by); adam, 50 steps, one random alignment per step, DSSIM at most .012, largest change 20; the cloaked crop is judged
at its original alignment, without encoding.
"""

import argparse
import json

import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F

from data import View, blur, centre, person, tensor, training_faces
from device import autocast
from paths import SHARED, TEACHER_FILES, WORK
from students import build
from teachers import JUDGES, TEACHERS, Teacher

DSSIM, LARGEST = 0.012, 20.0


def differentiable(name: str):
    """Crops of 0..255 to unit embeddings, with gradients."""
    if name in TEACHERS:
        return Teacher(TEACHERS[name]).eval()
    state = torch.load(WORK / name, map_location="cpu", weights_only=False)
    student = build(state)
    for p in student.parameters():
        p.requires_grad_(False)
    return lambda crop: F.normalize(student(crop).float(), dim=1)


def embedder(name: str):
    """Aligned crops (N x 3 x 112 x 112, 0..255) to unit embeddings, in single precision."""
    if name.endswith("+mirror"):
        plain = embedder(name.removesuffix("+mirror"))
        return lambda crops: F.normalize(plain(crops) + plain(crops.flip(3)), dim=1)
    if name.endswith(".pt"):
        network = differentiable(name)
        return lambda crops: torch.cat([network(c) for c in crops.split(32)])
    known = (TEACHERS | JUDGES).get(name)
    file = TEACHER_FILES / known.file if known else name
    threads = onnxruntime.SessionOptions()
    threads.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(file), threads)
    feed = session.get_inputs()[0]
    size = feed.shape[0] if isinstance(feed.shape[0], int) else 16
    width = feed.shape[3]

    def embed(crops):
        x = known.normalise(crops) if known else ((crops - 127.5) / 127.5)[..., (112 - width) // 2 : (112 + width) // 2]
        rows = [session.run(None, {feed.name: c.numpy()})[0] for c in x.split(size)]
        return F.normalize(torch.from_numpy(np.concatenate(rows)), dim=1)

    return embed


def lines(name: str) -> list:
    return (WORK / f"{name}.txt").read_text().split()


def one_each(count: int, people=None) -> np.ndarray:
    """The first photo of each of `count` people who are not evaluation people."""
    first = {}
    for i, line in enumerate(lines("lfw-training")):
        first.setdefault(person(line), i)
    chosen = people or sorted(np.random.default_rng(11).permutation(sorted(first))[:count])
    crops = np.load(WORK / "lfw-training.npy", mmap_mode="r")
    return np.stack([crops[first[p]] for p in chosen if p in first])


def distractors() -> np.ndarray:
    return one_each(2000, (SHARED / "data" / "lfw-distractor-ids.txt").read_text().split())


@torch.no_grad()
def embed_all(name: str, crops: np.ndarray) -> torch.Tensor:
    network = embedder(name)
    return torch.cat([network(centre(tensor(crops[i : i + 64]))) for i in range(0, len(crops), 64)])


def distractor_vectors(judge: str) -> torch.Tensor:
    """Computed once for each published judge."""
    kept = WORK / f"distractors-{judge}.npy"
    if judge in JUDGES and kept.exists():
        return torch.from_numpy(np.load(kept))
    vectors = embed_all(judge, distractors())
    if judge in JUDGES:
        np.save(kept, vectors.numpy())
    return vectors


def thresholds(name: str) -> dict:
    vectors = embed_all(name, one_each(3000))
    cosines = (vectors @ vectors.t())[torch.triu(torch.ones(len(vectors), len(vectors), dtype=torch.bool), 1)]
    ordered = np.sort(cosines.numpy())[::-1]
    return {f"far_{far}": round(float(ordered[int(float(far) * len(ordered))]), 4) for far in ("1e-2", "1e-3", "1e-4")}


def verify(name: str) -> dict:
    crops, owners = np.load(WORK / "lfw-evaluation.npy"), np.array([person(x) for x in lines("lfw-evaluation")])
    return accuracy(embed_all(name, crops), embed_all(name, distractors()), owners)


def accuracy(own: torch.Tensor, others: torch.Tensor, owners: np.ndarray, draws: int = 20) -> dict:
    """Of unit embeddings of `owners`' photos and of other people: best threshold by ten folds, and TAR at FAR 1e-3.

    One draw of 3,000 different pairs is only good to about .0015, so the accuracy is the mean of several.
    """
    i, j = np.triu_indices(len(own), 1)
    same = np.flatnonzero(owners[i] == owners[j])
    same = np.random.default_rng(5).choice(same, min(3000, len(same)), replace=False)
    positive = (own[i[same]] * own[j[same]]).sum(1).numpy()
    negative = (own @ others.t()).numpy()
    drawn = []
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        pairs = negative[rng.integers(len(own), size=3000), rng.integers(len(others), size=3000)]
        drawn.append(ten_folds(positive, pairs, rng))
    cut = np.quantile(negative, 0.999)
    return {
        "same pairs": len(positive),
        "accuracy": round(float(np.mean(drawn)), 4),
        "its deviation from draw to draw": round(float(np.std(drawn)), 4),
        "TAR at FAR 1e-3": round(float((positive > cut).mean()), 4),
        "its threshold": round(float(cut), 4),
    }


def ten_folds(positive: np.ndarray, negative: np.ndarray, rng: np.random.Generator) -> float:
    """Share of pairs told right, each tenth with the threshold that is best for the rest."""
    cuts, correct = np.linspace(-0.2, 0.8, 501), []
    folds = [rng.integers(10, size=len(pairs)) for pairs in (positive, negative)]
    for fold in range(10):
        same, different = (pairs[f == fold] for pairs, f in zip((positive, negative), folds))
        rest, others = (np.sort(pairs[f != fold]) for pairs, f in zip((positive, negative), folds))
        told = 1 - np.searchsorted(rest, cuts, "right") / len(rest) + np.searchsorted(others, cuts, "right") / len(others)
        best = cuts[np.argmax(told)]
        correct.append(((same > best).mean() + (different <= best).mean()) / 2)
    return float(np.mean(correct))


def luma(crops):
    return (crops * crops.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)


def dssim(a, b):
    """(1 - SSIM) / 2 of the luma, 11 x 11 Gaussian window of sigma 1.5."""
    t = torch.arange(-5, 6).float()
    k = torch.exp(-(t**2) / 4.5)
    k = k / k.sum()

    def smooth(x):
        return F.conv2d(F.conv2d(x, k.view(1, 1, 1, -1)), k.view(1, 1, -1, 1))

    a, b = luma(a), luma(b)
    ma, mb = smooth(a), smooth(b)
    va, vb, cov = smooth(a * a) - ma * ma, smooth(b * b) - mb * mb, smooth(a * b) - ma * mb
    ssim = (2 * ma * mb + 6.5025) * (2 * cov + 58.5225) / ((ma * ma + mb * mb + 6.5025) * (va + vb + 58.5225))
    return (1 - ssim).mean((1, 2, 3)) / 2


def cloak(networks: list, wide: torch.Tensor, steps: int = 50, seed: int = 3) -> torch.Tensor:
    """The product's way: leave one's own embedding over random views, inside the budget."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        own = [n(centre(wide)) for n in networks]
    change = torch.zeros_like(wide).requires_grad_(True)
    optimiser = torch.optim.Adam([change], lr=1.2)
    weight = torch.full((len(wide),), 20.0)
    for step in range(steps):
        cloaked = (wide + change).clamp(0, 255)
        view = View(len(wide), 1.0, flip=False, generator=generator)(cloaked)
        if step % 4 == 3:
            view = blur(view, 0.8)
        with autocast(view.device):
            cosine = sum((n(view) * o).sum(1) for n, o in zip(networks, own)) / len(networks)
        seen = dssim(centre(wide), centre(cloaked))
        chroma = (change - change.mean(1, keepdim=True)).square().mean((1, 2, 3))
        loss = cosine + weight * F.relu(seen - 0.9 * DSSIM) / DSSIM * 0.1 + 0.004 * chroma
        optimiser.zero_grad()
        loss.sum().backward()
        optimiser.step()
        with torch.no_grad():
            change.clamp_(-LARGEST, LARGEST)
            weight = torch.where(seen > DSSIM, weight * 1.1, weight * 0.95)
    with torch.no_grad():
        scale = torch.ones(len(wide), 1, 1, 1)
        for _ in range(12):  # end inside
            cloaked = (wide + change * scale).clamp(0, 255).round()
            over = dssim(centre(wide), centre(cloaked)) > DSSIM
            scale = torch.where(over.view(-1, 1, 1, 1), scale * 0.93, scale)
    return cloaked


def people_of(group: str, count: int) -> tuple:
    """The crops of `count` people, and whose they are."""
    if group == "evaluation":
        crops, owners = np.load(WORK / "lfw-evaluation.npy"), [person(x) for x in lines("lfw-evaluation")]
    else:
        _, (crops, owners) = training_faces()
    names = sorted(set(owners))
    chosen = set(names[:: max(1, len(names) // count)][:count])
    keep = np.array([o in chosen for o in owners])
    return crops[keep], np.array(owners)[keep]


def cloaked_people(names: list, options) -> tuple:
    crops, owners = people_of(options.group, options.people)
    first = np.array([np.flatnonzero(owners == p)[0] for p in sorted(set(owners))])
    networks = [differentiable(n) for n in names]
    made = torch.cat([cloak(networks, tensor(crops[first[i : i + 12]])) for i in range(0, len(first), 12)])
    return crops, owners, first, made


def fooled(judge: str, crops, owners, first, made, cut: float) -> dict:
    network = embedder(judge)
    with torch.no_grad():
        cloaks = torch.cat([network(centre(m)) for m in made.split(16)])
    clean, rest = embed_all(judge, crops), distractor_vectors(judge)
    top = (clean @ rest.t()).max(1).values
    probes = [(i, k) for k, f in enumerate(first) for i in np.flatnonzero(owners == owners[f]) if i != f]
    rank1 = np.mean([float(clean[i] @ cloaks[k]) > float(top[i]) for i, k in probes])
    plain = np.mean([float(clean[i] @ clean[first[k]]) > float(top[i]) for i, k in probes])
    cosines = (cloaks * clean[first]).sum(1)
    return {
        "below threshold": round(float((cosines < cut).float().mean()), 3),
        "rank 1": round(float(rank1), 3),
        "rank 1 without cloak": round(float(plain), 3),
        "cosine": round(float(cosines.mean()), 3),
        "verdicts": (cosines < cut).int().tolist(),
    }


CUTS = {"insightface-y1": 0.316, "edgeface-xxs": 0.276}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("calibrate", "verify", "transfer", "agree"))
    parser.add_argument("networks", nargs="+")
    parser.add_argument("--group", choices=("evaluation", "validation"), default="evaluation")
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.what in ("calibrate", "verify"):
        for name in options.networks:
            result = thresholds(name) if options.what == "calibrate" else verify(name)
            print(json.dumps({"network": name, **result}), flush=True)
        return
    judges = dict(CUTS)
    surrogates = options.networks
    if options.what == "agree":
        ours, *surrogates = options.networks
        judges[ours] = thresholds(ours)["far_1e-3"]
    crops, owners, first, made = cloaked_people(surrogates, options)
    changed = dssim(centre(tensor(crops[first])), centre(made))
    print(json.dumps({"surrogates": surrogates, "people": len(first), "DSSIM": round(float(changed.mean()), 4)}))
    verdicts = {}
    for judge, cut in judges.items():
        result = fooled(judge, crops, owners, first, made, cut)
        verdicts[judge] = np.array(result.pop("verdicts"))
        print(json.dumps({"judge": judge, **result}), flush=True)
    if options.what == "agree":
        for judge in CUTS:
            print(json.dumps({"agrees with": judge, "share": round(float((verdicts[ours] == verdicts[judge]).mean()), 3)}))


if __name__ == "__main__":
    main()

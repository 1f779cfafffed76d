import numpy as np
import pytest
from conftest import ROOT

import visard


def own(folder, role, **more):
    """A copy of a built-in network under another name: a field that no reader knows makes it another file."""
    file = folder / "mine.onnx"
    file.write_bytes((ROOT / "models" / "surrogates" / "visard-narrow.onnx").read_bytes() + b"\xc0\x3e\x01")
    return visard.Network(file, name="mine", role=role, crop="sphereface-112x96", std=(128, 128, 128), **more)


def test_a_network_of_ones_own_judges_by_its_threshold(tmp_path, photo):
    network = own(tmp_path, "judge", threshold=0.25)
    opened = visard.Visard(networks=[network], judges=["mine"])
    assert [(judge.name, judge.threshold) for judge in opened.judges] == [("mine", 0.25)]
    report = opened.verify(photo, photo)
    opinion = next(o for o in report.faces[0].similarities if o.network == "mine")
    assert report.status == "still-recognisable" and opinion.similarity > 0.99


def test_a_network_of_ones_own_makes_cloaks(tmp_path):
    opened = visard.Visard(networks=[own(tmp_path, "surrogate")], surrogates=["mine"])
    assert [n.name for n in opened.networks if n.role == "surrogate"] == ["mine"]
    with pytest.raises(visard.ModelsError, match="no calibrated threshold"):
        visard.Visard(networks=[own(tmp_path, "judge")], judges=["mine"])


def test_the_gradient_is_that_of_finite_differences(opened, photo):
    _, crops = opened.crops(photo)
    assert crops.shape == (1, 3, 112, 112) and 0 <= crops.min() and crops.max() <= 1
    embedder = opened.embedder("visard-narrow")
    rows, trace = embedder.trace(crops)
    rng = np.random.default_rng(0)
    slope = rng.normal(size=rows.shape).astype(np.float32)
    gradient = trace.gradient(slope)
    way = rng.normal(size=crops.shape).astype(np.float32)
    way += gradient / np.abs(gradient).mean()
    step = np.float32(2e-5)
    ahead, behind = (embedder.embed(crops + sign * step * way) for sign in (1, -1))
    measured = float(((ahead - behind).astype(np.float64) * slope).sum()) / (2 * step)
    told = float((gradient.astype(np.float64) * way).sum())
    assert abs(measured - told) < 0.02 * abs(told), (measured, told)


def test_crops_and_slopes_of_another_shape_are_refused(opened):
    embedder = opened.embedder("visard-narrow")
    with pytest.raises(visard.UsageError, match="112"):
        embedder.embed(np.zeros((1, 3, 96, 96), np.float32))
    _, trace = embedder.trace(np.zeros((1, 3, 112, 112), np.float32))
    with pytest.raises(visard.UsageError, match="slope"):
        trace.gradient(np.zeros((1, 3), np.float32))
    with pytest.raises(visard.UsageError, match="nobody"):
        opened.embedder("nobody")

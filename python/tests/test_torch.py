import pytest

torch = pytest.importorskip("torch")

import visard  # noqa: E402
from visard.torch import Embedder  # noqa: E402


@pytest.fixture(scope="module")
def crops(opened, photo):
    return torch.from_numpy(opened.crops(photo)[1])


def test_ten_steps_of_an_attack_of_ones_own_lead_away_from_the_person(opened, crops):
    embedder = Embedder(opened, "visard-narrow")
    person = embedder(crops)[0]
    changed = (crops + torch.empty_like(crops).uniform_(-1, 1) / 255).clamp(0, 1)
    for _ in range(10):
        changed = changed.detach().requires_grad_()
        likeness = embedder(changed)[0] @ person
        likeness.backward()
        moved = changed.detach() - changed.grad.sign() / 255
        changed = (crops + (moved - crops).clamp(-8 / 255, 8 / 255)).clamp(0, 1)
    assert float(embedder(changed)[0] @ person) < 0.2


def test_gradients_of_a_batch_are_those_of_its_faces(opened, crops):
    embedder = Embedder(opened, "visard-narrow")
    two = torch.cat([crops, crops.flip(3)]).requires_grad_()
    slope = torch.linspace(-1, 1, embedder(crops).shape[1])
    (embedder(two) @ slope).sum().backward()
    one = crops.flip(3).requires_grad_()
    (embedder(one) @ slope).sum().backward()
    assert torch.allclose(two.grad[1], one.grad[0], atol=1e-5 * float(one.grad.abs().max()) + 1e-7)


def test_rows_and_gradients_are_those_of_pytorch_for_the_same_weights(tmp_path):
    pytest.importorskip("onnx")
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, 2, 1), torch.nn.BatchNorm2d(8), torch.nn.PReLU(8), torch.nn.Flatten(), torch.nn.Linear(25088, 32)
    ).eval()
    file = tmp_path / "own.onnx"
    torch.onnx.export(net, (torch.zeros(1, 3, 112, 112),), file, dynamo=False)
    own = visard.Network(file, name="own", role="surrogate")
    embedder = Embedder(visard.Visard(networks=[own], surrogates=["own"]), "own")
    ours, theirs = (torch.rand(2, 3, 112, 112, generator=torch.manual_seed(1)).requires_grad_() for _ in range(2))
    rows, expected = embedder(ours), torch.nn.functional.normalize(net((theirs * 255 - 127.5) / 127.5))
    assert torch.allclose(rows, expected, atol=1e-5)
    slope = torch.randn_like(expected)
    (rows * slope).sum().backward()
    (expected * slope).sum().backward()
    assert (ours.grad - theirs.grad).abs().max() < 1e-4 * theirs.grad.abs().max()

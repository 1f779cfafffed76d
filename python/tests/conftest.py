from pathlib import Path

import pytest

import visard

PHOTOS = Path(__file__).parents[2] / "examples" / "photos"
ROOT = PHOTOS.parents[1]


@pytest.fixture(scope="session")
def opened() -> visard.Visard:
    """The built-in networks and the least work for a cloak."""
    return visard.Visard(strength="subtle")


@pytest.fixture(scope="session")
def photo() -> bytes:
    return (PHOTOS / "amber-neutral.jpg").read_bytes()


@pytest.fixture(scope="session")
def done(opened: visard.Visard, photo: bytes) -> visard.Result:
    return opened.protect(photo, seed=7)

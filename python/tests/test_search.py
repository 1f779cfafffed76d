import shutil

import numpy as np
import pytest
from conftest import PHOTOS

import visard


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for name in ["amber-neutral.jpg", "amber-smiling.jpg", "jonas-neutral.jpg"]:
        shutil.copy(PHOTOS / name, folder)
    return folder


def test_the_person_is_found_and_a_stranger_is_not_recognised(folder, tmp_path):
    search = visard.Search([folder], index=tmp_path / "index")
    assert search.changes == (3, 0, 0)
    (matches,) = search.find(folder / "amber-neutral.jpg", top=3)
    assert [match.photo.rsplit("/")[-1].split("-")[0] for match in matches] == ["amber", "amber", "jonas"]
    assert [match.recognised for match in matches] == [True, True, False]
    assert visard.Search([folder], index=tmp_path / "index").changes == (0, 3, 0)
    assert search.rows().shape == (3, len(search.rows()[0])) and len(search.faces) == 3


def test_a_photo_in_the_place_of_an_index_is_not_written_over(folder):
    with pytest.raises(visard.UsageError, match="no index"):
        visard.Search([folder], index=folder / "amber-neutral.jpg")


def test_the_nearest_rows_are_those_of_numpy():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(5000, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found, cosines = visard.nearest(rows[:3], rows, 4)
    assert (found == np.argsort(-(rows[:3] @ rows.T), axis=1)[:, :4]).all()
    assert found[:, 0].tolist() == [0, 1, 2] and np.allclose(cosines[:, 0], 1, atol=1e-5)
    with pytest.raises(visard.UsageError, match="two networks"):
        visard.nearest(rows[:1], rows[:, :8].copy(), 1)

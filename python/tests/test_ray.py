import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from conftest import PHOTOS

import visard

ray = pytest.importorskip("ray")
pq = pytest.importorskip("pyarrow.parquet")

import visard.ray  # noqa: E402
from visard.ray.protect import places  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def cluster():
    ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)
    yield
    ray.shutdown()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "in"
    (folder / "more").mkdir(parents=True)
    shutil.copy(PHOTOS / "amber-neutral.jpg", folder)
    shutil.copy(PHOTOS / "jonas-neutral.jpg", folder / "more")
    (folder / "broken.jpg").write_bytes(b"no photo")
    (folder / "notes.txt").write_bytes(b"text")
    return folder


def test_a_dataset_is_protected_reported_and_not_done_twice(folder, tmp_path):
    output = tmp_path / "out"
    run = lambda: visard.ray.protect_dataset(str(folder), str(output), workers=2, strength="subtle")  # noqa: E731
    first = run()
    assert first.counts["failed"] == 1 and sum(first.counts.values()) == 3 and first.kept == 0
    assert first.left_out == ["notes.txt"]
    rows = {row["input"]: row for row in pq.read_table(first.report).to_pylist()}
    assert set(rows) == {"amber-neutral.jpg", "broken.jpg", "more/jonas-neutral.jpg"}
    assert rows["broken.jpg"]["reason"].startswith("this is not a photo")
    assert (output / "amber-neutral.jpg").read_bytes() == alone(folder / "amber-neutral.jpg")
    stamp = (output / "amber-neutral.jpg").stat().st_mtime_ns
    (output / "more" / "jonas-neutral.jpg").unlink()
    second = run()
    assert second.counts == first.counts and second.kept == 1
    assert (output / "amber-neutral.jpg").stat().st_mtime_ns == stamp
    assert (output / "more" / "jonas-neutral.jpg").is_file()
    (output / "amber-neutral.jpg").write_bytes(b"somebody else's")
    third = run()
    assert third.counts["failed"] == 2 and third.kept == 1
    assert (output / "amber-neutral.jpg").read_bytes() == b"somebody else's"


def alone(path) -> bytes:
    """The bytes of one photo by a process of its own with one thread, as an actor has."""
    program = "import sys, visard; sys.stdout.buffer.write(visard.protect(sys.argv[1], strength='subtle').photo)"
    command, one = [sys.executable, "-c", program, path], os.environ | {"RAYON_NUM_THREADS": "1"}
    return subprocess.run(command, env=one, stdout=subprocess.PIPE, check=True).stdout


def test_names_of_outputs_tell_their_format_and_are_taken_once():
    assert places(["a.tif", "a.png", "b.jpeg", "c.jxl"], {}) == {
        "a.tif": "a.tif.png",
        "a.png": "a.png",
        "b.jpeg": "b.jpeg",
        "c.jxl": "c.jpg",
    }
    assert places(["a.png"], {"destination": "social"}) == {"a.png": "a.jpg"}
    assert places(["a.png", "b.JPG"], {"format": "jpeg"}) == {"a.png": "a.jpg", "b.JPG": "b.JPG"}


def gallery(rows=9000, dimension=32):
    rng = np.random.default_rng(0)
    embeddings = rng.normal(size=(rows, dimension)).astype(np.float32)
    # Equal rows in different shards: the first one wins.
    embeddings[8000:8100] = embeddings[:100]
    return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)


def test_shards_give_the_answers_of_one_index_and_any_program_reads_them(tmp_path):
    embeddings = gallery()
    names = [f"{i}.jpg" for i in range(len(embeddings))]
    index = str(tmp_path / "index")
    assert visard.ray.write_shards(embeddings, names, index, network="n", shard_rows=2048) == 5
    table = pq.read_table(index)
    assert table["photo"].to_pylist() == names
    assert (np.stack(table["embedding"].to_pylist()).astype(np.float32) == embeddings).all()
    found = visard.ray.Gallery(index, threads=1)
    assert (found.network, found.faces) == ("n", 9000)
    queries = embeddings[[5, 8005, 4100]]
    rows, cosines = visard.nearest(queries, embeddings, 7)
    hits = found.find(queries, top=7)
    assert [[hit.row for hit in one] for one in hits] == rows.tolist()
    assert [[hit.similarity for hit in one] for one in hits] == cosines.astype(float).tolist()
    assert [hit.photo for hit in hits[1][:2]] == ["5.jpg", "8005.jpg"]


def test_the_faces_of_a_dataset_are_found_again(folder, tmp_path):
    index = str(tmp_path / "index")
    unread = visard.ray.embed_dataset(str(folder), index, network="visard-judge", workers=2)
    assert [line.split(":")[0] for line in unread] == ["broken.jpg"]
    (query,) = visard.embed(PHOTOS / "jonas-smiling.jpg")
    ((best, other),) = visard.ray.Gallery(index).find(query.embedding[None], top=2)
    assert (best.photo, other.photo) == ("more/jonas-neutral.jpg", "amber-neutral.jpg")

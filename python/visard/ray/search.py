"""Face search over as many faces as there are: embeddings in shards, which are Parquet files that any program can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import ray
import ray.data

from .._visard import UsageError, nearest
from .places import Place
from .workers import crew, opened, started

#: Rows of a shard are a multiple of this, as the search multiplies so many at a time: shards give the cosines of one index.
BLOCK = 2048


@dataclass(frozen=True)
class Hit:
    """A face that resembles a query."""

    #: Its row in all shards, one after the other.
    row: int
    photo: str
    similarity: float


def embed_dataset(
    photos: str,
    index: str,
    *,
    network: str,
    workers: int | None = None,
    threads: int = 1,
    shard_rows: int = 1 << 18,
    **options: Any,
) -> list[str]:
    """Embeds all faces of the photos below a folder by one network, into shards below ``index``.

    Photos are in the order of their names, faces in that of the detector's confidence. Returns what could not be read, as
    "name: why". ``photos`` and ``index`` are fsspec addresses; ``options`` are those of :class:`visard.Visard`.
    """
    started()
    names, _ = Place(photos).photos()
    count = crew(workers, threads)
    blocks = ray.data.from_items([{"photo": name} for name in names], override_num_blocks=max(1, min(len(names), 8 * count)))
    seen = blocks.flat_map(
        _Embedding,
        fn_constructor_kwargs={"photos": photos, "network": network, "threads": threads, "options": options},
        num_cpus=threads,
        compute=ray.data.ActorPoolStrategy(size=max(1, min(count, len(names)))),
    ).materialize()
    first = 0
    faces = seen.filter(lambda row: row["reason"] is None).sort(["photo", "number"])
    # One shard at a time is in memory here.
    for number, batch in enumerate(faces.iter_batches(batch_size=_whole(shard_rows), batch_format="numpy")):
        embeddings = np.stack(list(batch["embedding"]))
        _write(Place(index), number, first, embeddings, list(batch["photo"]), network)
        first += len(embeddings)
    unread = seen.filter(lambda row: row["reason"] is not None).sort("photo").take_all()
    return [f"{row['photo']}: {row['reason']}" for row in unread]


class _Embedding:
    """Embeds the faces of photo after photo; the network is opened once."""

    def __init__(self, photos: str, network: str, threads: int, options: dict[str, Any]) -> None:
        self.photos, self.network = Place(photos), network
        self.visard = opened(threads, options)

    def __call__(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        name = row["photo"]
        empty = np.zeros(0, np.float32)
        try:
            seen = self.visard.embed(self.photos.read(name), self.network)
        except Exception as error:  # One bad photo never stops the others.
            return [{"photo": name, "number": 0, "embedding": empty, "reason": str(error)}]
        rows = enumerate(one.embedding for one in seen)
        return [{"photo": name, "number": number, "embedding": row, "reason": None} for number, row in rows]


def write_shards(
    embeddings: npt.NDArray[np.float32], photos: Sequence[str], index: str, *, network: str, shard_rows: int = 1 << 18
) -> int:
    """Writes (n, dimension) float32 and the photo of each row as shards of at most ``shard_rows`` rows; how many there are.

    A shard has the columns ``photo`` (string) and ``embedding`` (a list of so many float32), and in its metadata
    ``network`` and ``first``, its first row in all.
    """
    starts = range(0, len(photos), _whole(shard_rows))
    for number, first in enumerate(starts):
        end = first + shard_rows
        _write(Place(index), number, first, embeddings[first:end], photos[first:end], network)
    return len(starts)


def _whole(rows: int) -> int:
    if rows < BLOCK or rows % BLOCK:
        raise UsageError(f"shard_rows is a multiple of {BLOCK}, not {rows}")
    return rows


def _write(
    place: Place, number: int, first: int, embeddings: npt.NDArray[np.float32], photos: Sequence[str], network: str
) -> None:
    rows = np.ascontiguousarray(embeddings, dtype=np.float32)
    values = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])
    table = pa.table({"photo": pa.array(photos, pa.string()), "embedding": values})
    table = table.replace_schema_metadata({"network": network, "first": str(first)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="none")
    place.write(f"{number:05}.parquet", sink.getvalue().to_pybytes())


class Gallery:
    """The shards of an index, each in the memory of one actor.

    Its answers are those of one index: every shard gives its best, and of all these the best are taken, of equal ones the
    first row.
    """

    def __init__(self, index: str, *, threads: int = 1) -> None:
        started()
        place = Place(index)
        system_names = sorted(name for name in place.photos()[1] if name.endswith(".parquet"))
        if not system_names:
            raise FileNotFoundError(f"{index}: no shards")
        # They take memory all the time and cores only when asked: more shards than cores are no deadlock.
        actor = ray.remote(num_cpus=0)(_Shard)
        self._shards = [actor.remote(index, name, threads) for name in system_names]
        about = ray.get([shard.about.remote() for shard in self._shards])
        if len({network for network, _, _ in about}) > 1:
            raise UsageError(f"{index}: its shards are of several networks")
        #: The network of the embeddings, and their number.
        self.network, self.faces = about[0][0], sum(rows for _, _, rows in about)

    def find(self, queries: npt.NDArray[np.float32], *, top: int = 5) -> list[list[Hit]]:
        """For each row of (n, dimension) float32 the ``top`` faces that resemble it most, the best first."""
        parts = ray.get([shard.find.remote(ray.put(queries), top) for shard in self._shards])
        rows, cosines, photos = (np.concatenate([part[i] for part in parts], axis=1) for i in range(3))
        best = np.lexsort((rows, -cosines), axis=1)[:, :top]
        return [[Hit(int(rows[q, i]), str(photos[q, i]), float(cosines[q, i])) for i in chosen] for q, chosen in enumerate(best)]


class _Shard:
    """One shard in memory."""

    def __init__(self, index: str, name: str, threads: int) -> None:
        import os

        os.environ["RAYON_NUM_THREADS"] = str(threads)
        table = pq.read_table(pa.BufferReader(Place(index).read(name)))
        column = table["embedding"].combine_chunks()
        self.rows = column.values.to_numpy(zero_copy_only=True).reshape(len(table), -1)
        self.photos = np.array(table["photo"].to_pylist(), dtype=object)
        metadata = table.schema.metadata
        self.network, self.first = metadata[b"network"].decode(), int(metadata[b"first"])

    def about(self) -> tuple[str, int, int]:
        """The network, the first row, and how many there are."""
        return self.network, self.first, len(self.photos)

    def find(self, queries: npt.NDArray[np.float32], top: int) -> tuple[Any, Any, Any]:
        """Rows in all shards, cosines and photos, (queries, top) each."""
        rows, cosines = nearest(np.ascontiguousarray(queries, dtype=np.float32), self.rows, top)
        return rows + self.first, cosines, self.photos[rows]
